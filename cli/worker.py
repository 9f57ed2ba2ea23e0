"""Run a worker: the Faust app of `agents.worker`, with the folds asked for."""

import os
import sys

import click


@click.command()
@click.option("--only", default="", help="Folds to run, comma-separated: ingest,clock,lifecycle.")
def worker(only: str) -> None:
    """Run a worker until it is told to stop; exit code 70 means: start it again."""
    if only:
        os.environ["CARDCUE_FOLDS"] = only
    argv = ["faust", "-A", "agents.worker", "-L", "uvloop", "worker", "-l", "warn", "--without-web"]
    sys.argv = argv
    # Faust reads the command line and chooses its event loop while it is imported.
    from faust.cli.faust import cli  # noqa: PLC0415

    cli()
