"""The command line tells many seeds, explains what goes wrong, and shrinks it."""

import re
from collections.abc import Callable, Sequence

import pytest
from click.testing import CliRunner

from streams.task import Task
from tests.simulation.run import command, numbers, ranges, run
from tests.simulation.shrink import Shrinker, rule_of, smallest
from tests.simulation.story import Story, Variant, tell
from tests.simulation.worlds import SETTINGS


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Story:
    """Let tasks begin a record too early after a restart, and return a story that finds it."""
    restore = Task._restore  # noqa: SLF001 (who breaks a thing reaches inside it)

    async def restore_wrongly(task: Task, progress: Callable[[Task, int], None]) -> None:
        await restore(task, progress)
        task.positions = {place: max(0, at - 1) for place, at in task.positions.items()}

    monkeypatch.setattr(Task, "_restore", restore_wrongly)
    for seed in range(2, 100):
        story = tell(Variant(seed), SETTINGS["brief"])
        if rule_of(story) == "I1" and not tell(_spared(seed), SETTINGS["brief"]).faults:
            return story
    pytest.fail("wanted a story that goes wrong, found none")


def _spared(seed: int) -> Variant:
    """Return a seed's story without misfortunes: two workers may share tasks anew there too."""
    return Variant(seed, misfortunes=frozenset())


def test_run_replays_one_seed() -> None:
    """One seed is told, with what went wrong in it; every line of it for who asks."""
    told = CliRunner().invoke(run, ["--seed", "7", "--trace"])
    assert 0 == told.exit_code
    assert re.search(
        r"^brief seed 7: right after \d+ events and \d+ misf.*; [0-9a-f]{16}$",
        told.output,
        re.MULTILINE,
    )
    assert len(told.output.splitlines()) > 300


def test_run_tells_many_seeds_and_adds_them_up() -> None:
    """Kills with their places, misfortunes by kind, violations and seconds are counted."""
    told = CliRunner().invoke(run, ["--seed", "50", "--seeds", "24", "--processes", "2"])
    assert 0 == told.exit_code, told.output
    assert "24 seeds: 23 brief, 1 tally" in told.output
    assert re.search(r"^[1-9]\d* kills at [1-9]\d* places", told.output, re.MULTILINE)
    assert re.search(r"^misfortunes: [1-9]\d* kill, ", told.output, re.MULTILINE)
    assert re.search(r"^0 violations, \d+ s$", told.output, re.MULTILINE)


def test_run_explains_a_wrong_seed_and_shrinks_it(wrong: Story) -> None:
    """It is told again, and the printed command tells a smaller story that is wrong alike."""
    seed = wrong.variant.seed
    told = CliRunner().invoke(run, ["--seed", str(seed), "--seeds", "1", "--world", "brief"])
    assert 1 == told.exit_code
    assert "1 violations" in told.output
    assert "told again: the same" in told.output
    wishes = re.search(rf"^  make sim SEED={seed} ARGS=\"(.*)\"$", told.output, re.MULTILINE)
    assert wishes
    again = CliRunner().invoke(run, ["--seed", str(seed), *wishes[1].split()])
    assert 1 == again.exit_code
    assert "I1 " in again.output
    assert f"brief seed {seed}: WRONG" in again.output


def test_shrink_finds_a_smaller_story_that_breaks_the_same_rule(wrong: Story) -> None:
    """What has nothing to do with it is left out: a restart and a few events are enough."""
    least = Shrinker(wrong, SETTINGS["brief"]).shrink()
    assert rule_of(wrong) == rule_of(least)
    assert least.variant.events is not None
    assert len(least.variant.events) <= 3
    assert least.variant.misfortunes is not None
    assert 1 == len(least.variant.misfortunes) <= wrong.misfortune_count
    assert tell(least.variant, SETTINGS["brief"]).faults == least.faults


@pytest.mark.parametrize("needed", [(), (7,), (0, 19), (3, 4, 5), (1, 8, 13)])
def test_shrink_leaves_exactly_what_is_needed(needed: tuple[int, ...]) -> None:
    """Delta debugging ends at a smallest set, in far fewer tries than there are sets."""
    tries = 0

    def still_wrong(numbers: Sequence[int]) -> bool:
        nonlocal tries
        tries += 1
        return set(needed) <= set(numbers)

    assert list(needed) == list(smallest(range(20), still_wrong))
    assert tries < 100


def test_command_tells_the_same_variant() -> None:
    """What is printed is read back as it was meant; nothing left out needs no words."""
    story = tell(Variant(7), SETTINGS["brief"])
    assert "make sim SEED=7" == command(story, "brief")
    part = story._replace(variant=Variant(7, frozenset({0, 1, 2, 9}), frozenset()))
    assert 'make sim SEED=7 ARGS="--events 0-2,9 --misfortunes none"' == command(part, "brief")
    assert 'make sim SEED=7 ARGS="--world long"' == command(story, "long")


@pytest.mark.parametrize("kept", [frozenset(), frozenset({4}), frozenset({0, 1, 2, 5, 7, 8})])
def test_ranges_are_read_as_they_are_written(kept: frozenset[int]) -> None:
    """Numbers survive being printed."""
    assert kept == numbers(ranges(kept))
    assert numbers("") is None
