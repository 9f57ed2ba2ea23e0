"""The made-up bank: the same seed is the same bank, and all that is promised occurs in it."""

import itertools
from collections import Counter
from dataclasses import replace

import msgspec

from cli.demo.bank import PERFECT, Bank, BankRecord, Upstream, bank_history, generate, side_by_side
from cli.demo.bank_forms import MISTAKES
from schemas.routing import ROUTE_BY_TYPE
from tests.checker.log_reader import LogRecord
from tests.checker.source_forms import said_by


START = 1_700_000_000_000
DAY = 86_400_000
ALL_KINDS = {
    "card.issued",
    "card.activated",
    "wallet.bound",
    "txn.posted",
    "txn.reversed",
    "statement.issued",
    "repayment.received",
    "repayment.overdue",
    "repayment.cured",
    "txn.declined",
    "limit.prechecked",
    "autopay.changed",
    "consent.changed",
}


def bank(seed: int = 7, tenant: str = "bank", upstream: Upstream = PERFECT) -> Bank:
    """Return a bank of 300 customers over 120 days."""
    return generate(seed, 300, 120, tenant, START, upstream)


def read(record: BankRecord) -> dict[str, object]:
    """Return what a well-formed record says, by the checker's own reading."""
    source = LogRecord(record.topic, 0, 0, 0, record.key, record.value, record.headers)
    said = said_by(source, record.topic)
    assert said is not None, record
    return said


def test_same_seed_gives_the_same_bytes() -> None:
    """Every record, its headers and its order come from the arguments alone."""
    upstream = Upstream()

    assert list(bank(upstream=upstream)) == list(bank(upstream=upstream))


def test_other_seed_gives_another_bank() -> None:
    """The seed decides what customers do, not only how it is sent."""
    one, other = (Counter(r.event_at_ms for r in bank(seed=seed)) for seed in (7, 8))

    assert (one & other).total() < one.total() / 100


def test_perfect_bank_says_every_event_once_in_order_of_time() -> None:
    """Without repeats, delays and blunders the records are the events in the order of time."""
    made = bank()
    records = list(made)
    said = [read(record) for record in records]

    assert [r.event_at_ms for r in records] == sorted(r.event_at_ms for r in records)
    assert [r.sent_at_ms for r in records] == [r.event_at_ms for r in records]
    assert [one["occurred_at_ms"] for one in said] == [r.event_at_ms for r in records]
    assert Counter(one["event_type"] for one in said) == made.counts
    assert set(made.counts) == ALL_KINDS
    assert len({one["event_id"] for one in said}) == len(records)
    for one, record in zip(said, records, strict=True):
        assert record.topic == ROUTE_BY_TYPE[str(one["event_type"])].topic
        assert one["tenants"] == {"bank"}


def test_all_three_forms_are_used_alike() -> None:
    """Plain, structured and binary: about a third each."""
    forms = Counter(
        "binary" if r.headers else "structured" if b'"specversion"' in (r.value or b"") else "plain"
        for r in bank()
    )

    assert set(forms) == {"plain", "structured", "binary"}
    assert min(forms.values()) > forms.total() / 4


def test_lives_go_the_whole_way_and_stop_anywhere() -> None:
    """Some never activate, some only after the nudge; most buy, some fall silent, bills come."""
    happened: dict[tuple[object, object], list[int]] = {}
    for record in bank():
        said = read(record)
        data = said["data"]
        assert isinstance(data, dict)
        place = (said["event_type"], data.get("card_token"))
        happened.setdefault(place, []).append(record.event_at_ms)
    issued = {card: at[0] for (kind, card), at in happened.items() if kind == "card.issued"}
    activated = {card: at[0] for (kind, card), at in happened.items() if kind == "card.activated"}
    spent = {card: at for (kind, card), at in happened.items() if kind == "txn.posted"}

    assert activated.keys() < issued.keys()
    assert all(issued[card] <= at for card, at in activated.items())
    assert any(at - issued[card] > 3 * DAY for card, at in activated.items())
    assert all(activated[card] <= at[0] for card, at in spent.items())
    assert any(at[-1] < START + 60 * DAY for at in spent.values())
    gaps = [(at[-1] - at[0]) / (len(at) - 1) for at in spent.values() if len(at) > 4]
    assert max(gaps) > 3 * min(gaps)


def test_some_cards_are_never_bound_and_some_never_used() -> None:
    """Bind incentive and first-spend offer have somebody to go to."""
    cards: dict[str, set[object]] = {"card.activated": set(), "wallet.bound": set()}
    cards["txn.posted"] = set()
    for record in bank():
        said = read(record)
        data = said["data"]
        assert isinstance(data, dict)
        cards.setdefault(str(said["event_type"]), set()).add(data.get("card_token"))
    activated, bound, used = (
        cards[kind] for kind in ("card.activated", "wallet.bound", "txn.posted")
    )

    assert len(activated) / 5 < len(activated - bound) < len(activated) / 2
    assert activated - bound - used
    assert (activated & bound) - used


