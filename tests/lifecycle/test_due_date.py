"""Due dates: a bill is not repaid, and its due date ends soon (T4, T5; 3.2 step 10)."""

from datetime import date

import pytest
from msgspec.structs import replace

from schemas.campaign import DueDateEntry, Step
from schemas.state import STATEMENTS_MAX
from tests.lifecycle.bills import END, FIRST, LAST, SENT_FIRST, SENT_LAST, autopay, billed, reminder
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, spend
from tests.lifecycle.by_hand import occurrence
from tests.lifecycle.told import decisions, story, triggers


def test_reminders_come_before_the_due_date_ends() -> None:
    """
    Three days and one day before the end of 1 December, in UTC, and never again.

        T0 (14 Nov)   29 Nov 00:00    1 Dec 00:00    2 Dec 00:00
        bill          first           last           end
    """
    bank = Bank(reminder())
    bank.say(billed(), 0)

    assert [] == bank.tick(FIRST - 1)
    assert SENT_FIRST == story(bank.tick(FIRST))
    assert [] == bank.tick(LAST - 1)
    assert SENT_LAST == story(bank.tick(LAST))
    assert [] == bank.row().journeys
    assert [] == bank.tick(30 * DAY)


def test_reminder_waits_for_what_was_read() -> None:
    """
    T4: that nothing was repaid is an absence; a source that lags delays it, now alone never fires.

        now        ------> FIRST + 1 h
        watermark  -----> FIRST - 1 ms    then FIRST
    """
    bank = Bank(reminder())
    bank.say(billed(), 0)

    assert [] == bank.tick(FIRST + HOUR, watermark=FIRST - 1)
    assert SENT_FIRST == story(bank.tick(FIRST + HOUR, watermark=FIRST))


def test_bill_that_comes_late_waits_for_late_repayments() -> None:
    """
    T5, ADR 9: a step is due the declared lateness after its time, or after the bill's arrival.

        FIRST    FIRST + 1 h    FIRST + 7 h    LAST    LAST + 6 h
                 bill arrives   first                  last
    """
    bank = Bank(reminder())
    bank.say(billed(), 0, arrived=FIRST + HOUR, lateness_ms=6 * HOUR)

    assert [] == bank.tick(FIRST + 7 * HOUR - 1)
    assert SENT_FIRST == story(bank.tick(FIRST + 7 * HOUR))
    assert [T0 + LAST + 6 * HOUR] == [step.due_at_ms for step in bank.row().journeys[0].due_steps]


@pytest.mark.parametrize(("arrived", "steps"), [(END - 1, ["first", "last"]), (END, [])])
def test_step_at_the_end_of_the_due_date_does_not_exist(arrived: int, steps: list[str]) -> None:
    """3.2.10: due strictly before the end, or not at all; no step, no journey."""
    bank = Bank(reminder())
    bank.say(billed(), 0, arrived=arrived)

    journeys = bank.row().journeys
    assert steps == [step.step for journey in journeys for step in journey.due_steps]
    assert bool(steps) == bool(journeys)
    assert 1 == bank.count("applied|{}|statement.issued")


def test_step_without_lead_does_not_exist() -> None:
    """Its time would be the end itself; the others are as they are."""
    bank = Bank(reminder(steps=(Step(id="at_end"), Step(id="ahead", lead_ms=1))))
    bank.say(billed(), 0)

    assert [("ahead", T0 + END - 1)] == [
        (step.step, step.due_at_ms) for step in bank.row().journeys[0].due_steps
    ]


@pytest.mark.parametrize(
    ("late_ms", "told"), [(-1, SENT_LAST), (0, ["remind last suppressed NOT_APPLICABLE"])]
)
def test_tick_that_comes_after_the_end_reminds_of_nothing(late_ms: int, told: list[str]) -> None:
    """3.4 gate 6: after an outage the due date may be over; nobody is sent to pay in time."""
    bank = Bank(reminder(steps=(Step(id="last", lead_ms=DAY),)))
    bank.say(billed(), 0)
    effects = bank.tick(END + late_ms, watermark=LAST)

    assert told == story(effects)
    assert [{"amount_minor": 900, "due_in_ms": -late_ms}] == [
        decided.features for decided in decisions(effects)
    ]


def test_gateway_may_not_remind_after_the_end() -> None:
    """3.6: `expires_at_ms` is never above the end of the due date."""
    bank = Bank(reminder(expires_after_ms=36 * HOUR))
    bank.say(billed(), 0)
    sent = triggers(bank.tick(FIRST)) + triggers(bank.tick(LAST))

    assert [T0 + FIRST + 36 * HOUR, T0 + END] == [trigger.expires_at_ms for trigger in sent]


