"""What concerns a whole tenant: policies, kill switches, and repeats of them (B2, P1)."""

import pytest

from schemas.events import HistoryEnded, KillSwitchSet, PolicyPublished
from schemas.state_tenant import CONTROLS_MAX
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    TENANT,
    Bank,
    bill,
    issued,
    nudge,
    push,
    spend,
    win_back,
)
from tests.lifecycle.told import decisions, story


def test_kill_switch_stops_and_resumes() -> None:
    """What fell due while it was engaged stays unsent; what comes after goes out."""
    bank = Bank(push())
    bank.control(KillSwitchSet(engaged=True, campaign_id="push"), HOUR)
    stopped = bank.say(bill(300_000), 2 * HOUR)
    bank.control(KillSwitchSet(engaged=False, campaign_id="push"), 3 * HOUR)
    resumed = bank.say(bill(300_000), 4 * HOUR)

    assert ["push offer suppressed KILL_SWITCH"] == story(stopped)
    assert ["-> ann offer", "push offer sent"] == story(resumed)


def test_kill_switch_of_one_campaign_leaves_the_others() -> None:
    """It names what it stops."""
    bank = Bank(push(id="a"), push(id="b"))
    bank.control(KillSwitchSet(engaged=True, campaign_id="a"), HOUR)

    wanted = ["a offer suppressed KILL_SWITCH", "-> ann offer", "b offer sent"]
    assert wanted == story(bank.say(bill(300_000), 2 * HOUR))


def test_kill_switch_of_the_bank_leaves_those_of_campaigns() -> None:
    """Resuming the bank does not resume a campaign that was paused by itself."""
    bank = Bank(push())
    bank.control(KillSwitchSet(engaged=True, campaign_id="push"), 0)
    bank.control(KillSwitchSet(engaged=True), 0)
    all_stopped = decisions(bank.say(bill(300_000), HOUR))
    bank.control(KillSwitchSet(engaged=False), 2 * HOUR)
    one_stopped = decisions(bank.say(bill(300_000), 3 * HOUR))

    assert ["TENANT_PAUSED"] == [decision.reason_code for decision in all_stopped]
    assert ["KILL_SWITCH"] == [decision.reason_code for decision in one_stopped]


def test_spent_step_does_not_come_back_after_the_switch() -> None:
    """A step is spent whatever the verdict: nothing is sent late by surprise."""
    bank = Bank(nudge(steps=nudge().steps[:1]))
    bank.say(issued(), 0)
    bank.control(KillSwitchSet(engaged=True), DAY)
    assert ["nudge first suppressed TENANT_PAUSED"] == story(bank.tick(3 * DAY))
    bank.control(KillSwitchSet(engaged=False), 4 * DAY)

    assert [] == bank.tick(30 * DAY)


@pytest.mark.parametrize("version", [3, 2])
def test_policy_that_is_not_newer_is_stale(version: int) -> None:
    """The active version stays, also against another content of the same version."""
    bank = Bank(push(version=3))
    stale = push(version=version, trigger_type="other")
    bank.control(PolicyPublished(campaign=stale, policy_hash="other"), HOUR)
    decided = decisions(bank.say(bill(300_000), 2 * HOUR))

    assert [(3, "hash-push")] == [(one.policy_version, one.policy_hash) for one in decided]
    assert 1 == bank.count("control|{}|STALE_VERSION")
    assert 1 == bank.count("control|{}|policy.published")


def test_policy_of_another_kind_is_refused() -> None:
    """Customers on their way wait on the clock of the kind that they entered under."""
    bank = Bank(push())
    other = nudge(id="push", version=2)
    bank.control(PolicyPublished(campaign=other, policy_hash="other"), HOUR)
    decided = decisions(bank.say(bill(300_000), 2 * HOUR))

    assert ["hash-push"] == [one.policy_hash for one in decided]
    assert 1 == bank.count("control|{}|OTHER_KIND")


def test_newer_policy_decides_from_its_place_in_the_journal() -> None:
    """What was decided before stays; what comes after meets the new one."""
    bank = Bank(push())
    before = decisions(bank.say(bill(300_000), HOUR))
    dearer = push(version=2, message_class="servicing", purpose="service")
    bank.control(PolicyPublished(campaign=dearer, policy_hash="second"), 2 * HOUR)
    after = decisions(bank.say(bill(300_000), 3 * HOUR))

    assert ["hash-push", "second"] == [one.policy_hash for one in before + after]


def test_repeated_control_record_changes_nothing() -> None:
    """B2: an old `resume` that a producer sends again does not lift a newer stop."""
    bank = Bank(push())
    bank.control(KillSwitchSet(engaged=False), HOUR, "resume")
    bank.control(KillSwitchSet(engaged=True), 2 * HOUR, "stop")
    bank.control(KillSwitchSet(engaged=False), 3 * HOUR, "resume")

    assert ["push offer suppressed TENANT_PAUSED"] == story(bank.say(bill(300_000), 4 * HOUR))
    assert (1, 2) == (
        bank.count("control|{}|DUPLICATE"),
        bank.count("control|{}|kill_switch.set"),
    )


def test_end_of_a_history_changes_nothing_here() -> None:
    """It is for ingest alone; should one reach the journal, it is counted and that is all."""
    bank = Bank(push())
    bank.control(HistoryEnded(), HOUR)

    assert 1 == bank.count("control|{}|history.ended")
    assert ["-> ann offer", "push offer sent"] == story(bank.say(bill(300_000), 2 * HOUR))


def test_memory_of_control_records_is_bounded() -> None:
    """The last 32 are known; an older one would take effect again."""
    bank = Bank()
    for number in range(CONTROLS_MAX + 1):
        bank.control(KillSwitchSet(engaged=True), HOUR, f"c{number}")
    bank.control(KillSwitchSet(engaged=False), HOUR, "c1")
    assert bank.state.tenant(TENANT).row.paused
    bank.control(KillSwitchSet(engaged=False), HOUR, "c0")

    assert not bank.state.tenant(TENANT).row.paused
    assert CONTROLS_MAX == len(bank.state.tenant(TENANT).row.control_hashes)


def test_policy_of_a_silence_leaves_journeys_without_timer_in_place() -> None:
    """A first purchase waits for nothing, and a tick removes nothing of it."""
    bank = Bank(win_back(), nudge())
    bank.say(spend(), 0)
    bank.say(issued("k2"), 0)
    bank.tick(30 * DAY)

    assert ["win_back"] == [journey.campaign_id for journey in bank.row().journeys]
