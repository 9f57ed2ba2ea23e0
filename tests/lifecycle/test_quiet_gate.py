"""Quiet hours as occasions ask them: whose clock, which classes, until when (O3, O4, O6)."""

from datetime import date

import pytest
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.calendar import Window
from schemas.events import PreferenceChanged, TenantConfigured
from tests.lifecycle.bills import END, billed, reminder
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, spend
from tests.lifecycle.contacts import ALL_DAY, CLOSE, NIGHT, OPEN, night, offer, on, profile
from tests.lifecycle.told import decisions, story, triggers


SENT = ["-> ann offer", "a offer sent"]
DEFERRED = ["a offer deferred QUIET_HOURS"]
UNKNOWN = ["a offer suppressed ZONE_UNKNOWN"]
CLASSES = ("marketing", "servicing", "mandatory")


def resting(message_class: str = "marketing", *windows: Window, zone: str = "UTC") -> Bank:
    """Return a bank with an offer and a calendar, by default of nights from 21:00 to 08:00."""
    bank = Bank(offer(message_class=message_class), zone=zone)
    bank.control(night(*windows))
    return bank


@pytest.mark.parametrize(
    ("at", "said"), [(OPEN - 1, DEFERRED), (OPEN, SENT), (CLOSE - 1, SENT), (CLOSE, DEFERRED)]
)
def test_night_begins_and_ends_to_the_millisecond(at: int, said: list[str]) -> None:
    """08:00 is open, 21:00 is quiet."""
    assert said == story(resting().say(spend(), at))


@pytest.mark.parametrize(
    ("message_class", "said"),
    [("marketing", DEFERRED), ("servicing", DEFERRED), ("mandatory", SENT)],
)
def test_night_binds_all_but_what_must_be_said(message_class: str, said: list[str]) -> None:
    """O3."""
    assert said == story(resting(message_class).say(spend(), HOUR))


def test_gate_tells_when_the_night_is_over() -> None:
    """3.4.8: it is asked after standing; nothing after it is."""
    told = decisions(resting().say(spend(), HOUR))[0]

    assert ("quiet", "QUIET_HOURS", {"open_at_ms": T0 + OPEN}) == (
        told.gates[-1].gate,
        told.gates[-1].reason_code,
        told.gates[-1].saw,
    )
    assert ("standing", ()) == (told.gates[-2].gate, told.candidate.caps)


def test_classes_have_windows_of_their_own() -> None:
    """A calendar without windows for servicing lets it go at night."""
    bank = Bank(offer(), offer("s", message_class="servicing"))
    bank.control(night(servicing=()))

    assert [*DEFERRED, "-> ann offer", "s offer sent"] == story(bank.say(spend(), HOUR))


@pytest.mark.parametrize(
    ("message_class", "said"), [*zip(CLASSES, (UNKNOWN, UNKNOWN, SENT), strict=True)]
)
def test_who_is_nowhere_is_left_alone(message_class: str, said: list[str]) -> None:
    """O4: neither the customer nor the bank has a zone; no calendar is needed for that."""
    bank = Bank(offer(message_class=message_class), zone="")

    assert said == story(bank.say(spend(), OPEN))
    assert [] == bank.tick(30 * DAY)  # nothing was deferred


def test_zone_of_the_profile_goes_before_the_banks() -> None:
    """T0 + 9 h is 07:13 in London, 15:13 in Shanghai."""
    bank = resting(zone="Europe/London")
    assert DEFERRED == story(bank.say(spend(), 9 * HOUR))
    bank.say(profile(zone="Asia/Shanghai"), 9 * HOUR)

    assert SENT == story(bank.say(spend(), 9 * HOUR))


def test_zone_that_nobody_knows_is_not_taken_for_the_banks() -> None:
    """3.10: no fallback from the profile's name to the bank's."""
    bank = resting()
    bank.say(profile(zone="Asia/Bejing"), HOUR)

    assert UNKNOWN == story(bank.say(spend(), OPEN))


def test_zone_of_the_bank_is_the_newest_that_it_said() -> None:
    """3.7: by order in the journal; a bank that says none any more has none."""
    bank = resting(zone="Asia/Shanghai")
    said = [story(bank.say(spend(), HOUR))]
    bank.control(TenantConfigured(time_zone="America/New_York"), HOUR)
    said.append(story(bank.say(spend(), HOUR)))  # 18:13
    bank.control(TenantConfigured(), HOUR)
    said.append(story(bank.say(spend(), HOUR)))

    assert [DEFERRED, SENT, UNKNOWN] == said


