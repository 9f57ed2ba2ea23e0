"""A policy may concern customers on file, and move those who wait (SEMANTICS P1, P2)."""

from msgspec.structs import replace

from lifecycle.ids import event_hash
from schemas.campaign import Step
from schemas.events import CardReplaced, WalletBound
from tests.lifecycle.bills import END, billed, paid, reminder
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    TENANT,
    Bank,
    activated,
    bill,
    issued,
    nudge,
    push,
    spend,
    win_back,
)
from tests.lifecycle.on_file import dues, publish
from tests.lifecycle.told import decisions, story


def test_customer_on_file_enters_an_absence_from_the_milestone_on() -> None:
    """Issued a day before the policy, never activated: due 72 hours and 7 days after the issue."""
    bank = Bank()
    bank.say(issued(), 0)
    publish(bank, nudge(), DAY)
    bank.tick(DAY + HOUR)

    assert [("first", 3 * DAY), ("second", 7 * DAY)] == dues(bank)
    journey = bank.row().journeys[0]
    assert (T0, "", "watermark") == (
        journey.entered_at_ms,
        journey.entry_event_id,
        journey.waits_on,
    )
    assert f"k1|{event_hash('cardcue/existing', str(T0)):016x}" == journey.occurrence_key
    assert ["-> ann first", "nudge first sent"] == story(bank.tick(3 * DAY))


def test_what_is_overdue_is_due_now_and_fires_at_the_next_tick() -> None:
    """A card that was issued ten days ago: both steps are one occasion, a tick later."""
    bank = Bank()
    bank.say(issued(), 0)
    publish(bank, nudge(), 10 * DAY)

    assert [] == bank.tick(10 * DAY + HOUR)
    assert [("first", 10 * DAY + HOUR), ("second", 10 * DAY + HOUR)] == dues(bank)
    fired = decisions(bank.tick(10 * DAY + 2 * HOUR))
    assert ["sent", "suppressed"] == sorted(one.verdict for one in fired)


def test_due_time_waits_for_the_latest_source() -> None:
    """T5: what may come an hour late is waited for an hour longer."""
    bank = Bank()
    bank.say(issued(), 0, lateness_ms=HOUR)
    publish(bank, nudge(), DAY)
    bank.tick(5 * DAY)

    assert [("first", 5 * DAY + HOUR), ("second", 7 * DAY + HOUR)] == dues(bank)


def test_policy_for_new_customers_enters_nobody_on_file() -> None:
    """The default: customers enter by events from now on."""
    bank = Bank()
    bank.say(issued(), 0)
    publish(bank, nudge(), DAY, applies_to="new")
    bank.tick(2 * DAY)

    assert [] == bank.row().journeys


def test_refused_policy_walks_nowhere() -> None:
    """P3: what does not become active concerns nobody."""
    bank = Bank(nudge(version=7))
    bank.say(issued(), 0)
    publish(bank, nudge(version=3, steps=(Step(id="first"),)), DAY, reschedule=True)
    bank.tick(2 * DAY)

    assert 1 == bank.count("control|{}|STALE_VERSION")
    assert [] == bank.state.tenant(TENANT).row.walks
    assert [("first", 3 * DAY), ("second", 7 * DAY)] == dues(bank)


def test_who_has_what_was_missing_does_not_enter() -> None:
    """An activated card, and one that another has replaced."""
    bank = Bank()
    bank.say(issued("k1"), 0)
    bank.say(activated("k1"), HOUR)
    bank.say(issued("k2"), 0)
    bank.say(CardReplaced(card_token="k2", new_card_token="k3"), HOUR)
    publish(bank, nudge(), DAY)
    bank.tick(2 * DAY)

    assert ["k3"] == [journey.card_token for journey in bank.row().journeys]


def test_who_is_on_the_way_or_was_contacted_does_not_enter_again() -> None:
    """By the event under the first version, whether a step waits or the last has gone."""
    bank = Bank(nudge())
    bank.say(issued("k1"), 0)
    bank.say(issued("k2"), 0, who="bob", event_id="bobs")
    bank.tick(4 * DAY)
    publish(bank, nudge(version=2), 5 * DAY)
    bank.tick(6 * DAY)
    assert 1 == len(bank.row().journeys)
    bank.tick(8 * DAY)
    assert ([], 2) == (bank.row().journeys, len(bank.row().contacts))
    publish(bank, nudge(version=3), 9 * DAY)
    bank.tick(10 * DAY)

    assert [] == bank.row().journeys


def test_absence_of_what_no_milestone_tells_of_enters_nobody() -> None:
    """The row cannot know whether it came."""
    bank = Bank()
    bank.say(issued(), 0)
    entry = replace(nudge().entry, without="wallet.unbound")
    publish(bank, nudge(entry=entry), DAY)
    bank.tick(2 * DAY)

    assert [] == bank.row().journeys


def test_silent_customer_on_file_enters_with_the_last_purchase() -> None:
    """The journey is that of the purchase itself, so a later event finds it there."""
    live, late = Bank(win_back()), Bank()
    for bank in (live, late):
        for number in range(3):
            bank.say(spend(), number * DAY, event_id=f"spend-{number}")
    publish(late, win_back(), 3 * DAY)
    late.tick(4 * DAY)

    assert live.row().journeys == late.row().journeys
    assert 1 == len(dues(late))


def test_open_bill_on_file_is_reminded_of_before_it_ends() -> None:
    """A step that has passed is due now; a repaid bill, and one past its end, enter nobody."""
    bank = Bank()
    bank.say(billed(statement="open"), 0)
    bank.say(billed(statement="paid"), 0)
    bank.say(paid(statement="paid"), HOUR)
    publish(bank, reminder(), END - 2 * DAY)
    bank.tick(END - 2 * DAY + HOUR)

    assert ["open"] == [one.occurrence_key.split("|")[0] for one in bank.row().journeys]
    assert [("first", END - 2 * DAY + HOUR), ("last", END - DAY)] == dues(bank)
    late = Bank()
    late.say(billed(), 0)
    publish(late, reminder(), END)
    late.tick(END)
    assert [] == late.row().journeys


def test_campaign_that_waits_for_events_enters_nobody() -> None:
    """A bill on file was an event, and events are decided when they come."""
    bank = Bank()
    bank.say(bill(900_000), 0)
    publish(bank, push(), DAY)
    bank.tick(2 * DAY)

    assert ([], []) == (bank.row().journeys, bank.state.tenant(TENANT).row.walks)


def test_customer_without_room_is_counted() -> None:
    """As at an event: the 33rd journey is not begun."""
    many = [nudge(id=f"n{number}") for number in range(32)]
    bank = Bank(*many)
    bank.say(issued(), 0)
    publish(bank, nudge(id="zz"), HOUR)
    bank.tick(2 * HOUR)

    assert (32, 1) == (len(bank.row().journeys), bank.count("full|{}|journeys"))


def test_further_card_enters_by_its_event_after_the_walk() -> None:
    """What begins later is nobody's on file any more."""
    bank = Bank()
    bank.say(WalletBound(card_token="k9"), 0)
    publish(bank, nudge(), HOUR)
    bank.tick(2 * HOUR)
    bank.say(issued("k1"), 3 * HOUR)

    assert ["k1"] == [journey.card_token for journey in bank.row().journeys]
