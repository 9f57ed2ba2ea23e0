"""`cardcue rejected`: the group of its commands, each in a file of its own."""

import click

from cli.rejected.ls import ls
from cli.rejected.replay import replay
from cli.rejected.show import show


@click.group(commands=[ls, show, replay])
def rejected() -> None:
    """
    Look at what ingest refused, and give it back once the cause is mended.

    COORDINATES are topic/partition/offset: of the record in its source topic, or of the rejected
    record in card.events.rejected.v1.
    """
