"""All moves of cards, added up, are the cards as they stand: the funnel never drifts (3.18)."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.moves import counted_as
from schemas import events
from schemas.events import ErasureRequested
from tests.lifecycle.builders import DAY, HOUR, Bank
from tests.lifecycle.catalogue import HARMLESS, any_event
from tests.lifecycle.shuffled import lives, ways


ERASED = ErasureRequested(request_id="r")
CARD_EVENTS = (
    *(events.CardIssued, events.CardActivated, events.WalletBound, events.TxnPosted) * 2,
    *(events.CardBlocked, events.CardUnblocked, events.CardLost, events.CardClosed),
    *(events.CardReplaced, events.CardReplaced),
)


def added_up(bank: Bank) -> Counter[str]:
    """Return where all moves so far leave cards, as insight counts them."""
    cards: Counter[str] = Counter()
    for move in bank.moved:
        cards[move.before] -= 1
        cards[move.after] += 1
    return Counter({name: count for name, count in cards.items() if name and count})


def standing(bank: Bank, *customers: str) -> Counter[str]:
    """Return where the cards of customers are counted by their rows."""
    named = (counted_as(card) for who in customers for card in bank.row(who).cards)
    return Counter(name for name in named if name)


@given(random=st.randoms(use_true_random=False), count=st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_moves_add_up_to_the_cards_as_they_stand(random: Random, count: int) -> None:
    """
    The funnel never drifts, whatever the order, and whatever a bank says of its cards.

    Two customers, with replacements in circles; one of them may be erased on the way, and what
    comes of them later counts no more.
    """
    bank = Bank(consent="")
    for _ in range(count):
        who = random.choice(("ann", "bob"))
        event = any_event(random.choice, CARD_EVENTS if random.random() < 0.9 else HARMLESS)
        if random.random() < 0.02:
            event = ERASED
        bank.say(event, random.randrange(40) * HOUR, who=who, arrived=9 * DAY)

        assert added_up(bank) == standing(bank, "ann", "bob")
        assert all(move.before != move.after for move in bank.moved)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_order_of_a_life_leaves_the_same_funnel(data: st.DataObject) -> None:
    """T6: shuffled, doubled and delayed, the moves end in the same counts; erased, in none."""
    life = data.draw(lives(CARD_EVENTS))
    ends = []
    for arrivals in (data.draw(ways(life)), data.draw(ways(life))):
        bank = Bank()
        for happening, arrived in arrivals:
            bank.say(happening.event, happening.at, arrived=arrived, event_id=happening.event_id)
        ends.append(added_up(bank))
        assert ends[-1] == standing(bank, "ann")
        bank.say(ERASED, 60 * DAY)
        assert Counter() == added_up(bank)

    assert ends[0] == ends[1]
