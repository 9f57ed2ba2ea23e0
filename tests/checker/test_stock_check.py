"""The check over all journal partitions that nothing is promised or spent twice (C3), by hand."""

import json
from typing import Any

import pytest

from tests.checker.identity import Facts, uuid8
from tests.checker.log_reader import LogRecord
from tests.checker.report import Report
from tests.checker.stock_check import StockCheck
from tests.checker.verdict import ActualOutput


GIFT = {"id": "gift", "version": 1, "inventory_count": 2, "valid_ms": 9, "unit_cost_minor": 7}
POLICY = {"id": "nudge", "version": 1, "budget_minor": 20, "contact_cost_minor": 3}


def told(at: int, partition: int, event_type: str, /, **data: Any) -> tuple[int, Facts]:  # noqa: ANN401
    """Return a journal record with its partition."""
    record = {"event_type": event_type, **data}
    return partition, {"tenant": "acme", "journal_at_ms": at, "record": record}


def defined(at: int = 1, partition: int = 0, **other: int) -> tuple[int, Facts]:
    """Return a definition of the gift."""
    return told(at, partition, "offer.defined", offer=GIFT | other)


def published(at: int = 1, partition: int = 0, **other: int) -> tuple[int, Facts]:
    """Return a version of the nudge."""
    campaign = POLICY | other
    return told(at, partition, "policy.published", campaign=campaign, policy_hash="h")


def receipt(at: int, trigger: str, status: str = "failed", partition: int = 0) -> tuple[int, Facts]:
    """Return what a gateway says."""
    return told(at, partition, "delivery.receipt", trigger_id=trigger, status=status)


def refused(at: int, trigger: str, partition: int = 0) -> tuple[int, Facts]:
    """Return that the offer system grants nothing for a trigger."""
    reserved = uuid8("reservation", trigger)
    return told(at, partition, "offer.result", reservation_id=reserved, status="refused")


class Sent:
    """What has gone out: triggers, grant requests and decisions."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.records: dict[str, list[LogRecord]] = {"sms": [], "offers": [], "decisions": []}

    def send(self, at: int, trigger: str, offer: str = "gift", follows: str = "") -> "Sent":
        """Let a contact go out; a fallback carries the reservation of what it follows."""
        reserved = uuid8("reservation", follows or trigger) if offer else ""
        about = {"tenant": "acme", "customer_token": "c0", "campaign_id": "nudge"}
        named = about | {"trigger_id": trigger, "reservation_id": reserved, "offer_id": offer}
        self._put("sms", named | {"idempotency_key": trigger})
        if offer and not follows:
            self._put("offers", named | {"offer_version": 1, "requested_at_ms": at})
        candidate = {"campaign_id": "nudge", "policy_version": 1, "policy_hash": "h"}
        candidate |= {"trigger_id": trigger, "verdict": "sent", "follows": follows}
        decision = {"decision_id": trigger, "tenant": "acme", "decided_at_ms": at}
        self._put("decisions", decision | {"candidates": [candidate]})
        return self

    def _put(self, topic: str, said: Facts) -> None:
        value = json.dumps(said, separators=(",", ":")).encode()
        self.records[topic].append(LogRecord(topic, 0, 0, 0, b"", value))


def found(journal: list[tuple[int, Facts]], sent: Sent) -> list[str]:
    """Return the kinds of what is found."""
    report = Report()
    check = StockCheck(report)
    for partition, envelope in journal:
        check.see(LogRecord("journal", partition, 0, 0, b"", b""), envelope)
    check.close({name: ActualOutput(records) for name, records in sent.records.items()})
    return sorted(report.counts)


PLENTY = published(budget_minor=1_000)


def test_stock_counts_units_of_all_partitions() -> None:
    """C3: two of two are fine, wherever they are; a third is too many."""
    two = Sent().send(5, "a").send(5, "b")
    assert found([PLENTY, defined()], two) == []
    assert found([PLENTY, defined()], two.send(6, "c")) == ["OVERSOLD"]


@pytest.mark.parametrize(("at", "kinds"), [(6, []), (7, ["OVERSOLD"])])
def test_stock_knows_when_a_unit_came_back(at: int, kinds: list[str]) -> None:
    """C3: refused before the third was promised, or at that moment, but not after."""
    sent = Sent().send(5, "a").send(5, "b").send(6, "c")

    assert found([PLENTY, defined(), refused(at, "a")], sent) == kinds


@pytest.mark.parametrize(("at", "kinds"), [(6, []), (7, ["OVERSOLD"])])
def test_stock_knows_when_there_was_more(at: int, kinds: list[str]) -> None:
    """C3: the inventory defined at that moment, by the clock of any partition."""
    sent = Sent().send(5, "a").send(5, "b").send(6, "c")
    more = defined(at, 1, version=2, inventory_count=3)

    assert found([PLENTY, defined(), more], sent) == kinds


def test_stock_takes_the_most_that_was_ever_defined() -> None:
    """3.15: less than was promised already is nobody's fault."""
    less = defined(4, version=2, inventory_count=1)

    assert found([PLENTY, defined(), less], Sent().send(5, "a").send(5, "b")) == []


