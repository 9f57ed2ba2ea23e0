"""Why ingest refuses a record: every reason code by the smallest fault (docs/core.md 1)."""

from typing import Any

import pytest

from schemas import forms
from schemas.incoming import SourceReader
from schemas.rejects import RejectedError
from tests.builders_source import ISSUE, TIME, TIME_MS, bound, json_bytes, purchase, source_record
from tests.schemas.refusals import Body, accepted_tenant, binary, refused, structured


RECEIPTS = "gateway.receipt.v1"
RESPONSES = "gateway.response.v1"


def answer(event_type: str, **changed: object) -> dict[str, Any]:
    """Return a gateway's answer in plain form; `...` takes a field out."""
    echoed = {"tenant": "bank-a", "occurred_at": TIME}
    body = forms.plain(event_type) | echoed | changed
    return {name: value for name, value in body.items() if value is not ...}


def bought_by(token: str) -> dict[str, Any]:
    """Return a plain purchase of this customer."""
    return purchase() | {"customer_token": token}


WHOLE = json_bytes(purchase())
NOT_JSON = {
    "empty": b"",
    "text": b"no json",
    "cut short": WHOLE[:-1],
    "followed by more": WHOLE + b"}",
    "byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "NaN": WHOLE.replace(b"1999", b"NaN"),
    "latin-1 in a field that nobody reads": WHOLE.replace(b"{", b'{"x":"\xe9",', 1),
    "latin-1 in an attribute": WHOLE.replace(b"e-1", b"e\xe9"),
    "half a surrogate pair": WHOLE.replace(b"t-1", b"\\ud800"),
    "ill-typed before it breaks": b'{"id":5,"type":',
    "NaN in a field that nobody reads": WHOLE.replace(b"{", b'{"x":NaN,', 1),
    "a number of two points": WHOLE.replace(b"{", b'{"x":1.2.3,', 1),
}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON)
def test_incoming_bytes_that_are_no_json_are_refused_as_such(value: bytes) -> None:
    """NOT_JSON, wherever the decoder stopped and whatever it saw first."""
    assert refused(value).reason == "NOT_JSON"


SCHEMA = {
    "array": b"[1]",
    "number": b"5",
    "null": b"null",
    "no id": purchase(id=...),
    "empty id": purchase(id=""),
    "id of 257 characters": purchase(id="x" * 257),
    "id a number": purchase(id=5),
    "id null": purchase(id=None),
    "no type": purchase(type=...),
    "no time": purchase(occurred_at=...),
    "time a number": purchase(occurred_at=TIME_MS),
    "no customer": purchase(customer_token=...),
    "customer null": purchase(customer_token=None),
    "customer a number": purchase(customer_token=7),
    "tenant a number": purchase(tenant=7),
    "no amount": purchase(amount_minor=...),
    "amount in text": purchase(amount_minor="1999"),
    "card empty": purchase(card_token=""),
    "amount true": purchase(amount_minor=True),
    "currency a number": purchase(currency=156),
    "tag field, and a fault beside it": purchase(event_type="x", txn_id=""),
    "a number for a text": WHOLE.replace(b'"t-1"', b"1e400"),
    "a number for an attribute": WHOLE.replace(b'"e-1"', b"1" * 5_000),
    "cloud event without subject": structured(subject=...),
    "cloud event without source": structured(source=...),
    "cloud event without time": structured(time=...),
    "cloud event, source too long": structured(source="/" * 257),
    "cloud event without content": structured(data=...),
    "cloud event, content no object": structured(data=[1]),
    "cloud event, version a number": structured(specversion=1),
}


@pytest.mark.parametrize("body", SCHEMA.values(), ids=SCHEMA)
def test_incoming_missing_or_ill_typed_parts_are_schema(body: Body) -> None:
    """SCHEMA: an attribute or a field is missing, of another type, or out of bounds."""
    assert refused(body).reason == "SCHEMA"


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_time", "ce_subject"])
@pytest.mark.parametrize("raw", [None, b"\xff"])
def test_incoming_header_missing_or_no_text_is_schema(name: str, raw: bytes | None) -> None:
    """SCHEMA: a CloudEvent in headers has each attribute, in UTF-8."""
    content = json_bytes(structured()["data"])
    assert refused(content, **binary(**{name: raw})).reason == "SCHEMA"


def test_incoming_header_of_type_without_text_is_schema() -> None:
    """SCHEMA: a null header `ce_type` says that it is a CloudEvent, and not which."""
    record = source_record(purchase(), headers=(("ce_type", None),))  # type: ignore[arg-type]
    with pytest.raises(RejectedError, match="wanted id, source, type and time"):
        SourceReader(bound(), ["bank-a"]).read(record)


