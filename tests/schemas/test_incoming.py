"""What ingest understands of a source record, in each of the three forms (docs/core.md 1)."""

from typing import Any

import msgspec
import pytest

from schemas import forms
from schemas.examples import CUSTOMER, EVENTS, TENANT
from schemas.incoming import Incoming, SourceReader
from schemas.routing import ROUTE_BY_TYPE, SOURCE_TOPICS
from tests.builders_source import (
    ISSUE,
    SPEND,
    TIME_MS,
    bound,
    json_bytes,
    purchase,
    source_record,
)


FORMS = ("plain", "binary", "structured", "unannounced")


def in_form(form: str, event_type: str) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """Return body and headers of the worked example."""
    if form == "plain":
        return forms.plain(event_type), []
    if form == "binary":
        headers = forms.binary_headers(event_type).items()
        return forms.own_fields(event_type), [(name, text.encode()) for name, text in headers]
    if form == "structured":
        said = b"application/cloudevents+json; charset=UTF-8"
        return forms.structured(event_type), [("content-type", said)]
    return forms.structured(event_type), []


def read(
    body: dict[str, Any] | bytes,
    *,
    headers: list[tuple[str, bytes]] | None = None,
    topic: str = SPEND,
    tenant: str = "bank-a",
) -> Incoming:
    """Return the record as understood under a binding of one tenant, late enough for no FUTURE."""
    record = source_record(body, headers=headers or (), timestamp=2**45)
    return SourceReader(bound(topic, tenant), ["bank-a", "bank-b"]).read(record)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("event_type", EVENTS)
def test_incoming_every_form_of_every_event_gives_the_same(form: str, event_type: str) -> None:
    """Binary, structured (announced or not) and plain records of one event read alike."""
    topic = forms.carried_by(event_type)[0]
    body, headers = in_form(form, event_type)
    seen = read(body, headers=headers, topic=topic, tenant=TENANT)
    told = EVENTS[event_type]
    assert seen.record == told.content
    assert seen.kind.event_type == event_type
    assert seen.occurred_at_ms == told.occurred_at_ms
    assert seen.event_id == told.event_id
    assert seen.event_source == (topic if form == "plain" else forms.EVENT_SOURCE)
    concerns_one = ROUTE_BY_TYPE[event_type].concerns == "customer"
    assert seen.customer_token == (CUSTOMER if concerns_one else "")
    assert seen.tenant == TENANT


def test_incoming_plain_event_reads_by_hand() -> None:
    """A flat object as the README shows it, every part worked out by hand."""
    seen = read(
        purchase(id="evt-7", type="txn.posted.v1", occurred_at="2026-03-02T17:15:00.9+08:00")
    )
    assert (seen.tenant, seen.customer_token, seen.event_id) == ("bank-a", "c-1", "evt-7")
    assert seen.event_source == SPEND
    assert seen.occurred_at_ms == TIME_MS + 900
    assert msgspec.to_builtins(seen.record) == {
        "event_type": "txn.posted",
        "txn_id": "t-1",
        "card_token": "k-1",
        "amount_minor": 1_999,
        "currency": "CNY",
        "mcc": "",
        "customer_initiated": True,
        "auth_id": "",
        "posted_date": None,
        "scene": "",
        "mode": "",
        "merchant_token": "",
    }


def test_incoming_source_of_plain_is_the_contract_whatever_the_broker_calls_the_topic() -> None:
    """Source = the topic's contract name."""
    reader = SourceReader(bound("core.prod.txn", contract=SPEND), ["bank-a"])
    record = source_record(purchase(), at=("core.prod.txn", 3, 9))
    assert reader.read(record).event_source == SPEND


def test_incoming_history_end_is_read_from_every_topic() -> None:
    """`history.ended` travels on every source topic and needs neither customer nor content."""
    for topic in SOURCE_TOPICS:
        seen = read(
            {"id": "end", "type": "history.ended", "occurred_at": "1970-01-01T00:00:01Z"},
            topic=topic,
        )
        assert seen.kind.concerns == "partition"
        assert seen.occurred_at_ms == 1_000
    end = {"specversion": "1.0", "id": "e", "source": "s", "type": "history.ended"}
    assert read(end | {"time": "1970-01-01T00:00:01Z"}).customer_token == ""


def test_incoming_undeclared_fields_are_skipped() -> None:
    """Evolution is additive: a field we do not know changes nothing, whatever is in it."""
    expected = read(purchase()).record
    for extra in (
        {"x": {"a": [1, None]}},
        {"source": 5, "data": []},
        {"event_type": "x"},
        {"event_type": None},
    ):
        assert read(purchase(**extra)).record == expected


def test_incoming_last_of_repeated_headers_counts() -> None:
    """Of a header that is repeated Kafka's clients give the last."""
    body, headers = in_form("binary", "txn.posted")
    seen = read(body, headers=[("ce_id", b"first"), *headers], tenant=TENANT)
    assert seen.event_id == EVENTS["txn.posted"].event_id


def test_incoming_text_outside_ascii_is_read() -> None:
    """A body in UTF-8 and one with escapes are the same event."""
    written = json_bytes(purchase(txn_id="交易-1"))
    escaped = written.replace("交易".encode(), b"\\u4ea4\\u6613")
    assert b"\\u4ea4" in escaped
    assert read(written) == read(escaped)


def test_incoming_absent_optional_attributes_may_be_null() -> None:
    """`null` says nothing: no tenant named, no specversion."""
    assert read(purchase(tenant=None, specversion=None)) == read(purchase())


def test_incoming_policy_concerns_its_tenant() -> None:
    """A control record has no customer, even where it names one."""
    body = forms.plain("policy.published") | {"customer_token": "c|1"}
    seen = read(body, topic="marketing.control.v1", tenant=TENANT)
    assert (seen.kind.concerns, seen.customer_token) == ("tenant", "")


def test_incoming_card_issued_needs_its_own_topic_only() -> None:
    """Names with and without `.v1` are one event type."""
    body = forms.plain("card.issued") | {"tenant": "bank-a"}
    assert read(body, topic=ISSUE).kind is read(body | {"type": "card.issued.v1"}, topic=ISSUE).kind
