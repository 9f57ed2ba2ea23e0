"""
Tell stories by seed: `python -m tests.simulation.run --seeds 100`, `--seed 42 --trace`.

Every seed that went wrong is told again, and must tell the same.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import click

from tests.simulation.cluster import Cluster
from tests.simulation.house_world import HouseWorld
from tests.simulation.story import Story, World, tell
from tests.simulation.tally_world import TallyWorld


WORLDS: Final[dict[str, Callable[[Cluster], World]]] = {
    "house": HouseWorld,
    "tally": TallyWorld,
}
FAULTS_SHOWN: Final = 5


@click.command()
@click.option("--seed", default=1, show_default=True, help="The first seed.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, one after another.")
@click.option("--world", "names", multiple=True, type=click.Choice(sorted(WORLDS)), help="Only it.")
@click.option("--trace", is_flag=True, help="Print every await of every process.")
def run(seed: int, seeds: int, names: tuple[str, ...], trace: bool) -> None:  # noqa: FBT001 (click)
    """Run simulated worlds; exit 1 if anything was wrong in any of them."""
    started_s = time.monotonic()
    killed_at: Counter[str] = Counter()
    wrong_count = 0
    for number in range(seed, seed + seeds):
        for name in names or sorted(WORLDS):
            story = tell(number, WORLDS[name], told=click.echo if trace else None)
            killed_at += story.killed_at
            click.echo(summary(name, story))
            if story.faults:
                wrong_count += 1
                show_faults(name, story)
    click.echo(f"{killed_at.total()} kills at {len(killed_at)} places: {dict(killed_at)}")
    click.echo(f"{wrong_count} wrong, {time.monotonic() - started_s:.1f} s")
    sys.exit(1 if wrong_count else 0)


def summary(name: str, story: Story) -> str:
    """Return the one line that a story leaves."""
    return (
        f"{name} seed {story.seed}: {'WRONG' if story.faults else 'right'}"
        f" after {story.killed_at.total()} kills, {story.frozen_at.total()} freezes,"
        f" {story.commit_count} commits in {story.virtual_s:.0f} simulated s; {story.digest}"
    )


def show_faults(name: str, story: Story) -> None:
    """Print what was wrong, and whether the seed tells it again."""
    for fault in story.faults[:FAULTS_SHOWN]:
        click.echo(f"  {fault}")
    again = tell(story.seed, WORLDS[name])
    same = again.digest == story.digest and again.faults == story.faults
    click.echo(f"  told again: {'the same' if same else 'ANOTHER STORY ' + again.digest}")


if __name__ == "__main__":
    run()
