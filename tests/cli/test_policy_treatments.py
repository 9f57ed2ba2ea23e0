"""Treatments, fallbacks, offers and budgets in a campaign's file: read, refused, explained."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.policy_explain import explained
from cli.policy_file import read_policy
from cli.policy_form import differences, file_text
from cli.policy_treatments import variables_given
from schemas.campaign import Campaign, Fallback, Treatment
from tests.cli.campaign_text import GOOD, line_of, mistake, text_of


OWN = "treatment: {channel: sms, template_id: activation-nudge, template_version: 1}"
FULL = GOOD.replace(
    OWN,
    """treatment:
  channel: push
  template_id: activation-push
  template_version: 2
  sender_profile: brand
  variables: {days: tenure_days, unit: currency}
fallbacks:
  - channel: sms
    template_id: activation-nudge
    template_version: 1
    after: [failed]
  - {channel: email, template_id: activation-mail, template_version: 1}
offer: first_spend_gift
budget_minor: 5000000
experiment:
  salt: s
  control_bp: 0
  arms:
    - id: voice
      share_bp: 100
      treatment: {channel: voice, template_id: call, template_version: 1}
      fallbacks:
        - {channel: sms, template_id: activation-nudge, template_version: 1}
""",
)


def read(tmp_path: Path, text: str = FULL) -> Campaign:
    """Return the campaign in a text."""
    file = tmp_path / "good.yaml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file, tenant="bank")


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
        ("instalment_push", "currency"),
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


@pytest.mark.parametrize(("field", "said"), [("offer", "gift"), ("budget_minor", "7")])
def test_only_marketing_promises(tmp_path: Path, field: str, said: str) -> None:
    """A servicing message that depends on what is left would be none."""
    text = text_of("repayment_reminder") + f"{field}: 0\n".replace("0", said)
    told = mistake(tmp_path, "priority: 80", "priority: 81", text=text)

    place = f"{len(text.splitlines())}: {field}"
    assert f"{place}: wanted no {field}, which only marketing has, found {said}" == told


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


def test_treatments_are_explained(tmp_path: Path) -> None:
    """In the order in which they are tried, the arm's under its name."""
    told = list(explained(read(tmp_path), "en"))
    at = next(place for place, line in enumerate(told) if line.startswith("The message goes"))

    assert [
        (
            "The message goes by push in wording activation-push version 2; a gateway sends it "
            "within 1 day or not at all."
        ),
        "push is sent as brand.",
        "Wording activation-push shows: days = tenure_days, unit = currency.",
        (
            "Where that cannot reach the customer, or came back as failed, it goes by sms in "
            "wording activation-nudge version 1, in the same time."
        ),
        (
            "Where that cannot reach the customer, or came back as failed, rejected, it goes by "
            "email in wording activation-mail version 1, in the same time."
        ),
        "It promises the offer first_spend_gift.",
        "All its contacts, with what they promise, may cost 5,000,000 in minor units.",
    ] == told[at : at + 7]
    assert "- the customer has agreed to marketing by push or sms or email" in told
    assert "- of the offer one is left" in told
    assert "- the budget has room for what it costs" in told
    assert (
        "- voice: Where that cannot reach the customer, or came back as failed, rejected, it goes "
        "by sms in wording activation-nudge version 1, in the same time."
    ) in told


def test_differences_name_treatments(tmp_path: Path) -> None:
    """One line a field, in the names of the file."""
    before = read(tmp_path, FULL.replace("days: tenure_days", "days: recency_days"))
    changed = replace(before, budget_minor=1, offer="", fallbacks=before.fallbacks[:1])
    said = list(differences(changed, read(tmp_path)))

    assert "treatment.variables.days: recency_days -> tenure_days" in said
    assert "fallbacks[1].after: new: [failed, rejected]" in said
    assert "fallbacks[1].channel: new: email" in said
    assert "budget_minor: 1 -> 5000000" in said
    assert "offer:  -> first_spend_gift" in said
