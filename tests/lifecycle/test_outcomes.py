"""What comes of exposures, and in whatever order it comes (docs/core.md 3.12)."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.fold import LifecycleFold
from schemas.events import AnyEvent, ErasureRequested, TxnPosted, TxnReversed
from schemas.records import Row
from streams.replay import replay
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    issued,
    nudge,
    push,
    receipt,
    reversed_spend,
    spend,
)
from tests.lifecycle.measured import ALL_CONTROL, PURCHASE, fates, opened, outcomes
from tests.lifecycle.told import stored


WEEK = 7 * DAY


def exposed(**changed: object) -> Bank:
    """Return a bank whose customer was offered instalments at T0; a purchase in a week converts."""
    bank = Bank(push(conversion=PURCHASE, **changed))
    bank.say(bill(300_000), 0)
    return bank


def test_conversion_closes_with_its_money_and_time() -> None:
    """Label 1, of the event that did it, and of the field that the policy names."""
    (one,) = outcomes(exposed().say(spend(2_500), DAY, arrived=2 * DAY))

    assert (1, "converted", 1) == (one.label, one.reason, one.sequence)
    assert (2_500, "CNY", "txn.posted") == (one.value_minor, one.currency, one.cause.event_type)
    assert (T0, T0 + DAY, T0 + 2 * DAY) == (
        one.decided_at_ms,
        one.occurred_at_ms,
        one.closed_at_ms,
    )


@pytest.mark.parametrize(
    ("at", "converts"), [(0, False), (1, True), (WEEK, True), (WEEK + 1, False)]
)
def test_window_is_open_on_the_left_and_closed_on_the_right(at: int, *, converts: bool) -> None:
    """decided_at_ms < occurred_at_ms <= closes_at_ms."""
    assert ["1 1 converted"] * converts == fates(exposed().say(spend(), at, arrived=WEEK + HOUR))


@pytest.mark.parametrize(("card", "converts"), [("k1", True), ("k2", False)])
def test_conversion_of_another_card_is_none(card: str, *, converts: bool) -> None:
    """Where both have a card it is the same one."""
    assert ["1 1 converted"] * converts == fates(exposed().say(spend(card=card), DAY))


def test_end_of_the_window_waits_for_every_source() -> None:
    """T4: now has passed it long ago; only the watermark says that nothing came."""
    bank = exposed()

    assert [] == fates(bank.tick(9 * DAY, WEEK - 1))
    assert ["1 0 not_converted"] == fates(bank.tick(9 * DAY, WEEK))
    assert [] == fates(bank.tick(20 * DAY))


def test_late_conversion_and_its_reversal_correct_the_label() -> None:
    """0, then 1 once the purchase is heard of, then 0 once it was taken back; each once."""
    bank = exposed()
    said = bank.tick(WEEK)
    said += bank.say(spend(), DAY, arrived=8 * DAY)
    said += bank.say(spend(), DAY, arrived=8 * DAY, event_id="told twice")
    said += bank.say(reversed_spend(), 9 * DAY)

    assert ["1 0 not_converted", "2 1 late_conversion", "3 0 reversed"] == fates(said)
    assert [1_000, 0] == [one.value_minor for one in outcomes(said)[1:]]


def test_purchase_beside_the_one_taken_back_keeps_the_label() -> None:
    """One of two is left, so the customer did convert."""
    bank = exposed()
    said = bank.say(spend(), DAY)
    said += bank.say(replace(spend(), txn_id="u"), 2 * DAY)

    assert [] == fates(bank.say(reversed_spend(), 3 * DAY))
    assert ["1 1 converted"] == fates(said)


@pytest.mark.parametrize("experiment", [None, ALL_CONTROL])
def test_late_truth_withdraws_control_and_sent_alike(experiment: object) -> None:
    """A contact that was not due would not have been due for control: neither teaches anything."""
    bank = Bank(nudge(conversion=PURCHASE, experiment=experiment, steps=nudge().steps[:1]))
    bank.say(issued(), 0)
    assert 1 == len(opened(bank.tick(3 * DAY)))

    assert ["1 None invalidated"] == fates(bank.say(activated(), DAY, arrived=4 * DAY))
    assert [] == bank.row().exposures


@pytest.mark.parametrize(
    ("status", "told"),
    [("submitted", "unknown"), ("delivered", "delivered"), ("failed", "not_sent")],
)
def test_contact_that_failed_stays_in(status: str, told: str) -> None:
    """Intention to treat: the label is the same; the record says what the gateway said."""
    bank = exposed()
    bank.say(receipt(bank.row().contacts[0].trigger_id, status), HOUR)
    (one,) = outcomes(bank.say(spend(), DAY))

    assert (1, told) == (one.label, one.delivery)


def test_window_is_that_of_the_decision() -> None:
    """A version that is published later moves no exposure that is open."""
    bank = exposed()
    later = push(version=2, conversion=replace(PURCHASE, on="card.activated", window_ms=HOUR))
    bank.control(policy(later), HOUR)

    assert ["1 1 converted"] == fates(bank.say(spend(), DAY))


def policy(campaign: object) -> AnyEvent:
    """Return a record that publishes a campaign."""
    return replace(Bank(push(), zone="").journal[0].record, campaign=campaign)  # type: ignore[type-var]


def test_erased_customer_leaves_no_outcome() -> None:
    """B5: dropped without a record, and the timer with it."""
    bank = exposed()

    assert [] == bank.say(ErasureRequested(request_id="r"), DAY)
    assert [] == bank.tick(9 * DAY)


@st.composite
def purchases(draw: st.DrawFn) -> list[tuple[AnyEvent, int, str]]:
    """Draw purchases inside and outside the window, and reversals of some of them."""
    happened: list[tuple[AnyEvent, int, str]] = []
    for number in range(draw(st.integers(1, 6))):
        at = draw(st.integers(1, 9 * DAY))
        txn_id = draw(st.sampled_from(("a", "b", "c", "d")))
        bought = TxnPosted(txn_id=txn_id, card_token="k1", amount_minor=1, currency="CNY")
        happened.append((bought, at, f"b{number}"))
        if draw(st.booleans()):
            back = TxnReversed(txn_id=txn_id, card_token="k1", amount_minor=1, currency="CNY")
            happened.append((back, at + 1, f"r{number}"))
    return happened


@given(happened=purchases(), random=st.randoms(use_true_random=False), ended=st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_arrival_ends_in_the_same_label(
    happened: list[tuple[AnyEvent, int, str]], random: Random, *, ended: bool
) -> None:
    """
    Each exposure closes once, corrections alternate, the last label is that of the set of events.

    By hand: 1 if a purchase of the window was never taken back.
    """
    back = {one.txn_id for one, _, _ in happened if isinstance(one, TxnReversed)}
    wanted = any(
        isinstance(one, TxnPosted) and at <= WEEK and one.txn_id not in back
        for one, at, _ in happened
    )
    for order in (happened, random.sample(happened, len(happened))):
        bank = exposed()
        said = bank.tick(9 * DAY + HOUR) if ended else []
        for event, at, event_id in order:
            said += bank.say(event, at, arrived=10 * DAY, event_id=event_id)
        said += bank.tick(11 * DAY)
        labels = [one.label for one in outcomes(said)]

        assert [*range(1, len(labels) + 1)] == [one.sequence for one in outcomes(said)]
        assert all(one != other for one, other in pairwise(labels))
        assert int(wanted) == labels[-1]


@given(happened=purchases(), cut=st.integers(0, 20))
@settings(max_examples=50, deadline=None)
def test_crash_loses_and_doubles_no_outcome(
    happened: list[tuple[AnyEvent, int, str]], cut: int
) -> None:
    """Rows and outputs commit together: a successor goes on where the rows end (B4)."""
    bank = exposed()
    for event, at, event_id in happened:
        bank.say(event, at, arrived=10 * DAY, event_id=event_id)
    bank.tick(11 * DAY)
    journal, sources = stored(bank.journal), [("lifecycle.journal.v1", 0)]
    whole = replay(LifecycleFold(0, 1), journal, sources=sources)
    before = replay(LifecycleFold(0, 1), journal[:cut], sources=sources)
    rows = [Row(*row) for row in before.rows.items()]
    after = replay(LifecycleFold(0, 1), journal[cut:], sources=sources, rows=rows)

    assert any("outcomes" in output.topic for output in whole.outputs)
    assert whole.outputs == [*before.outputs, *after.outputs]


@pytest.mark.parametrize("field", ["card_token", "customer_initiated", "no_such_field"])
def test_value_that_is_no_whole_number_is_nothing(field: str) -> None:
    """A policy that nobody checked names it; the label is what it would be."""
    bank = Bank(push(conversion=replace(PURCHASE, value=field)))
    bank.say(bill(300_000), 0)
    (one,) = outcomes(bank.say(spend(), DAY))

    assert (1, 0) == (one.label, one.value_minor)
