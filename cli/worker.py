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
    # Faust chooses its event loop while it is imported, so these come first.
    os.environ.setdefault("FAUST_LOOP", "uvloop")
    sys.argv = ["faust", "-A", "agents.worker", "worker", "-l", "warning", "--without-web"]
    from faust.cli.faust import cli  # noqa: PLC0415 (see above)

    cli()
