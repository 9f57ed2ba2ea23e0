"""Run a worker: the Faust app of `agents.worker`, with the folds asked for."""

import os
import sys
from typing import Final

import click

from streams.connection import check_security
from streams.settings import read_settings
from streams.topic_table import FOLDS


FAUST_LEVELS: Final = {"warning": "warn"}
"""What Faust's command line calls a level that has another name here."""


@click.command()
@click.option("--only", default="", help=f"Folds to run, comma-separated: {','.join(FOLDS)}.")
def worker(only: str) -> None:
    """Run a worker until it is told to stop; exit code 70 means: start it again."""
    if only:
        os.environ["CARDCUE_FOLDS"] = only
    settings = read_settings(os.environ)  # refused here rather than by Faust's import
    check_security(settings)
    level = settings.log_level
    faust = ["faust", "-A", "agents.worker", "-L", "uvloop"]
    sys.argv = [*faust, "worker", "-l", FAUST_LEVELS.get(level, level), "--without-web"]
    # Faust reads the command line and chooses its event loop while it is imported.
    from faust.cli.faust import cli  # noqa: PLC0415

    cli()
