"""Absence: something was expected, and what was read says that it did not come (T4, T5)."""

import pytest

from schemas.campaign import AbsenceEntry
from schemas.events import PolicyPublished
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    issued,
    nudge,
    receipt,
    repaid,
    spend,
    wallet_bound,
)
from tests.lifecycle.by_hand import identity, occurrence, uuid8
from tests.lifecycle.told import decisions, story


ISSUED = issued()
ACTIVATED = activated()


def test_absence_is_concluded_from_the_watermark_only() -> None:
    """
    T4: a lagging source delays a nudge; now alone never causes one.

        day        0 ........ 3 ............ 5
        ann        issued     due            |
        now        ---------------------->   5
        watermark  -------> 2.9   then ---> 3
    """
    bank = Bank(nudge())
    bank.say(ISSUED, 0)

    assert [] == bank.tick(5 * DAY, watermark=3 * DAY - 1)
    assert ["-> ann first", "nudge first sent"] == story(bank.tick(5 * DAY, watermark=3 * DAY))


def test_absence_waits_for_what_a_late_source_may_still_bring() -> None:
    """
    T5: never due before arrival + the source's declared lateness.

        hour   0        72            80      86
        ann    issued   event + 72 h  arrives + 6 h lateness: due
    """
    bank = Bank(nudge())
    bank.say(ISSUED, 0, arrived=80 * HOUR, lateness_ms=6 * HOUR)

    assert [] == bank.tick(86 * HOUR - 1)
    assert ["-> ann first", "nudge first sent"] == story(bank.tick(86 * HOUR))


def test_activation_that_comes_within_the_lateness_is_waited_for() -> None:
    """
    T5, ADR 9: what happened before the due time may be read up to the declared lateness later.

        hour   0        71          72            77         78
        ann    issued   activated   event + 72 h  it comes   due, had it not come
    """
    bank, other = Bank(nudge()), Bank(nudge())
    bank.say(ISSUED, 0, lateness_ms=6 * HOUR)
    other.say(ISSUED, 0, lateness_ms=6 * HOUR)

    assert [] == bank.tick(77 * HOUR)
    bank.say(ACTIVATED, 71 * HOUR, arrived=77 * HOUR)
    assert [] == bank.tick(30 * DAY)
    assert [] == other.tick(78 * HOUR - 1)
    assert ["-> ann first", "nudge first sent"] == story(other.tick(78 * HOUR))


def test_activation_cancels_what_is_pending() -> None:
    """An exit ends the journey at once: neither step goes out."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.say(ACTIVATED, 2 * DAY)

    assert [] == bank.row().journeys
    assert [] == bank.tick(30 * DAY)


def test_activation_between_the_steps_cancels_the_second() -> None:
    """The first nudge was right and stays so; the second is never made."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.tick(3 * DAY)

    assert [] == bank.say(ACTIVATED, 4 * DAY)
    assert [] == bank.tick(30 * DAY)


def test_late_activation_invalidates_the_nudge_that_went_out() -> None:
    """
    A late truth corrects the record once, and cancels what is still pending.

        day   0       2                3     4
        ann   issued  activates . . .  sent  the activation arrives: invalidated
    """
    bank = Bank(nudge())
    bank.say(ISSUED, 0, event_id="issue")
    sent = decisions(bank.tick(3 * DAY))[0]
    corrections = decisions(bank.say(ACTIVATED, 2 * DAY, arrived=4 * DAY, event_id="truth"))

    assert ["nudge first invalidated LATE_TRUTH"] == story(corrections)
    assert sent.trigger_id == corrections[0].trigger_id
    assert "truth" == corrections[0].entry_event_id
    assert T0 + 4 * DAY == corrections[0].decided_at_ms
    assert ("hash-nudge", {}) == (corrections[0].policy_hash, corrections[0].features)
    assert bank.row().contacts[0].invalidated
    assert [] == bank.say(ACTIVATED, 2 * DAY - 1, arrived=5 * DAY)
    assert [] == bank.tick(30 * DAY)


def test_correction_has_an_id_of_the_event_that_brought_the_truth() -> None:
    """B1, ADR 7: of the trigger and the event, so that namesakes give two records two ids."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    trigger_id = decisions(bank.tick(3 * DAY))[0].trigger_id
    bank.say(receipt(trigger_id, "failed"), 4 * DAY)
    delivered = receipt(trigger_id, "delivered")
    overrun = bank.say(delivered, 4 * DAY, event_id="same", event_source="gateway")
    disproof = bank.say(ACTIVATED, 2 * DAY, arrived=4 * DAY, event_id="same")

    assert ["nudge first cap_overrun DELIVERED_AFTER_RELEASE"] == story(overrun)
    assert ["nudge first invalidated LATE_TRUTH"] == story(disproof)
    assert [
        uuid8("decision", trigger_id, identity("same", "gateway")),
        uuid8("decision", trigger_id, identity("same", "core")),
    ] == [corrected.decision_id for corrected in decisions(overrun + disproof)]


def test_activation_after_the_nudge_disproves_nothing() -> None:
    """At the very moment of the decision it had not happened before it: strictly earlier counts."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.tick(3 * DAY)

    assert [] == decisions(bank.say(ACTIVATED, 3 * DAY))
    assert not bank.row().contacts[0].invalidated


