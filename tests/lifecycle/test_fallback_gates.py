"""What is asked again before the next channel is tried, and what is not (C2; 3.14; ADR 16)."""

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.campaign import Arm, Campaign, Cap, EventEntry, Experiment
from schemas.decisions import CapReading
from schemas.events import (
    AnyEvent,
    CalendarPublished,
    ContactPolicyPublished,
    KillSwitchSet,
    PolicyPublished,
    PreferenceChanged,
    RiskFlagged,
    ServiceCaseOpened,
    TemplateApproved,
    TenantConfigured,
)
from schemas.state import CONTACTS_MAX
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, activated, cap, spend, word
from tests.lifecycle.channels import (
    SMS_SENT,
    agree,
    by,
    fail,
    pushed,
    reach,
    then,
    went,
    wording,
)
from tests.lifecycle.conditions import on
from tests.lifecycle.contacts import apart, bank_policy, limit, night, offer
from tests.lifecycle.fates import blocked, overdue
from tests.lifecycle.measured import ALL_CONTROL
from tests.lifecycle.told import decisions, triggers


CONTROL = (
    *(KillSwitchSet, TenantConfigured, PolicyPublished),
    *(TemplateApproved, CalendarPublished, ContactPolicyPublished),
)
"""What concerns the whole bank."""

FRAUD = RiskFlagged(flag_id="f", flag_class="fraud")
HOLDOUT = TenantConfigured(time_zone="UTC", holdout_bp=10_000, holdout_salt="h")


def version(number: int = 2, **changed: Any) -> PolicyPublished:  # noqa: ANN401 (any field)
    """Return that a new version of the campaign is published."""
    return PolicyPublished(campaign=reach(version=number, **changed), policy_hash="newer")


