"""A new version moves what waits, where it says so (SEMANTICS P1)."""

from typing import Any

from msgspec.structs import replace

from schemas.campaign import Campaign, Step
from tests.lifecycle.bills import END, billed, reminder
from tests.lifecycle.builders import (
    CDNOW,
    DAY,
    HOUR,
    Bank,
    bill,
    issued,
    nudge,
    push,
    spend,
    win_back,
)
from tests.lifecycle.on_file import dues, publish


def moved(old: Campaign, new: Campaign, event: Any) -> list[tuple[str, int]]:  # noqa: ANN401
    """Return what waits once a new version has moved it, an hour after the event."""
    bank = Bank(old)
    bank.say(event, 0)
    publish(bank, new, HOUR, applies_to="new", reschedule=True)
    bank.tick(HOUR)
    return dues(bank)


def test_reschedule_moves_waiting_steps_of_the_same_name() -> None:
    """P1: explicitly, and only those; a step that the new version does not have stays."""
    steps = (Step(id="second", delay_ms=2 * DAY), Step(id="third", delay_ms=DAY))
    wanted = [("first", 3 * DAY), ("second", 2 * DAY)]

    assert wanted == moved(nudge(), nudge(version=2, steps=steps), issued())


def test_reschedule_of_an_offer_counts_from_its_event() -> None:
    """It waits on now: nothing can come late that makes it needless."""
    steps = (Step(id="offer", delay_ms=2 * HOUR), Step(id="reminder", delay_ms=DAY))
    old = push(steps=(Step(id="offer", delay_ms=HOUR * 9), Step(id="reminder", delay_ms=HOUR * 8)))

    wanted = [("offer", 2 * HOUR), ("reminder", DAY)]
    assert wanted == moved(old, push(version=2, steps=steps), bill(900_000))


def test_reschedule_of_a_reminder_drops_what_would_come_too_late() -> None:
    """A step at or after the end of the due date does not exist."""
    steps = (Step(id="first", lead_ms=2 * DAY), Step(id="last", lead_ms=0))

    wanted = [("first", END - 2 * DAY)]
    assert wanted == moved(reminder(), reminder(version=2, steps=steps), billed())


def test_reschedule_of_a_silence_takes_the_new_rhythm() -> None:
    """The same as if the purchase had met the new version."""
    entry = replace(CDNOW, alive_ppm=300_000, repeat_count_min=1)
    new = win_back(version=2, entry=entry)
    old, fresh = Bank(win_back()), Bank(new)
    for bank in (old, fresh):
        for number in range(3):
            bank.say(spend(), number * DAY, event_id=f"spend-{number}")
    publish(old, new, 3 * DAY, applies_to="new", reschedule=True)
    old.tick(3 * DAY)

    assert dues(fresh) == dues(old)


def test_policy_without_reschedule_moves_nothing() -> None:
    """P1: due times belong to the version at entry."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    publish(bank, nudge(version=2, steps=(Step(id="first", delay_ms=HOUR),)), HOUR)
    bank.tick(2 * HOUR)

    assert [("first", 3 * DAY), ("second", 7 * DAY)] == dues(bank)
