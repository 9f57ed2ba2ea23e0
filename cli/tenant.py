"""`cardcue tenant`: what holds for every campaign of a bank, put into the log."""

from pathlib import Path

import click
from msgspec.structs import replace

from cli.calendar_file import CalendarFileError, read_calendar
from cli.contact_policy_file import ContactPolicyFileError, read_contact_policy
from cli.control_topic import control_record
from cli.policy import BOOTSTRAP, TENANT, append_all, settings_of
from cli.policy_log import control_view, refusal
from cli.tenant_configure import APPROVER, AUTHOR, configure, signed_by
from lifecycle.signatures import about_rules
from schemas.content import content_hash
from schemas.events import CalendarPublished, ContactPolicyPublished
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms


FILE = click.argument("file", type=click.Path(path_type=Path))
CHECK = click.option("--check", "only_check", is_flag=True, help="Read the file, publish nothing.")

Rules = CalendarPublished | ContactPolicyPublished


@click.group(commands=[configure])
def tenant() -> None:
    """Say what holds for every campaign of a bank; each takes effect where the journal has it."""


@tenant.command()
@FILE
@TENANT
@CHECK
@AUTHOR
@APPROVER
@BOOTSTRAP
def calendar(
    *,
    file: Path,
    tenant: str,
    only_check: bool,
    author_key: Path | None,
    approver_key: Path | None,
    bootstrap: str,
) -> None:
    """Publish quiet hours, holidays and worked weekends."""
    try:
        event = CalendarPublished(calendar=read_calendar(file))
    except CalendarFileError as error:
        raise click.ClickException(str(error)) from error
    what = f"{event.calendar.id} version {event.calendar.version}"
    if only_check:
        click.echo(f"{what}: good")
        return
    signatures = signed_by(author_key, approver_key, about_rules(tenant, event))
    _publish(replace(event, signatures=signatures), tenant, what, bootstrap)


@tenant.command(name="contact-policy")
@FILE
@TENANT
@CHECK
@AUTHOR
@APPROVER
@BOOTSTRAP
def contact_policy(
    *,
    file: Path,
    tenant: str,
    only_check: bool,
    author_key: Path | None,
    approver_key: Path | None,
    bootstrap: str,
) -> None:
    """Publish the caps and exclusions of every campaign."""
    try:
        event = ContactPolicyPublished(contact_policy=read_contact_policy(file))
    except ContactPolicyFileError as error:
        raise click.ClickException(str(error)) from error
    what = f"{event.contact_policy.id} version {event.contact_policy.version}"
    if only_check:
        click.echo(f"{what}: good")
        return
    signatures = signed_by(author_key, approver_key, about_rules(tenant, event))
    _publish(replace(event, signatures=signatures), tenant, what, bootstrap)


def ruling(event: Rules, tenant: str, at_ms: int) -> OutputRecord:
    """Return the control record of a calendar or a contact policy; its id is of its content."""
    kind = str(event.__struct_config__.tag).partition(".")[0]
    return control_record(event, tenant, f"#{kind}", f"{kind}-{content_hash(event)}", at_ms)


def _publish(event: Rules, tenant: str, what: str, bootstrap: str) -> None:
    """Append what was read to the control topic, or end with why workers would refuse it."""
    settings, at_ms = settings_of(bootstrap), wall_clock_ms()
    record = ruling(event, tenant, at_ms)
    if why := refusal(control_view(tenant, settings), record, at_ms):
        raise click.ClickException(f"{what}: {why}")
    append_all([record], settings)
    click.echo(f"published {tenant} {what}")
