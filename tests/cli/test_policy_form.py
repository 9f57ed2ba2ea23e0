"""A campaign goes back into the words of its file, and comes out of them as it was."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.policy_file import read_policy
from cli.policy_form import differences, file_text
from schemas.campaign import Arm, Campaign, Cap, Experiment, Treatment
from tests.cli.campaign_text import CAMPAIGNS
from tests.lifecycle.builders import nudge, push, win_back


FILES = sorted(CAMPAIGNS.glob("*.yaml"))
ODD = [
    "1e5",
    "7",
    "-0.5",
    "true",
    "null",
    "~",
    "on",
    "1:30",
    "a: b",
    "#x",
    "é 客户",
    "'",
    '"',
    "- x",
]


def read_back(campaign: Campaign, folder: Path) -> Campaign:
    """Return what a file says that was made of a campaign."""
    file = folder / "campaign.yaml"
    file.write_text(file_text(campaign), encoding="utf-8")
    return read_policy(file, tenant=campaign.tenant)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_of_a_campaign_reads_as_that_campaign(file: Path, tmp_path: Path) -> None:
    """Every campaign of the house, with its durations, conditions and floats."""
    campaign = read_policy(file, tenant="bank")

    assert campaign == read_back(campaign, tmp_path)


def test_file_of_clauses_and_experiments_reads_as_that_campaign(tmp_path: Path) -> None:
    """Rules are written as their text, and checked again."""
    file = tmp_path / "with.yaml"
    clause = 'eligibility:\n  - {id: young, if: "tenure_days < 90 && spend_count == 0"}\n'
    text = (CAMPAIGNS / "activation_nudge.yaml").read_text(encoding="utf-8")
    file.write_text(text + clause, encoding="utf-8")
    wording = Treatment(channel="push", template_id="b", template_version=2)
    tried = Experiment(
        salt="s", control_bp=500, arms=(Arm(id="b", share_bp=10, treatment=wording),)
    )
    campaign = replace(read_policy(file, tenant="bank"), experiment=tried)

    assert campaign == read_back(campaign, tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    title=st.sampled_from(ODD) | st.text(st.characters(max_codepoint=999)).filter(str.isprintable),
    days=st.integers(0, 3_000),
    rest_ms=st.sampled_from([0, 1, 60_000]),
)
def test_file_of_any_text_and_duration_reads_as_that_campaign(
    tmp_path: Path, title: str, days: int, rest_ms: int
) -> None:
    """What looks like a number, a truth value or YAML stays a text."""
    cap = Cap(scope="all", count=1, window_ms=days * 86_400_000 + rest_ms + 1)
    campaign = nudge(title=title, caps=(cap,))

    assert campaign == read_back(campaign, tmp_path)


def test_same_campaign_has_no_differences() -> None:
    """Nothing is said where nothing changed."""
    assert [] == [*differences(push(), push())]


@pytest.mark.parametrize(("old", "new"), [(nudge(), push()), (win_back(), nudge())])
def test_differences_name_every_field_that_changed(old: Campaign, new: Campaign) -> None:
    """Back and forth tell the same fields; another kind of entry tells all of both."""
    there = {line.split(":")[0] for line in differences(old, new)}
    back = {line.split(":")[0] for line in differences(new, old)}

    assert there == back
    assert {"id", "entry.kind"} <= there
