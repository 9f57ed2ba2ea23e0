"""`cardcue effect` says whom a campaign is compared with: its own control, and nobody else."""

from cli.effect.campaign import campaign_told
from cli.effect.lines import campaign_lines, overview_lines
from schemas.insight_rows import ArmState, EffectRow
from tests.cli.effect_rows import bank, campaign


NO_CONTROL = "no control: what it brings by itself cannot be known"


def details(row: EffectRow) -> list[str]:
    """Return what is said of a campaign of which one partition knows."""
    return [line.strip() for line in campaign_lines(campaign_told("acme", "nudge", [row]))]


def test_campaign_without_a_control_says_so() -> None:
    """docs/effect.md: without it there is no series, though some are held out of all campaigns."""
    row = campaign(shares={"default": 1_000_000})
    row.versions[3].series.clear()
    row.versions[3].ratios.clear()

    assert NO_CONTROL in details(row)
    _, line = overview_lines([campaign_told("acme", "nudge", [row])])
    assert f"  nudge: converted default 520 of 8,000 (6.5 %); {NO_CONTROL}" == line


def test_who_is_held_out_is_no_arm_of_a_campaign() -> None:
    """In the details are their exposures, no customers; beside the campaign's arms nothing is."""
    row = campaign()
    row.versions[3].arms["holdout"] = ArmState(12, 0, 0, 10, 3, 0, 0, 0)

    counts = "exposed 12, settled 10, converted 3, delivered 0"
    why = "compared with nobody: who is held out gets no other campaign either"
    assert f"holdout: {counts}; {why}" in details(row)
    _, line = overview_lines([campaign_told("acme", "nudge", [row])])
    assert "holdout" not in line


def test_shares_of_a_campaign_are_those_of_its_own_arms() -> None:
    """A fifth of 10,000, whatever the bank holds out; of the bank itself it is the holdout's."""
    told = [campaign_told("acme", "nudge", [campaign()]), campaign_told("acme", "", [bank()])]
    ratios = [version.ratio for one in told for version in one.versions if version.ratio]

    assert [{"control": 2_000, "default": 8_000}, {"holdout": 2_000, "default": 8_000}] == [
        ratio.expected_counts for ratio in ratios
    ]


def test_messages_that_are_owed_are_to_everybody() -> None:
    """A servicing campaign has no experiment, and its only arm no name."""
    row = campaign(shares={"default": 1_000_000})
    state = row.versions[3]
    state.series.clear()
    state.ratios.clear()
    state.arms = {"": state.arms["default"]}

    assert any(line.startswith("everybody: exposed 8,100, ") for line in details(row))
    _, line = overview_lines([campaign_told("acme", "nudge", [row])])
    assert f"  nudge: converted everybody 520 of 8,000 (6.5 %); {NO_CONTROL}" == line
