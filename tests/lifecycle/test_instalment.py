"""Instalment push: an event by itself begins the journey, at once or on the clock `now` (T4)."""

import pytest
from msgspec.structs import replace

from schemas.campaign import EventEntry, LargePurchaseCondition, Step
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    WEEK,
    Bank,
    bill,
    issued,
    push,
    repaid,
    reversed_spend,
    spend,
    word,
)
from tests.lifecycle.by_hand import occurrence as key_of
from tests.lifecycle.told import decisions, story, triggers


def test_large_bill_is_offered_at_once() -> None:
    """The step without delay goes out with the record itself; no tick is needed."""
    bank = Bank(push())
    effects = bank.say(bill(300_000), HOUR, event_id="bill")

    assert ["-> ann offer", "push offer sent"] == story(effects)
    assert {"amount_minor": 300_000, "currency": "CNY"} == triggers(effects)[0].variables
    assert {"amount_minor": 300_000} == decisions(effects)[0].features
    assert key_of("s1", "bill") == decisions(effects)[0].occurrence_key
    assert [] == bank.row().journeys


def test_small_bill_and_one_that_may_not_be_split_are_left_alone() -> None:
    """Both conditions of a statement must hold."""
    bank = Bank(push())

    assert [] == bank.say(bill(299_999), HOUR)
    assert [] == bank.say(replace(bill(900_000), instalment_eligible=False), HOUR)


def test_bill_that_may_not_be_split_is_taken_where_policy_does_not_ask() -> None:
    """`instalment_eligible: false` asks for nothing."""
    entry = push().entry
    assert isinstance(entry, EventEntry)
    either = replace(entry.any_of[0], instalment_eligible=False)
    bank = Bank(push(entry=EventEntry(any_of=(either,))))

    assert [] != bank.say(replace(bill(300_000), instalment_eligible=False), HOUR)
    assert [] == bank.say(spend(900_000), 2 * HOUR)


@pytest.mark.parametrize(
    ("before", "amount", "large"),
    [
        # mean (40,000 + 60,000) / 2 = 50,000; three times that is 150,000
        ([40_000, 60_000], 150_000, True),
        ([40_000, 60_000], 149_999, False),
        ([10, 10], 99_999, False),  # below the least amount
        ([10, 10], 100_000, True),
        ([10], 500_000, False),  # one purchase before is no custom
        ([0, 0], 100_000, True),  # free purchases count as purchases
    ],
)
def test_purchase_is_large_against_the_own_spend(
    before: list[int],
    amount: int,
    large: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """Integers only: amount x 100 x n against 300 x sum, of the purchases before this one."""
    bank = Bank(push())
    for number, earlier in enumerate(before):
        bank.say(spend(earlier), number * DAY)

    wanted = ["-> ann offer", "push offer sent"] if large else []
    assert wanted == story(bank.say(spend(amount), WEEK))


def test_purchase_is_compared_within_its_currency() -> None:
    """Yen say nothing about yuan."""
    bank = Bank(push())
    bank.say(spend(1_000, currency="JPY"), 0)
    bank.say(spend(1_000, currency="JPY"), DAY)

    assert [] == bank.say(spend(500_000), WEEK)


def test_what_was_taken_back_still_was_a_purchase() -> None:
    """The comparison is with purchases made; a reversal does not shrink the mean."""
    bank = Bank(push())
    bank.say(spend(50_000), 0)
    bank.say(spend(50_000), DAY)
    bank.say(reversed_spend(50_000), 2 * DAY)

    assert [] == bank.say(spend(149_999), WEEK)


def test_later_step_waits_on_now_and_not_on_the_watermark() -> None:
    """T4: a schedule is read on now; a source that lags does not hold it."""
    bank = Bank(push(steps=(Step(id="offer", delay_ms=0), Step(id="again", delay_ms=2 * DAY))))
    bank.say(bill(300_000), 0)

    assert [] == bank.tick(2 * DAY - 1, watermark=0)
    assert ["-> ann again", "push again sent"] == story(bank.tick(2 * DAY, watermark=0))
    assert [] == bank.row().journeys


def test_repayment_ends_what_still_waits() -> None:
    """Exit by the statement's own repayment."""
    bank = Bank(push(steps=(Step(id="later", delay_ms=2 * DAY),)))
    bank.say(bill(300_000, statement="s7"), 0)
    bank.say(repaid("s8"), HOUR)
    assert 1 == len(bank.row().journeys)

    bank.say(repaid("s7"), HOUR)
    assert [] == bank.tick(9 * DAY)


def test_event_of_another_kind_enters_nothing() -> None:
    """Only the condition of its own type is asked."""
    bank = Bank(push())

    assert [] == bank.say(issued(), HOUR)
    assert [] == bank.row().journeys


@pytest.mark.parametrize(
    ("occurrence", "about"), [("card", "k1"), ("statement", "k1"), ("txn", "t")]
)
def test_occurrence_key_is_the_nearest_thing_the_event_is_about(
    occurrence: str, about: str
) -> None:
    """B1: card, statement or purchase, and the entry event; a purchase knows no statement."""
    entry = EventEntry(any_of=(LargePurchaseCondition(spend_count_min=0),))
    bank = Bank(push(entry=entry, occurrence=occurrence))

    decided = decisions(bank.say(spend(), HOUR, event_id="big"))
    assert key_of(about, "big") == decided[0].occurrence_key


def test_same_id_from_two_sources_is_two_occurrences() -> None:
    """B1, B2, ADR 7: two events of one statement, each offered under a key of its own."""
    bank = Bank(push())
    decided = decisions(
        bank.say(bill(300_000), HOUR, event_id="same")
        + bank.say(bill(400_000), 2 * HOUR, event_id="same", event_source="other")
    )

    # printf '\0\0\0\4core\0\0\0\4same' | b2sum -l 64, and `\0\0\0\5other` for the second
    assert [("s1|69243bb29c5e91bc", "sent"), ("s1|073753cf627da3a2", "sent")] == [
        (one.occurrence_key, one.verdict) for one in decided
    ]
    assert 2 == bank.count("applied|{}|statement.issued")


def test_same_id_from_two_sources_gives_two_decision_ids() -> None:
    """B1, ADR 7: what was suppressed leaves no trace in the row, and its id is not given again."""
    bank = Bank(push(), consent="")
    refused = bank.say(bill(300_000), HOUR, event_id="same")
    bank.say(word("granted"), 2 * HOUR)
    taken = bank.say(bill(300_000), 3 * HOUR, event_id="same", event_source="other")

    assert ["push offer suppressed NO_CONSENT"] == story(refused)
    assert ["-> ann offer", "push offer sent"] == story(taken)
    first, second = decisions(refused + taken)
    assert ("same", "same") == (first.entry_event_id, second.entry_event_id)
    assert first.trigger_id != second.trigger_id
    assert first.decision_id != second.decision_id


def test_offer_is_for_the_time_of_the_decision() -> None:
    """Times of a trigger are the tenant's now, however late the event."""
    bank = Bank(push(expires_after_ms=5 * HOUR))
    trigger = triggers(bank.say(bill(300_000), HOUR, arrived=3 * HOUR))[0]

    assert (T0 + 3 * HOUR, T0 + 3 * HOUR, T0 + 8 * HOUR) == (
        trigger.issued_at_ms,
        trigger.not_before_ms,
        trigger.expires_at_ms,
    )
