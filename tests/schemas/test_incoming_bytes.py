"""Whatever bytes arrive: understood or refused, and a refusal never says what was in them."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import forms
from schemas.codec import decode_envelope, encode_json, encode_row
from schemas.examples import EVENTS, TENANT
from schemas.incoming import Incoming, SourceReader
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.rejects import RejectedError
from schemas.routing import SOURCE_TOPICS
from tests.builders_source import bound, json_bytes, source_record


Headers = Sequence[tuple[str, bytes]]
MARK = "pan-6222021234567890"
READERS = {
    topic: SourceReader(bound(topic, "*", time_source="records"), [TENANT, "hill"])
    for topic in SOURCE_TOPICS
}


def outcome(topic: str, value: bytes | None, headers: Headers = ()) -> Incoming | RejectedError:
    """Return what became of a record; any other exception is a crash, and the test fails."""
    try:
        record = source_record(value, at=(topic, 0, 0), headers=headers, timestamp=2**45)
        return READERS[topic].read(record)
    except RejectedError as refusal:
        return refusal


def survives_the_journal(seen: Incoming) -> bool:
    """Return whether an accepted event comes back from the journal as it went in."""
    envelope = JournalEnvelope(
        tenant=seen.tenant,
        customer_token=seen.customer_token,
        journal_at_ms=seen.occurred_at_ms,
        occurred_at_ms=seen.occurred_at_ms,
        event_id=seen.event_id,
        event_source=seen.event_source,
        source=SourceCoordinates("t", 0, 0),
        record=seen.record,
    )
    encode_row(seen.record)  # what is kept in rows must fit into msgpack's numbers
    return decode_envelope(encode_json(envelope)) == envelope


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 2**31, 2**53, 2**63, 2**64, 10**30, 1.5, 1e300])
    | st.text(max_size=20)
    | st.sampled_from(["", "1.0", TENANT, "txn.posted.v1", "2026-03-02T09:15:00Z", "x" * 300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
PLACES = st.lists(st.integers(0, 30), min_size=1, max_size=4)


def mutated(body: Any, place: list[int], value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return a JSON value with one part, found by following `place`, replaced or taken out."""
    if not place or not isinstance(body, dict | list) or not body:
        return value
    keys = list(body) if isinstance(body, dict) else list(range(len(body)))
    key = keys[place[0] % len(keys)]
    changed = body.copy()
    if len(place) == 1 and value is None:
        del changed[key]
    else:
        changed[key] = mutated(body[key], place[1:], value)
    return changed


@settings(deadline=None)
@given(st.sampled_from(SOURCE_TOPICS), st.binary(max_size=300))
@example("card.spend.v1", b'{"id":' + b"[" * 65_000)
@example("card.spend.v1", b"[" * 65_000)
def test_incoming_garbage_is_refused(topic: str, value: bytes) -> None:
    """Random bytes are no event: a refusal, and no other exception."""
    refusal = outcome(topic, value)
    assert isinstance(refusal, RejectedError)
    assert refusal.reason in {"NOT_JSON", "SCHEMA", "TOO_DEEP"}


@settings(max_examples=300, deadline=None)
@given(
    event_type=st.sampled_from(sorted(EVENTS)),
    form=st.sampled_from(["plain", "structured", "content"]),
    places=st.lists(st.tuples(PLACES, JSON), max_size=3),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["ce_type", "ce_id", "ce_tenantid", "content-type", "x"]),
            st.none() | st.binary(max_size=20),
        ),
        max_size=2,
    ),
)
def test_incoming_mutated_events_are_understood_or_refused(
    event_type: str,
    form: str,
    places: list[tuple[list[int], Any]],
    headers: list[tuple[str, bytes]],
) -> None:
    """No change to an event crashes ingest, and whatever is accepted survives the journal."""
    body: Any = forms.structured(event_type) if form == "structured" else forms.plain(event_type)
    if form == "content":
        body = forms.own_fields(event_type)
        named = forms.binary_headers(event_type).items()
        headers = [*((name, text.encode()) for name, text in named), *headers]
    for place, value in places:
        body = mutated(body, place, value)
    seen = outcome(forms.carried_by(event_type)[0], msgspec.json.encode(body), headers)
    assert isinstance(seen, RejectedError) or survives_the_journal(seen)


@settings(max_examples=300, deadline=None)
@given(
    event_type=st.sampled_from(sorted(EVENTS)),
    cuts=st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=3)), min_size=1, max_size=3),
)
def test_incoming_damaged_bytes_are_understood_or_refused(
    event_type: str, cuts: list[tuple[int, bytes]]
) -> None:
    """Bytes overwritten anywhere: no other exception than the refusal."""
    value = json_bytes(forms.plain(event_type))
    for at, instead in cuts:
        at_byte = at % len(value)
        value = value[:at_byte] + instead + value[at_byte + len(instead) :]
    seen = outcome(forms.carried_by(event_type)[0], value)
    assert isinstance(seen, RejectedError) or survives_the_journal(seen)


def marked(event_type: str) -> Iterator[tuple[bytes, Headers]]:
    """Yield the event with the mark in one place after the other, in every form."""
    odd: tuple[Any, ...] = (MARK, [MARK], {MARK: MARK}, f"` - at `$.{MARK}", MARK * 20)
    for body in (forms.plain(event_type), forms.structured(event_type)):
        for value in odd:
            yield json_bytes(body | {MARK: value}), ()
            for first in range(len(body)):
                for second in range(12):
                    for place in ([first], [first, second], [first, second, second]):
                        yield json_bytes(mutated(body, place, value)), ()
    headers = dict(forms.binary_headers(event_type))
    content = json_bytes(forms.own_fields(event_type))
    for name in headers:
        changed = headers | {name: MARK * 20}
        yield content, [(key, text.encode()) for key, text in changed.items()]
    yield MARK.encode(), ()
    yield json_bytes(forms.plain(event_type)).replace(b"{", b"{" + MARK.encode(), 1), ()


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_incoming_refusals_never_quote_the_record(event_type: str) -> None:
    """A value, a field's name or a path made up by the sender is in no message."""
    refusals = 0
    for value, headers in marked(event_type):
        seen = outcome(forms.carried_by(event_type)[0], value, headers)
        if isinstance(seen, RejectedError):
            refusals += 1
            assert MARK[:8] not in str(seen)
    assert refusals > 50


def test_incoming_refusal_names_place_and_declared_type() -> None:
    """What is left of a refusal is what the schema says, enough to find the fault."""
    body = forms.plain("txn.posted") | {"amount_minor": "12"}
    assert (
        str(outcome("card.spend.v1", json_bytes(body))) == "wanted int at $.amount_minor, found str"
    )
    body["amount_minor"] = -1
    wanted = "wanted int at $.amount_minor, found one out of bounds"
    assert str(outcome("card.spend.v1", json_bytes(body))) == wanted
    del body["amount_minor"]
    wanted = "wanted $.amount_minor, found none"
    assert str(outcome("card.spend.v1", json_bytes(body))) == wanted
    body = forms.plain("delivery.receipt") | {"status": MARK}
    wanted = "wanted a declared value at $.status, found another"
    assert str(outcome("gateway.receipt.v1", json_bytes(body))) == wanted
