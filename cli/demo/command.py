"""`cardcue demo`: two banks, played through the embedded broker and the real worker."""

import json
import sys
import time
from typing import Final

import click

from cli.demo.cdnow import CdnowError
from cli.demo.child import WorkerDiedError
from cli.demo.histories import Wanted
from cli.demo.loader import LoaderError
from cli.demo.play import Played, StalledError, play
from cli.demo.reconcile import MismatchError, differences, refuse, summarise
from cli.demo.report import report
from cli.demo.screen import Screen
from cli.demo.tail import TailError


EXIT_INTERRUPTED: Final = 130
FAILURES: Final = (
    CdnowError,
    LoaderError,
    MismatchError,
    StalledError,
    TailError,
    WorkerDiedError,
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="End with the summary as one JSON line.")
@click.option("--seed", default=1, show_default=True, help="Of the bank, and of CDNOW's consents.")
@click.option(
    "--customers",
    type=click.IntRange(min=50),
    default=None,
    help="So many of each bank only; by default all of CDNOW's 23,570.",
)
def demo(*, as_json: bool, seed: int, customers: int | None) -> None:
    """
    Play two banks through the whole house on this machine, and reckon up to the record.

    CDNOW's real purchases of 1997 and 1998, and a generated bank; the embedded broker and the real
    worker. Fails if a record or a trigger is missing, or if a campaign shows none.
    """
    began_s = time.monotonic()
    try:
        played = play(Wanted(seed, customers), Screen(sys.stdout))
        for line in report(played, time.monotonic() - began_s):
            click.echo(line)
        refuse(differences(played.evidence, played.histories))
    except FAILURES as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing is left behind", err=True)
        sys.exit(EXIT_INTERRUPTED)
    if as_json:
        click.echo(as_line(played))


def as_line(played: Played) -> str:
    """Return the summary as one line of JSON: in, applied, ignored, rejected, triggers."""
    return json.dumps(summarise(played.evidence).as_json(), separators=(",", ":"))
