"""`cardcue policy key | sign | approve`: two people put their names to a campaign."""

from pathlib import Path

import click

from cli.policy import BOOTSTRAP, read_all, settings_of, signed
from cli.policy_form import differences
from cli.policy_keys import KeyFileError, create_key, public_half, read_key
from cli.policy_keys import sign as sign_by
from cli.policy_log import ControlView, control_view
from cli.policy_reach import AppliesTo, reaching
from cli.policy_signatures import Reach, SignatureFileError, add_signature, event_of
from lifecycle.signatures import signed_content
from schemas.campaign import Campaign
from schemas.events import PolicyPublished, Signature, SigningKey
from schemas.events.control import Role


FILE = click.argument("file", type=click.Path(path_type=Path))
KEY = click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path), help="Your private key."
)
WHOSE = click.option("--tenant", default="", help="The bank, where the file names none.")


@click.group()
def key() -> None:
    """Make the keys that people sign with."""


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--person", required=True, help="Whose key it is, as the bank names people.")
def new(file: Path, person: str) -> None:
    """
    Write a new private key into FILE, its public half into FILE.pub.

    FILE is for you alone. The lines that are printed go into the bank's configuration, under
    `signing_keys` (`cardcue tenant configure`).
    """
    try:
        made = create_key(file, person)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"- key_id: {made.key_id!r}")
    click.echo(f"  person: {made.person!r}")
    click.echo(f"  public_key: {made.public_key!r}")


@click.command()
@FILE
@KEY
@click.option("--role", type=click.Choice(["author", "approver"]), required=True)
@reaching
@WHOSE
def sign(
    *,
    file: Path,
    key_file: Path,
    role: Role,
    applies_to: AppliesTo,
    reschedule: bool,
    tenant: str,
) -> None:
    """Sign a campaign file, and whom it concerns; the signature is written beside it."""
    [(_, campaign)] = read_all([file], tenant)
    write_signature(file, event_of(campaign, Reach(applies_to, reschedule)), key_file, role)


@click.command()
@FILE
@KEY
@click.option("--yes", is_flag=True, help="Do not ask.")
@WHOSE
@BOOTSTRAP
def approve(file: Path, key_file: Path, yes: bool, tenant: str, bootstrap: str) -> None:  # noqa: FBT001 (click passes flags so)
    """Show what would change against what is active, ask, and sign what the author has signed."""
    [(_, campaign)] = read_all([file], tenant)
    mine = public_key(key_file)
    view = control_view(campaign.tenant, settings_of(bootstrap))
    event = signed(file, campaign) or event_of(campaign, Reach())
    check_second_person(view, event.signatures, mine)
    for line in (*changes(view, campaign), *_reach_lines(event)):
        click.echo(line)
    if not yes and not click.confirm(f"Approve {campaign.id} version {campaign.version}?"):
        raise click.ClickException("not approved, nothing was signed")
    write_signature(file, event, key_file, "approver")


def _reach_lines(event: PolicyPublished) -> list[str]:
    """Return whom a policy concerns beside new customers."""
    existing = ["  customers on file enter too"] if event.applies_to == "existing" else []
    return existing + (["  what waits is moved to the new due times"] if event.reschedule else [])


def changes(view: ControlView, campaign: Campaign) -> list[str]:
    """Return what a campaign would change against its active version, line by line."""
    active = view.active(campaign.id)
    head = f"{campaign.id} version {campaign.version}"
    if active is None:
        return [f"{head}: new"]
    before = active.event.campaign
    if before == campaign:
        return [f"{head}: as it is active"]
    lines = list(differences(before, campaign))
    return [
        f"{head}, active is version {before.version}",
        *(f"  {line}" for line in lines or ["a rule of the same text has another tree"]),
    ]


def check_second_person(
    view: ControlView, signatures: tuple[Signature, ...], mine: SigningKey
) -> None:
    """End unless somebody else has signed as author, by keys that are pinned where any are."""
    authors = [one.key_id for one in signatures if one.role == "author"]
    if not authors:
        raise click.ClickException(
            "wanted the author's signature of this content first (`policy sign`), found none"
        )
    pinned = bool(view.state.row.signing_keys)
    me = view.person(mine.key_id)
    if pinned and not me:
        raise click.ClickException(f"wanted a key that is pinned, found {mine.key_id}")
    others = [one for one in authors if one != mine.key_id]
    if pinned:
        others = [one for one in others if view.person(one) not in {"", me}]
    if not others:
        raise click.ClickException("wanted another person than the author, found the same")


def public_key(key_file: Path) -> SigningKey:
    """Return the public half of a key file, or end with what is wrong with it."""
    try:
        return public_half(read_key(key_file), "")
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error


def signature_of(event: PolicyPublished, key_file: Path, role: Role) -> Signature:
    """Return a person's signature of a policy, or end with what is wrong with the key."""
    try:
        return sign_by(read_key(key_file), role, signed_content(event.campaign.tenant, event))
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error


def write_signature(file: Path, event: PolicyPublished, key_file: Path, role: Role) -> None:
    """Sign a policy, write the signature beside its file, and say so."""
    signature = signature_of(event, key_file, role)
    try:
        place = add_signature(file, event, signature)
    except SignatureFileError as error:
        raise click.ClickException(str(error)) from error
    campaign = event.campaign
    what = f"{campaign.tenant} {campaign.id} version {campaign.version}"
    click.echo(f"signed {what} {event.policy_hash} as {role}: {place}")
