"""`cardcue tenant`: what holds for every campaign of a bank, put into the log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from msgspec.structs import replace

from cli.calendar_file import CalendarFileError, read_calendar
from cli.contact_policy_file import ContactPolicyFileError, read_contact_policy
from cli.control_topic import control_record
from cli.policy import BOOTSTRAP, TENANT, append_all, settings_of
from cli.policy_log import control_view, refusal
from cli.tenant_configure import APPROVER, AUTHOR, configure, signed_by
from lifecycle.signatures import signed_content
from schemas.content import content_hash
from schemas.events import CalendarPublished, ContactPolicyPublished
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms


Rules = CalendarPublished | ContactPolicyPublished
Command = TypeVar("Command", bound=Callable[..., None])


class Asked(NamedTuple):
    """What a command that publishes rules is given."""

    file: Path
    tenant: str
    only_check: bool
    author_key: Path | None
    approver_key: Path | None
    bootstrap: str


def asking(command: Command) -> Command:
    """Let a command take what `Asked` has."""
    for option in (
        BOOTSTRAP,
        APPROVER,
        AUTHOR,
        click.option("--check", "only_check", is_flag=True, help="Read the file, publish nothing."),
        TENANT,
        click.argument("file", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


@click.group(commands=[configure])
def tenant() -> None:
    """Say what holds for every campaign of a bank; each takes effect where the journal has it."""


@tenant.command()
@asking
def calendar(**given: Any) -> None:  # noqa: ANN401 (click's values, as Asked has them)
    """Publish quiet hours, holidays and worked weekends."""
    asked = Asked(**given)
    try:
        found = read_calendar(asked.file)
    except CalendarFileError as error:
        raise click.ClickException(str(error)) from error
    _publish(CalendarPublished(calendar=found), f"{found.id} version {found.version}", asked)


@tenant.command(name="contact-policy")
@asking
def contact_policy(**given: Any) -> None:  # noqa: ANN401 (click's values, as Asked has them)
    """Publish the caps and exclusions of every campaign."""
    asked = Asked(**given)
    try:
        found = read_contact_policy(asked.file)
    except ContactPolicyFileError as error:
        raise click.ClickException(str(error)) from error
    event = ContactPolicyPublished(contact_policy=found)
    _publish(event, f"{found.id} version {found.version}", asked)


def ruling(event: Rules, tenant: str, at_ms: int) -> OutputRecord:
    """Return the control record of a calendar or a contact policy; its id is of its content."""
    kind = str(event.__struct_config__.tag).partition(".")[0]
    return control_record(event, tenant, f"#{kind}", f"{kind}-{content_hash(event)}", at_ms)


def _publish(event: Rules, what: str, asked: Asked) -> None:
    """Append rules to the control topic, or end with why workers would refuse them."""
    if asked.only_check:
        click.echo(f"{what}: good")
        return
    about = signed_content(asked.tenant, event)
    signatures = signed_by(asked.author_key, asked.approver_key, about)
    settings, at_ms = settings_of(asked.bootstrap), wall_clock_ms()
    record = ruling(replace(event, signatures=signatures), asked.tenant, at_ms)
    if why := refusal(control_view(asked.tenant, settings), record, at_ms):
        raise click.ClickException(f"{what}: {why}")
    append_all([record], settings)
    click.echo(f"published {asked.tenant} {what}")
