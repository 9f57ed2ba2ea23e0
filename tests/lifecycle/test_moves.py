"""Cards that move in the funnel, each move by hand (core.md 3.18)."""

import pytest

from lifecycle.ids import derived_id, event_hash
from lifecycle.printing import printed
from schemas.codec import decode_moved
from schemas.decisions import Decision
from schemas.events import AnyEvent, ErasureRequested
from schemas.outcomes import CardMoved
from schemas.state import CARDS_MAX
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    issued,
    nudge,
    push,
    spend,
    wallet_bound,
)
from tests.lifecycle.fates import blocked, closed, delivered, lost, replaced, tried, unblocked


ERASED = ErasureRequested(request_id="r")
NOT_KNOWN = -1


def moved(*said: tuple[AnyEvent, int]) -> list[str]:
    """Return the moves that events of these hours lead to, all of which arrive on day 9."""
    bank = Bank()
    for event, hour in said:
        bank.say(event, hour * HOUR, arrived=9 * DAY)
    return lines(bank)


def lines(bank: Bank) -> list[str]:
    """Return the moves so far as `before > after`, with the milestone and the hours waited."""
    return [line(move) for move in bank.moved]


def line(move: CardMoved) -> str:
    """Return a move as `before > after`, and by which milestone after how long, in hours."""
    where = f"{move.before or '-'} > {move.after or '-'}"
    if not move.reached:
        assert move.waited_ms == NOT_KNOWN
        return where
    waited = move.waited_ms // HOUR if move.waited_ms != NOT_KNOWN else "?"
    return f"{where} by {move.reached} after {waited}"


def test_card_moves_with_each_milestone_and_says_how_long_it_waited() -> None:
    """Activation waits from the issue on, binding and the first purchase from the activation."""
    assert moved((issued(), 0), (activated(), 3), (wallet_bound(), 5), (spend(), 10)) == [
        "- > issued by issued after ?",
        "issued > issued+activated by activated after 3",
        "issued+activated > issued+activated+bound by bound after 2",
        "issued+activated+bound > issued+activated+bound+first_spend by first_spend after 7",
    ]


def test_what_came_before_what_it_waits_for_has_waited_nothing_or_nobody_knows() -> None:
    """A purchase before the activation waited 0; without an issue, who knows since when."""
    assert moved((activated(), 3), (spend(), 1), (issued(), 2)) == [
        "- > activated by activated after ?",
        "activated > activated+first_spend by first_spend after 0",
        "activated+first_spend > issued+activated+first_spend by issued after ?",
    ]
    assert "- > bound by bound after ?" == moved((wallet_bound(), 1))[0]


def test_names_stand_in_the_order_of_a_cards_life_whatever_came_first() -> None:
    """Two arrivals of one life end in one name, so they are counted as one."""
    later = moved((spend(), 4), (wallet_bound(), 3), (activated(), 2), (issued(), 1))

    assert later[-1] == (
        "activated+bound+first_spend > issued+activated+bound+first_spend by issued after ?"
    )


@pytest.mark.parametrize("event", [spend(), activated(), delivered(), tried(), blocked()])
def test_card_that_is_counted_as_before_does_not_move(event: AnyEvent) -> None:
    """A second purchase, an earlier time of a milestone, what the funnel does not count."""
    before = ((issued(), 0), (activated(), 2), (spend(), 3))

    assert 3 == len(moved(*before, (event, 1), (event, 5)))


@pytest.mark.parametrize("gone", [lost(), closed()])
def test_card_is_gone_and_back_in_use(gone: AnyEvent) -> None:
    """Also of a card of which nothing else is known; what it reaches while gone it reaches."""
    assert moved((issued(), 0), (gone, 1), (activated(), 2), (unblocked(), 3))[1:] == [
        "issued > issued|gone",
        "issued|gone > issued+activated|gone by activated after 2",
        "issued+activated|gone > issued+activated",
    ]
    assert ["- > |gone", "|gone > -"] == moved((gone, 1), (unblocked(), 3))


def test_gone_is_gone_whether_lost_or_closed_and_by_the_newest_word() -> None:
    """A loss that was overtaken by a newer word moves nothing."""
    assert ["- > issued", "issued > issued|gone"] == [
        move.partition(" by")[0]
        for move in moved((issued(), 0), (lost(), 3), (closed(), 4), (unblocked(), 2))
    ]


def test_card_goes_on_under_another_token_with_its_milestones() -> None:
    """The old card leaves, the new one comes in where that was; in the order of the row."""
    assert moved((issued(), 0), (activated(), 1), (replaced(), 2))[2:] == [
        "issued+activated > -",
        "- > issued+activated",
    ]
    assert moved((activated("k2"), 1), (issued("k1"), 0), (replaced(), 2))[2:] == [
        "activated > issued+activated",
        "issued > -",
    ]


def test_milestone_of_the_old_card_moves_the_one_that_continues_it() -> None:
    """It is not the event's own card, so nothing is said to be reached; its own reaches."""
    assert moved((issued(), 0), (replaced(), 1), (activated(), 2), (spend(card="k2"), 4))[3:] == [
        "issued > issued+activated",
        "issued+activated > issued+activated+first_spend by first_spend after 2",
    ]


