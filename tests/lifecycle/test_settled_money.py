"""What exposures bring, whether customers stay, and in whatever order that comes (3.17)."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.campaign import Campaign, Experiment
from schemas.events import PolicyPublished, TxnPosted, TxnReversed
from schemas.exposed import EXPOSURES_MAX
from tests.lifecycle.builders import DAY, HOUR, Bank, bill, push, reversed_spend, spend
from tests.lifecycle.measured import PURCHASE, exposed, followed, opened, settled
from tests.lifecycle.measured import WEEK_OF_MONEY as MONEY


WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("events", "value_minor"),
    [
        ([(spend(2_500), DAY)], 2_500),
        ([(spend(2_500), DAY), (spend(400), 2 * DAY)], 2_900),
        ([(spend(2_500), DAY), (reversed_spend(500), 2 * DAY)], 2_000),
        ([(reversed_spend(500), 2 * DAY)], 0),  # not below nothing
        ([(spend(2_500), DAY), (reversed_spend(2_500), WEEK + 1)], 2_500),  # after the window
        ([(spend(2_500), 0)], 0),  # at the decision
        ([(spend(2_500), WEEK)], 2_500),
        ([(spend(2_500), WEEK + 1)], 0),
        ([(spend(2_500, currency="EUR"), DAY)], 0),
        ([(spend(2_500, card="k2"), DAY)], 0),
        ([(spend(30_000), DAY)], 30_000),  # the cap is for whoever adds up
    ],
)
def test_money_is_what_came_in_the_window_net(
    events: list[tuple[TxnPosted | TxnReversed, int]], value_minor: int
) -> None:
    """decided_at_ms < t <= closes_at_ms, of the currency and the card, less what was taken back."""
    bank = exposed()
    for event, at in events:
        bank.say(event, at, arrived=WEEK + HOUR)

    assert [value_minor] == [one.value_minor for one in settled(bank.tick(8 * DAY))]


def test_every_purchase_counts_though_marks_are_eight() -> None:
    """What is remembered of conversions is bounded, the sum is not."""
    bank = exposed()
    for number in range(12):
        bank.say(replace(spend(100), txn_id=f"t{number}"), DAY + number)

    assert [1_200] == [one.value_minor for one in settled(bank.tick(WEEK))]


def test_no_money_without_a_cap() -> None:
    """A mean without a bound could be moved anywhere by one customer."""
    bank = exposed(conversion=PURCHASE)
    bank.say(spend(2_500), DAY)

    assert [(1, 0, "")] == [
        (one.label, one.value_minor, one.currency) for one in settled(bank.tick(WEEK))
    ]


def test_purchase_too_late_for_counters_converts_without_money() -> None:
    """The event did not count; that the customer bought is true all the same."""
    bank = exposed(conversion=replace(MONEY, window_ms=200 * DAY))
    bank.say(spend(2_500), DAY, arrived=100 * DAY)
    (one,) = settled(bank.tick(200 * DAY))

    assert 1 == bank.count("ignored|{}|LATE_FOR_COUNTERS")
    assert (1, 0) == (one.label, one.value_minor)


def days(bank: Bank, at: int, watermark: int | None = None) -> list[str]:
    """Return follow-ups of a tick as `day active`."""
    return [f"{one.day} {one.active}" for one in followed(bank.tick(at, watermark))]


def test_first_exposure_is_followed_three_times() -> None:
    """Active is a purchase within the 30 days up to the day, whatever the card."""
    bank = exposed()
    bank.say(spend(card="k9"), 30 * DAY)
    bank.say(spend(card="k9"), 60 * DAY + 1)

    assert [] == days(bank, 30 * DAY, 30 * DAY - 1)
    assert ["30 True"] == days(bank, 30 * DAY)
    assert ["60 False"] == days(bank, 60 * DAY)
    assert [] == days(bank, 90 * DAY, 90 * DAY - 1)
    assert ["90 True"] == days(bank, 90 * DAY)
    assert [] == days(bank, 300 * DAY)


def test_one_tick_tells_all_that_is_due_in_order() -> None:
    """A catch-up: outcome, settlement, and three follow-ups of one exposure."""
    kinds = [type(effect).__name__ for effect in exposed().tick(200 * DAY)]

    assert [
        "OutcomeRecorded",
        "ExposureSettled",
        "ExposureFollowed",
        "ExposureFollowed",
        "ExposureFollowed",
    ] == kinds


def test_long_window_is_followed_when_it_is_settled() -> None:
    """The next follow-up is due at the window's end, if that is later."""
    bank = exposed(conversion=replace(MONEY, window_ms=40 * DAY))

    assert [] == days(bank, 39 * DAY)
    assert ["30 False"] == days(bank, 40 * DAY)
    assert ["60 False"] == days(bank, 60 * DAY)


