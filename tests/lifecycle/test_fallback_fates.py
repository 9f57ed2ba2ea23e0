"""What gateways say of a contact and of its fallback, and what becomes of its outcome (C1, C2)."""

import pytest

from schemas.campaign import Conversion, Step
from schemas.outcomes import OutcomeRecorded
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, spend
from tests.lifecycle.channels import fail, pushed, reach, went
from tests.lifecycle.measured import outcomes
from tests.lifecycle.told import decisions, story, triggers


BINDS = Conversion(on="wallet.bound", window_ms=DAY)


def fallen_back(**changed: object) -> tuple[Bank, str, str]:
    """Return a bank whose push failed and whose sms went out at 2 h, and the ids of both."""
    bank, trigger_id = pushed(reach(**changed))
    return bank, trigger_id, triggers(fail(bank, trigger_id))[0].trigger_id


def test_first_that_was_delivered_after_all_counts_beside_the_second() -> None:
    """
    C1: `cap_overrun`, and a cap of two is full though one contact was decided.

        1 h push    2 h failed: sms    3 h delivered all the same    4 h the next purchase
    """
    bank, trigger_id, _ = fallen_back(caps=(cap(2, DAY),))
    effects = fail(bank, trigger_id, 3 * HOUR, "delivered")
    overrun = decisions(effects)[0]

    assert ["a offer cap_overrun DELIVERED_AFTER_RELEASE"] == story(effects)
    assert (trigger_id, 0, "push", "") == (
        overrun.trigger_id,
        overrun.slot,
        overrun.channel,
        overrun.follows,
    )
    assert ["0 push suppressed CAP_CAMPAIGN"] == went(bank.say(spend(), 4 * HOUR))


def test_failure_of_the_last_channel_gives_the_place_back() -> None:
    """C1: push, sms and voice failed; nobody was contacted."""
    bank, _, own = fallen_back(caps=(cap(1, DAY),))
    last = triggers(fail(bank, own, 3 * HOUR))[0].trigger_id
    full = went(bank.say(spend(), 4 * HOUR))
    fail(bank, last, 5 * HOUR)

    assert ["0 push suppressed CAP_CAMPAIGN"] == full
    assert ["0 push sent"] == went(bank.say(spend(), 6 * HOUR))


def test_failure_told_again_after_a_late_delivery_is_nothing() -> None:
    """C1: delivered is final; no channel is tried for it again."""
    bank, trigger_id, _ = fallen_back()
    fail(bank, trigger_id, 3 * HOUR, "delivered")

    assert [] == fail(bank, trigger_id, 4 * HOUR)
    assert [False, False] == [one.released for one in bank.row().contacts]


@pytest.mark.parametrize(
    ("first", "second", "delivery"),
    [
        ("", "", "unknown"),
        ("", "delivered", "delivered"),
        ("", "submitted", "unknown"),
        ("delivered", "failed", "delivered"),
        ("delivered", "", "delivered"),
        ("", "expired", "not_sent"),
    ],
)
def test_outcome_tells_whether_any_channel_reached(first: str, second: str, delivery: str) -> None:
    """
    3.12: one exposure, that of the decision; its contact, and the others of its step.

        1 h push, opened    2 h failed: sms    3 h more receipts    25 h closes
    """
    bank, trigger_id, own = fallen_back(conversion=BINDS)
    for status, whose in ((first, trigger_id), (second, own)):
        if status:
            fail(bank, whose, 3 * HOUR, status)
    closed = outcomes(bank.tick(HOUR + DAY))

    assert [(trigger_id, 0, "not_converted", delivery)] == [told(one) for one in closed]


def told(one: OutcomeRecorded) -> tuple[str, int | None, str, str]:
    """Return whose outcome it is, its label, why, and whether it was delivered."""
    return one.trigger_id, one.label, one.reason, one.delivery


def test_fallback_of_another_step_is_no_delivery_of_this_one() -> None:
    """3.12: of its campaign, occurrence key and step."""
    steps = Step(id="offer"), Step(id="more", delay_ms=2 * HOUR)
    bank, trigger_id = pushed(reach(conversion=BINDS, steps=steps))
    fail(bank, trigger_id, 2 * HOUR, "expired")
    more = triggers(bank.tick(3 * HOUR))[0]
    fail(bank, more.trigger_id, 4 * HOUR, "delivered")
    closed = outcomes(bank.tick(3 * HOUR + DAY))

    assert [("not_sent", trigger_id), ("delivered", more.trigger_id)] == [
        (one.delivery, one.trigger_id) for one in closed
    ]


def test_second_channel_may_overrun_too() -> None:
    """C1: sms failed without a way on, and was delivered later; the correction has its slot."""
    bank, _, own = fallen_back()
    fail(bank, own, 3 * HOUR, "expired")
    overrun = decisions(fail(bank, own, 4 * HOUR, "delivered"))[0]

    assert ("cap_overrun", own, 1, "sms") == (
        overrun.verdict,
        overrun.trigger_id,
        overrun.slot,
        overrun.channel,
    )
