"""`cardcue topics`: create the topics of the table, or check those that a Kafka has."""

import os
from typing import Final

import click

from streams.settings import read_settings
from streams.topics import TIMEOUT_S, TopicError, check_topics, create_topics


WAIT: Final = click.option(
    "--timeout", "timeout_s", default=TIMEOUT_S, help="Seconds that Kafka may take to answer."
)


@click.group()
def topics() -> None:
    """Create the topics, or check those that exist."""


@topics.command()
@WAIT
def create(timeout_s: float) -> None:
    """Create what is missing; what exists is left as it is."""
    try:
        created = create_topics(read_settings(os.environ), timeout_s=timeout_s)
    except TopicError as error:
        raise click.ClickException(str(error)) from error
    for name in created:
        click.echo(f"created {name}")
    if not created:
        click.echo("every topic exists")


@topics.command()
@WAIT
def check(timeout_s: float) -> None:
    """
    Compare Kafka with the table; exit code 1 if a topic would give wrong decisions or no service.

    A `note` is a difference that is yours to decide.
    """
    try:
        findings = check_topics(read_settings(os.environ), timeout_s=timeout_s)
    except TopicError as error:
        raise click.ClickException(str(error)) from error
    for finding in findings:
        click.echo(f"{finding.severity} {finding.topic}: {finding.text}")
    if errors := [finding for finding in findings if finding.severity == "error"]:
        raise click.ClickException(f"wanted topics as in the table, found {len(errors)} errors")
    if not findings:
        click.echo("every topic is as in the table")
