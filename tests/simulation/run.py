"""
Tell stories by seed: `python -m tests.simulation.run`, `--seed 42 --trace`.

A seed that went wrong is told again, which must give the same story, and is shrunk: the smallest
variant is printed with the command that tells it.
"""

import sys
import time
from collections.abc import Collection
from typing import Final

import click

from tests.simulation.fleet import Outcome, Wrong, tell_all
from tests.simulation.misfortunes import KINDS, PLACES
from tests.simulation.shrink import Shrinker
from tests.simulation.story import Story, Variant, tell
from tests.simulation.worlds import SETTINGS, world_of


SEED_COUNT: Final = 20_000
SHOWN_COUNT: Final = 3
FAULTS_SHOWN: Final = 5


@click.command()
@click.option(
    "--seed", type=int, help="Tell this one only, or begin with it where --seeds is given."
)
@click.option("--seeds", type=int, help=f"How many seeds; {SEED_COUNT} without --seed.")
@click.option("--world", default="", type=click.Choice(["", *sorted(SETTINGS)]), help="Only it.")
@click.option("--processes", default=2, show_default=True, help="How many side by side.")
@click.option("--events", default="", help="Of one seed: only these events, such as 0-3,7.")
@click.option("--misfortunes", default="", help="Of one seed: only these misfortunes; `none`.")
@click.option("--trace", is_flag=True, help="Of one seed: print every await of every process.")
def run(  # noqa: PLR0913 (one for each option)
    *,
    seed: int | None,
    seeds: int | None,
    world: str,
    processes: int,
    events: str,
    misfortunes: str,
    trace: bool,
) -> None:
    """Run simulated worlds; exit 1 if anything was wrong in any of them."""
    if seed is not None and seeds is None:
        variant = Variant(seed, numbers(events), numbers(misfortunes))
        right = tell_one(variant, world or world_of(seed), whole=trace)
        sys.exit(0 if right else 1)
    started_s = time.monotonic()
    first = seed or 1
    outcome = tell_all(
        range(first, first + (seeds or SEED_COUNT)), world, process_count=processes, told=progress
    )
    for line in summary(outcome, time.monotonic() - started_s):
        click.echo(line)
    for wrong in outcome.wrong[:SHOWN_COUNT]:
        explain(wrong)
    sys.exit(1 if outcome.wrong else 0)


def tell_one(variant: Variant, world: str, *, whole: bool) -> bool:
    """Tell one story and print it; return whether it was right."""
    story = tell(variant, SETTINGS[world], trace_length=0 if whole else 1)
    for line in story.trace if whole else ():
        click.echo(line)
    for struck in story.struck:
        click.echo(f"  {struck}")
    for fault in story.faults[:FAULTS_SHOWN]:
        click.echo(f"  {fault}")
    click.echo(
        f"{world} seed {variant.seed}: {'WRONG' if story.faults else 'right'} after"
        f" {kept_count(variant.events, story.event_count)} events and {len(story.struck)}"
        f" misfortunes, {story.commit_count} commits in {story.virtual_s:.0f} simulated s;"
        f" {story.digest}"
    )
    return not story.faults


def progress(outcome: Outcome) -> None:
    """Say how far it is."""
    click.echo(f"{outcome.worlds.total():,} seeds told, {len(outcome.wrong)} wrong", err=True)


def summary(outcome: Outcome, seconds: float) -> list[str]:
    """Return what is to be said of many stories."""
    counts = ", ".join(f"{outcome.counts[kind]:,} {kind}" for kind in KINDS)
    never = sorted(set(PLACES) - set(outcome.killed_at))
    worlds = ", ".join(f"{count:,} {name}" for name, count in outcome.worlds.most_common())
    hours = f"{outcome.virtual_s / 3600:,.1f} simulated hours"
    nowhere = f", never at {', '.join(never)}" if never else ""
    return [
        f"{outcome.worlds.total():,} seeds: {worlds}",
        f"{outcome.event_count:,} events, {outcome.commit_count:,} transactions in {hours}",
        f"{outcome.killed_at.total():,} kills at {len(outcome.killed_at)} places{nowhere}",
        f"misfortunes: {counts}",
        f"{len(outcome.wrong)} violations, {seconds:.0f} s",
    ]


def explain(wrong: Wrong) -> None:
    """Tell a wrong seed again, and print its smallest variant."""
    setting, variant = SETTINGS[wrong.world], Variant(wrong.seed)
    click.echo(f"{wrong.world} seed {wrong.seed}: {wrong.fault}")
    first, again = tell(variant, setting), tell(variant, setting)
    same = (first.digest, first.faults) == (again.digest, again.faults)
    click.echo(f"  told again: {'the same' if same else f'ANOTHER STORY {again.digest}'}")
    if not first.faults:
        click.echo("  NOT WRONG in this process: a story may not depend on those told before it")
        return
    shrinker = Shrinker(first, setting)
    least = shrinker.shrink()
    for struck in least.struck:
        click.echo(f"  {struck}")
    for fault in least.faults[:FAULTS_SHOWN]:
        click.echo(f"  {fault}")
    click.echo(
        f"  the smallest of {shrinker.told_count} told has"
        f" {kept_count(least.variant.events, least.event_count)} of {least.event_count} events and"
        f" {kept_count(least.variant.misfortunes, least.misfortune_count)} of"
        f" {least.misfortune_count} misfortunes:"
    )
    click.echo(f"  {command(least, wrong.world)}")


def command(story: Story, world: str) -> str:
    """Return the command that tells a variant."""
    seed, events, misfortunes = story.variant
    wishes = [] if world == world_of(seed) else [f"--world {world}"]
    if events is not None:
        wishes.append(f"--events {ranges(events)}")
    if misfortunes is not None:
        wishes.append(f"--misfortunes {ranges(misfortunes)}")
    return f"make sim SEED={seed}" + (f' ARGS="{" ".join(wishes)}"' if wishes else "")


def kept_count(kept: Collection[int] | None, count: int) -> int:
    """Return how many of `count` are kept."""
    return count if kept is None else len(kept)


def ranges(numbers: Collection[int]) -> str:
    """Return numbers as `0-3,7`, `none` for none."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    parts = [f"{low}-{high}" if low < high else f"{low}" for low, high in found]
    return ",".join(parts) or "none"


def numbers(text: str) -> frozenset[int] | None:
    """Return the numbers that `ranges` has written; None for no text."""
    if not text:
        return None
    if text == "none":
        return frozenset()
    found: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    return frozenset(found)


if __name__ == "__main__":
    run()
