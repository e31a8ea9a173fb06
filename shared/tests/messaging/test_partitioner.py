"""The partitioner is Kafka's: known hashes of its own test, and aiokafka's as a second opinion."""

import pytest
from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from shared_kit.messaging.partitioner import choose, murmur2, partition_of


# org.apache.kafka.common.utils.UtilsTest.testMurmur2
@pytest.mark.parametrize(
    ("data", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_hashes_as_the_jvm_does(data: bytes, hashed: int) -> None:
    assert murmur2(data) == hashed % 2**32


@given(st.binary(max_size=64))
def test_hashes_as_the_client_library_does(data: bytes) -> None:
    assert murmur2(data) == murmur2_of_aiokafka(data) % 2**32


def test_a_key_stays_in_its_partition_and_no_key_goes_anywhere() -> None:
    places = list(range(12))

    assert choose(b"wco-2019-2022:A-017", places, [3]) == partition_of(b"wco-2019-2022:A-017", 12)
    assert {choose(None, places, [3, 5]) for _ in range(200)} == {3, 5}
