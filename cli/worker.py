"""Run a worker: the Faust app of `agents.worker`, with the folds asked for."""

import os
import sys

import click

from streams.settings import read_settings


@click.command()
@click.option("--only", default="", help="Folds to run, comma-separated: ingest,clock,lifecycle.")
def worker(only: str) -> None:
    """Run a worker until it is told to stop; exit code 70 means: start it again."""
    if only:
        os.environ["CARDCUE_FOLDS"] = only
    level = read_settings(os.environ).log_level  # refused here rather than by Faust's import
    faust = ["faust", "-A", "agents.worker", "-L", "uvloop"]
    sys.argv = [*faust, "worker", "-l", level, "--without-web"]
    # Faust reads the command line and chooses its event loop while it is imported.
    from faust.cli.faust import cli  # noqa: PLC0415

    cli()
