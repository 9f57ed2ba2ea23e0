"""
Whatever dies, stalls or comes back, wherever: every output once, rows as if nothing had happened.

The shell that runs here is the one of production, over the log in memory.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.fate import Odds
from tests.simulation.house_world import HouseWorld
from tests.simulation.run import WORLDS
from tests.simulation.sabotage import SABOTAGES, claim_what_is_not_read
from tests.simulation.story import tell
from tests.simulation.tally_world import TallyWorld


SEEDS = range(1, 31)
HOUSE_SEEDS = range(1, 11)
DELICATE = {
    "commit:before-append",
    "commit:before-positions",
    "commit:before-end",
    "commit:before-marker",
    "fence:before",
    "fence:after",
    "rows:before-read",
    "join:before",
    "membership:before-poll",
    "poll:before-fetch",
}


def test_simulation_says_everything_once_through_kills_everywhere() -> None:
    """I4: kills, freezes, deployments and growth change nothing in what is said or remembered."""
    killed_at: Counter[str] = Counter()
    for seed in SEEDS:
        story = tell(seed, TallyWorld)
        assert not story.faults, f"seed {seed}: {story.faults[0]}"
        killed_at += story.killed_at
    assert killed_at.keys() >= DELICATE


def test_simulation_house_is_right_through_kills_everywhere() -> None:
    """I1, I2, I4, T3: ingest, clock and lifecycle give what the independent checker works out."""
    killed_at: Counter[str] = Counter()
    for seed in HOUSE_SEEDS:
        story = tell(seed, HouseWorld)
        assert not story.faults, f"seed {seed}: {story.faults[0]}"
        killed_at += story.killed_at
    assert killed_at.total() > 50


def test_simulation_house_is_right_in_small_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """T8: a tick of many bites, and a restore of many, are cut by kills and lose nothing."""
    monkeypatch.setattr("lifecycle.step.FIRED_COUNT_MAX", 1)
    monkeypatch.setattr("lifecycle.restore.RESTORED_COUNT_MAX", 3)
    for seed in HOUSE_SEEDS[:4]:
        story = tell(seed, HouseWorld)
        assert not story.faults, f"seed {seed}: {story.faults[0]}"


def test_simulation_finds_claims_that_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """T3: a claim above a record that was not yet read does not go unnoticed."""
    claim_what_is_not_read(monkeypatch)
    assert any("claim" in fault for fault in tell(1, HouseWorld).faults)


def test_simulation_calm_world_kills_nobody() -> None:
    """The same world without misfortune is right too: what is wrong elsewhere is ours."""
    story = tell(1, TallyWorld, Odds(kills_per_minute=0, freezes_per_minute=0, stalls_per_mille=0))
    assert (0, 0, []) == (story.killed_at.total(), story.frozen_at.total(), story.faults)
    assert story.commit_count > 100


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_simulation_same_seed_tells_the_same_story(name: str) -> None:
    """A seed that goes wrong can be told again, await for await, on any machine."""
    lines: list[str] = []
    first = tell(7, WORLDS[name], told=lines.append)
    assert first == tell(7, WORLDS[name])._replace(trace=first.trace)
    assert len(lines) > 1000
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.run", "--seed", "7", "--world", name],
        env={**os.environ, "PYTHONHASHSEED": "1234"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert first.digest in told.stdout
    assert first.digest != tell(8, WORLDS[name]).digest


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.__name__)
def test_simulation_finds_what_is_wrong(
    sabotage: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail shows nothing: each defect is found within some seeds."""
    sabotage(monkeypatch)
    assert any(tell(seed, TallyWorld).faults for seed in range(1, 200))