def test_second_exposure_is_not_the_first_nor_followed() -> None:
    """A customer counts once in an experiment; the arm is the same as before."""
    bank = exposed()
    bank.tick(WEEK)
    (again,) = opened(bank.say(bill(300_000, statement="s2"), 8 * DAY))
    effects = bank.tick(200 * DAY)

    assert not again.is_first
    assert [False] == [one.is_first for one in settled(effects)]
    assert 3 == len(followed(effects))
    assert 1 == len(bank.row().experiments) // 4


@pytest.mark.parametrize("changed", [{"salt": "t"}, {"salt": "s", "control_bp": 1}])
def test_another_salt_is_another_experiment(changed: dict[str, object]) -> None:
    """Who is exposed is chosen anew by the salt; a share alone moves an edge (E1)."""
    bank = exposed(experiment=Experiment(salt="s", control_bp=0))
    newer = push(version=2, conversion=MONEY, experiment=Experiment(**{"control_bp": 0, **changed}))
    publish(bank, newer)
    (again,) = opened(bank.say(bill(300_000, statement="s2"), DAY))

    assert (changed["salt"] == "t") == again.is_first


def publish(bank: Bank, campaign: Campaign) -> None:
    """Let another version decide from now on."""
    bank.control(PolicyPublished(campaign=campaign, policy_hash="newer"), DAY)


# --- any order -----------------------------------------------------------------------------------

PURCHASES = st.lists(
    st.tuples(
        st.sampled_from(["buy", "take back"]),
        st.integers(0, 3),
        st.integers(1, 8_000),
        st.integers(-DAY, 100 * DAY),
    ),
    max_size=7,
)


def label_money_activity(
    purchases: list[tuple[str, int, int, int]], order: Random | None
) -> tuple[object, ...]:
    """Return what an exposure comes to after purchases that all arrive before day 101."""
    bank = exposed(conversion=replace(MONEY, window_ms=60 * DAY))
    numbered = list(enumerate(purchases))
    if order:
        order.shuffle(numbered)
    for number, (kind, txn, amount_minor, at) in numbered:
        shape = spend(amount_minor) if kind == "buy" else reversed_spend(amount_minor)
        event = replace(shape, txn_id=f"t{txn}")
        bank.say(event, at, arrived=100 * DAY, event_id=f"p{number}", backfill=True)
    effects = bank.tick(200 * DAY)
    (one,) = settled(effects)
    return one.label, one.value_minor, *(each.active for each in followed(effects))


@settings(max_examples=80, deadline=None)
@given(PURCHASES, st.randoms(use_true_random=False))
def test_any_order_of_arrival_settles_alike(
    purchases: list[tuple[str, int, int, int]], order: Random
) -> None:
    """Label, money and activity are of sets of events, whichever came first."""
    assert label_money_activity(purchases, None) == label_money_activity(purchases, order)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60 * 24), min_size=1, max_size=40, unique=True))
def test_every_exposure_settles_once_and_the_first_alone_is_followed(hours: list[int]) -> None:
    """Whatever has to make room: one settlement each, three follow-ups of the first or fewer."""
    bank = Bank(push(conversion=MONEY))
    effects = []
    for number, hour in enumerate(sorted(hours)):
        effects += bank.tick(hour * HOUR)
        effects += bank.say(bill(300_000, statement=f"s{number}"), hour * HOUR)
    effects += bank.tick(400 * DAY)

    wanted = [one.exposure_id for one in opened(effects)]
    assert sorted(wanted) == sorted(one.exposure_id for one in settled(effects))
    first = [one.exposure_id for one in opened(effects) if one.is_first]
    assert 1 == len(first)
    told = followed(effects)
    assert {one.exposure_id for one in told} <= set(first)
    assert [30, 60, 90][: len(told)] == [one.day for one in told]
    assert 3 == len(told) or len(hours) > EXPOSURES_MAX
