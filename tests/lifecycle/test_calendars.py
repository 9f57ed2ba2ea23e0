"""The bank's calendar: published as data, in force from its place in the journal (3.7, T9)."""

import pytest
from msgspec.structs import replace

from schemas.events import CalendarPublished
from tests.lifecycle.builders import HOUR, Bank, receipt, spend
from tests.lifecycle.contacts import CLOSE, NIGHT, OPEN, night, offer
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import decisions, story, triggers


SENT = ["-> ann offer", "a offer sent"]
DEFERRED = ["a offer deferred QUIET_HOURS"]
NONE_QUIET = replace(NIGHT, on=("holiday",))


def test_calendar_holds_from_its_place_in_the_journal() -> None:
    """What was sent before stays; the record names which calendar held."""
    bank = Bank(offer())
    before = bank.say(spend(), HOUR)
    bank.control(night(version=7), HOUR)
    after = bank.say(spend(), HOUR)

    assert (SENT, DEFERRED) == (story(before), story(after))
    assert ["", "nights|7"] == [one.calendar for one in decisions([*before, *after])]


@pytest.mark.parametrize(
    ("published", "stale"),
    [
        (night(NONE_QUIET, version=3), False),
        (night(NONE_QUIET, version=2), True),
        (night(NONE_QUIET, version=1), True),
        (night(NONE_QUIET, name="other", version=1), False),
    ],
)
def test_calendar_that_is_not_newer_is_stale(published: CalendarPublished, *, stale: bool) -> None:
    """3.7: of the same id; another id takes its place whatever its version."""
    bank = Bank(offer())
    bank.control(night(version=2))
    bank.control(published)

    assert (DEFERRED if stale else SENT) == story(bank.say(spend(), HOUR))
    assert int(stale) == bank.count("control|{}|STALE_VERSION")
    assert 2 - stale == bank.count("control|{}|calendar.published")


def test_calendar_of_the_same_version_may_come_back_after_another() -> None:
    """3.7 compares with the one in force only; a repeat of the very record is none (B2)."""
    bank = Bank(offer())
    bank.control(night(), 0, "first")
    bank.control(night(NONE_QUIET, name="other"), 0, "second")
    bank.control(night(), 0, "first")
    repeated = story(bank.say(spend(), HOUR))
    bank.control(night(), 0, "third")

    assert (SENT, DEFERRED) == (repeated, story(bank.say(spend(), HOUR)))


def test_calendar_of_another_bank_is_not_ours() -> None:
    """N2: it stands in the same partition."""
    bank = Bank(offer())
    bank.add(night(), "", 0, 0, "", tenant="hostile")

    assert SENT == story(bank.say(spend(), HOUR))


def test_correction_names_no_calendar() -> None:
    """3.6: what came late was decided by none."""
    bank = Bank(offer())
    bank.control(night())
    trigger_id = triggers(bank.say(spend(), OPEN))[0].trigger_id
    bank.say(receipt(trigger_id, "failed"), OPEN + 1)
    (told,) = decisions(bank.say(receipt(trigger_id, "delivered"), OPEN + 2))

    assert ("cap_overrun", "", "") == (told.verdict, told.calendar, told.contact_policy)


def test_calendar_survives_a_restore() -> None:
    """B4: at any record; its row is the calendar itself."""
    bank = Bank(offer())
    bank.control(night())
    bank.control(night(replace(NIGHT, start=20 * 60), version=2))
    for at in (HOUR, OPEN, CLOSE - HOUR - 1, CLOSE - HOUR):
        bank.say(spend(), at)
        bank.tick(at)

    assert b"#calendar|0|bank" in restored_at_every_record(bank).rows
