"""What one event teaches: milestones, counters, and what is known for a repeat (T6, B2)."""

from itertools import permutations
from math import isclose

import pytest

from lifecycle import milestones
from schemas.campaign import Step
from schemas.codec import encode_row
from schemas.events import AnyEvent, Currency
from schemas.state import (
    CARDS_MAX,
    CONSENTS_MAX,
    CURRENCIES_MAX,
    JOURNEYS_MAX,
    RING_SIZE,
    CardState,
)
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
    reversed_spend,
    spend,
    wallet_bound,
    win_back,
    word,
)
from tests.lifecycle.by_hand import occurrence
from tests.lifecycle.told import story, triggers


LIFE: list[tuple[AnyEvent, int]] = [
    (issued(), 1 * DAY),
    (activated(), 2 * DAY),
    (wallet_bound(), 3 * DAY),
    (spend(), 4 * DAY),
]


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_milestones_are_the_same_in_any_order(order: tuple[int, ...]) -> None:
    """T6: a card's way does not depend on the order in which we hear of it."""
    bank = Bank()
    for place in order:
        event, at = LIFE[place]
        bank.say(event, at, arrived=5 * DAY)

    wanted = CardState("k1", T0 + 1 * DAY, T0 + 2 * DAY, T0 + 3 * DAY, T0 + 4 * DAY)
    assert [wanted] == bank.row().cards


def test_milestone_is_the_earliest_time_whatever_its_age() -> None:
    """T6: even what is years late moves it; how often a card reached it is counted once."""
    bank = Bank()
    bank.say(activated(), 900 * DAY)
    bank.say(activated(), 0, arrived=900 * DAY)
    bank.say(activated(), 950 * DAY)

    assert T0 == bank.row().cards[0].activated_at_ms
    assert 1 == bank.count("milestone|{}|activated")


def test_cards_of_one_customer_are_apart() -> None:
    """Each card has milestones of its own."""
    bank = Bank()
    bank.say(issued("k1"), 0)
    bank.say(issued("k2"), DAY)

    assert [CardState("k1", T0), CardState("k2", T0 + DAY)] == bank.row().cards


@pytest.mark.parametrize(
    ("card", "stage"),
    [
        (CardState("k"), None),
        (CardState("k", issued_at_ms=5), "issued"),
        (CardState("k", activated_at_ms=5), "activated"),
        (CardState("k", issued_at_ms=5, bound_at_ms=5), "bound"),
        (CardState("k", first_spend_at_ms=5), "first_spend"),
    ],
)
def test_stage_is_the_furthest_milestone(card: CardState, stage: str | None) -> None:
    """The stage is derived, never stored: a purchase alone says that the card is in use."""
    assert stage == milestones.stage(card)


def test_reversal_creates_no_card_and_moves_no_rhythm() -> None:
    """What is taken back was a purchase all the same; the customer did use the card."""
    bank = Bank()
    bank.say(spend(700), DAY)
    bank.say(reversed_spend(200, card="k2"), 2 * DAY)
    row = bank.row()
    amount = row.amounts["CNY"]

    assert ["k1"] == [card.card_token for card in row.cards]
    assert (1, T0 + DAY, T0 + DAY) == (row.spend_count, row.first_spend_at_ms, row.last_spend_at_ms)
    assert (1, 700, 1, 200) == (
        amount.spend_count,
        amount.spend_sum_minor,
        amount.reversed_count,
        amount.reversed_sum_minor,
    )


def test_decayed_sums_halve_every_7_30_and_90_days() -> None:
    """
    800 at day 0, 100 at day 7 and, late, 400 at day 0; all as of day 7.

    Seven days: (800 + 400) / 2 + 100 = 700. Thirty: 1200 * 2 ** (-7/30) + 100 = 1120.801.
    Ninety: 1200 * 2 ** (-7/90) + 100 = 1237.0.
    """
    bank = Bank()
    bank.say(spend(800), 0)
    bank.say(spend(100), 7 * DAY)
    bank.say(spend(400), 0, arrived=8 * DAY, event_id="late")
    amount = bank.row().amounts["CNY"]

    assert T0 + 7 * DAY == amount.decayed_as_of_ms
    assert isclose(700, amount.decayed_7d_minor)
    assert isclose(1120.801, amount.decayed_30d_minor, abs_tol=0.001)
    assert isclose(1237.020, amount.decayed_90d_minor, abs_tol=0.001)