def test_without_calendar_no_hour_is_quiet() -> None:
    """A zone is all that is asked for."""
    assert SENT == story(Bank(offer()).say(spend(), HOUR))


@pytest.mark.parametrize("message_class", CLASSES)
def test_wish_of_the_customer_is_heard_beside_the_calendar(message_class: str) -> None:
    """3.10: a nap from 09:00 to 10:00 adds to the night; what must be said is said."""
    bank = resting(message_class)
    bank.say(PreferenceChanged(quiet_hours="09:00-10:00"), 0)
    said = [bank.say(spend(), at) for at in (HOUR, OPEN + HOUR, OPEN + 2 * HOUR)]

    wanted = [SENT] * 3 if message_class == "mandatory" else [DEFERRED, DEFERRED, SENT]
    assert wanted == [story(one) for one in said]


def test_night_without_end_is_spent_and_not_deferred() -> None:
    """3.4: no open moment in 14 days; nothing comes back later."""
    bank = resting("marketing", ALL_DAY)
    told = bank.say(spend(), HOUR)

    assert ["a offer suppressed QUIET_HOURS"] == story(told)
    assert {} == decisions(told)[0].gates[-1].saw
    assert ([], []) == (bank.row().journeys, bank.tick(30 * DAY))


def test_listed_day_is_quiet_as_the_calendar_says() -> None:
    """The 15th of November is a holiday on which nobody is written to; the 16th opens at 00:00."""
    bank = Bank(offer())
    bank.control(night(on("holiday"), holidays=(date(2023, 11, 15),)))
    told = decisions(bank.say(spend(), OPEN))[0]
    midnight_ms = T0 + OPEN + 16 * HOUR

    assert ("deferred", {"open_at_ms": midnight_ms}) == (told.verdict, told.gates[-1].saw)


def expiry(effects: list[Effect]) -> list[int]:
    """Return until when the triggers may be sent, after T0."""
    return [one.expires_at_ms - T0 for one in triggers(effects)]


def test_trigger_expires_when_the_next_night_begins() -> None:
    """O6: at 21:00 although it might be sent for a day."""
    assert [CLOSE] == expiry(resting().say(spend(), OPEN))


def test_trigger_expires_by_itself_where_that_is_sooner() -> None:
    """3.6: an hour is over long before the night."""
    bank = Bank(offer(expires_after_ms=HOUR))
    bank.control(night())

    assert [OPEN + HOUR] == expiry(bank.say(spend(), OPEN))


def test_what_must_be_said_may_be_said_at_night() -> None:
    """O6: mandatory aside; it has its whole day."""
    assert [OPEN + DAY] == expiry(resting("mandatory").say(spend(), OPEN))


def test_expiry_is_that_of_the_class() -> None:
    """Servicing may go on until its own night at 23:00."""
    bank = Bank(offer(), offer("s", message_class="servicing"))
    bank.control(night(servicing=(replace(NIGHT, start=23 * 60),)))

    assert [CLOSE, CLOSE + 2 * HOUR] == expiry(bank.say(spend(), OPEN))


@pytest.mark.parametrize(("end_hour", "expected"), [(21, END - 3 * HOUR), (0, END)])
def test_bill_expires_with_its_date_or_the_night_before(end_hour: int, expected: int) -> None:
    """3.6: due at 00:00 of the 2nd of December; a night from 21:00 is sooner, from 00:00 not."""
    bank = Bank(replace(reminder(), steps=reminder().steps[1:], expires_after_ms=30 * DAY))
    bank.control(night(Window(start=end_hour * 60, end=8 * 60)))
    bank.say(billed(), 0)
    sent = bank.tick(END - 12 * HOUR)

    assert [expected] == expiry(sent)


def test_customers_own_night_ends_the_time_of_a_trigger() -> None:
    """O6 follows the wish as well: 12:00, four hours after 08:00."""
    bank = resting()
    bank.say(PreferenceChanged(quiet_hours="12:00-13:00"), 0)

    assert [OPEN + 4 * HOUR] == expiry(bank.say(spend(), OPEN))


@pytest.mark.parametrize(
    ("message_class", "days"), [("marketing", 14), ("servicing", 14), ("mandatory", 30)]
)
def test_trigger_expires_where_nobody_has_looked_further(message_class: str, days: int) -> None:
    """O6: a holiday three weeks ahead is beyond the 14 days in which quiet hours are looked for."""
    bank = Bank(offer(message_class=message_class, expires_after_ms=30 * DAY))
    bank.control(night(on("holiday"), holidays=(date(2023, 12, 5),)))

    assert [OPEN + days * DAY] == expiry(bank.say(spend(), OPEN))
