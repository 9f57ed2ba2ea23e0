"""`cardcue policy rollback`: what a campaign was, under its next version."""

from pathlib import Path

import click
from msgspec.structs import replace

from cli.policy import BOOTSTRAP, TENANT, publish_all, settings_of
from cli.policy_file import PolicyFileError, read_policy
from cli.policy_form import file_text
from cli.policy_log import control_view
from cli.policy_signatures import Reach, event_of
from cli.policy_signing import signature_of, write_signature
from schemas.campaign import Campaign
from schemas.events.control import Role
from streams.settings import Settings


KEY_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("campaign")
@click.option("--to", "version", type=int, required=True, help="The version to go back to.")
@TENANT
@click.option("--author-key", type=KEY_FILE, help="The author's private key.")
@click.option("--approver-key", type=KEY_FILE, help="The approver's private key.")
@click.option("--out", type=KEY_FILE, help="The file to write; else CAMPAIGN.yaml.")
@BOOTSTRAP
def rollback(  # noqa: PLR0913 (one option each)
    *,
    campaign: str,
    version: int,
    tenant: str,
    author_key: Path | None,
    approver_key: Path | None,
    out: Path | None,
    bootstrap: str,
) -> None:
    """
    Put an old version of a campaign into effect again, under the next version.

    With both keys it is signed and published; else it is written into a file, signed by the key
    that is given, for the others to sign and publish.
    """
    settings = settings_of(bootstrap)
    old = _renumbered(campaign, version, tenant, settings)
    if author_key and approver_key:
        _publish(old, author_key, approver_key, settings)
        return
    file = out or Path(f"{campaign}.yaml")
    _write(file, old)
    click.echo(f"wrote {file}: version {version} as version {old.version}, to be signed")
    signers: tuple[tuple[Path | None, Role], ...] = (
        (author_key, "author"),
        (approver_key, "approver"),
    )
    for key_file, role in signers:
        if key_file:
            write_signature(file, event_of(old, Reach()), key_file, role)


def _renumbered(campaign_id: str, version: int, tenant: str, settings: Settings) -> Campaign:
    """Return an old version under the number after the active one, or end with what is missing."""
    view = control_view(tenant, settings)
    found = {one.event.campaign.version: one for one in view.versions.get(campaign_id, [])}
    if version not in found:
        known = ", ".join(map(str, found)) or "none"
        raise click.ClickException(f"wanted one of the versions {known}, found {version}")
    newest = max(found)
    if version == newest:
        raise click.ClickException(f"wanted an older version than {newest}, which is active")
    return replace(found[version].event.campaign, version=newest + 1)


def _publish(campaign: Campaign, author_key: Path, approver_key: Path, settings: Settings) -> None:
    """Sign and publish, unless workers would refuse it."""
    event = event_of(campaign, Reach())
    signatures = (
        signature_of(event, author_key, "author"),
        signature_of(event, approver_key, "approver"),
    )
    publish_all([replace(event, signatures=signatures)], settings)


def _write(file: Path, campaign: Campaign) -> None:
    """Write a campaign into a new file that reads as this very campaign, or end with why not."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(file_text(campaign))
        same = read_policy(file, tenant=campaign.tenant) == campaign
    except OSError as error:
        raise click.ClickException(
            f"{file}: wanted a new file (--out), found {error.strerror}"
        ) from error
    except PolicyFileError as error:
        file.unlink()
        raise click.ClickException(f"wanted a version that this program reads: {error}") from error
    if not same:
        file.unlink()
        raise click.ClickException(
            "wanted a version that reads as it was, found one of another release: write it anew"
        )