def rival(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return another campaign, by sms, which a card in use begins."""
    return offer(**{"name": "b", "entry": EventEntry(when=(on("card.activated"),)), **changed})


BETWEEN: dict[str, tuple[AnyEvent, str]] = {
    "tenant stop": (KillSwitchSet(engaged=True), "TENANT_PAUSED"),
    "campaign pause": (KillSwitchSet(engaged=True, campaign_id="a"), "KILL_SWITCH"),
    "a card that is blocked": (blocked(), "NOT_ELIGIBLE card"),
    "a campaign that is over": (version(end_at_ms=T0 + HOUR), "NOT_APPLICABLE dates"),
    "a case that is open": (ServiceCaseOpened(case_id="c"), "OPEN_CASE"),
    "a bill that is overdue": (overdue(), "OVERDUE"),
    "no more personal offers": (
        PreferenceChanged(personalisation_opt_out=True),
        "PERSONALISATION_OFF",
    ),
    "wordings that are approved": (wording("another"), "NO_TEMPLATE"),
    "a wording that shows more": (
        version(fallbacks=(then("sms", tongue="language"),)),
        "VARIABLE_MISSING tongue",
    ),
    "a night": (night(), "QUIET_HOURS"),
    "a zone that nobody knows": (TenantConfigured(), "ZONE_UNKNOWN"),
    "a holdout that grew": (HOLDOUT, "HOLDOUT"),
    "a control group that grew": (version(experiment=ALL_CONTROL), "CONTROL"),
}


@pytest.mark.parametrize("what", BETWEEN)
def test_gate_is_asked_as_of_the_receipt(what: str) -> None:
    """ADR 16: whatever changed since is seen; the verdict is `suppressed`, and nothing waits."""
    event, reason = BETWEEN[what]
    bank, trigger_id = pushed()
    assert [] == bank.add(event, "" if isinstance(event, CONTROL) else "ann", HOUR, HOUR, "x")
    effects = fail(bank, trigger_id)

    assert [f"1 sms suppressed {reason}"] == went(effects)
    assert ([], []) == (bank.row().journeys, bank.row().kept_back)
    assert [True] == [one.released for one in bank.row().contacts]


def test_consent_for_the_next_channel_is_asked_at_the_receipt() -> None:
    """O3: sms and voice were agreed to when push went out, and are refused since."""
    bank, trigger_id = pushed()
    for channel in ("sms", "voice"):
        bank.say(replace(word("revoked"), channel=channel), HOUR)

    assert ["1 sms suppressed OPTED_OUT"] == went(fail(bank, trigger_id))


def test_risk_flag_binds_what_has_become_advertising() -> None:
    """
    O3: the notice was none when the flag went up, so nothing was taken back (O7).

        1 h servicing, push    1 h flagged    1 h version 2: marketing    2 h failed
    """
    bank, trigger_id = pushed(reach(message_class="servicing"))
    bank.say(FRAUD, HOUR)
    bank.control(version(), HOUR)

    assert ["1 sms suppressed RISK_FLAG"] == went(fail(bank, trigger_id))


@pytest.mark.parametrize(
    "between",
    [
        bank_policy(apart("a", "b", DAY)),
        version(cool_down_ms=DAY),
        version(offer="gift", budget_minor=1, contact_cost_minor=9),
        version(contact_cost_minor=10**6),
        version(caps=(cap(1, DAY), cap(1, DAY, "all"), cap(1, DAY, "purpose"))),
    ],
)
def test_what_was_decided_is_not_asked_again(between: AnyEvent) -> None:
    """C2: spacing, offer, worth, and caps of another scope; b is sent beside it meanwhile."""
    bank, trigger_id = pushed(reach(), rival())
    bank.control(between, HOUR)
    assert ["0 sms sent"] == went(bank.say(activated(), HOUR))

    assert SMS_SENT == went(fail(bank, trigger_id))


def test_new_version_says_which_channels_there_are() -> None:
    """P1, 3.14: the treatments as they are now, after the slot that the contact had."""
    told = []
    for fallbacks in ((then("email"), then("voice")), (), (then("sms", ("rejected",)),)):
        bank, trigger_id = pushed()
        bank.control(version(fallbacks=fallbacks), HOUR)
        effects = fail(bank, trigger_id)
        told.append((went(effects), [one.policy_version for one in triggers(effects)]))

    assert [(["2 voice sent"], [2]), ([], []), ([], [])] == told


def test_contact_of_one_channel_has_no_other_by_a_later_version() -> None:
    """3.14: only a contact that had slots after its own keeps what is needed to go on."""
    bank, trigger_id = pushed(reach(fallbacks=()))
    bank.control(version(), HOUR)

    assert [] == fail(bank, trigger_id)


def test_arm_of_a_new_experiment_says_which_channels_there_are() -> None:
    """3.14: the campaign's, or the arm's, as they are now."""
    arm = Arm(id="x", share_bp=10_000, treatment=by("email"), fallbacks=(then("voice"),))
    bank, trigger_id = pushed()
    bank.control(version(experiment=Experiment(salt="s", arms=(arm,))), HOUR)
    effects = fail(bank, trigger_id)

    assert ["1 voice sent"] == went(effects)
    assert ["x"] == [one.arm for one in triggers(effects)]


SMS_CAP = (cap(1, HOUR, "channel"),)
NOTICE = rival(message_class="mandatory", treatment=by("email"))


@pytest.mark.parametrize(
    ("sent_at", "wanted"),
    [
        (0, SMS_SENT),
        (1, ["1 sms suppressed CAP_CHANNEL"]),
        (HOUR, ["1 sms suppressed CAP_CHANNEL"]),
        (3 * HOUR, ["1 sms suppressed CAP_CHANNEL"]),
    ],
)
def test_channel_counts_as_of_the_reservation(sent_at: int, wanted: list[str]) -> None:
    """
    3.14: one sms in an hour, a decided at 1 h, its push failed at 4 h, and b by sms some time.

        0 h: has left the window    0 h + 1 ms: has not    1 h, 3 h: what came since counts, too
    """
    bank = agree(Bank(reach(caps=SMS_CAP), rival(), consent=""), "push", "sms")
    said = sorted([(sent_at, activated()), (HOUR, spend())], key=lambda one: one[0])
    sent = [one for at, event in said for one in triggers(bank.say(event, at))]
    own = next(one.trigger_id for one in sent if one.channel == "push")

    assert wanted == went(fail(bank, own, 4 * HOUR))


def test_record_has_the_caps_of_the_channel_alone() -> None:
    """3.14, 3.6: as of the reservation; one more where it was sent."""
    caps = cap(9, DAY), cap(7, HOUR, "channel"), cap(8, DAY, "class")
    bank, trigger_id = pushed(reach(caps=caps), rival())
    bank.control(bank_policy(limit(6, DAY, "channel"), limit(5, DAY, "all")))
    bank.say(activated(), HOUR + 1)
    told = decisions(fail(bank, trigger_id, 3 * HOUR))[0]

    assert (
        CapReading(scope="channel", window_ms=HOUR, count_max=7, count_before=1, count_after=2),
        CapReading(scope="channel", window_ms=DAY, count_max=6, count_before=1, count_after=2),
    ) == told.caps


def test_place_in_every_window_is_kept() -> None:
    """
    C2: two contacts a day; a's second channel is the same contact, so b has the other place.

        1 h a, push    2 h a failed: sms    3 h b    4 h b again: full    25 h: a has left it
    """
    all_of_them = (cap(2, DAY, "all"),)
    bank, trigger_id = pushed(reach(caps=all_of_them), rival(caps=all_of_them))
    told = [went(fail(bank, trigger_id))]
    told += [went(bank.say(activated(), hour * HOUR)) for hour in (3, 4, 25)]

    assert [
        SMS_SENT,
        ["0 sms sent"],
        ["0 sms suppressed CAP_GLOBAL"],
        ["0 sms sent"],
    ] == told


def test_new_version_moves_no_contact_into_another_window() -> None:
    """
    ADR 16: to every window it is the contact that was decided, of its class and its purpose.

    One contact a day for the purpose `else`: b has it. a was made for `offers`, and its version 2
    for `else` could not be; what is tried again still is of `offers`.
    """
    capped = (cap(1, DAY, "purpose"),)
    bank, trigger_id = pushed(reach(caps=capped), rival(purpose="else", caps=capped))
    for channel in ("sms", "push"):
        bank.say(replace(word("granted", purpose="else"), channel=channel), HOUR)
    bank.say(activated(), HOUR)
    bank.control(version(purpose="else", caps=capped), HOUR)
    sent = went(fail(bank, trigger_id))
    second = went(bank.say(spend(), 3 * HOUR))

    assert [SMS_SENT, ["0 push suppressed CAP_PURPOSE"]] == [sent, second]
    assert ["offers", "else", "offers"] == [one.purpose for one in bank.row().contacts]


def test_memory_counts_as_of_the_reservation() -> None:
    """
    3.14, 3.10: one sms in an hour; the window as of 1 h begins at 0 h, where a contact is missing.

        30 min notice    1 h a, push    2 h 31 notices: the first is forgotten    3 h failed
    """
    bank = agree(Bank(reach(caps=SMS_CAP), NOTICE, consent=""), "push", "sms")
    bank.say(activated(), HOUR // 2)
    sent = triggers(bank.say(spend(), HOUR))
    for _ in range(CONTACTS_MAX - 1):
        bank.say(activated(), 2 * HOUR)
    effects = fail(bank, sent[0].trigger_id, 3 * HOUR)

    assert ["1 sms suppressed CAP_CHANNEL memory"] == went(effects)
    assert {"forgotten_at_ms": T0 + HOUR // 2} == decisions(effects)[0].gates[-1].saw


@pytest.mark.parametrize(
    ("caps", "at", "wanted"),
    [
        (SMS_CAP, 2 * HOUR - 1, "1 sms suppressed CAP_GLOBAL memory"),
        (SMS_CAP, 2 * HOUR, "1 sms sent"),
        ((cap(1, HOUR, "all"),), 2 * HOUR - 1, "1 sms sent"),
    ],
)
def test_room_is_looked_for_as_of_now(caps: tuple[Cap, ...], at: int, wanted: str) -> None:
    """3.14, 3.10: a, decided at 1 h, and 31 notices; only where a cap of the channel is asked."""
    bank, trigger_id = pushed(reach(caps=caps), NOTICE)
    for _ in range(CONTACTS_MAX - 1):
        bank.say(activated(), HOUR)

    assert [wanted] == went(fail(bank, trigger_id, at))
