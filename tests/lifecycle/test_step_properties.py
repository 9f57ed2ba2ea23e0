"""What holds for every journal: same bytes, repeats change nothing, counts know no order."""

import json
from math import isclose
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.fold import LifecycleFold
from lifecycle.printing import printed
from schemas.codec import encode_json, encode_row
from schemas.decisions import Decision, Trigger, TriggerCancelled
from schemas.events import AnyEvent, ConsentChanged, DeliveryReceipt, ResponseRecorded
from schemas.journal import Tick
from schemas.outcomes import CardMoved, ExposureOpened, OutcomeRecorded
from schemas.records import Row
from schemas.routing import JOURNAL_TOPIC
from schemas.state import AmountState, CustomerRow
from streams.replay import Replayed, replay
from tests.checker.oracle import PartitionOracle
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, issued, nudge, word
from tests.lifecycle.told import stored, triggers
from tests.lifecycle.worlds import World, purchases, worlds


SOURCES = [(JOURNAL_TOPIC, 0)]

OFFERS = "offers"
"""The purpose of the marketing campaigns of these worlds."""


def whole(world: World) -> Replayed:
    """Return what one fold makes of the whole journal."""
    return replay(LifecycleFold(0, 1), stored(world.bank.journal), sources=SOURCES)


@given(world=worlds(), sizes=st.integers(1, 50))
@settings(max_examples=30, deadline=None)
def test_same_journal_gives_same_bytes_for_any_slicing(world: World, sizes: int) -> None:
    """I2: outputs and rows do not depend on when the shell drains."""
    wanted = whole(world)
    found = replay(
        LifecycleFold(0, 1),
        stored(world.bank.journal),
        sources=SOURCES,
        slice_record_count=sizes,
    )

    assert wanted.outputs == found.outputs
    assert wanted.rows == found.rows


@given(world=worlds(), data=st.data())
@settings(max_examples=30, deadline=None)
def test_same_journal_gives_same_bytes_for_any_cut(world: World, data: st.DataObject) -> None:
    """I2, B4: a successor restored from the rows at any record goes on to the same end."""
    journal = stored(world.bank.journal)
    cut = data.draw(st.integers(0, len(journal)))
    before = replay(LifecycleFold(0, 1), journal[:cut], sources=SOURCES)
    rows = [Row(*row) for row in before.rows.items()]
    after = replay(LifecycleFold(0, 1), journal[cut:], sources=SOURCES, rows=rows)
    wanted = whole(world)

    assert wanted.outputs == [*before.outputs, *after.outputs]
    assert wanted.rows == after.rows


@given(world=worlds(), data=st.data())
@settings(max_examples=30, deadline=None)
def test_republished_records_change_nothing(world: World, data: st.DataObject) -> None:
    """B2: any record again, just after itself, leaves outputs and customers as they were."""
    journal = world.bank.journal
    copied = data.draw(st.sets(st.integers(0, len(journal) - 1)))
    doubled = [
        one
        for place, envelope in enumerate(journal)
        for one in [envelope] * (2 if place in copied else 1)
    ]
    wanted = whole(world)
    found = replay(LifecycleFold(0, 1), stored(doubled), sources=SOURCES)

    assert wanted.outputs == found.outputs
    assert customers(wanted) == customers(found)


def customers(replayed: Replayed) -> dict[bytes, bytes]:
    """Return the rows of customers."""
    return {key: row for key, row in replayed.rows.items() if not key.startswith(b"#")}


@given(world=worlds(record_count_max=400))
@settings(max_examples=100, deadline=None)
def test_step_agrees_with_a_second_opinion(world: World) -> None:
    """Every output byte and every count is what the checker works out from docs/core.md alone."""
    oracle = PartitionOracle()
    for envelope in world.bank.journal:
        oracle.see(json.loads(encode_json(envelope)))
    made = [(output.key, output.value) for output in map(printed, world.bank.effects)]

    assert [(one.record_key, one.output.value) for one in oracle.expected] == made
    assert dict(oracle.counts) == world.bank.state.counts.by_key


@given(world=worlds())
@settings(max_examples=60, deadline=None)
def test_nobody_is_contacted_without_consent(world: World) -> None:
    """
    I3: every marketing trigger rests on the newest word about its own channel.

    That is `granted`, and of no opt-out; of a fallback, too, at the moment at which it goes.
    """
    newest: dict[tuple[str, str], tuple[int, str, str]] = {}
    opted_out: dict[tuple[str, str], tuple[int, str]] = {}
    sent = iter([effect for effect in world.effects if isinstance(effect, Trigger)])
    bank = Bank(consent="")
    for envelope in world.bank.journal:
        who, record = envelope.customer_token, envelope.record
        said = (envelope.occurred_at_ms, envelope.event_id)
        if isinstance(record, ConsentChanged) and record.purpose == OFFERS:
            about = who, record.channel
            newest[about] = max(newest.get(about, (0, "", "")), (*said, record.status))
        if channel := opts_out(record):
            opted_out[who, channel] = max(opted_out.get((who, channel), said), said)
        for trigger in triggers(bank.fold(envelope)):
            about = trigger.customer_token, trigger.channel
            assert trigger == next(sent)
            if trigger.message_class == "marketing":
                assert (trigger.consent_ref, "granted") == newest[about][1:]
                assert newest[about][:2] >= opted_out.get(about, (0, ""))


