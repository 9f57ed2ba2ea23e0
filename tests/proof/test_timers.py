"""
Absence is concluded from what has been read (T3, T4), and a great tick survives a kill (T8).

One run: an ingest worker is gone, cards are issued, some are activated in partitions that nobody
reads; then it comes back, all timers are due at one tick, and the firing worker is killed.
"""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.codec import decode_decision, decode_envelope
from schemas.decisions import Decision
from schemas.events import CardIssued
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, TRIGGER_TOPICS
from streams.clock import wall_clock_ms
from tests.checker.log_reader import read_topics
from tests.checker.report import Report
from tests.kafka_server import KafkaServer
from tests.proof.record import ProofRecord
from tests.proof.silent_cards import SilentCards
from tests.proof.stand import Stand
from tests.proof.workers import KILLED, await_true
from tests.proof.world import controls


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

CAMPAIGNS = Path(__file__).parent / "timers"
SMS = TRIGGER_TOPICS["sms"]
QUIET_MS = 2_000
"""How long after the last due time nothing may have come out."""
OPTIONS = {
    "session_timeout_ms": 30_000,  # who is gone keeps its tasks
    "transaction_record_count_max": 100,  # a tick of 5,000 timers spans many transactions too
    "linger_idle_ms": 0,  # and each of them is committed at once: a kill falls between two
}


class Outcome(NamedTuple):
    """
    The run: what there was while a source lay unread, after the kill, and at the end.

    `fired` are customers by triggers committed when the firing worker died.
    """

    cards: SilentCards
    held_watermark_ms: int
    held_output_count: int
    fired: list[str]
    triggered: list[str]
    decisions: list[Decision]
    report: Report
    exit_codes: list[int]
    partition_count: int


