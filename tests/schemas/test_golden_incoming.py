"""
Golden source records are read as what they mean, and reader and published schema agree.

The bytes are those of `tests/golden`, in the three forms that ingest accepts; what they mean is
spelled out by hand below and in `schemas.examples`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.examples import EVENTS
from schemas.incoming import Incoming, SourceReader
from schemas.records import StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import ROUTE_BY_TYPE, ROUTES, SourceBinding
from tests.kafka_server import ROOT
from tests.schemas.golden import golden_binary, golden_lines


EVENT_TYPES = [route.event_type for route in ROUTES]
PLAIN = dict(zip(EVENT_TYPES, golden_lines("plain.jsonl"), strict=True))
BINARY = dict(zip(EVENT_TYPES, golden_binary(), strict=True))
STRUCTURED = dict(zip(EVENT_TYPES, golden_lines("structured.jsonl"), strict=True))

# event type: id, event time in ms since 1970
MEANT = {
    "application.started": ("app-1", 1_771_935_000_000),  # 2026-02-24 12:10 UTC
    "application.submitted": ("app-2", 1_771_935_940_000),  # 2026-02-24 12:25:40 UTC
    "application.approved": ("app-3", 1_772_074_800_000),  # 2026-02-26 03:00 UTC
    "application.declined": ("app-4", 1_770_687_000_000),  # 2026-02-10 01:30 UTC
    "application.withdrawn": ("app-5", 1_779_271_200_000),  # 2026-05-20 10:00 UTC
    "preapproval.granted": ("pre-1", 1_771_549_200_000),  # 2026-02-20 01:00 UTC
    "card.issued": ("iss-1", 1_772_414_100_000),  # 2026-03-02 01:15 UTC
    "card.delivered": ("del-1", 1_772_610_000_000),  # 2026-03-04 07:40 UTC
    "card.activated": ("act-1", 1_772_712_000_000),  # 2026-03-05 12:00 UTC
    "wallet.bound": ("bind-1", 1_772_712_330_250),  # 2026-03-05 12:05:30.250 UTC
    "wallet.unbound": ("bind-2", 1_781_485_560_000),  # 2026-06-15 01:06 UTC
    "txn.authorised": ("auth-1", 1_772_800_198_000),  # 2026-03-06 12:29:58 UTC
    "txn.declined": ("auth-2", 1_774_439_100_000),  # 2026-03-25 11:45 UTC
    "txn.posted": ("txn-1", 1_772_800_200_000),  # 2026-03-06 12:30 UTC
    "txn.reversed": ("rev-1", 1_772_870_400_000),  # 2026-03-07 08:00 UTC
    "statement.issued": ("stmt-1", 1_774_972_800_000),  # 2026-03-31 16:00 UTC
    "repayment.received": ("pay-1", 1_775_786_400_000),  # 2026-04-10 02:00 UTC
    "repayment.overdue": ("over-1", 1_779_296_400_000),  # 2026-05-20 17:00 UTC
    "repayment.cured": ("over-2", 1_779_498_000_000),  # 2026-05-23 01:00 UTC
    "autopay.changed": ("auto-1", 1_779_588_000_000),  # 2026-05-24 02:00 UTC
    "instalment.created": ("inst-1", 1_778_589_000_000),  # 2026-05-12 12:30 UTC
    "instalment.settled": ("inst-2", 1_789_178_400_000),  # 2026-09-12 02:00 UTC
    "limit.prechecked": ("lim-1", 1_774_439_101_000),  # 2026-03-25 11:45:01 UTC
    "limit.changed": ("lim-2", 1_774_485_000_000),  # 2026-03-26 00:30 UTC
    "benefit.progressed": ("ben-1", 1_774_702_800_000),  # 2026-03-28 13:00 UTC
    "benefit.granted": ("ben-2", 1_774_876_200_000),  # 2026-03-30 13:10 UTC
    "benefit.redeemed": ("ben-3", 1_775_361_600_000),  # 2026-04-05 04:00 UTC
    "benefit.expired": ("ben-4", 1_782_835_199_000),  # 2026-06-30 15:59:59 UTC
    "coupon.issued": ("cou-1", 1_772_712_360_000),  # 2026-03-05 12:06 UTC
    "coupon.redeemed": ("cou-2", 1_772_800_201_000),  # 2026-03-06 12:30:01 UTC
    "coupon.expired": ("cou-3", 1_775_404_799_000),  # 2026-04-05 15:59:59 UTC
    "points.level_changed": ("lvl-1", 1_774_983_600_000),  # 2026-03-31 19:00 UTC
    "card.blocked": ("stat-1", 1_781_100_000_000),  # 2026-06-10 14:00 UTC
    "card.unblocked": ("stat-2", 1_781_101_200_000),  # 2026-06-10 14:20 UTC
    "card.lost": ("stat-3", 1_781_485_200_000),  # 2026-06-15 01:00 UTC
    "card.closed": ("stat-4", 1_781_550_000_000),  # 2026-06-15 19:00 UTC
    "card.replaced": ("stat-5", 1_781_485_500_000),  # 2026-06-15 01:05 UTC
    "risk.flagged": ("risk-1", 1_781_099_990_000),  # 2026-06-10 13:59:50 UTC
    "risk.cleared": ("risk-2", 1_781_101_140_000),  # 2026-06-10 14:19 UTC
    "service.case_opened": ("case-1", 1_781_485_080_000),  # 2026-06-15 00:58 UTC
    "service.case_closed": ("case-2", 1_781_946_000_000),  # 2026-06-20 09:00 UTC
    "consent.changed": ("con-1", 1_772_414_160_000),  # 2026-03-02 01:16 UTC
    "preference.changed": ("pref-1", 1_772_935_200_000),  # 2026-03-08 02:00 UTC
    "profile.changed": ("prof-1", 1_772_132_400_000),  # 2026-02-26 19:00 UTC
    "identity.merged": ("merge-1", 1_782_846_000_000),  # 2026-06-30 19:00 UTC
    "erasure.requested": ("erase-1", 1_798_682_400_000),  # 2026-12-31 02:00 UTC
    "score.published": ("score-1", 1_773_511_200_000),  # 2026-03-14 18:00 UTC
    "app.session": ("ses-1", 1_772_711_880_000),  # 2026-03-05 11:58 UTC
    "partner.observed": ("part-1", 1_773_784_800_000),  # 2026-03-17 22:00 UTC
    "survey.answered": ("surv-1", 1_773_922_500_000),  # 2026-03-19 12:15 UTC
    "delivery.receipt": ("rcpt-1", 1_772_673_605_000),  # 2026-03-05 01:20:05 UTC
    "response.recorded": ("resp-1", 1_772_711_850_000),  # 2026-03-05 11:57:30 UTC
    "offer.result": ("offer-1", 1_772_712_361_000),  # 2026-03-05 12:06:01 UTC
    "policy.published": ("pol-1", 1_772_323_200_000),  # 2026-03-01 00:00 UTC
    "calendar.published": ("cal-1", 1_772_323_202_000),  # 2026-03-01 00:00:02 UTC
    "contact_policy.published": ("cp-1", 1_772_323_203_000),  # 2026-03-01 00:00:03 UTC
    "template.approved": ("tpl-1", 1_772_323_204_000),  # 2026-03-01 00:00:04 UTC
    "offer.defined": ("off-1", 1_772_323_205_000),  # 2026-03-01 00:00:05 UTC
    "model.defined": ("mod-1", 1_772_323_206_000),  # 2026-03-01 00:00:06 UTC
    "model.set": ("mset-1", 1_780_279_200_000),  # 2026-06-01 02:00 UTC
    "kill_switch.set": ("kill-1", 1_773_986_400_000),  # 2026-03-20 06:00 UTC
    "tenant.configured": ("conf-1", 1_772_323_201_000),  # 2026-03-01 00:00:01 UTC
    "history.ended": ("end-1", 1_772_323_200_000),  # 2026-03-01 00:00 UTC
}
LATER_MS = 1_800_000_000_000  # 2027: after all of them


def topic_of(event_type: str) -> str:
    """Return a source topic that carries the event."""
    topic = ROUTE_BY_TYPE[event_type].topic
    return "card.spend.v1" if topic == "*" else topic


def read(
    event_type: str, value: bytes, headers: dict[str, str] | None = None, tenant: str = "*"
) -> Incoming:
    """Return what the reader of the event's topic understands."""
    topic = topic_of(event_type)
    raw = [(name, text.encode()) for name, text in (headers or {}).items()]
    record = StoredRecord(topic, 3, 41, LATER_MS, b"any", value, raw)
    return SourceReader(SourceBinding(topic=topic, tenant=tenant), {"demo", "hill"}).read(record)