def test_currencies_are_never_added() -> None:
    """Money is apart by currency; the rhythm is over all."""
    bank = Bank()
    bank.say(spend(1, currency="CNY"), 0)
    bank.say(spend(2, currency="JPY"), DAY)
    sums = {name: amount.spend_sum_minor for name, amount in bank.row().amounts.items()}

    assert ({"CNY": 1, "JPY": 2}, 2) == (sums, bank.row().spend_count)


def test_counters_take_nothing_that_is_older_than_ninety_days() -> None:
    """T6: milestones only, counted as LATE_FOR_COUNTERS; ninety days exactly is in time."""
    bank = Bank()
    bank.say(spend(5), 0, arrived=90 * DAY + 1)
    assert (0, T0) == (bank.row().spend_count, bank.row().cards[0].first_spend_at_ms)
    bank.say(spend(5), 1, arrived=90 * DAY + 1)

    assert 1 == bank.row().spend_count
    assert 1 == bank.count("ignored|{}|LATE_FOR_COUNTERS")


def test_counters_take_nothing_at_or_below_the_horizon_of_the_ring() -> None:
    """
    T6: the ring holds 32 events; what it evicted may come again unknown, so it counts no more.

    consent + 32 purchases evict the consent at hour 0: the floor is hour 0.
    """
    bank = Bank()
    for hour in range(1, RING_SIZE + 1):
        bank.say(spend(1), hour * HOUR)
    assert T0 == bank.row().ring_floor_at_ms
    bank.say(spend(1), 0, arrived=40 * HOUR)
    assert RING_SIZE == bank.row().spend_count
    bank.say(spend(1), 1, arrived=40 * HOUR)

    assert RING_SIZE + 1 == bank.row().spend_count
    assert T0 + 1 == bank.row().ring_floor_at_ms
    assert RING_SIZE == len(bank.row().ring_content)


def test_repeat_changes_nothing() -> None:
    """B2: the same source and id at a new offset is ignored; what it says else has its own name."""
    bank = Bank(push())
    bank.say(bill(300_000), HOUR, event_id="once")
    before = encode_row(bank.row())

    assert [] == bank.say(bill(300_000), 2 * HOUR, event_id="once")
    assert [] == bank.say(bill(900_000, statement="s2"), 2 * HOUR, event_id="once")
    assert before == encode_row(bank.row())
    assert 1 == bank.count("ignored|{}|DUPLICATE")
    assert 1 == bank.count("ignored|{}|ID_CONFLICT")


def test_same_id_of_another_source_is_another_event() -> None:
    """B2: ids are unique within their source only."""
    bank = Bank()
    bank.say(spend(1), HOUR, event_id="1")
    bank.say(spend(1), HOUR, event_id="1", event_source="other")

    assert 2 == bank.row().spend_count


def test_repeat_that_the_ring_has_forgotten_enters_no_second_time() -> None:
    """B2: at or below the floor an event may be a repeat; it could only give the same trigger."""
    bank = Bank(push(caps=()))
    assert [] != bank.say(bill(300_000), HOUR, event_id="bill")
    for number in range(70):  # the contact is forgotten too: only the floor knows
        bank.say(bill(300_000), (2 + number) * HOUR)

    assert [] == bank.say(bill(300_000), HOUR, arrived=99 * HOUR, event_id="bill")


def test_first_news_of_a_milestone_enters_however_late_it_is() -> None:
    """Only an event that may be a repeat is refused; the first issue of a card cannot be one."""
    bank = Bank(nudge())
    for hour in range(1, RING_SIZE + 2):
        bank.say(spend(card="old"), hour * HOUR)
    assert T0 + HOUR == bank.row().ring_floor_at_ms
    bank.say(issued("new"), HOUR, arrived=50 * HOUR, event_id="issue")

    assert [occurrence("new", "issue")] == [
        journey.occurrence_key for journey in bank.row().journeys
    ]