@pytest.fixture(scope="module")
def outcome(
    broker: KafkaServer, tmp_path_factory: pytest.TempPathFactory, *, full: bool
) -> Iterator[Outcome]:
    """Yield what came out of the run; full: 100,000 timers, else 5,000."""
    with Stand(broker.bootstrap, tmp_path_factory.mktemp("timers"), **OPTIONS) as stand:
        cards = _issue_while_one_is_gone(stand, 100_000 if full else 5_000)
        held_watermark_ms, held_output_count = _wait_past_due(stand, cards)
        stand.workers["gone"].start()
        _kill_while_firing(stand, len(cards.due_ms) // 4)
        fired = _triggered(stand)
        stand.drain()
        cards.arrived(_issued(stand))
        decided = read_topics(stand.bootstrap, [DECISIONS_TOPIC])[DECISIONS_TOPIC]
        yield Outcome(
            cards,
            held_watermark_ms,
            held_output_count,
            fired,
            _triggered(stand),
            [decode_decision(record.value or b"") for part in decided for record in part],
            stand.judge(CAMPAIGNS),
            stand.exit_codes(),
            stand.settings.journal_partition_count,
        )


def _issue_while_one_is_gone(stand: Stand, count: int) -> SilentCards:
    """Kill one of two ingest workers for the time being, and issue cards; some are activated."""
    there, gone = stand.worker("there", only="ingest"), stand.worker("gone", only="ingest")
    firing = stand.worker("firing", only="clock,lifecycle,learning,insight")
    stand.write(controls(wall_clock_ms(), CAMPAIGNS))
    await_true(
        lambda: (
            there.tasks() | gone.tasks() | firing.tasks() == stand.all_tasks
            and len(there.tasks()) == len(gone.tasks())
        ),
        "every task, the sources' halved",
    )
    stand.await_watermark(wall_clock_ms())
    owned, ownerless = (sorted(task for _, task in one.tasks()) for one in (there, gone))
    gone.kill9(restart=False)
    cards = SilentCards(count, owned=owned, ownerless=ownerless)
    before_count = stand.read_count()
    stand.write(cards.records(wall_clock_ms()))
    await_true(
        lambda: stand.read_count() == before_count + cards.read_count, "what has an owner read"
    )
    return cards


def _wait_past_due(stand: Stand, cards: SilentCards) -> tuple[int, int]:
    """Return watermark and count of outputs when every timer has long been due by the clock."""
    # nothing to poll for: that nothing happens is what must be seen
    time.sleep(max(0, cards.last_due_ms + QUIET_MS - wall_clock_ms()) / 1000)
    ends = stand.ends.newest(stand.ends.places([SMS, DECISIONS_TOPIC]))
    return stand.watermark_ms(), sum(ends.values())


def _kill_while_firing(stand: Stand, count: int) -> None:
    """Kill the worker that fires as soon as about `count` of its triggers are committed."""
    places = stand.ends.places([SMS])
    await_true(lambda: sum(stand.ends.stable(places).values()) > count, f"{count} triggers")
    stand.workers["firing"].kill9()
    stand.ends.await_decided(places, time.monotonic() + 60)


def _issued(stand: Stand) -> dict[str, int]:
    """Return the journal time of each customer's card.issued."""
    journal = read_topics(stand.bootstrap, [JOURNAL_TOPIC])[JOURNAL_TOPIC]
    envelopes = [decode_envelope(record.value or b"") for part in journal for record in part]
    return {
        envelope.customer_token: envelope.journal_at_ms
        for envelope in envelopes
        if isinstance(envelope.record, CardIssued)
    }


def _triggered(stand: Stand) -> list[str]:
    """Return the customers of the committed triggers, each partition in order."""
    triggers = read_topics(stand.bootstrap, [SMS])[SMS]
    keys = [record.key or b"" for partition in triggers for record in partition]
    return [key.decode().partition("|")[2] for key in keys]


def test_unread_source_delays_every_nudge(outcome: Outcome) -> None:
    """While one ingest task has no owner the watermark stands, and no absence is concluded (T3)."""
    assert 0 < outcome.held_watermark_ms < min(outcome.cards.due_ms.values())
    assert 0 == outcome.held_output_count


def test_activation_that_lay_unread_prevents_the_nudge(outcome: Outcome) -> None:
    """Who activated is not nudged, read early or late; who never did is nudged once (T4)."""
    nudged = Counter(outcome.triggered)

    assert not outcome.cards.unread & nudged.keys()
    assert not outcome.cards.read & nudged.keys()
    assert dict.fromkeys(outcome.cards.due_ms, 1) == nudged


def test_great_tick_fires_once_each_across_a_kill(
    outcome: Outcome, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    All timers are due at one tick; a kill in its middle fires none twice and forgets none (T8).

    In its middle: some customers of one journal partition had fired, and some had not.
    """
    count = 100_000 if full else 5_000
    split = outcome.cards.split_partitions(set(outcome.fired), outcome.partition_count)
    proof_record.add(
        "timers due at one tick, kill -9 in their middle",
        {
            "timers": count,
            "fired before the kill": len(outcome.fired),
            "partitions cut within the tick": split,
            "fired in all": len(outcome.triggered),
            "nudged though activated unread": 0,
            "findings": sum(outcome.report.counts.values()),
        },
    )

    assert 1 == len({decision.decided_at_ms for decision in outcome.decisions})
    assert 0 < len(outcome.fired) < count
    assert split > 0
    assert count == len(outcome.triggered) == len(set(outcome.triggered))
    assert outcome.report.passed, str(outcome.report)
    assert [KILLED, KILLED] == outcome.exit_codes


def test_timers_catch_up_in_order(outcome: Outcome) -> None:
    """
    Customers fire in the order of their due times, the kill notwithstanding (T8).

    What one journal partition calls for lies in one partition of the triggers: both counts are
    powers of two, and both topics have the same keys.
    """
    assert outcome.cards.in_order(outcome.triggered, outcome.partition_count)
    assert not outcome.cards.in_order(reversed(outcome.triggered), outcome.partition_count)