def assert_meant(event_type: str, found: Incoming, source: str) -> None:
    """Compare an event as read with what its golden bytes mean."""
    event_id, occurred_at_ms = MEANT[event_type]
    whose = "c-1" if ROUTE_BY_TYPE[event_type].concerns == "customer" else ""

    assert (event_id, occurred_at_ms) == (found.event_id, found.occurred_at_ms)
    assert ("demo", whose, source) == (found.tenant, found.customer_token, found.event_source)
    assert event_type == found.kind.event_type
    assert EVENTS[event_type].content == found.record


@pytest.mark.parametrize("tenant", ["*", "demo"])
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_golden_plain_event_is_read_as_meant(event_type: str, tenant: str) -> None:
    """A flat JSON object: the topic is its source, whoever says whose it is (N1)."""
    found = read(event_type, PLAIN[event_type], tenant=tenant)

    assert_meant(event_type, found, topic_of(event_type))


@pytest.mark.parametrize("tenant", ["*", "demo"])
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_golden_binary_event_is_read_as_meant(event_type: str, tenant: str) -> None:
    """A CloudEvent in Kafka headers names its source itself (N1)."""
    headers, value = BINARY[event_type]
    found = read(event_type, value, headers, tenant)

    assert_meant(event_type, found, "/demo/core-banking")


