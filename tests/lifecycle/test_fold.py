"""The fold as the shell meets it: rows out, rows in, outputs as bytes (T8, B3, B4, I2)."""

import pytest

from lifecycle.fold import LifecycleFold
from lifecycle.printing import printed
from schemas.campaign import Treatment
from schemas.codec import decode_customer_row, decode_decision, decode_trigger
from schemas.events import KillSwitchSet, TenantConfigured
from schemas.records import Applied, Drained, Row, StoredRecord
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC
from streams.fold import Fold
from streams.replay import replay
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    bill,
    issued,
    nudge,
    push,
    spend,
    win_back,
    word,
)
from tests.lifecycle.told import decisions, stored, triggers


SOURCES = [(JOURNAL_TOPIC, 0), (JOURNAL_TOPIC, 4)]


def opened(rows: dict[bytes, bytes] | None = None) -> Fold:
    """Return a fold over two partitions, restored from rows."""
    fold: Fold = LifecycleFold(0, 4)
    for key, value in (rows or {}).items():
        fold.restore(Row(key, value))
    fold.open(SOURCES)
    return fold


def bank_day() -> Bank:
    """Return a bank with something of everything in its journal."""
    bank = Bank(nudge(), win_back(), push())
    bank.say(issued(), 0)
    bank.say(spend(), HOUR)
    bank.say(bill(300_000), 2 * HOUR)
    bank.control(KillSwitchSet(engaged=True, campaign_id="nudge"), 3 * HOUR)
    bank.control(TenantConfigured(live_from_ms=T0, time_zone="UTC"), 3 * HOUR)
    bank.tick(4 * HOUR)
    return bank


def test_drain_gives_each_changed_row_once_and_then_nothing() -> None:
    """A commit carries the rows of exactly what was folded; an idle fold has nothing to say."""
    fold = opened()
    for record in stored(bank_day().journal):
        assert Applied.DONE is fold.apply(record)
    keys = sorted(row.key for row in fold.drain().rows)

    wanted = [
        b"#counts|0",
        b"#policy|0|bank|nudge",
        b"#policy|0|bank|push",
        b"#policy|0|bank|win_back",
        b"#tenant|0|bank",
        b"bank|ann",
    ]
    assert wanted == keys
    assert Drained([], []) == fold.drain()


def test_repeat_changes_no_row_of_a_customer() -> None:
    """B2, in bytes: only the counts, and the clock it brought along, are written."""
    journal = stored(bank_day().journal)
    fold = opened()
    for record in journal:
        fold.apply(record)
    fold.drain()
    fold.apply(journal[5]._replace(offset=99))

    assert [b"#counts|0"] == [row.key for row in fold.drain().rows]


