"""`cardcue settings`: print what this process would run with."""

import os

import click

from streams.settings import describe, read_settings


@click.command()
def settings() -> None:
    """Print one line for each setting; where a secret is mounted, `***`."""
    for line in describe(read_settings(os.environ)):
        click.echo(line)