@pytest.mark.parametrize(("total_due_minor", "enters"), [(499, False), (500, True)])
def test_small_bill_enters_nothing(total_due_minor: int, enters: bool) -> None:  # noqa: FBT001
    """The policy's least amount; at the least itself it enters."""
    bank = Bank(reminder(entry=DueDateEntry(total_due_minor_min=500)))
    bank.say(billed(total_due_minor), 0)

    assert enters == bool(bank.row().journeys)


def test_bill_that_may_be_a_repeat_enters_nothing() -> None:
    """B2: at or below the ring's floor nobody knows whether it has been here before."""
    bank = Bank(reminder(), consent="")
    for number in range(33):
        bank.say(spend(), 2 * DAY + number)
    bank.say(billed(), 2 * DAY, arrived=3 * DAY)

    assert T0 + 2 * DAY == bank.row().ring_floor_at_ms
    assert [] == bank.row().journeys


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([autopay("active")], ["remind first suppressed NOT_APPLICABLE"]),
        ([autopay("active"), autopay("cancelled")], SENT_FIRST),
        ([autopay("active", card="k2")], SENT_FIRST),
    ],
)
def test_card_with_autopay_is_not_reminded(said: list[object], told: list[str]) -> None:
    """3.4 gate 6: its bills are paid by themselves, as long as that is so."""
    bank = Bank(reminder())
    bank.say(billed(), 0)
    for number, one in enumerate(said, 1):
        bank.say(one, number * HOUR)

    assert told == story(bank.tick(FIRST))


def test_bill_that_is_not_kept_any_more_is_not_spoken_of() -> None:
    """
    3.4 gate 6, 3.6: of 13 open bills the oldest is forgotten; its amount and its time are 0.

    Servicing all goes: the other twelve are reminded of on the same occasion.
    """
    bank = Bank(reminder(steps=(Step(id="first", lead_ms=3 * DAY),)))
    for number in range(STATEMENTS_MAX + 1):
        bank.say(billed(statement=f"s{number:02}"), number)
    decided = decisions(bank.tick(FIRST))

    assert [("NOT_APPLICABLE", {"amount_minor": 0, "due_in_ms": 0})] + [
        ("", {"amount_minor": 900, "due_in_ms": 3 * DAY})
    ] * STATEMENTS_MAX == [(one.reason_code, one.features) for one in decided]
    assert "s00" == decided[0].occurrence_key.partition("|")[0]


def test_bill_that_was_corrected_is_spoken_of_as_it_is_now() -> None:
    """
    3.8: of two bills of one id the later counts; each begins a journey of its own (B1).

        T0 bill of 900 for 1 Dec    1 h the same for 600, 2 Dec    both journeys speak of the latter
    """
    bank = Bank(reminder(steps=(Step(id="first", lead_ms=3 * DAY),)))
    bank.say(billed(900), 0)
    bank.say(billed(600, due_date=date(2023, 12, 2)), HOUR)
    early, later = bank.tick(FIRST), bank.tick(FIRST + DAY)

    wanted = {"amount_minor": 600, "currency": "CNY", "due_date": "2023-12-02"}
    assert [wanted, wanted] == [trigger.variables for trigger in triggers(early + later)]
    assert [4 * DAY, 3 * DAY] == [one.features["due_in_ms"] for one in decisions(early + later)]


@pytest.mark.parametrize("occurrence_said", ["card", "txn", "statement"])
def test_due_date_is_its_statements_whatever_the_policy_says(occurrence_said: str) -> None:
    """3.2.10: else nobody could tell which bill a journey is about."""
    bank = Bank(reminder(occurrence=occurrence_said))
    bank.say(billed(), 0, event_id="bill")

    assert [occurrence("s1", "bill")] == [one.occurrence_key for one in bank.row().journeys]


def test_two_steps_that_fell_due_together_both_go() -> None:
    """O1, O3: servicing neither competes nor loses; its own caps are what bounds it."""
    bank = Bank(reminder())
    bank.say(billed(), 0)

    assert SENT_FIRST + SENT_LAST == story(bank.tick(END - 1))


def test_reminder_goes_beside_an_offer() -> None:
    """O1: at one occasion a marketing winner and a reminder."""
    offer = reminder(
        id="offer", message_class="marketing", purpose="offers", steps=reminder().steps[:1]
    )
    bank = Bank(offer, replace(offer, id="other"), reminder())
    bank.say(billed(), 0)

    wanted = ["-> ann first", "offer first sent", "other first suppressed LOST_ARBITRATION"]
    assert wanted + SENT_FIRST == story(bank.tick(FIRST))