def opts_out(record: AnyEvent | Tick) -> str:
    """Return the channel on which a customer wants nothing any more, by a gateway's word."""
    refused = {("blocked_optout", ""), ("", "optout")}
    if isinstance(record, DeliveryReceipt | ResponseRecorded):
        said = getattr(record, "status", ""), getattr(record, "kind", "")
        return record.channel if said in refused else ""
    return ""


@given(world=worlds())
@settings(max_examples=30, deadline=None)
def test_every_id_is_made_once(world: World) -> None:
    """B1, B2: no two triggers share an id, nor do two decisions, or two of what follows them."""
    for kind, name in (
        (Trigger, "trigger_id"),
        (Decision, "decision_id"),
        (TriggerCancelled, "cancellation_id"),
        (ExposureOpened, "exposure_id"),
        (OutcomeRecorded, "outcome_id"),
        (CardMoved, "moved_id"),
    ):
        ids = [getattr(effect, name) for effect in world.bank.effects if isinstance(effect, kind)]
        assert len(set(ids)) == len(ids)


@given(events=purchases(), random=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_order_within_the_horizon_changes_no_count(
    events: list[tuple[AnyEvent, int]], random: Random
) -> None:
    """T6: shuffled, the same events give the same milestones and sums; decayed ones to 1e-9."""
    numbered = [(event, at, f"e{number}") for number, (event, at) in enumerate(events)]
    rows = []
    for order in (numbered, random.sample(numbered, len(numbered))):
        bank = Bank()
        for event, at, event_id in order:
            bank.say(event, at, arrived=61 * DAY, event_id=event_id)
        rows.append(bank.row())
    turnover_minor = sum(getattr(event, "amount_minor", 0) for event, _ in events)

    assert exact(rows[0]) == exact(rows[1])
    for currency, amount in rows[0].amounts.items():
        for one, other in zip(decayed(amount), decayed(rows[1].amounts[currency]), strict=True):
            assert isclose(one, other, rel_tol=1e-9, abs_tol=1e-9 * turnover_minor)


def exact(row: CustomerRow) -> bytes:
    """Return the row without what may differ: order of lists, and the decayed sums."""
    plain = msgspec.structs.replace(
        row,
        cards=sorted(row.cards, key=lambda card: card.card_token),
        words=sorted(row.words, key=lambda word: (word.kind, word.subject)),
        amounts={
            currency: replace(
                row.amounts[currency],
                decayed_7d_minor=0.0,
                decayed_30d_minor=0.0,
                decayed_90d_minor=0.0,
            )
            for currency in sorted(row.amounts)
        },
    )
    return encode_row(plain)


def decayed(amount: AmountState) -> tuple[float, float, float]:
    """Return the three decayed sums."""
    return amount.decayed_7d_minor, amount.decayed_30d_minor, amount.decayed_90d_minor


@given(count=st.integers(257, 700), bites=st.integers(0, 3), seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_long_tick_fires_each_once_across_a_crash(count: int, bites: int, seed: int) -> None:
    """
    T8: rows remember who has fired; a successor given the same tick goes on in order of due time.

    The first owner folds some bites of the tick and dies after its commit; the offset has not
    moved, so the successor is given the tick again.
    """
    bank = Bank(nudge(steps=nudge().steps[:1]), consent="")
    delays_ms = Random(seed).choices(range(HOUR), k=count)  # noqa: S311 (a seeded world)
    for number, delay_ms in enumerate(delays_ms):
        bank.say(word("granted"), 0, who=f"c{number:03}")
        bank.say(issued(), delay_ms, who=f"c{number:03}")
    tick = Tick(now_at_ms=T0 + 9 * DAY, watermark_at_ms=T0 + 9 * DAY)
    due = replace(bank.journal[-1], record=tick, customer_token="", event_id="tick")
    *journal, last = stored([*bank.journal, due])
    first = LifecycleFold(0, 1)
    first.open(SOURCES)
    for record in journal:
        first.apply(record)
    for _ in range(bites):
        first.apply(last)
    drained = first.drain()
    after = replay(LifecycleFold(0, 1), [last], sources=SOURCES, rows=drained.rows)

    fired = [output for output in (*drained.outputs, *after.outputs) if "trig" in output.topic]
    order = sorted((delay_ms, f"{TENANT}|c{who:03}") for who, delay_ms in enumerate(delays_ms))
    assert [key.encode() for _, key in order] == [output.key for output in fired]