def test_late_activation_of_another_card_disproves_nothing() -> None:
    """Truth about one card says nothing about another."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.tick(3 * DAY)

    assert [] == bank.say(activated("k2"), DAY, arrived=4 * DAY)


def test_issue_that_arrives_after_the_activation_enters_nothing() -> None:
    """T6: out of order, the milestones say at once that nothing is missing."""
    bank = Bank(nudge())
    bank.say(ACTIVATED, 2 * DAY)
    bank.say(ISSUED, 0, arrived=3 * DAY)

    assert [] == bank.row().journeys


def test_second_issue_of_a_card_enters_nothing() -> None:
    """A card is issued once: only the event that sets the milestone begins a journey."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.say(ISSUED, DAY)

    assert [occurrence("k1", "e2")] == [journey.occurrence_key for journey in bank.row().journeys]


def test_each_card_of_a_customer_has_a_journey_of_its_own() -> None:
    """Activating one card leaves the nudge of the other."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.say(issued("k2"), HOUR)
    bank.say(ACTIVATED, DAY)
    sent = decisions(bank.tick(3 * DAY + HOUR))

    assert ["k2"] == [decision.card_token for decision in sent]
    assert [{"waited_ms": 3 * DAY}] == [decision.features for decision in sent]


def test_steps_that_fell_due_together_are_one_occasion() -> None:
    """O1, T8: after an outage of 8 days both steps are due; one goes out, the other has lost."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)

    wanted = ["-> ann first", "nudge first sent", "nudge second suppressed LOST_ARBITRATION"]
    assert wanted == story(bank.tick(8 * DAY))
    assert [] == bank.row().journeys


def test_expected_event_ends_the_journey_even_if_the_exits_forget_it() -> None:
    """`without` is an exit by its meaning."""
    assert () == nudge().exit_on
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    bank.say(ACTIVATED, HOUR)

    assert [] == bank.row().journeys


def test_exit_ends_only_the_journey_it_is_about() -> None:
    """Occurrence `card`: an event of another card, or of none, is no exit."""
    bank = Bank(nudge(exit_on=("txn.posted", "consent.changed")))
    bank.say(ISSUED, 0)
    bank.say(spend(card="k2"), HOUR)

    assert 1 == len(bank.row().journeys)
    bank.say(spend(card="k1"), HOUR)
    assert [] == bank.row().journeys


def test_any_milestone_may_be_what_is_missing() -> None:
    """Activated but not bound to a wallet within three days."""
    entry = AbsenceEntry(after="card.activated", without="wallet.bound")
    bank = Bank(nudge(entry=entry))
    bank.say(ACTIVATED, 0)
    bank.say(activated("k2"), 0)
    bank.say(wallet_bound("k2"), HOUR)
    sent = decisions(bank.tick(3 * DAY))

    assert ["k1"] == [decision.card_token for decision in sent]


@pytest.mark.parametrize(
    ("statement", "ends"),
    [("s1", True), ("s2", False), ("", True)],
    ids=["its own", "another", "unknown, of its card"],
)
def test_repayment_ends_the_reminder_of_its_statement(statement: str, ends: bool) -> None:  # noqa: FBT001
    """Occurrence `statement`: the event's statement decides, its card where it names none."""
    entry = AbsenceEntry(after="statement.issued", without="repayment.received")
    bank = Bank(nudge(entry=entry, occurrence="statement"))
    bank.say(bill(500, statement="s1"), 0)
    bank.say(repaid(statement), DAY)

    assert ends == (not bank.row().journeys)


def test_occurrence_txn_ends_with_any_exit() -> None:
    """A journey that is about no card and no statement ends with whatever its exits name."""
    bank = Bank(nudge(occurrence="txn", exit_on=("txn.posted",)))
    bank.say(ISSUED, 0)
    bank.say(spend(card="k9"), HOUR)

    assert [] == bank.row().journeys


def test_journey_keeps_the_steps_it_entered_with() -> None:
    """P1: due times belong to the version at entry, content and gates to the active one."""
    bank = Bank(nudge())
    bank.say(ISSUED, 0)
    newer = nudge(version=2, steps=(nudge().steps[0],), trigger_type="softer")
    bank.control(PolicyPublished(campaign=newer, policy_hash="hash-2"), DAY)
    decided = decisions(bank.tick(3 * DAY)) + decisions(bank.tick(7 * DAY))

    assert ["first", "second"] == [decision.step for decision in decided]
    assert [(2, "hash-2")] * 2 == [(one.policy_version, one.policy_hash) for one in decided]