def test_bills_are_repaid_by_themselves_in_time_too_late_or_never() -> None:
    """The repayment reminder has somebody to go to, and autopay and overdue somebody to stop at."""
    billed: dict[object, dict[str, int]] = {}
    autopaid: set[object] = set()
    cards: dict[object, object] = {}
    for record in bank():
        said = read(record)
        data, kind = said["data"], str(said["event_type"])
        assert isinstance(data, dict)
        if kind == "autopay.changed":
            autopaid.add(data["card_token"])
        if kind.startswith(("statement.", "repayment.")):
            bill = data.get("repayment_id", "r-" + data["statement_id"])[2:]
            billed.setdefault(bill, {})[kind] = record.event_at_ms
            cards[bill] = data["card_token"]
    over = {bill: at for bill, at in billed.items() if "repayment.overdue" in at}

    assert all(at["repayment.overdue"] - at["statement.issued"] == 21 * DAY for at in over.values())
    assert all(("repayment.received" in at) == ("repayment.cured" in at) for at in over.values())
    assert {True, False} == {"repayment.cured" in at for at in over.values()}
    in_time = [at for bill, at in billed.items() if bill not in over and "repayment.received" in at]
    assert all(at["repayment.received"] - at["statement.issued"] < 20 * DAY for at in in_time)
    assert len(in_time) > 3 * len(over)
    assert autopaid
    assert not autopaid & {cards[bill] for bill in over}


def test_repeats_are_byte_for_byte_and_counted() -> None:
    """B2: a repeat is the same record again, within two hours."""
    made = bank(upstream=Upstream(duplicate_ratio=0.1, late_ratio=0, bad_ratio=0))
    seen: dict[tuple[object, ...], int] = {}
    repeat_count = 0
    for record in made:
        content = record[:5]
        if content in seen:
            repeat_count += 1
            assert record.sent_at_ms - seen[content] <= 2 * 3_600_000
        seen.setdefault(content, record.sent_at_ms)

    assert repeat_count == made.duplicate_count
    assert 0.05 < repeat_count / made.counts.total() < 0.2


def test_late_events_come_behind_younger_ones() -> None:
    """T5: a late event is sent up to the given time after it happened, and overtaken."""
    made = bank(upstream=Upstream(duplicate_ratio=0, late_ratio=0.1, bad_ratio=0))
    records = list(made)
    late = [r for r in records if r.sent_at_ms > r.event_at_ms]

    assert [r.sent_at_ms for r in records] == sorted(r.sent_at_ms for r in records)
    assert 0 < len(late) <= made.late_count
    assert max(r.sent_at_ms - r.event_at_ms for r in late) <= 2 * DAY
    assert any(a.event_at_ms > b.event_at_ms for a, b in itertools.pairwise(records))


def test_every_mistake_occurs_and_is_counted() -> None:
    """Blunders of every kind come beside the events, none of which is lost."""
    made = bank(upstream=Upstream(duplicate_ratio=0, late_ratio=0, bad_ratio=0.05))
    records = list(made)

    assert set(made.rejected_counts) == set(MISTAKES)
    assert len(records) == made.counts.total() + made.rejected_counts.total()
    assert max(made.rejected_counts.values()) - min(made.rejected_counts.values()) <= 1
    assert sum(r.value is None for r in records) == made.rejected_counts["TOMBSTONE_UNEXPECTED"]
    too_large = sum(len(r.value or b"") > 65_536 for r in records)
    assert too_large == made.rejected_counts["TOO_LARGE"]


def test_mistakes_leave_the_events_as_they_are() -> None:
    """The same seed with blunders still says every event of the perfect bank's customers."""

    def ids(upstream: Upstream) -> set[object]:
        spoilt = {"NOT_JSON", "TOMBSTONE_UNEXPECTED", "BAD_TIME"}
        reasons = tuple(reason for reason in MISTAKES if reason not in spoilt)
        made = generate(7, 50, 90, "bank", START, replace(upstream, reasons=reasons))
        return {read(r)["event_id"] for r in made}

    assert ids(PERFECT) <= ids(Upstream(bad_ratio=0.05))


def test_bodies_fit_the_structs_of_their_events() -> None:
    """What was put together as text is what the contract says, no field missing or ill-typed."""
    for record in bank():
        said = read(record)
        shape = ROUTE_BY_TYPE[str(said["event_type"])].shape
        data = {**said["data"], "event_type": said["event_type"]}  # type: ignore[dict-item]
        assert isinstance(msgspec.convert(data, shape), shape)


def test_neighbours_share_every_name() -> None:
    """N2: two banks of one seed have the same customers, cards and event ids, and other tenants."""
    one, other = list(bank()), list(bank(tenant="evil"))
    both = list(side_by_side(bank(), bank(tenant="evil")))

    def names(records: list[BankRecord]) -> set[tuple[object, object]]:
        return {(read(r)["customer_token"], read(r)["event_id"]) for r in records}

    assert names(one) == names(other)
    assert len(both) == len(one) + len(other)
    assert [r.sent_at_ms for r in both] == sorted(r.sent_at_ms for r in both)
    assert Counter(str(read(r)["tenants"]) for r in both) == {
        "{'bank'}": len(one),
        "{'evil'}": len(other),
    }


def test_history_keeps_order_and_promises() -> None:
    """The demonstration gets the same records, with what must become of them."""
    upstream = Upstream(bad_ratio=0.05)
    made = bank(upstream=upstream)
    history = bank_history(made, "bank", START)

    assert [r.value for r in history.records] == [r.value for r in bank(upstream=upstream)]
    assert history.issued_count == made.counts["card.issued"] >= 300
    assert history.rejected_counts == made.rejected_counts
    assert history.started_at_ms <= history.records[0].at_ms
    assert history.records[-1].at_ms < history.ended_at_ms
