"""Cards: what they reached, whether they may be used, and under which token they go on."""

from itertools import permutations

import msgspec
import pytest

from lifecycle import cards
from schemas.events import (
    AnyEvent,
    CardBlocked,
    CardClosed,
    CardDelivered,
    CardLost,
    CardReplaced,
    CardUnblocked,
    TxnAuthorised,
)
from schemas.state import CARDS_MAX, CardState, CustomerRow
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, activated, issued, spend, wallet_bound


def replaced(card: str, new_card: str) -> CardReplaced:
    """Return that a card goes on under another token."""
    return CardReplaced(card_token=card, new_card_token=new_card)


def of(shape: type[AnyEvent], card: str = "k1") -> AnyEvent:
    """Return an event that says nothing but its card."""
    return msgspec.convert({"event_type": shape.__struct_config__.tag, "card_token": card}, shape)


def authorised(card: str = "k1") -> TxnAuthorised:
    """Return that a purchase was authorised."""
    return TxnAuthorised(auth_id="a", card_token=card, amount_minor=1, currency="CNY")


def known(bank: Bank) -> dict[str, CardState]:
    """Return the customer's cards by token."""
    return {card.card_token: card for card in bank.row().cards}


def row_of(*successors: tuple[str, str]) -> CustomerRow:
    """Return a customer of cards of which each has this successor, "" for none."""
    return CustomerRow(cards=[CardState(card, replaced_by=new) for card, new in successors])


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (issued(), "issued_at_ms"),
        (of(CardDelivered), "delivered_at_ms"),
        (activated(), "activated_at_ms"),
        (wallet_bound(), "bound_at_ms"),
        (authorised(), "authorised_at_ms"),
        (spend(), "first_spend_at_ms"),
    ],
)
def test_milestone_creates_a_card_and_is_its_earliest_time(event: AnyEvent, name: str) -> None:
    """T6, 3.2.4: each of the six, and no other, by minimum."""
    bank = Bank()
    for at in (2 * HOUR, HOUR, 3 * HOUR):
        bank.say(event, at, arrived=3 * HOUR)

    assert [CardState("k1", **{name: T0 + HOUR})] == bank.row().cards


def test_delivery_and_authorisation_are_no_part_of_the_funnel() -> None:
    """3.7: four milestones are counted."""
    bank = Bank()
    for event in (issued(), of(CardDelivered), authorised()):
        bank.say(event, HOUR)

    assert 1 == bank.count("milestone|{}|issued")
    assert not {key for key in bank.state.counts.by_key if "deliv" in key and "mile" in key}
    assert 0 == bank.count("milestone|{}|authorised")


STATUSES: list[tuple[AnyEvent, str]] = [
    (of(CardBlocked), "blocked"),
    (of(CardUnblocked), ""),
    (of(CardLost), "lost"),
    (of(CardClosed), "closed"),
]


@pytest.mark.parametrize(("event", "status"), STATUSES)
def test_status_is_what_the_event_says(event: AnyEvent, status: str) -> None:
    """3.8: it creates the card; whoever may not use the card is not spoken to about it."""
    bank = Bank()
    bank.say(event, DAY)

    assert [CardState("k1", status=status, status_at_ms=T0 + DAY)] == bank.row().cards
    assert (status != "") == cards.unusable(bank.row(), "k1")


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_status_is_the_newest_in_any_order(order: tuple[int, ...]) -> None:
    """3.8: the greatest (time, status); events of one moment go by the word, so `lost` stays."""
    bank = Bank()
    for place in order:
        bank.say(STATUSES[place][0], DAY, arrived=2 * DAY)
    assert "lost" == known(bank)["k1"].status
    bank.say(STATUSES[1][0], 2 * DAY)
    bank.say(STATUSES[0][0], DAY - 1, arrived=3 * DAY)

    assert ("", T0 + 2 * DAY) == (known(bank)["k1"].status, known(bank)["k1"].status_at_ms)


CHAIN: list[tuple[AnyEvent, int]] = [
    (issued("a"), HOUR),
    (activated("b"), 2 * HOUR),
    (replaced("a", "b"), 3 * HOUR),
    (replaced("b", "c"), 4 * HOUR),
    (spend(card="c"), 5 * HOUR),
]


@pytest.mark.parametrize("order", [*permutations(range(5))])
def test_replaced_card_goes_on_with_all_it_has_reached(order: tuple[int, ...]) -> None:
    """3.8: whatever is heard first, a milestone is that of every card that continues the card."""
    bank = Bank()
    for place in order:
        event, at = CHAIN[place]
        bank.say(event, at, arrived=DAY)

    issue, activation, purchase = T0 + HOUR, T0 + 2 * HOUR, T0 + 5 * HOUR
    assert known(bank) == {
        "a": CardState("a", issued_at_ms=issue, replaced_by="b"),
        "b": CardState("b", issued_at_ms=issue, activated_at_ms=activation, replaced_by="c"),
        "c": CardState(
            "c", issued_at_ms=issue, activated_at_ms=activation, first_spend_at_ms=purchase
        ),
    }
    assert ["c"] * 3 == [cards.current(bank.row(), card) for card in "abc"]


