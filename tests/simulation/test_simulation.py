"""
Whatever dies, stalls or comes back, wherever: every output once, rows as if nothing had happened.

What runs here is production from the agent down to the Kafka writer, over the log in memory. The
full form is `make sim`.
"""

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.simulation.misfortunes import KINDS, PLACES
from tests.simulation.story import Story, Variant, tell
from tests.simulation.worlds import SETTINGS, world_of


BRIEF_SEEDS = range(1, 101)
RIGHT_ONCE_CALM = Variant(5, misfortunes=frozenset())


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    """Tell the stories of some brief houses."""
    return [tell(Variant(seed), SETTINGS["brief"]) for seed in BRIEF_SEEDS]


def test_simulation_houses_are_right_through_all_misfortunes(stories: list[Story]) -> None:
    """I1, I2, I4, T3, T5, T6, T8 hold in ingest, clock and lifecycle, whatever goes wrong."""
    wrong = {story.variant.seed: story.faults[0] for story in stories if story.faults}
    assert {} == wrong
    assert sum(story.killed_at.total() for story in stories) > 50
    assert sum(story.event_count for story in stories) > 3_000


def test_simulation_strikes_with_every_kind_of_misfortune(stories: list[Story]) -> None:
    """Nothing that can go wrong is only declared: each kind strikes in these seeds."""
    counts: Counter[str] = sum((story.counts for story in stories), Counter())
    assert KINDS.keys() == counts.keys()


def test_simulation_knows_every_await_of_the_log(stories: list[Story]) -> None:
    """A process may be struck at every await of the log and of the channel, and at no other."""
    reached = frozenset().union(*(story.reached for story in stories))
    assert PLACES.keys() == reached


@pytest.mark.parametrize("seed", range(1, 4))
def test_simulation_long_house_is_right(seed: int) -> None:
    """A minute with the proof's banks and dozens of misfortunes: the same rules hold."""
    story = tell(Variant(seed), SETTINGS["long"])
    assert [] == story.faults
    assert story.event_count > 400


def test_simulation_tally_says_everything_once() -> None:
    """I4, T8: a record of many bites is folded once, whoever dies between two of them."""
    stories = [tell(Variant(seed), SETTINGS["tally"]) for seed in range(1, 21)]
    assert {} == {story.variant.seed: story.faults[0] for story in stories if story.faults}
    assert sum(story.killed_at.total() for story in stories) > 10


def test_simulation_calm_world_kills_nobody() -> None:
    """The same house without misfortune is right too: what is wrong elsewhere is ours."""
    story = tell(Variant(1), SETTINGS["calm"])
    assert (0, [], []) == (story.killed_at.total(), story.struck, story.faults)
    assert story.commit_count > 10


def test_simulation_leaves_out_what_it_is_told_to() -> None:
    """A variant is the same world with less in it: so it can be shrunk."""
    whole, less = tell(Variant(5), SETTINGS["brief"]), tell(RIGHT_ONCE_CALM, SETTINGS["brief"])
    assert whole.misfortune_count == less.misfortune_count > 0
    assert whole.event_count == less.event_count
    assert whole.struck
    assert [] == less.struck
    empty = tell(Variant(5, frozenset(), frozenset()), SETTINGS["brief"])
    assert [] == empty.faults
    assert empty.commit_count < less.commit_count


@pytest.mark.parametrize("name", ["brief", "long", "tally"])
def test_simulation_same_seed_tells_the_same_story(name: str) -> None:
    """A seed that goes wrong can be told again, await for await, on any machine."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.run", "--seed", "7", "--world", name],
        env={**os.environ, "PYTHONHASHSEED": "1234"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert tell(Variant(7), SETTINGS[name]).digest in told.stdout


def test_simulation_story_does_not_depend_on_those_before_it(stories: list[Story]) -> None:
    """However the seeds are shared out among processes, each tells the same."""
    for story in stories[:10]:
        assert story == tell(story.variant, SETTINGS["brief"])
    assert len({story.digest for story in stories}) == len(stories)


def test_simulation_seeds_are_mostly_brief_houses() -> None:
    """Only a house has T3, T5, T6 and T8; the other worlds have a few seeds each."""
    worlds = Counter(world_of(seed) for seed in range(1, 20_001))
    assert Counter(brief=19_550, tally=400, long=50) == worlds
