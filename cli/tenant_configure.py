"""`cardcue tenant configure`: facts about a bank, and whose signatures count."""

from pathlib import Path
from typing import Any, Final, get_args

import click
import msgspec
from msgspec.structs import replace

from cli.control_topic import control_record
from cli.marked_yaml import MarkedYamlError, read_marked_file
from cli.policy import BOOTSTRAP, TENANT, append_all, settings_of
from cli.policy_keys import KeyFileError, read_key, sign
from cli.policy_log import control_view, refusal
from lifecycle.signatures import TWO_PEOPLE, About, signed_content
from schemas.content import content_hash
from schemas.events import Currency, Signature, TenantConfigured
from schemas.events.control import Role
from streams.clock import wall_clock_ms


FIELDS: Final = tuple(name for name in TenantConfigured.__struct_fields__ if name != "signatures")
KEY_FILE = click.Path(path_type=Path)
AUTHOR = click.option("--author-key", type=KEY_FILE, help="A pinned private key, once any is.")
APPROVER = click.option("--approver-key", type=KEY_FILE, help="Another person's.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@TENANT
@AUTHOR
@APPROVER
@BOOTSTRAP
def configure(
    file: Path, tenant: str, author_key: Path | None, approver_key: Path | None, bootstrap: str
) -> None:
    """
    Put a bank's configuration into the log: a YAML file with the fields of `tenant.configured`.

    The first `signing_keys` are pinned without a signature; from then on nothing unsigned counts,
    and changing them takes both signatures.
    """
    event = _read(file)
    event = replace(
        event, signatures=signed_by(author_key, approver_key, signed_content(tenant, event))
    )
    settings, at_ms = settings_of(bootstrap), wall_clock_ms()
    event_id = f"tenant-{event.version}-{content_hash(event)}"
    record = control_record(event, tenant, "", event_id, at_ms)
    view = control_view(tenant, settings)
    if why := refusal(view, record, at_ms):
        raise click.ClickException(f"{file}: {why}")
    append_all([record], settings)
    keys = ", ".join(f"{key.person} {key.key_id}" for key in view.state.row.signing_keys)
    click.echo(f"configured {tenant} version {event.version}, keys: {keys or 'none'}")


def _read(file: Path) -> TenantConfigured:
    """Return what a file says, or end with what is wrong with it."""
    try:
        said: Any = read_marked_file(file)[0]
    except MarkedYamlError as error:
        raise click.ClickException(f"{file}:{error.line}: {error}") from error
    if not isinstance(said, dict) or (unknown := said.keys() - FIELDS):
        found = ", ".join(sorted(unknown)) if isinstance(said, dict) else "something else"
        raise click.ClickException(f"{file}: wanted some of {', '.join(FIELDS)}, found {found}")
    try:
        event = msgspec.convert(said, TenantConfigured)
    except msgspec.ValidationError as error:
        raise click.ClickException(f"{file}: wanted a configuration, found: {error}") from error
    if event.currency and event.currency not in get_args(Currency):
        raise click.ClickException(f"{file}: wanted an ISO 4217 code, found {event.currency}")
    if event.value_cap_minor and not event.currency:
        raise click.ClickException(f"{file}: wanted a currency beside value_cap_minor, found none")
    people = {key.person for key in event.signing_keys}
    if len(people) == 1:
        raise click.ClickException(
            f"{file}: wanted keys of {TWO_PEOPLE} people or more, found one person's"
        )
    return event


def signed_by(
    author_key: Path | None, approver_key: Path | None, about: About
) -> tuple[Signature, ...]:
    """Return the signatures of the keys that are given, or end with what is wrong with one."""
    roles: tuple[tuple[Path | None, Role], ...] = (
        (author_key, "author"),
        (approver_key, "approver"),
    )
    try:
        return tuple(sign(read_key(file), role, about) for file, role in roles if file)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error