def test_inherited_milestone_is_the_earlier_one_and_is_counted_once() -> None:
    """The new card's own activation came first; the funnel counts cards by their own events."""
    bank = Bank()
    bank.say(activated("b"), HOUR)
    bank.say(activated("a"), 2 * HOUR)
    bank.say(replaced("a", "b"), 3 * HOUR)
    bank.say(issued("a"), 4 * HOUR)

    assert T0 + HOUR == known(bank)["b"].activated_at_ms
    assert T0 + 4 * HOUR == known(bank)["b"].issued_at_ms
    assert (2, 1) == (bank.count("milestone|{}|activated"), bank.count("milestone|{}|issued"))


@pytest.mark.parametrize("order", [("b", "c"), ("c", "b")])
def test_of_two_successors_the_lesser_token_stays(order: tuple[str, str]) -> None:
    """3.8: a bank's mistake ends in one card, whichever it named first; both have its past."""
    bank = Bank()
    bank.say(issued("a"), HOUR)
    for number, new_card in enumerate(order):
        bank.say(replaced("a", new_card), (2 + number) * HOUR)

    assert "b" == known(bank)["a"].replaced_by
    assert [T0 + HOUR] * 2 == [known(bank)[card].issued_at_ms for card in "bc"]


def test_status_is_that_of_the_card_as_it_is_now() -> None:
    """A lost card that was replaced may be used under its new token, until that is closed."""
    bank = Bank()
    bank.say(of(CardLost, "a"), HOUR)
    assert cards.unusable(bank.row(), "a")
    bank.say(replaced("a", "b"), 2 * HOUR)
    assert not cards.unusable(bank.row(), "a")
    bank.say(of(CardClosed, "b"), 3 * HOUR)

    assert cards.unusable(bank.row(), "a")
    assert not cards.unusable(bank.row(), "of nobody")


def test_circle_of_replacements_ends() -> None:
    """3.8: a card is followed 16 times; of a circle of two that is where it began."""
    circle = row_of(("a", "b"), ("b", "a"))
    bank = Bank()
    for event in (issued("a"), replaced("a", "b"), replaced("b", "a"), activated("b")):
        bank.say(event, HOUR)

    assert ["a", "b"] == [cards.current(circle, card) for card in "ab"]
    assert "b" == cards.current(row_of(("a", "b"), ("b", "c"), ("c", "a")), "a")
    assert [T0 + HOUR] * 2 == [card.issued_at_ms for card in bank.row().cards]
    assert [T0 + HOUR] * 2 == [card.activated_at_ms for card in bank.row().cards]


def test_card_of_seventeen_successors_is_followed_sixteen_times() -> None:
    """3.8: no customer has so many cards, but a row might."""
    chain = row_of(*((f"k{number}", f"k{number + 1}") for number in range(20)))

    assert "k16" == cards.current(chain, "k0")


@pytest.mark.parametrize(
    ("event", "fits"),
    [
        (of(CardBlocked, "new"), False),
        (of(CardBlocked, "k0"), True),
        (of(CardDelivered, "new"), False),
        (replaced("k0", "new"), False),
        (replaced("new", "k0"), False),
        (replaced("k0", "k1"), True),
    ],
)
def test_seventeenth_card_is_refused(event: AnyEvent, fits: bool) -> None:  # noqa: FBT001
    """3.2.4: STATE_FULL, and nothing of the event is taken."""
    bank = Bank()
    for number in range(CARDS_MAX):
        bank.say(issued(f"k{number}"), number)
    before = known(bank)
    bank.say(event, DAY)

    assert CARDS_MAX == len(bank.row().cards)
    assert (0 if fits else 1) == bank.count("ignored|{}|STATE_FULL")
    assert fits or before == known(bank)


def test_replacement_needs_room_for_both_cards() -> None:
    """3.8: of two new cards with room for one, none is created."""
    bank = Bank()
    for number in range(CARDS_MAX - 1):
        bank.say(issued(f"k{number}"), number)
    bank.say(replaced("x", "y"), DAY)
    assert CARDS_MAX - 1 == len(bank.row().cards)
    bank.say(replaced("x", "x"), DAY)

    assert CARDS_MAX == len(bank.row().cards)
    assert 1 == bank.count("ignored|{}|STATE_FULL")
