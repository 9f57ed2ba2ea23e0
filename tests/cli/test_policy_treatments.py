"""Treatments, fallbacks, offers and budgets in a campaign's file: what is read, what refused."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.policy_file import PolicyFileError
from cli.policy_form import file_text
from cli.policy_treatments import SHOWN_FEATURES, variables_given, variables_of_kind
from schemas.campaign import Campaign, Fallback, Treatment
from schemas.channels import Channel
from schemas.events import AnyEvent
from tests.cli.campaign_text import line_of, mistake, text_of
from tests.cli.treatment_text import FULL, read
from tests.lifecycle.bills import FIRST, billed, reminder
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    Bank,
    bill,
    issued,
    nudge,
    push,
    spend,
    win_back,
)
from tests.lifecycle.told import triggers


def test_file_says_all_of_its_treatments(tmp_path: Path) -> None:
    """Channels in their order, in an arm as well; a variable may be called like a duration."""
    campaign = read(tmp_path)
    sms = Fallback(channel="sms", template_id="activation-nudge", template_version=1)

    assert campaign.treatment == Treatment(
        channel="push",
        template_id="activation-push",
        template_version=2,
        sender_profile="brand",
        variables={"days": "tenure_days", "unit": "currency"},
    )
    assert campaign.fallbacks == (
        replace(sms, after=("failed",)),
        Fallback(channel="email", template_id="activation-mail", template_version=1),
    )
    assert campaign.experiment is not None
    assert (sms,) == campaign.experiment.arms[0].fallbacks
    assert ("first_spend_gift", 5_000_000) == (campaign.offer, campaign.budget_minor)


def test_file_of_treatments_reads_as_that_campaign(tmp_path: Path) -> None:
    """Written in the words of a file, it is read as it was."""
    campaign = read(tmp_path)

    assert campaign == read(tmp_path, file_text(campaign))


CHANNELS = get_args(Channel)
STATUSES = st.lists(
    st.sampled_from(["failed", "rejected", "blocked_optout"]), min_size=1, max_size=3, unique=True
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    channels=st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=6),
    after=STATUSES,
    variables=st.dictionaries(
        st.from_regex("[a-z][a-z0-9_]{0,9}", fullmatch=True),
        st.sampled_from([*SHOWN_FEATURES]),
        max_size=3,
    ),
)
def test_any_order_of_channels_reads_back_unless_one_comes_twice(
    tmp_path: Path, channels: list[Channel], after: list[str], variables: dict[str, str]
) -> None:
    """Whatever the names of variables: a file says them, and no more than six channels."""
    first, *others = (
        {"channel": one, "template_id": "t", "template_version": 1, "variables": variables}
        for one in channels
    )
    campaign = msgspec.convert(
        {
            **msgspec.to_builtins(nudge()),
            "treatment": first,
            "fallbacks": [{**one, "after": after} for one in others[:5]],
        },
        Campaign,
    )

    if len(set(channels)) == len(channels):
        assert campaign == read(tmp_path, file_text(campaign), campaign.tenant)
    else:
        with pytest.raises(PolicyFileError, match="wanted a channel that is not tried before"):
            read(tmp_path, file_text(campaign), campaign.tenant)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        (
            "tenure_days",
            "tenure_weeks",
            "treatment.variables.days",
            "wanted one of tenure_days, stage, stage_days, ",
        ),
        (
            "tenure_days",
            "staff",
            "treatment.variables.days",
            "wanted a feature that a text can show (int, string), found staff, which is bool",
        ),
        (
            "tenure_days",
            "7",
            "treatment.variables.days",
            "wanted the name of a feature, found 7",
        ),
        (
            "days: tenure",
            "Days: tenure",
            "treatment.variables.Days",
            "wanted a name of small letters, digits and _, found 'Days'",
        ),
        (
            "channel: email",
            "channel: sms",
            "fallbacks[1].channel",
            "wanted a channel that is not tried before, found sms",
        ),
        (
            "  - channel: sms",
            "  - channel: push",
            "fallbacks[0].channel",
            "wanted a channel that is not tried before, found push",
        ),
        (
            "channel: voice",
            "channel: sms",
            "experiment.arms[0].fallbacks[0].channel",
            "wanted a channel that is not tried before, found sms",
        ),
        (
            "[failed]",
            "[]",
            "fallbacks[0].after",
            "wanted one status or more, after which it is tried, found none",
        ),
        (
            "[failed]",
            "[unknown]",
            "fallbacks[0].after[0]",
            "wanted one of blocked_optout, failed, rejected, found 'unknown'",
        ),
    ],
)
def test_treatment_that_cannot_work_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, place: str, said: str
) -> None:
    """What no text shows, what is tried twice, and what is tried after nothing."""
    told = mistake(tmp_path, old, new, text=FULL)
    arms = "- {channel: sms" if place.startswith("experiment") else old

    assert told.startswith(f"{line_of(FULL, arms)}: {place}: {said}")


@pytest.mark.parametrize(
    ("campaign", "name"),
    [
        ("repayment_reminder", "due_date"),
        ("repayment_reminder", "amount_minor"),
        ("win_back", "silent_days"),
        ("frequency_lift", "currency"),
        ("win_back_decline", "amount_minor"),
    ],
)
def test_variable_of_the_kind_is_not_shown_otherwise(
    tmp_path: Path, campaign: str, name: str
) -> None:
    """What every contact of the kind has to show means one thing."""
    text = text_of(campaign)
    told = mistake(
        tmp_path,
        "template_version: 1}",
        f"template_version: 1, variables: {{{name}: tenure_days}}}}",
        text=text,
    )

    wanted = f"wanted a name that no variable of the campaign's kind has, found {name}"
    line = line_of(text, "template_version: 1}")
    assert f"{line}: treatment.variables.{name}: {wanted}" == told


@pytest.mark.parametrize(
    ("field", "said"), [("offer", "gift"), ("budget_minor", "7"), ("model", "m")]
)
def test_only_marketing_promises_and_is_scored(tmp_path: Path, field: str, said: str) -> None:
    """A servicing message that depends on what is left, or on a score, would be none."""
    text = text_of("repayment_reminder") + f"{field}: 0\n".replace("0", said)
    told = mistake(tmp_path, "priority: 80", "priority: 81", text=text)

    place = f"{len(text.splitlines())}: {field}"
    assert f"{place}: wanted no {field}, which only marketing has, found {said}" == told


def test_variables_of_a_kind_are_those_that_its_triggers_have() -> None:
    """3.6: absence, silence, due date and event, as the fold makes them."""
    cases: list[tuple[Campaign, list[AnyEvent], int]] = [
        (nudge(), [issued()], 72 * HOUR),
        (win_back(), [spend(), spend()], 999 * DAY),
        (reminder(), [billed(900)], FIRST),
        (push(), [bill(300_000)], 0),
    ]
    told = []
    for campaign, events, due_ms in cases:
        bank = Bank(campaign)
        effects = [one for n, event in enumerate(events) for one in bank.say(event, n * HOUR)]
        (trigger,) = triggers(effects + (bank.tick(due_ms) if due_ms else []))
        kinds = {int: "int", str: "string"}
        shown = {name: kinds[type(value)] for name, value in trigger.variables.items()}
        assert shown == variables_of_kind(campaign)
        told.append(len(shown))

    assert [0, 1, 3, 2] == told


def test_given_variables_are_those_of_the_kind_and_its_own(tmp_path: Path) -> None:
    """With the kinds by which a template asks for them."""
    campaign = read(tmp_path)
    reminder = read(tmp_path, text_of("repayment_reminder"))

    given = variables_given(campaign, campaign.treatment)
    assert {"days": "int", "unit": "string"} == given
    assert {
        "amount_minor": "int",
        "currency": "string",
        "due_date": "string",
    } == variables_given(reminder, reminder.treatment)