OTHERS = {
    "no value": ("TOMBSTONE_UNEXPECTED", None),
    "one byte too long": ("TOO_LARGE", WHOLE.ljust(65_537)),
    "another version": ("UNSUPPORTED_VERSION", purchase(type="txn.posted.v2")),
    "another version of an unknown type": ("UNSUPPORTED_VERSION", purchase(type="x.v12")),
    "specversion 0.3": ("UNSUPPORTED_VERSION", structured(specversion="0.3")),
    "unknown type": ("UNKNOWN_TYPE", purchase(type="txn.imagined")),
    "unknown type in version 1": ("UNKNOWN_TYPE", purchase(type="txn.imagined.v1")),
    "version without a number": ("UNKNOWN_TYPE", purchase(type="txn.posted.v")),
    "type in capitals": ("UNKNOWN_TYPE", purchase(type="TXN.POSTED")),
    "ticks are ours": ("UNKNOWN_TYPE", purchase(type="tick")),
    "another topic's type": ("WRONG_TOPIC", purchase(type="card.activated")),
    "customer with a bar": ("BAD_CUSTOMER", bought_by("a|b")),
    "customer empty": ("BAD_CUSTOMER", bought_by("")),
    "customer of 129 characters": ("BAD_CUSTOMER", bought_by("c" * 129)),
    "customer beyond ASCII": ("BAD_CUSTOMER", bought_by("é")),
    "customer in another alphabet": ("BAD_CUSTOMER", bought_by("客户")),
    "time without offset": ("BAD_TIME", purchase(occurred_at="2026-03-02T09:15:00")),
    "11 minutes ahead": ("FUTURE", purchase(occurred_at="2026-03-02T09:26:00Z")),
}


@pytest.mark.parametrize(("reason", "body"), OTHERS.values(), ids=OTHERS)
def test_incoming_every_other_reason(reason: str, body: Body) -> None:
    """Each reason of docs/core.md 1 steps 1, 2, 4 and 5, by the smallest fault that shows it."""
    assert refused(body).reason == reason


def test_incoming_specversion_in_headers_must_be_1_0() -> None:
    """UNSUPPORTED_VERSION, also where the rest would be read."""
    headers = binary(ce_specversion=b"0.3")
    assert refused(json_bytes(structured()["data"]), **headers).reason == "UNSUPPORTED_VERSION"


def test_incoming_bounds_are_inclusive() -> None:
    """65,536 bytes, 128 characters, 600,000 ms ahead: the last that is accepted."""
    assert accepted_tenant(WHOLE.ljust(65_536), bound()) == "bank-a"
    assert accepted_tenant(bought_by("~ " * 64), bound()) == "bank-a"
    assert accepted_tenant(purchase(id="x" * 256), bound()) == "bank-a"
    ahead = source_record(purchase(), timestamp=TIME_MS - 600_000)
    assert SourceReader(bound(), ["bank-a"]).read(ahead).occurred_at_ms == TIME_MS
    too_far = source_record(purchase(), timestamp=TIME_MS - 600_001)
    with pytest.raises(RejectedError, match="wanted time up to 600000 ms"):
        SourceReader(bound(), ["bank-a"]).read(too_far)


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [
        ("delivery.receipt", RECEIPTS),
        ("response.recorded", RESPONSES),
        ("offer.result", RESPONSES),
    ],
)
@pytest.mark.parametrize("missing", ["tenant", "customer_token", "trigger_id"])
@pytest.mark.parametrize("left", [..., "", None])
def test_incoming_answer_without_its_way_back_has_no_route(
    event_type: str, topic: str, missing: str, left: object
) -> None:
    """G1: a gateway echoes tenant, customer token and trigger id; without one: NO_ROUTE."""
    assert accepted_tenant(answer(event_type), bound(topic, "*")) == "bank-a"
    refusal = refused(answer(event_type, **{missing: left}), bound(topic, "*"))
    assert refusal.reason == "NO_ROUTE"
    assert refusal.tenant == ("" if missing == "tenant" else "bank-a")


def test_incoming_receipt_with_another_fault_is_schema() -> None:
    """SCHEMA: an ill-typed trigger id is there, and a receipt can lack other things too."""
    for fault in ({"trigger_id": 5}, {"status": "lost"}, {"trigger_id": "t" * 129}):
        assert refused(answer("delivery.receipt", **fault), bound(RECEIPTS)).reason == "SCHEMA"


def test_incoming_refusal_names_the_tenant_once_it_is_known() -> None:
    """A bound topic's tenant is always known, a named one once it was accepted."""
    assert refused(b"no json", bound(tenant="bank-b")).tenant == "bank-b"
    assert refused(b"no json", bound(tenant="*")).tenant == ""
    assert refused(purchase(tenant="bank-b", amount_minor=-1), bound(tenant="*")).tenant == "bank-b"


def test_incoming_steps_come_in_order() -> None:
    """The first fault in the order of docs/core.md 1 is the reason; own fields come last but G1."""
    faults: dict[str, object] = {"amount_minor": -1}
    assert refused(purchase(**faults)).reason == "BAD_AMOUNT"
    faults["occurred_at"] = "yesterday"
    assert refused(purchase(**faults)).reason == "BAD_TIME"
    faults = bought_by("|") | faults
    assert refused(purchase(**faults)).reason == "BAD_CUSTOMER"
    faults["tenant"] = "bank-b"
    assert refused(purchase(**faults)).reason == "TENANT_MISMATCH"
    assert refused(purchase(**faults), bound(ISSUE)).reason == "WRONG_TOPIC"
    faults["id"] = ""
    assert refused(purchase(**faults), bound(ISSUE)).reason == "SCHEMA"
    deep = json_bytes(purchase(**faults)).replace(b"{", b'{"x":' + b"[" * 64, 1)
    assert refused(deep, bound(ISSUE)).reason == "TOO_DEEP"
    personal = deep.replace(b"{", b'{"pan":"4111111111111111",', 1)
    assert refused(personal, bound(ISSUE)).reason == "PII_FORBIDDEN"
    assert refused(personal.ljust(65_537), bound(ISSUE)).reason == "PII_FORBIDDEN"
    assert refused(deep.ljust(65_537), bound(ISSUE)).reason == "TOO_LARGE"
