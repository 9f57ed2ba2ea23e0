"""Repayments: a bill that is repaid ends its reminders, or shows that one was wrong (3.2 8, 9)."""

import pytest

from tests.lifecycle.bills import END, FIRST, SENT_FIRST, billed, paid, reminder
from tests.lifecycle.builders import DAY, HOUR, Bank
from tests.lifecycle.told import decisions, story, triggers


@pytest.mark.parametrize(
    ("repayments", "left"),
    [
        ([paid(900)], None),
        ([paid(899)], 1),
        ([paid(500), paid(399)], 1),
        ([paid(500), paid(400)], None),
        ([paid(900, currency="USD")], 900),
        ([paid(900, statement="s2")], 900),
        ([paid(900, statement="")], None),  # of the card, which bill nobody knows
        ([paid(899, statement="")], 900),  # too little for the bill, so it is of something else
        ([paid(500), paid(400, statement="")], None),  # enough for what is left
        ([paid(900, statement="", card="k2")], 900),
    ],
)
def test_bill_repaid_in_full_ends_the_journey(repayments: list[object], left: int | None) -> None:
    """3.2.9, 3.8: a part of it leaves a reminder of the rest; `left` None means none."""
    bank = Bank(reminder())
    bank.say(billed(900), 0)
    for number, repayment in enumerate(repayments, 1):
        bank.say(repayment, number * HOUR)

    assert (left is None) == (not bank.row().journeys)
    effects = bank.tick(FIRST)
    assert [{"amount_minor": left, "due_in_ms": 3 * DAY}] * (left is not None) == [
        decided.features for decided in decisions(effects)
    ]
    assert [{"amount_minor": left, "currency": "CNY", "due_date": "2023-12-01"}] * (
        left is not None
    ) == [trigger.variables for trigger in triggers(effects)]


def test_repayment_between_the_steps_ends_what_is_left() -> None:
    """The first reminder was right and stays so."""
    bank = Bank(reminder())
    bank.say(billed(), 0)
    bank.tick(FIRST)

    assert [] == decisions(bank.say(paid(), FIRST + 1))
    assert [] == bank.row().journeys
    assert [] == bank.tick(END)


def test_part_of_a_bill_is_an_exit_where_policy_says_so() -> None:
    """3.2.9: `exit_on` ends at any repayment of the bill, or of its card; of no other."""
    bank = Bank(reminder(exit_on=("repayment.received",)))
    bank.say(billed(900, statement="s1"), 0)
    bank.say(billed(900, statement="s2", card="k2"), 0)
    bank.say(paid(1, statement="s1"), HOUR)
    assert ["s2"] == [key.occurrence_key.partition("|")[0] for key in bank.row().journeys]

    bank.say(paid(1, statement="", card="k2"), 2 * HOUR)
    assert [] == bank.row().journeys


def test_repayment_too_old_to_be_counted_ends_what_others_have_repaid() -> None:
    """
    3.2.3, 3.2.9: it adds nothing to what was paid; the bill is looked at all the same.

        day   -100 repayment of 900     0 bill of 900    1 arrives: 900 still open
    """
    bank = Bank(reminder())
    bank.say(billed(900), 0)
    bank.say(paid(900), -100 * DAY, arrived=DAY)

    assert 1 == bank.count("ignored|{}|LATE_FOR_COUNTERS")
    assert [{"amount_minor": 900, "due_in_ms": 3 * DAY}] == [
        decided.features for decided in decisions(bank.tick(FIRST))
    ]


def test_bill_that_is_repaid_already_enters_nothing() -> None:
    """Out of order: the repayment was read before the bill."""
    bank = Bank(reminder())
    bank.say(paid(900), 2 * HOUR)
    bank.say(billed(900), 0, arrived=3 * HOUR)

    assert [] == bank.row().journeys


def test_statement_is_known_by_all_of_its_id() -> None:
    """3.2.8, 3.2.9: the id is what stands before the last `|`, whatever a core puts into ids."""
    bank = Bank(reminder())
    bank.say(billed(statement="a|b"), 0)
    bank.say(billed(statement="a|c"), 0)
    bank.say(paid(statement="a|c"), HOUR)

    assert SENT_FIRST == story(bank.tick(FIRST))
    assert ["remind first invalidated LATE_TRUTH"] == story(
        bank.say(paid(statement="a|b"), 2 * HOUR, arrived=FIRST + 1)
    )


def test_late_repayment_invalidates_the_reminder_that_went_out() -> None:
    """
    3.2.8: it had been repaid when the reminder was decided on; the rest of the journey ends.

        day   0 bill    5 is repaid . . . .    FIRST sent    FIRST + 1 h arrives: invalidated
    """
    bank = Bank(reminder())
    bank.say(billed(), 0)
    bank.tick(FIRST)
    corrected = bank.say(paid(), 5 * DAY, arrived=FIRST + HOUR, event_id="truth")

    assert ["remind first invalidated LATE_TRUTH"] == story(corrected)
    assert ("truth", "k1", {}) == (
        decisions(corrected)[0].entry_event_id,
        decisions(corrected)[0].card_token,
        decisions(corrected)[0].features,
    )
    assert [] == bank.row().journeys
    assert [] == bank.say(paid(1), 5 * DAY, arrived=FIRST + 2 * HOUR)


def test_late_repayment_before_the_bill_disproves_it_too() -> None:
    """3.2.8: only that it was before the decision counts, not that it was after the entry."""
    bank = Bank(reminder())
    bank.say(billed(), DAY)
    bank.tick(FIRST)

    assert ["remind first invalidated LATE_TRUTH"] == story(
        bank.say(paid(), 0, arrived=FIRST + HOUR)
    )


@pytest.mark.parametrize(
    ("repayment", "at"),
    [
        (paid(899), 5 * DAY),  # a part
        (paid(statement="s2"), 5 * DAY),  # another bill
        (paid(statement=""), 5 * DAY),  # nobody knows which: ends the journey, proves nothing
        (paid(), FIRST),  # at the moment of the decision it had not happened before it
    ],
)
def test_repayment_that_disproves_nothing(repayment: object, at: int) -> None:
    """3.2.8: of this bill, in full with it, strictly before the decision; or the reminder stays."""
    bank = Bank(reminder())
    bank.say(billed(), 0)
    bank.tick(FIRST)

    assert [] == decisions(bank.say(repayment, at, arrived=FIRST + HOUR))
    assert not bank.row().contacts[0].invalidated


def test_bill_corrected_to_what_was_paid_is_not_reminded_of() -> None:
    """
    3.4 gate 6: no repayment ended the journey, and nothing is owed any more.

        T0 bill of 900    1 h 600 paid    2 h the same bill, corrected to 600    FIRST
    """
    bank = Bank(reminder())
    bank.say(billed(900), 0)
    bank.say(paid(600), HOUR)
    bank.say(billed(600), 2 * HOUR)
    effects = bank.tick(FIRST)

    assert ["remind first suppressed NOT_APPLICABLE"] == story(effects)
    assert [{"amount_minor": 0, "due_in_ms": 3 * DAY}] == [
        decided.features for decided in decisions(effects)
    ]