def test_stock_misses_what_was_never_defined() -> None:
    """C3: a gift out of nothing."""
    assert found([PLENTY], Sent().send(5, "a")) == ["OVERSOLD"]


def test_stock_adds_up_what_contacts_and_units_cost() -> None:
    """C3: 3 + 7 twice are 20; without gifts six contacts are 18, and the seventh is too much."""
    two = Sent().send(5, "a").send(5, "b")
    assert found([published(), defined()], two) == []
    assert found([published(budget_minor=19), defined()], two) == ["OVERSPENT"]
    many = Sent()
    for number in range(6):
        many.send(5, f"t{number}", offer="")
    assert found([published()], many) == []
    assert found([published()], many.send(5, "t6", offer="")) == ["OVERSPENT"]


def test_stock_gives_back_what_a_contact_cost_that_failed() -> None:
    """3.15: the contact's 3, not the gift's 7; and a refusal those."""
    sent = Sent().send(5, "a").send(5, "b").send(8, "c", offer="")
    journal = [published(), defined()]

    assert found(journal, sent) == ["OVERSPENT"]
    assert found([*journal, receipt(7, "a")], sent) == []
    assert found([*journal, receipt(9, "a")], sent) == ["OVERSPENT"]
    assert found([*journal, refused(7, "a")], sent) == []


def test_stock_does_not_give_back_what_a_fallback_has_taken_over() -> None:
    """C2: the cost of a chain comes back when its last contact failed."""
    sent = Sent().send(5, "a").send(5, "b").send(6, "a1", follows="a").send(8, "c", offer="")
    journal = [published(), defined(), receipt(6, "a")]

    assert found(journal, sent) == ["OVERSPENT"]
    assert found([*journal, receipt(7, "a1")], sent) == []


def test_stock_forgives_what_was_delivered_after_its_release() -> None:
    """C1: what came back once may be taken again without a question."""
    sent = Sent().send(5, "a").send(5, "b").send(8, "c", offer="")
    late = [receipt(6, "a"), receipt(7, "a", "delivered")]

    assert found([published(), defined(), *late], sent) == []


def test_stock_counts_no_cost_of_a_version_without_a_budget() -> None:
    """3.15: those of versions with one only."""
    assert found([published(budget_minor=0), defined()], Sent().send(5, "a")) == []


def test_stock_pairs_reservations_with_grant_requests() -> None:
    """3.15: just one request for each, of the trigger that has it first."""
    journal = [PLENTY, defined(inventory_count=9)]
    whole = Sent().send(5, "a").send(6, "a1", follows="a")
    assert found(journal, whole) == []

    for topic in ("offers", "sms"):
        lost = Sent().send(5, "a")
        lost.records[topic].clear()
        assert found(journal, lost) == ["UNPAIRED"]
    twice = Sent().send(5, "a")
    twice.records["offers"] *= 2
    assert found(journal, twice) == ["UNPAIRED"]
    orphan = Sent().send(5, "a").send(6, "a1", follows="a")
    del orphan.records["sms"][0]
    assert found(journal, orphan) == ["UNPAIRED"]


def test_stock_wants_a_reservation_to_be_of_its_trigger() -> None:
    """B1: both may agree, and still be of another cause."""
    sent = Sent().send(5, "a")
    other = uuid8("reservation", "b").encode(), uuid8("reservation", "a").encode()
    for topic in ("sms", "offers"):
        (record,) = sent.records[topic]
        value = (record.value or b"").replace(other[1], other[0])
        sent.records[topic] = [record._replace(value=value)]

    assert found([PLENTY, defined()], sent) == ["UNPAIRED"]


def test_stock_goes_by_the_clock_of_ticks_not_of_history() -> None:
    """3.1: a backfilled record moves no clock, a tick does."""
    history = told(7, 0, "offer.result", reservation_id=uuid8("reservation", "a"), status="expired")
    history[1]["backfill"] = True
    tick = told(6, 0, "tick", now_at_ms=6)
    sent = Sent().send(5, "a").send(5, "b").send(6, "c")

    assert found([PLENTY, defined(), tick, history], sent) == []
