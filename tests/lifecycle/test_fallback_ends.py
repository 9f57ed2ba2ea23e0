"""What ends the way to the next channel: time, exits, late truth, a paid bill (3.14, O7)."""

import pytest

from schemas.events import PolicyPublished, TenantConfigured
from tests.lifecycle.bills import END, FIRST, billed, paid, reminder
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, activated, issued, nudge, spend, win_back
from tests.lifecycle.channels import SMS_SENT, agree, by, fail, pushed, reach, then, went
from tests.lifecycle.measured import cancelled
from tests.lifecycle.told import decisions, triggers


@pytest.mark.parametrize(("late_ms", "wanted"), [(0, []), (-1, SMS_SENT)])
def test_nothing_is_tried_when_the_trigger_has_expired(late_ms: int, wanted: list[str]) -> None:
    """3.14: now < expires_at_ms, two hours after one o'clock; the same end for the next."""
    bank, trigger_id = pushed(reach(expires_after_ms=2 * HOUR))
    effects = fail(bank, trigger_id, 3 * HOUR + late_ms)

    assert wanted == went(effects)
    assert [T0 + 3 * HOUR] * len(wanted) == [one.expires_at_ms for one in triggers(effects)]


def test_expiry_is_that_of_its_own_day_where_that_is_sooner() -> None:
    """3.14: not above the contact's; a new version lets a message live for an hour only."""
    bank, trigger_id = pushed(reach())
    newer = reach(version=2, expires_after_ms=HOUR)
    bank.control(PolicyPublished(campaign=newer, policy_hash="h"), HOUR)

    assert [T0 + 3 * HOUR] == [one.expires_at_ms for one in triggers(fail(bank, trigger_id))]


def test_exit_between_ends_it() -> None:
    """O7: the trigger was taken back; a failure after that leads nowhere."""
    absent = nudge(treatment=by("push"), fallbacks=(then("sms"),))
    bank = agree(Bank(absent, consent=""), "push", "sms")
    bank.say(issued(), 0)
    sent = triggers(bank.tick(3 * DAY))
    effects = bank.say(activated(), 3 * DAY)

    assert ["EXITED"] == cancelled(effects)
    assert [] == fail(bank, sent[0].trigger_id, 3 * DAY + HOUR)


def test_late_truth_between_ends_it() -> None:
    """
    3.14: the card was activated before the decision; nobody is to be asked in another channel.

        0 d issued    2 d activated . . . . . arrives 3 d 1 h    3 d push    3 d 2 h failed
    """
    absent = nudge(treatment=by("push"), fallbacks=(then("sms"),))
    bank = agree(Bank(absent, consent=""), "push", "sms")
    bank.say(issued(), 0)
    sent = triggers(bank.tick(3 * DAY))
    bank.say(activated(), 2 * DAY, arrived=3 * DAY + HOUR)

    assert [] == fail(bank, sent[0].trigger_id, 3 * DAY + 2 * HOUR)


def test_late_truth_after_it_corrects_both() -> None:
    """3.2.8: released contacts, too: neither was due."""
    absent = nudge(treatment=by("push"), fallbacks=(then("sms"),))
    bank = agree(Bank(absent, consent=""), "push", "sms")
    bank.say(issued(), 0)
    sent = triggers(bank.tick(3 * DAY))
    fail(bank, sent[0].trigger_id, 3 * DAY + HOUR)
    effects = bank.say(activated(), 2 * DAY, arrived=3 * DAY + 2 * HOUR)

    assert [
        "0 push invalidated LATE_TRUTH",
        "1 sms invalidated LATE_TRUTH",
    ] == [f"{one.slot} {one.channel} {one.verdict} {one.reason_code}" for one in decisions(effects)]
    assert ["LATE_TRUTH"] == cancelled(effects)


@pytest.mark.parametrize(("bought_at", "wanted"), [(None, SMS_SENT), (90 * DAY + HOUR, [])])
def test_silence_that_is_over_needs_no_other_channel(
    bought_at: int | None, wanted: list[str]
) -> None:
    """
    3.14: a purchase replaces a silence journey (3.2.10), and ends what is tried of it.

        0 d, 7 d, 14 d purchases    90 d push    90 d 1 h a purchase, or none    90 d 2 h failed
    """
    silence = win_back(treatment=by("push"), fallbacks=(then("sms"),))
    bank = agree(Bank(silence, consent=""), "push", "sms")
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    sent = triggers(bank.tick(90 * DAY))
    if bought_at is not None:
        bank.say(spend(), bought_at)
    effects = fail(bank, sent[0].trigger_id, 90 * DAY + 2 * HOUR)

    assert wanted == went(effects)
    assert [{"silent_days": 76}] * len(wanted) == [one.variables for one in triggers(effects)]


def test_bill_is_reminded_of_in_the_next_channel_as_it_is_now() -> None:
    """3.6: a part was paid between; not after the end of its date, though it lives for a week."""
    bill = reminder(treatment=by("push"), fallbacks=(then("sms"),), expires_after_ms=7 * DAY)
    bank = Bank(bill, consent="")
    bank.say(billed(900), 0)
    sent = triggers(bank.tick(FIRST))
    bank.say(paid(400), FIRST + HOUR)
    effects = fail(bank, sent[0].trigger_id, FIRST + 2 * HOUR)

    assert SMS_SENT == went(effects)
    assert [(500, T0 + END)] == [
        (one.variables["amount_minor"], one.expires_at_ms) for one in triggers(effects)
    ]


def test_bill_that_is_paid_between_needs_no_other_channel() -> None:
    """O7: the repayment took the trigger back."""
    bank = Bank(reminder(treatment=by("push"), fallbacks=(then("sms"),)), consent="")
    bank.say(billed(900), 0)
    sent = triggers(bank.tick(FIRST))

    assert ["EXITED"] == cancelled(bank.say(paid(900), FIRST + HOUR))
    assert [] == fail(bank, sent[0].trigger_id, FIRST + 2 * HOUR)


def test_shadow_tries_nothing_and_is_the_end() -> None:
    """T7: the bank went back before its first day; what failed then is not tried later."""
    bank, trigger_id = pushed()
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0 + DAY), HOUR)
    first = fail(bank, trigger_id)
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0), 3 * HOUR)

    assert ([], []) == (first, fail(bank, trigger_id, 4 * HOUR))
