"""Every scenario is decided as it says, and would not be without the gate that it is about."""

from pathlib import Path

import pytest

from schemas.reasons import REASONS
from tests.scenarios.play import Scenario, played, scenarios
from tests.scenarios.without_gate import without


ALL = scenarios()
GATED = [one for one in ALL if one.gate]


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_scenario_is_decided_as_it_says(scenario: Scenario, tmp_path: Path) -> None:
    """The whole list of candidates, with times, verdicts, reasons and clauses."""
    assert list(scenario.expect) == played(scenario, tmp_path)


@pytest.mark.parametrize("scenario", GATED, ids=lambda one: one.name)
def test_scenario_needs_its_gate(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With that one gate gone something else is decided: no other gate fails."""
    without(scenario.gate, monkeypatch)

    assert list(scenario.expect) != played(scenario, tmp_path)


def test_every_reason_has_a_scenario_about_its_gate() -> None:
    """No reason code that nobody has ever seen; corrections have no gate to take out."""
    shown = {word for one in GATED for line in one.expect for word in line.split()}
    corrections = {code for code, reason in REASONS.items() if reason.gate == "truth"}
    everywhere = {word for one in ALL for line in one.expect for word in line.split()}

    assert set(REASONS) - corrections == shown & set(REASONS)
    assert corrections <= everywhere


@pytest.mark.parametrize("campaign", sorted({key for one in ALL for key in one.campaigns}))
def test_campaign_is_seen_to_fire_and_to_be_silent(campaign: str) -> None:
    """Three scenarios or more: one in which it is sent, one suppressed, one without a decision."""
    about = [one for one in ALL if campaign in one.campaigns]
    lines = [line for one in about for line in one.expect if f" {campaign} " in line]

    assert any(line.endswith(" sent") for line in lines)
    assert any(" suppressed " in line for line in lines)
    assert any(not one.expect for one in about if list(one.campaigns) == [campaign])
