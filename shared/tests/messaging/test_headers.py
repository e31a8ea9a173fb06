"""Any header survives a table that can store neither NUL nor raw bytes."""

from hypothesis import given
from hypothesis import strategies as st

from shared_kit.messaging.headers import pack, unpack

HEADERS = st.lists(st.tuples(st.text(), st.binary())).map(tuple)


@given(HEADERS)
def test_headers_come_back_as_they_were(headers: tuple[tuple[str, bytes], ...]) -> None:
    packed = pack(headers)

    assert unpack(packed) == headers
    assert packed.isascii()
    assert "\x00" not in packed