def test_late_purchase_ends_and_disproves_but_enters_nothing() -> None:
    """LATE_FOR_COUNTERS: truth and exits are taken, a journey is not begun."""
    bank = Bank(win_back(), nudge(exit_on=("txn.posted",)))
    bank.say(spend(card="k9"), 0)
    bank.say(spend(card="k9"), DAY)
    bank.tick(300 * DAY)
    bank.say(issued(), 300 * DAY)
    effects = bank.say(spend(), 100 * DAY, arrived=301 * DAY)

    assert ["win_back only invalidated LATE_TRUTH"] == story(effects)
    assert ["win_back"] == [journey.campaign_id for journey in bank.row().journeys]
    assert 2 == bank.row().spend_count


def test_seventeenth_card_is_refused_whole() -> None:
    """STATE_FULL: the event is known for a repeat, and nothing else has changed."""
    bank = Bank(nudge())
    for number in range(CARDS_MAX):
        bank.say(issued(f"k{number}"), number)
    bank.say(issued("too many"), DAY, event_id="x")

    assert CARDS_MAX == len(bank.row().cards) == len(bank.row().journeys)
    assert 1 == bank.count("ignored|{}|STATE_FULL")
    bank.say(issued("too many"), DAY, event_id="x")
    assert 1 == bank.count("ignored|{}|DUPLICATE")


def test_fifth_currency_is_not_counted_but_is_a_purchase() -> None:
    """STATE_FULL: the card's first spend is known, rhythm and sums are not touched."""
    bank = Bank(win_back())
    currencies: tuple[Currency, ...] = ("CNY", "EUR", "HKD", "USD")
    for number, currency in enumerate(currencies):
        bank.say(spend(currency=currency), number)
    bank.say(spend(card="k2", currency="JPY"), DAY)

    assert (CURRENCIES_MAX, CURRENCIES_MAX) == (bank.row().spend_count, len(bank.row().amounts))
    assert ["k1", "k2"] == [card.card_token for card in bank.row().cards]
    assert 1 == bank.count("ignored|{}|STATE_FULL")


def test_thirty_third_consent_is_refused() -> None:
    """STATE_FULL: what is known keeps its word and may still change it."""
    bank = Bank()
    for number in range(CONSENTS_MAX - 1):
        bank.say(word("granted", purpose=f"p{number}"), HOUR)
    bank.say(word("granted", purpose="too many"), HOUR)
    bank.say(word("revoked"), 2 * HOUR)

    assert CONSENTS_MAX == len(bank.row().consents)
    assert "revoked" == bank.row().consents[0].status
    assert 1 == bank.count("ignored|{}|STATE_FULL")


def test_thirty_third_journey_is_not_entered() -> None:
    """The event counts as applied; beside it stands that there was no room."""
    later = Step(id="later", delay_ms=DAY)
    bank = Bank(push(steps=(later,)))
    for number in range(JOURNEYS_MAX + 1):
        bank.say(bill(300_000), HOUR + number)

    assert JOURNEYS_MAX == len(bank.row().journeys)
    assert 1 == bank.count("full|{}|journeys")
    assert JOURNEYS_MAX + 1 == bank.count("applied|{}|statement.issued")


def test_silence_finds_room_in_the_place_it_has() -> None:
    """A journey that replaces another needs no room, and keeps its place in the list."""
    later = Step(id="later", delay_ms=DAY)
    bank = Bank(push(steps=(later,)), win_back())
    bank.say(spend(), 0)
    for number in range(JOURNEYS_MAX - 1):
        bank.say(bill(300_000), HOUR + number)
    bank.say(spend(), DAY, event_id="newest")

    assert occurrence("k1", "newest") == bank.row().journeys[0].occurrence_key
    assert 0 == bank.count("full|{}|journeys")


def test_customer_without_word_gets_nothing() -> None:
    """No consent, no trigger."""
    bank = Bank(push(), consent="")

    assert [] == triggers(bank.say(bill(300_000), HOUR))