def test_outputs_are_cloudevents_by_customer() -> None:
    """The trigger stands before its decision; both carry CloudEvents headers (docs/core.md 3.6)."""
    fold = opened()
    bank = Bank(push())
    effects = bank.say(bill(300_000), HOUR)
    for record in stored(bank.journal):
        fold.apply(record)
    sent, decided = fold.drain().outputs

    assert ("marketing.triggers.sms.v1", DECISIONS_TOPIC) == (sent.topic, decided.topic)
    assert b"bank|ann" == sent.key == decided.key
    assert sent.partition is None
    assert triggers(effects) == [decode_trigger(sent.value or b"")]
    assert effects[1:] == [decode_decision(decided.value or b"")]
    wanted = [
        ("ce_specversion", b"1.0"),
        ("ce_id", triggers(effects)[0].trigger_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", b"trigger.requested.v1"),
        ("ce_subject", b"ann"),
        ("ce_tenantid", b"bank"),
        ("cardcue.semantics_version", b"1"),
    ]
    assert wanted == list(sent.headers)
    assert ("ce_type", b"decision.recorded.v1") == decided.headers[3]
    assert ("ce_id", decisions(effects)[0].decision_id.encode()) == decided.headers[1]


def test_push_goes_to_the_topic_of_its_channel() -> None:
    """Each channel's gateway has a topic of its own."""
    bank = Bank(push(treatment=Treatment(channel="push", template_id="t", template_version=1)))
    bank.say(word("granted", channel="push"), 0)

    assert "marketing.triggers.push.v1" == printed(bank.say(bill(300_000), HOUR)[0]).topic


def test_restored_fold_goes_on_as_if_nothing_had_happened() -> None:
    """B4: policies, switches, clocks, counts, customers and timers are all in the rows."""
    bank = bank_day()
    bank.tick(30 * DAY)
    journal = stored(bank.journal)
    whole = replay(LifecycleFold(0, 4), journal, sources=SOURCES)
    half = replay(LifecycleFold(0, 4), journal[:-1], sources=SOURCES)
    rest = replay(
        LifecycleFold(0, 4),
        journal[-1:],
        sources=SOURCES,
        rows=[Row(*row) for row in half.rows.items()],
    )

    assert [*half.outputs, *rest.outputs] == list(whole.outputs)
    assert whole.rows == rest.rows


def test_deleted_row_is_not_restored() -> None:
    """A tombstone in the changelog takes back what stood before it."""
    rows = replay(LifecycleFold(0, 4), stored(bank_day().journal), sources=SOURCES).rows
    fold = LifecycleFold(0, 4)
    for key, value in rows.items():
        fold.restore(Row(key, value))
    fold.restore(Row(b"bank|ann", None))
    fold.restore(Row(b"bank|never", None))
    fold.open(SOURCES)
    fold.apply(stored(bank_day().journal)[4])
    row = next(row for row in fold.drain().rows if row.key == b"bank|ann")

    assert 1 == len(decode_customer_row(row.value or b"").ring_content)


def test_step_of_a_campaign_without_policy_leads_to_nothing() -> None:
    """Should its policy be gone, a journey's due steps are dropped, and the journey with them."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    rows = replay(LifecycleFold(0, 4), stored(bank.journal), sources=SOURCES).rows
    del rows[b"#policy|0|bank|nudge"]
    bank.tick(9 * DAY)
    kept = [Row(key, value) for key, value in rows.items()]
    after = replay(LifecycleFold(0, 4), stored(bank.journal)[-1:], sources=SOURCES, rows=kept)

    assert [] == after.outputs
    assert [] == decode_customer_row(after.rows[b"bank|ann"]).journeys


def test_partitions_of_a_task_share_nothing() -> None:
    """Each partition has its own clocks, policies and counts; the task's counts are their sum."""
    fold = opened()
    for record in stored(bank_day().journal, partition=0):
        fold.apply(record)
    for record in stored(Bank().journal, partition=4):
        fold.apply(record)
    rows = {row.key for row in fold.drain().rows}

    assert {b"#counts|0", b"#counts|4", b"#tenant|0|bank", b"#tenant|4|bank"} <= rows
    assert b"#policy|4|bank|push" not in rows
    assert 2 == fold.counts()["applied|bank|consent.changed"]


def test_topic_that_grows_is_taken_in() -> None:
    """Opened again with more partitions, the fold goes on with what it has."""
    fold = opened()
    journal = stored(bank_day().journal)
    for record in journal[:-1]:
        fold.apply(record)
    fold.open([*SOURCES, (JOURNAL_TOPIC, 8)])
    fold.apply(journal[-1])
    for record in stored(Bank().journal, partition=8):
        fold.apply(record)

    assert 2 == fold.counts()["applied|bank|consent.changed"]


def test_clock_rows_and_claims_mean_nothing_to_this_fold() -> None:
    """Its time is in the journal alone."""
    fold = opened()
    fold.observe(Row(b"#tick|bank", b"whatever"))
    fold.close_slice(())

    assert Drained([], []) == fold.drain()


def test_row_that_is_not_ours_stops_the_process() -> None:
    """A foreign changelog must not be guessed at; the error names no customer."""
    fold = LifecycleFold(0, 4)
    fold.restore(Row(b"#source|card.spend.v1|0", b"\x90"))

    with pytest.raises(
        ValueError, match="wanted a row of the lifecycle fold, found one of kind #so"
    ):
        fold.open(SOURCES)


def test_offsets_row_is_the_shells() -> None:
    """The shell keeps it for itself; a checkpoint may still contain it."""
    fold = opened({b"#offsets": b"\x80"})

    assert {} == fold.counts()


def test_journal_has_no_tombstones() -> None:
    """A record without value is a defect, and the process must stop."""
    with pytest.raises(ValueError, match="wanted a journal record at 7, found a tombstone"):
        opened().apply(StoredRecord(JOURNAL_TOPIC, 0, 7, T0, None, None))
