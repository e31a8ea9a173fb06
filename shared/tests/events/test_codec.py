"""The CloudEvents codec: the specification's rules, and what the SDK gets wrong (regressions)."""

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings import kafka as sdk_kafka
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from hypothesis import given
from hypothesis import strategies as st

from shared_kit.events import codec
from shared_kit.events.envelope import CloudEvent, InvalidEventError

TYPE = "org.wcoomd.strategy.support.withdrawn.v1"
DATA = b'{"request":"R-1","on":"2020-01-02"}'
AT = datetime(2020, 2, 3, 8, tzinfo=UTC)


def an_event(**changes: object) -> CloudEvent:
    fields: dict[str, object] = {
        "id": "1",
        "source": "https://field.example/missions",
        "type": TYPE,
        "subject": "R-1",
        "time": AT,
        "data": DATA,
    }
    return CloudEvent(**{**fields, **changes})  # type: ignore[arg-type]


def structured(**changes: object) -> bytes:
    members = json.loads(codec.to_structured(an_event()))
    members.update(changes)
    return json.dumps({name: value for name, value in members.items() if value != "drop"}).encode()


def from_structured_http(body: bytes) -> CloudEvent:
    _, [item] = codec.from_http([("Content-Type", codec.STRUCTURED)], body)
    assert isinstance(item, CloudEvent)
    return item


texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)


@given(subject=texts, event_id=texts, extension=texts)
def test_every_mode_gives_the_same_event_back(subject: str, event_id: str, extension: str) -> None:
    event = an_event(subject=subject, id=event_id, extensions={"correlationid": extension})

    value, headers = codec.to_kafka(event)
    http_headers, body = codec.to_http(event)
    wire = [(name, text) for name, text in http_headers.items()]

    assert codec.from_kafka(value, headers) == event
    assert codec.from_http(wire, body) == (False, [event])
    assert from_structured_http(codec.to_structured(event)) == event


def test_http_header_values_are_ascii() -> None:
    headers, _ = codec.to_http(an_event(subject='é "x" %', extensions={"note": "100 %"}))

    assert all(value.isascii() for value in headers.values())
    assert headers["ce-subject"] == "%C3%A9%20%22x%22%20%25"


class TestTheSdksDefects:
    """Each number is one of the list in the standards reference; the SDK fails them."""

    def test_1_a_structured_message_that_repeats_ce_headers_is_structured(self) -> None:
        headers = [("content-type", codec.STRUCTURED.encode()), ("ce_id", b"other")]

        event = codec.from_kafka(structured(), headers)

        assert event.id == "1"
        assert event.data is not None
        assert json.loads(event.data) == json.loads(DATA)

    def test_2_booleans_are_lower_case(self) -> None:
        assert from_structured_http(structured(flag=True)).extensions == {"flag": "true"}

    def test_3_an_event_without_data_is_a_null_value(self) -> None:
        value, _ = codec.to_kafka(an_event(data=None))

        assert value is None

    def test_4_the_kafka_key_is_no_attribute(self) -> None:
        value, headers = codec.to_kafka(an_event())

        assert "partitionkey" not in codec.from_kafka(value, headers).extensions

    def test_5_a_batch_is_read_item_by_item(self) -> None:
        good = json.loads(structured())
        body = json.dumps([good, {**good, "source": ""}, {**good, "id": "2"}]).encode()

        is_batch, items = codec.from_http([("content-type", codec.BATCH)], body)

        assert is_batch
        assert [isinstance(item, CloudEvent) for item in items] == [True, False, True]
        assert codec.from_http([("content-type", codec.BATCH)], b"[]") == (True, [])

    @pytest.mark.parametrize("source", ["has space", "http://[bad", "/é", "%zz", ""])
    def test_6_a_source_is_a_uri_reference(self, source: str) -> None:
        with pytest.raises(InvalidEventError):
            an_event(source=source)

    def test_6_a_dataschema_is_absolute(self) -> None:
        with pytest.raises(InvalidEventError):
            an_event(dataschema="/relative")

    def test_7_a_content_type_always_goes_out(self) -> None:
        _, headers = codec.to_kafka(an_event(datacontenttype=None))

        assert dict(headers)["content-type"] == b"application/json"

    def test_8_the_callers_attributes_are_left_alone(self) -> None:
        extensions = {"b": "2", "a": "1"}

        codec.to_kafka(an_event(extensions=extensions))

        assert extensions == {"b": "2", "a": "1"}

    def test_9_a_repeated_header_is_refused_not_lost(self) -> None:
        value, headers = codec.to_kafka(an_event())

        with pytest.raises(InvalidEventError, match="twice"):
            codec.from_kafka(value, [*headers, ("CE_ID", b"2")])


