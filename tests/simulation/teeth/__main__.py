"""
Try every defect: `python -m tests.simulation.teeth`.

From seed 1 each, or with `--short` from the seed near which it was found last time.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import click

from tests.simulation.teeth.biting import Bitten, Tooth, bite, teeth
from tests.simulation.teeth.patching import PatchError


@click.command()
@click.argument("words", nargs=-1)
@click.option("--short", is_flag=True, help="Begin near where each was found last time.")
@click.option("--processes", default=2, show_default=True, help="How many side by side.")
def run(*, words: tuple[str, ...], short: bool, processes: int) -> None:
    """Try the defects whose names contain one of WORDS (all without); exit 1 if one is missed."""
    tried = [one for one in teeth() if not words or any(word in one.name for word in words)]
    with ThreadPoolExecutor(processes) as pool:
        found = list(pool.map(lambda one: attempt(one, one.seed if short else 1), tried))
    click.echo(f"{sum(found)} of {len(found)} defects found")
    sys.exit(0 if all(found) else 1)


def attempt(tooth: Tooth, first: int) -> bool:
    """Try one defect and say what came of it; return whether it was found."""
    try:
        bitten = bite(tooth, first)
    except PatchError as error:
        click.echo(f"{tooth.name}: {error}")
        return False
    click.echo(f"{tooth.name}: {verdict(bitten)}")
    return bitten.seed is not None


def verdict(bitten: Bitten) -> str:
    """Return what was found as a line."""
    if bitten.seed is None:
        return f"NOT FOUND in {bitten.told_count:,} seeds"
    return f"found by seed {bitten.seed}, the {bitten.told_count}. told: {bitten.fault[:160]}"


if __name__ == "__main__":
    run()
