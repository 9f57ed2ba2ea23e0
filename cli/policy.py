"""`cardcue policy`: check campaigns, put them into the log, stop and resume them."""

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from cli.control_topic import ControlTopicError, append, control_record
from cli.policy_file import PolicyFileError, policy_hash, read_policy
from schemas.campaign import Campaign
from schemas.events import KillSwitchSet, PolicyPublished
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms
from streams.settings import Settings, read_settings


FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
BOOTSTRAP = click.option("--bootstrap", default="", help="Kafka's address; else the settings'.")
TENANT = click.option("--tenant", required=True, help="The bank whose contacts are concerned.")
CAMPAIGN = click.argument("campaign", default="")
EVERYTHING = click.option("--all", "everything", is_flag=True, help="Every campaign.")


@click.group()
def policy() -> None:
    """Check campaigns and put them into the log."""


@policy.command()
@FILES
@click.option("--tenant", default="any", help="The bank, where a file names none.")
def check(files: Sequence[Path], tenant: str) -> None:
    """Read campaign files and say what is wrong with each, by line."""
    for campaign in _read_all(files, tenant):
        click.echo(f"{campaign.id} version {campaign.version}: good")


@policy.command()
@FILES
@click.option("--tenant", default="", help="The bank, where a file names none.")
@BOOTSTRAP
def publish(files: Sequence[Path], tenant: str, bootstrap: str) -> None:
    """
    Put campaigns into the log; each takes effect where the journal has it.

    All files are read before the first is sent. The same version is never sent twice with
    effect: raise `version` with every change.
    """
    settings = read_settings(os.environ)
    if settings.profile != "development":
        raise click.ClickException(
            f"wanted signed policies in profile {settings.profile}, found unsigned ones"
        )
    campaigns = _read_all(files, tenant)
    click.secho(
        "UNSIGNED: nobody has approved these policies. Development settings allow it; "
        "a bank must not.",
        err=True,
        bold=True,
    )
    _append([published(campaign, wall_clock_ms()) for campaign in campaigns], settings, bootstrap)
    for campaign in campaigns:
        what = f"{campaign.tenant} {campaign.id} version {campaign.version}"
        click.echo(f"published {what} {policy_hash(campaign)}")


@policy.command()
@CAMPAIGN
@EVERYTHING
@TENANT
@BOOTSTRAP
def pause(campaign: str, everything: bool, tenant: str, bootstrap: str) -> None:  # noqa: FBT001 (click passes flags so)
    """Stop all contacts of a campaign, or with --all of the bank."""
    _switch(_target(campaign, everything), tenant, bootstrap, engaged=True)


@policy.command()
@CAMPAIGN
@EVERYTHING
@TENANT
@BOOTSTRAP
def resume(campaign: str, everything: bool, tenant: str, bootstrap: str) -> None:  # noqa: FBT001 (click passes flags so)
    """Allow contacts again; what fell due meanwhile stays unsent."""
    _switch(_target(campaign, everything), tenant, bootstrap, engaged=False)


def published(campaign: Campaign, at_ms: int) -> OutputRecord:
    """Return the control record that puts a campaign into effect; its id is of its content."""
    event = PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))
    event_id = f"policy-{campaign.id}-{campaign.version}-{event.policy_hash}"
    return control_record(event, campaign.tenant, campaign.id, event_id, at_ms)


def switched(tenant: str, campaign_id: str, at_ms: int, *, engaged: bool) -> OutputRecord:
    """Return the control record that stops or resumes a campaign, or the bank for ""."""
    event = KillSwitchSet(engaged=engaged, campaign_id=campaign_id)
    event_id = f"switch-{campaign_id}-{'on' if engaged else 'off'}-{at_ms}"
    return control_record(event, tenant, campaign_id, event_id, at_ms)


def _read_all(files: Sequence[Path], tenant: str) -> list[Campaign]:
    """Return the campaigns, or end with every mistake on a line of its own."""
    campaigns, mistakes = [], []
    for file in files:
        try:
            campaigns.append(read_policy(file, tenant=tenant))
        except PolicyFileError as error:
            mistakes.append(str(error))
    if mistakes:
        raise click.ClickException("\n".join(mistakes))
    return campaigns


def _target(campaign: str, everything: bool) -> str:  # noqa: FBT001 (click passes flags so)
    """Return which campaign is meant, "" for all: exactly one of both must be said."""
    if everything == bool(campaign):
        raise click.UsageError("wanted a campaign or --all, found both or none")
    return campaign


def _switch(campaign_id: str, tenant: str, bootstrap: str, *, engaged: bool) -> None:
    """Put a kill switch into the log."""
    record = switched(tenant, campaign_id, wall_clock_ms(), engaged=engaged)
    _append([record], read_settings(os.environ), bootstrap)
    state = "paused" if engaged else "resumed"
    click.echo(f"{state} {tenant} {campaign_id or 'every campaign'}")


def _append(records: Sequence[OutputRecord], settings: Settings, bootstrap: str) -> None:
    """Append records to the control topic of the Kafka that is meant."""
    if bootstrap:
        settings = msgspec.structs.replace(settings, bootstrap=bootstrap)
    try:
        append(records, settings)
    except ControlTopicError as error:
        raise click.ClickException(str(error)) from error
