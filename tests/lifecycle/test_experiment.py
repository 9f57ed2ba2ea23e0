"""Holdout, control and arms: by a bucket of the customer's own (SEMANTICS E1, E2)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle import experiment
from schemas.campaign import (
    Arm,
    Campaign,
    EventEntry,
    Experiment,
    LargePurchaseCondition,
    Treatment,
)
from schemas.events import TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, push, spend, word
from tests.lifecycle.told import decisions, story, triggers


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)
BY_PUSH = Treatment(channel="push", template_id="loud", template_version=2)


def offer(trial: Experiment | None, name: str = "push") -> Campaign:
    """Return a campaign that any purchase begins, with an experiment."""
    return push(id=name, entry=ANY_PURCHASE, experiment=trial, caps=(cap(1, DAY),))


def by_hand_bucket(*parts: str) -> int:
    """Return the bucket as docs/core.md 3.4 (11) describes it."""
    prefixed = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    return int.from_bytes(sha256(prefixed).digest()[:8], "big") % 10_000


ANN = by_hand_bucket("bank", "push|s", "ann")
"""Ann's bucket in the trial with salt `s` of the campaign `push`."""


def test_bucket_is_a_hash_of_tenant_salt_and_customer() -> None:
    """E1: any part changes it; 0 to 9,999."""
    assert by_hand_bucket("bank", "s", "ann") == experiment.bucket("bank", "s", "ann")
    assert 1 < len({experiment.bucket(*who) for who in (("a", "b", "c"), ("ab", "", "c"))})


def test_buckets_are_even() -> None:
    """Of 20,000 customers each tenth of the range gets a tenth, within five standard deviations."""
    counts = [0] * 10
    for number in range(20_000):
        counts[experiment.bucket("bank", "s", f"c{number}") // 1_000] += 1

    assert all(abs(count - 2_000) < 5 * (20_000 * 0.1 * 0.9) ** 0.5 for count in counts)


@given(st.integers(0, 9_999), st.integers(0, 10_000), st.integers(0, 10_000), st.text(max_size=8))
def test_share_moves_only_the_edge(control_bp: int, first: int, more: int, who: str) -> None:
    """E1: who is in control or in the first arm stays there when its share grows."""
    first_bp = min(first, 10_000 - control_bp)
    grown_bp = min(first_bp + more, 10_000 - control_bp)
    arms = [(Arm(id="a", share_bp=bp, treatment=BY_PUSH),) for bp in (first_bp, grown_bp)]
    small, large = (
        offer(Experiment(salt="s", control_bp=control_bp, arms=those)) for those in arms
    )
    before, after = experiment.assigned(small, who), experiment.assigned(large, who)

    assert before.arm in {after.arm, "default"}
    assert before.arm != "default" or after.arm in {"a", "default"}


@pytest.mark.parametrize(
    ("control_bp", "arm_bps", "arm", "share_bp"),
    [
        (ANN + 1, (), "control", ANN + 1),
        (ANN, (), "default", 10_000 - ANN),
        (0, (10_000 - ANN,), "arm0", 10_000 - ANN),
        (0, (9_999 - ANN,), "default", ANN + 1),
        (0, (9_999 - ANN, 1), "arm1", 1),
        (ANN, (9_999 - ANN,), "default", 1),
    ],
)
def test_arm_is_that_of_the_bucket(
    control_bp: int, arm_bps: tuple[int, ...], arm: str, share_bp: int
) -> None:
    """
    Control has the buckets from below, arms theirs from the top, in their order.

        0 ... control_bp | default ... | second arm | first arm ... 9,999
    """
    arms = tuple(Arm(id=f"arm{n}", share_bp=bp, treatment=BY_PUSH) for n, bp in enumerate(arm_bps))
    trial = Experiment(salt="s", control_bp=control_bp, arms=arms)
    given = experiment.assigned(offer(trial), "ann")

    assert (arm, share_bp * 100) == (given.arm, given.arm_ppm)


def test_control_is_recorded_and_contacts_nobody() -> None:
    """E2: nothing is reserved: the next day's cap of one is free, and no trigger goes out."""
    bank = Bank(offer(Experiment(salt="s", control_bp=10_000)))
    told = decisions(bank.say(spend(), HOUR)) + decisions(bank.say(spend(), 2 * HOUR))

    assert [("control", "CONTROL", "control", 1_000_000, 0)] * 2 == [
        (one.verdict, one.reason_code, one.arm, one.arm_ppm, one.cap_count) for one in told
    ]
    assert [] == bank.row().contacts


def test_control_promotes_no_loser() -> None:
    """E2: who would have lost against the control's contact loses."""
    winner = replace(offer(Experiment(salt="s", control_bp=10_000), "a"), priority=90)

    assert ["a offer control CONTROL", "b offer suppressed LOST_ARBITRATION"] == story(
        Bank(winner, offer(None, "b")).say(spend(), HOUR)
    )


def test_arm_has_its_own_wording_and_channel() -> None:
    """The trigger goes where the arm says, and rests on the consent for that channel."""
    arms = (Arm(id="loud", share_bp=10_000, treatment=BY_PUSH),)
    bank = Bank(offer(Experiment(salt="s", arms=arms)))
    refused = story(bank.say(spend(), HOUR))
    bank.say(word("granted", channel="push"), 2 * HOUR, event_id="by-push")
    sent = triggers(bank.say(spend(), 3 * HOUR))[0]

    assert ["push offer suppressed NO_CONSENT"] == refused
    assert ("push", "loud", 2, "loud", "by-push") == (
        sent.channel,
        sent.template_id,
        sent.template_version,
        sent.arm,
        sent.consent_ref,
    )


def configured(holdout_bp: int) -> TenantConfigured:
    """Return a tenant that holds out so many of ten thousand customers."""
    return TenantConfigured(
        live_from_ms=T0, holdout_bp=holdout_bp, holdout_salt="h", time_zone="UTC"
    )


def test_holdout_is_never_contacted_by_advertising() -> None:
    """E1, I3: held out whatever the campaign; the edge is the customer's bucket."""
    place = by_hand_bucket("bank", "h", "ann")
    for holdout_bp, wanted in ((place, "sent"), (place + 1, "held_out HOLDOUT")):
        bank = Bank(offer(None))
        bank.control(configured(holdout_bp))
        said = story(bank.say(spend(), HOUR))
        assert f"push offer {wanted}" == said[-1]


def test_holdout_goes_before_the_arm() -> None:
    """The share of the record is the holdout's."""
    bank = Bank(offer(Experiment(salt="s", control_bp=10_000)))
    bank.control(configured(10_000))
    told = decisions(bank.say(spend(), HOUR))[0]

    assert ("held_out", "holdout", 1_000_000) == (told.verdict, told.arm, told.arm_ppm)


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_experiments_bind_advertising_only(message_class: str) -> None:
    """O3: a reminder reaches the holdout, too."""
    bank = Bank(replace(offer(None), message_class=message_class))
    bank.control(configured(10_000))

    assert ["-> ann offer", "push offer sent"] == story(bank.say(spend(), HOUR))
