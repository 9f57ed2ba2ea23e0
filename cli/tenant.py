"""`cardcue tenant`: what holds for every campaign of a bank, put into the log."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

import click
import msgspec

from cli.calendar_file import CalendarFileError, read_calendar
from cli.contact_policy_file import ContactPolicyFileError, read_contact_policy
from cli.control_topic import ControlTopicError, append, control_record
from lifecycle.local_time import zone_rules
from schemas.codec import encode_json
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    EventData,
    TenantConfigured,
)
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms
from streams.settings import read_settings


TENANT = click.argument("name")
FILE = click.argument("file", type=click.Path(path_type=Path))
BOOTSTRAP = click.option("--bootstrap", default="", help="Kafka's address; else the settings'.")
CHECK = click.option("--check", "only_check", is_flag=True, help="Read the file, publish nothing.")


@click.group()
def tenant() -> None:
    """Say what holds for every campaign of a bank; each takes effect where the journal has it."""


@tenant.command()
@TENANT
@click.option("--time-zone", required=True, help="IANA zone of customers without one of their own.")
@click.option("--live-from", default="", help="RFC 3339; until then decisions are only recorded.")
@click.option("--holdout-bp", default=0, type=click.IntRange(0, 10_000), help="Of 10,000 people.")
@click.option("--holdout-salt", default="", help="Chooses which; needed with --holdout-bp.")
@BOOTSTRAP
def configure(
    name: str, time_zone: str, live_from: str, holdout_bp: int, holdout_salt: str, bootstrap: str
) -> None:
    """Say the bank's time zone, when it goes live, and its holdout; all of it anew."""
    if zone_rules(time_zone) is None:
        raise click.UsageError(f"wanted an IANA zone such as Asia/Shanghai, found {time_zone!r}")
    if holdout_bp and not holdout_salt:
        raise click.UsageError("wanted --holdout-salt beside --holdout-bp, found none")
    event = TenantConfigured(
        live_from_ms=_milliseconds(live_from) if live_from else None,
        time_zone=time_zone,
        holdout_bp=holdout_bp,
        holdout_salt=holdout_salt,
    )
    _publish(configured(name, event, wall_clock_ms()), bootstrap)
    click.echo(f"configured {name}")


@tenant.command()
@TENANT
@FILE
@CHECK
@BOOTSTRAP
def calendar(name: str, file: Path, only_check: bool, bootstrap: str) -> None:  # noqa: FBT001 (click passes flags so)
    """Publish quiet hours, holidays and worked weekends."""
    try:
        found = read_calendar(file)
    except CalendarFileError as error:
        raise click.ClickException(str(error)) from error
    event = CalendarPublished(calendar=found)
    what = f"{found.id} version {found.version}"
    _check_or_publish(name, event, what, bootstrap, only_check=only_check)


@tenant.command(name="contact-policy")
@TENANT
@FILE
@CHECK
@BOOTSTRAP
def contact_policy(name: str, file: Path, only_check: bool, bootstrap: str) -> None:  # noqa: FBT001 (click passes flags so)
    """Publish the caps and exclusions of every campaign."""
    try:
        found = read_contact_policy(file)
    except ContactPolicyFileError as error:
        raise click.ClickException(str(error)) from error
    event = ContactPolicyPublished(contact_policy=found)
    what = f"{found.id} version {found.version}"
    _check_or_publish(name, event, what, bootstrap, only_check=only_check)


def configured(name: str, event: EventData, at_ms: int) -> OutputRecord:
    """Return the control record of what holds for a bank; its id is of its content."""
    kind = str(event.__struct_config__.tag).partition(".")[0]
    digest = hashlib.sha256(encode_json(event)).hexdigest()
    return control_record(event, name, f"#{kind}", f"{kind}-{at_ms}-{digest[:16]}", at_ms)


def _check_or_publish(
    name: str, event: EventData, what: str, bootstrap: str, *, only_check: bool
) -> None:
    """Publish what was read, or only say that it is good."""
    if only_check:
        click.echo(f"{what}: good")
        return
    _publish(configured(name, event, wall_clock_ms()), bootstrap)
    click.echo(f"published {name} {what}")


def _publish(record: OutputRecord, bootstrap: str) -> None:
    """Append a record to the control topic of the Kafka that is meant."""
    settings = read_settings(os.environ)
    if bootstrap:
        settings = msgspec.structs.replace(settings, bootstrap=bootstrap)
    try:
        append([record], settings)
    except ControlTopicError as error:
        raise click.ClickException(str(error)) from error


def _milliseconds(text: str) -> int:
    """Return a moment in epoch milliseconds UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min  # noqa: DTZ901 (has no offset, and so is refused below)
    if at.tzinfo is None:
        raise click.UsageError(f"wanted RFC 3339 with an offset, found {text!r}")
    return int(at.timestamp() * 1000)
