"""What docs/campaigns.md shows is what the code takes."""

import re
from pathlib import Path

import pytest

from cli.offer_file import read_offer
from cli.policy_file import read_policy
from cli.template_file import read_template
from lifecycle import experiment
from schemas.campaign import Campaign, Guardrails
from tests.cli.campaign_text import CAMPAIGNS, GOOD


PAGE = (CAMPAIGNS.parent / "docs/campaigns.md").read_text(encoding="utf-8")
EVERY = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = [block for block in EVERY if "\nkind: " in block]
SAID, TEMPLATE, CHOICE, EXPERIMENT, OFFER, EFFECT = (
    block for block in EVERY if block not in BLOCKS
)
ENTRY = re.compile(r"^entry:\n(  .*\n)+", re.MULTILINE)


def good(tmp_path: Path, text: str) -> Campaign:
    """Return the campaign in a text."""
    file = tmp_path / "campaign.yaml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file, tenant="bank")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][2:])
def test_entry_on_the_page_is_good(tmp_path: Path, block: str) -> None:
    """Each in the place of the activation nudge's."""
    entry = "entry:\n" + "".join(f"  {line}\n" for line in block.splitlines())
    kind = good(tmp_path, ENTRY.sub(lambda _: entry, GOOD)).entry.__struct_config__.tag

    assert f"\nkind: {kind}\n" in block


def test_exits_on_the_page_are_good(tmp_path: Path) -> None:
    """One by name, one with a rule."""
    (exits,) = re.findall(r"`(exit_on: \[.*?\])`", PAGE)

    assert 2 == len(good(tmp_path, GOOD.replace("exit_on: [card.activated]", exits)).exit_on)


def test_treatments_on_the_page_are_good(tmp_path: Path) -> None:
    """In the place of the activation nudge's: three channels."""
    own = next(line for line in GOOD.splitlines(keepends=True) if line.startswith("treatment:"))
    campaign = good(tmp_path, GOOD.replace(own, SAID))

    assert ["push", "sms", "email"] == [
        campaign.treatment.channel,
        *(o.channel for o in campaign.fallbacks),
    ]
    assert [("failed",), ("failed", "rejected")] == [one.after for one in campaign.fallbacks]


def test_experiment_on_the_page_is_good(tmp_path: Path) -> None:
    """In the place of the activation nudge's: a control of a tenth, an arm of a fifth."""
    own = next(line for line in GOOD.splitlines(keepends=True) if line.startswith("experiment:"))
    campaign = good(tmp_path, GOOD.replace(own, EXPERIMENT))

    shares_ppm = {"control": 100_000, "app": 200_000, "default": 700_000}
    assert shares_ppm == experiment.shares_ppm(campaign)


def test_choice_on_the_page_is_good(tmp_path: Path) -> None:
    """At the end of the activation nudge's file, which then has no model for all."""
    text = "".join(line for line in GOOD.splitlines(keepends=True) if "model:" not in line)
    choice = good(tmp_path, text + CHOICE).choice

    assert choice is not None
    assert [("text", "sms", ""), ("app", "push", "win_back_gift")] == [
        (one.id, one.channel, one.offer) for one in choice.options
    ]


def test_conversion_and_guardrails_on_the_page_are_good(tmp_path: Path) -> None:
    """In the place of the activation nudge's: money with a cap, and every bound."""
    own = next(line for line in GOOD.splitlines() if line.startswith("conversion:"))
    campaign = good(tmp_path, GOOD.replace(own, EFFECT))

    assert campaign.conversion is not None
    assert (500_000, "CNY") == (campaign.conversion.value_cap_minor, campaign.conversion.currency)
    assert (
        Guardrails(opt_out_ppm=10_000, complaint_ppm=2_000, failure_ppm=50_000, harm=True)
        == campaign.guardrails
    )


def test_template_and_offer_on_the_page_are_good(tmp_path: Path) -> None:
    """Word by word what a file has."""
    for name, block in (("template", TEMPLATE), ("offer", OFFER)):
        (tmp_path / name).write_text(block, encoding="utf-8")

    assert "silent_days" == read_template(tmp_path / "template").variables[0].name
    assert 14 * 86_400_000 == read_offer(tmp_path / "offer").valid_ms


def test_every_kind_of_entry_is_on_the_page() -> None:
    """A line of the table each."""
    kinds = {kind.__struct_config__.tag for kind in Campaign.__annotations__["entry"].__args__}

    assert kinds == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