def test_the_sdk_reads_what_we_write_to_kafka() -> None:
    value, headers = codec.to_kafka(an_event())
    assert value is not None

    read = sdk_kafka.from_binary_event(
        sdk_kafka.KafkaMessage(headers=dict(headers), key=None, value=value)
    )

    assert (read.get_id(), read.get_source()) == ("1", "https://field.example/missions")
    assert read.get_data() == json.loads(DATA)


def test_we_read_what_the_sdk_writes_to_kafka() -> None:
    theirs = SdkEvent(
        {
            "id": "1",
            "source": "https://field.example/missions",
            "type": TYPE,
            "specversion": "1.0",
            "subject": "R-1",
            "time": AT,
            "datacontenttype": "application/json",
        },
        json.loads(DATA),
    )
    for message in (sdk_kafka.to_binary_event(theirs), sdk_kafka.to_structured_event(theirs)):
        event = codec.from_kafka(message.value, list(message.headers.items()))

        assert codec.read(event) == codec.read(an_event())
        assert event.time == AT


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": "drop"}, "id"),
        ({"type": "drop"}, "type"),
        ({"subject": "a\u0000b"}, "subject"),
        ({"time": "2020-02-03"}, "time"),
        ({"time": "2020-02-03T08:00:00"}, "time"),
        ({"time": "2020-02-30T08:00:00Z"}, "time"),
        ({"time": 1580716800}, "time"),
        ({"Upper": "x"}, "Upper"),
        ({"toolongtobeanattribute": "x"}, "toolong"),
        ({"big": 2**31}, "big"),
        ({"part": 1.5}, "part"),
        ({"data_base64": "aGk="}, "data_base64"),
    ],
)
def test_says_which_attribute_breaks_a_rule(change: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidEventError, match=named):
        from_structured_http(structured(**change))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"NaN", b'{"a":NaN}', b"[" * 100_000, b"\xff\xfe"]
)
def test_says_so_when_a_structured_body_is_no_event(body: bytes) -> None:
    with pytest.raises(InvalidEventError):
        from_structured_http(body)


def test_a_lone_surrogate_in_the_data_is_refused() -> None:
    body = structured().replace(b'{"request": "R-1"', b'{"request": "\\ud800"')
    assert b"ud800" in body

    with pytest.raises(InvalidEventError):
        codec.read(from_structured_http(body))


def test_a_fraction_beyond_microseconds_is_cut() -> None:
    event = from_structured_http(structured(time="2020-02-03T09:00:00.123456789+01:00"))

    assert event.time == datetime(2020, 2, 3, 8, 0, 0, 123456, tzinfo=UTC)


def test_a_request_without_any_cloudevents_mark_is_told_so() -> None:
    with pytest.raises(InvalidEventError) as caught:
        codec.from_http([("content-type", "application/json")], DATA)

    assert caught.value.code == "not-a-cloudevent"


class TestReadingTheData:
    def test_unknown_type(self) -> None:
        with pytest.raises(InvalidEventError) as caught:
            codec.read(an_event(type="org.example.other.v1"))

        assert caught.value.code == "unknown-type"

    def test_names_the_field_that_breaks_the_contract(self) -> None:
        with pytest.raises(InvalidEventError) as caught:
            codec.read(an_event(data=b'{"request":"R-1","on":"2020-13-02"}'))

        assert caught.value.code == "invalid-data"
        assert caught.value.errors[0][0] == "/data/on"

    @pytest.mark.parametrize(
        "data", [None, b"", b"null", b"[]", b"\xff", b'{"request":"R\\u0000"}']
    )
    def test_data_that_are_no_object_of_the_contract(self, data: bytes | None) -> None:
        with pytest.raises(InvalidEventError):
            codec.read(an_event(data=data))

    def test_ignores_fields_that_it_does_not_know(self) -> None:
        event = codec.read(an_event(data=DATA[:-1] + b',"new":1}'))

        assert event == codec.read(an_event())


def test_the_digest_tells_source_and_id_apart() -> None:
    assert an_event(source="/a", id="b").digest != an_event(source="/", id="ab").digest
    assert an_event().content_digest != an_event(data=b"{}").content_digest
    assert an_event().content_digest == an_event(time=None).content_digest
