"""
Whatever dies, stalls, comes late or comes back: every output once, rows as if nothing had happened.

The folds, shells, tasks, committers, Faust channels and agents that run here are production's, over
the log in memory. The long form is `make sim`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.fleet import tell_all
from tests.simulation.misfortunes import KINDS
from tests.simulation.shrink import Shrinker
from tests.simulation.story import Variant, tell
from tests.simulation.teeth.biting import Tooth, bite, teeth
from tests.simulation.teeth.patching import PatchError, apply
from tests.simulation.worlds import SETTINGS, world_of


SEEDS = range(1, 261)
"""Four of them long or of the counting fold, the others brief houses."""
LEFT_COUNT = 40
"""How many seeds a defect may take from the one near which it was found last time."""


def test_simulation_is_right_through_every_misfortune() -> None:
    """I1, I2, I4, T3, T5, T6, T8: nothing is wrong in any seed, and every misfortune happened."""
    outcome = tell_all(SEEDS, "", process_count=2, told=lambda _: None)

    assert [] == outcome.wrong
    assert set(KINDS) == set(+outcome.counts)
    assert outcome.killed_at.total() > 100
    assert {"brief", "long", "tally"} == set(outcome.worlds)


def test_simulation_calm_world_strikes_nobody() -> None:
    """The same house without misfortune is right too: what is wrong elsewhere is ours."""
    story = tell(Variant(2), SETTINGS["calm"])

    assert ([], [], 0) == (list(story.faults), list(story.struck), story.killed_at.total())
    assert story.commit_count > 10


def test_simulation_same_seed_tells_the_same_story() -> None:
    """A seed that goes wrong can be told again, await for await, in another process."""
    first = tell(Variant(7), SETTINGS[world_of(7)])
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.run", "--seed", "7"],
        env={**os.environ, "PYTHONHASHSEED": "1234"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert first.digest == tell(Variant(7), SETTINGS[world_of(7)]).digest
    assert first.digest in told.stdout
    assert first.digest != tell(Variant(8), SETTINGS[world_of(8)]).digest


def test_simulation_shrinks_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a story that goes wrong without misfortune none is kept, and few of the events."""
    monkeypatch.setattr("lifecycle.milestones.merge", lambda *_: False)
    setting = SETTINGS["brief"]
    stories = (tell(Variant(seed), setting) for seed in range(1, 30))
    wrong = next(story for story in stories if story.faults and story.misfortune_count)

    least = Shrinker(wrong, setting).shrink()

    assert least.faults
    assert least.variant.misfortunes == frozenset()
    assert least.variant.events is not None
    assert len(least.variant.events) < wrong.event_count / 2


@pytest.mark.parametrize("tooth", teeth(), ids=lambda tooth: tooth.name)
def test_simulation_finds_a_defect(tooth: Tooth) -> None:
    """A check that cannot fail shows nothing: each defect is found, and each patch applies."""
    assert bite(tooth, tooth.seed, seed_count_max=LEFT_COUNT).seed is not None


def test_simulation_patch_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A defect that can no longer be planted is no defect that was found."""
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams/task.py").write_text("nothing of this\n")

    with pytest.raises(PatchError):
        apply(teeth()[0].diff, tmp_path)