@pytest.mark.parametrize("announced", [{}, {"content-type": "application/cloudevents+json"}])
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_golden_structured_event_is_read_as_meant(
    event_type: str, announced: dict[str, str]
) -> None:
    """A CloudEvent as one JSON object, with or without the header that announces it (N1)."""
    found = read(event_type, STRUCTURED[event_type], announced)

    assert_meant(event_type, found, "/demo/core-banking")


ODD = (
    *(None, True, False, 0, -1, 7, 1.5, 10**16, [], {}, ["x"], ["sms"], ["sms"] * 7, ["x"] * 17),
    *("", "x", "x" * 33, "x" * 300, "x|y", "sms", "data", "CNY", "cny", "XXX"),
    *("2026-03-02", "2026-13-02", "2026-03-02T09:15:00Z", "2026-03-02T09:15:00", "09:15:00Z"),
    *("21:00-08:00", "24:00-08:00", "\uff121:00-08:00", {"city_code": 1}, {"city_code": "330100"}),
)
# What the reader lets pass although the contract does not promise it: null for nobody.
LENIENT = [("tenant", None), ("customer_token", None)]
# Right in form; whose it is, and whether it must say so, is for the settings to decide (N1, G1).
OF_TENANTS = ("TENANT_UNKNOWN", "TENANT_MISMATCH", "NO_ROUTE")


def odd_events(event_type: str) -> Iterator[tuple[str, object, dict[str, Any]]]:
    """Yield each field of an event, with each odd value in its place, or without the field."""
    whole = json.loads(PLAIN[event_type])
    own = {field: getattr(EVENTS[event_type].content, field) for field in fields_of(event_type)}
    for name in (*whole, *(field for field in own if field not in whole)):
        yield name, "left out", {key: value for key, value in whole.items() if key != name}
        yield from ((name, odd, whole | {name: odd}) for odd in ODD)


def fields_of(event_type: str) -> tuple[str, ...]:
    """Return the event's own fields."""
    return ROUTE_BY_TYPE[event_type].shape.__struct_fields__


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_reader_and_published_schema_agree(event_type: str) -> None:
    """An event that validates is never rejected for its form, one that does not validate is."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{event_type}.json").read_bytes())
    validator = Draft202012Validator(schema)
    disagreed = []
    for name, odd, event in odd_events(event_type):
        reason = "read"
        try:
            read(event_type, json.dumps(event).encode())
        except RejectedError as refusal:
            reason = refusal.reason
        readable = reason == "read" or (name == "tenant" and reason in OF_TENANTS)
        if readable != validator.is_valid(event) and (name, odd) not in LENIENT:
            disagreed.append((name, odd, reason))

    assert not disagreed