def test_milestone_that_the_continuing_card_has_moves_nothing() -> None:
    """The old card reaches it for the first time, but is not counted; the new one had it."""
    before = (activated("k2"), 3), (issued(), 1), (replaced(), 2)

    assert 4 == len(moved(*before)) == len(moved(*before, (activated(), 4)))


def test_old_card_that_was_lost_is_not_counted_once_it_is_replaced() -> None:
    """Lost, then replaced: out of the funnel, and the new card is in use."""
    assert moved((issued(), 0), (lost(), 1), (replaced(), 2), (closed(), 3))[1:] == [
        "issued > issued|gone",
        "issued|gone > -",
        "- > issued",
    ]


def test_two_replacements_leave_two_cards() -> None:
    """3.8: k1 goes on as k2, the lesser token; k3 keeps what it has inherited."""
    assert moved((issued(), 0), (replaced("k1", "k3"), 1), (replaced("k1", "k2"), 2))[1:] == [
        "issued > -",
        "- > issued",
        "- > issued",
    ]


def test_erasure_takes_every_card_out_of_the_funnel() -> None:
    """B5: in the order of the row, those that are counted; the moment is the erasure's."""
    bank = Bank()
    bank.say(issued("k1"), 0)
    bank.say(delivered("k2"), 0)
    bank.say(lost("k3"), HOUR)
    bank.say(ERASED, 2 * DAY, arrived=3 * DAY, event_id="gone")
    bank.say(ERASED, 3 * DAY)
    bank.say(issued("k4"), 3 * DAY)

    assert ["issued > -", "|gone > -"] == lines(bank)[2:]
    last = bank.moved[-1]
    assert (T0 + 2 * DAY, T0 + 3 * DAY) == (last.occurred_at_ms, last.moved_at_ms)
    identity = f"{event_hash('core', 'gone'):016x}"
    assert [derived_id("moved", "bank", "ann", identity, card, "") for card in ("k1", "k3")] == [
        move.moved_id for move in bank.moved[2:]
    ]


def test_erasure_of_a_stranger_moves_nothing() -> None:
    """There is no card."""
    assert [] == moved((ERASED, 1))


def test_card_that_finds_no_room_does_not_move() -> None:
    """STATE_FULL: nothing of the event was taken."""
    bank = Bank()
    for number in range(CARDS_MAX):
        bank.say(issued(f"k{number}"), 0)
    for event in (issued("new"), lost("new"), replaced("k1", "new")):
        bank.say(event, HOUR)

    assert 3 == bank.count("ignored|{}|STATE_FULL")
    assert CARDS_MAX == len(bank.moved)


def test_duplicate_tells_nothing() -> None:
    """B2: the same event again, and another that borrowed its id."""
    bank = Bank()
    for event in (issued(), issued(), activated()):
        bank.say(event, HOUR, event_id="same")

    assert ["- > issued by issued after ?"] == lines(bank)


def test_move_is_told_before_what_the_event_leads_to() -> None:
    """3.18: the first output of its event, and counted nowhere."""
    bank = Bank(push())
    for hour in range(2):
        bank.say(spend(), hour)
    kinds = [type(effect) for effect in bank.effects]
    assert [CardMoved] == kinds
    bank.say(spend(500_000, card="k2"), DAY)

    assert CardMoved is type(bank.effects[1])
    assert Decision in map(type, bank.effects[2:])
    assert not [key for key in bank.state.counts.by_key if "moved" in key]


def test_purchase_too_late_for_counters_still_moves_its_card() -> None:
    """T6: a milestone is a milestone whatever its age."""
    bank = Bank()
    for number in range(40):
        bank.say(delivered(), DAY + number)
    bank.say(spend(), 0, arrived=2 * DAY)

    assert 1 == bank.count("ignored|{}|LATE_FOR_COUNTERS")
    assert ["- > first_spend by first_spend after ?"] == lines(bank)


def test_history_and_shadow_are_counted_too() -> None:
    """3.18: where cards stand is true whoever may be contacted."""
    bank = Bank(nudge())
    bank.say(issued(), 0, backfill=True)

    assert ["- > issued by issued after ?"] == lines(bank)


def test_record_is_keyed_by_the_customer() -> None:
    """3.18: topic, key, headers; what is written is read again."""
    bank = Bank()
    bank.say(issued(), HOUR, arrived=2 * HOUR, event_id="issue")
    move = bank.moved[0]
    topic, key, value, headers, *_ = printed(move)

    assert ("lifecycle.outcomes.v1", b"bank|ann") == (topic, key)
    assert decode_moved(value or b"") == move
    assert move.moved_id == derived_id(
        *("moved", "bank", "ann", f"{event_hash('core', 'issue'):016x}"),
        *("k1", move.after),
    )
    assert (T0 + HOUR, T0 + 2 * HOUR) == (move.occurred_at_ms, move.moved_at_ms)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": move.moved_id.encode(),
        "ce_source": b"cardcue",
        "ce_type": b"card.moved.v1",
        "ce_subject": b"ann",
        "ce_tenantid": b"bank",
        "cardcue.semantics_version": b"1",
    }
