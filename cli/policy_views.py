"""`cardcue policy diff | explain | ls`: tell what a campaign says, and what the log has."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from cli.policy import BOOTSTRAP, FILES, TENANT, read_all, settings_of
from cli.policy_explain import explained
from cli.policy_log import ControlView, Published, control_view
from cli.policy_signing import changes
from cli.why.language import Language
from schemas.campaign import Campaign


HASH_LENGTH_SHOWN = 12


@click.command()
@FILES
@TENANT
@BOOTSTRAP
def diff(files: Sequence[Path], tenant: str, bootstrap: str) -> None:
    """Tell what the files would change against what is active, field by field."""
    campaigns = [campaign for _, campaign in read_all(files, tenant)]
    view = control_view(tenant, settings_of(bootstrap))
    for campaign in campaigns:
        for line in changes(view, campaign):
            click.echo(line)
    for campaign_id in sorted(view.versions.keys() - {one.id for one in campaigns}):
        version = view.versions[campaign_id][-1].event.campaign.version
        click.echo(f"{campaign_id} version {version}: only in the log")


@click.command()
@FILES
@click.option("--language", type=click.Choice(["en", "zh"]), default="en")
@click.option("--tenant", default="any", help="The bank, where a file names none.")
def explain(files: Sequence[Path], language: Language, tenant: str) -> None:
    """Tell in sentences whom a campaign contacts, when, and who is left out."""
    for place, (_, campaign) in enumerate(read_all(files, tenant)):
        if place:
            click.echo()
        for line in explained(campaign, language):
            click.echo(line)


@click.command()
@TENANT
@BOOTSTRAP
def ls(tenant: str, bootstrap: str) -> None:
    """Tell which versions are active, who signed them, what is paused, held or was refused."""
    view = control_view(tenant, settings_of(bootstrap), with_trips=True)
    paused = set(view.state.row.campaigns_paused)
    for campaign_id in sorted(view.versions):
        stops = ["paused"] if campaign_id in paused else []
        if kinds := view.held.get(campaign_id):
            stops.append(f"held by a guardrail ({', '.join(sorted(kinds))})")
        click.echo(_line(view.versions[campaign_id][-1], stops))
    for event, reason in view.refused:
        what = f"{event.campaign.id} version {event.campaign.version}"
        click.echo(f"refused {what} {event.policy_hash[:HASH_LENGTH_SHOWN]} {reason}")
    for line in _named_by_campaigns(view):
        click.echo(line)
    click.echo(f"{tenant}: {_contacts(view)}; {_keys(view)}")


def _line(newest: Published, stops: Sequence[str]) -> str:
    """Return what is active of a campaign, by whose word, and what stops it."""
    campaign = newest.event.campaign
    who = ", ".join(f"{role} {person}" for role, person in newest.signers) or "unsigned"
    shown = newest.event.policy_hash[:HASH_LENGTH_SHOWN]
    event, said = newest.event, [who, *_promised(campaign)]
    said += ["existing customers too"] if event.applies_to == "existing" else []
    said += ["rescheduled"] if event.reschedule else []
    return f"{campaign.id} version {campaign.version} {shown} {', '.join([*said, *stops])}"


def _promised(campaign: Campaign) -> list[str]:
    """Return by which further channels a campaign speaks, and what it promises and may cost."""
    channels = (campaign.treatment.channel, *(one.channel for one in campaign.fallbacks))
    said = [f"by {', else '.join(channels)}"] if campaign.fallbacks else []
    said += [f"offer {campaign.offer}"] if campaign.offer else []
    return said + ([f"budget {campaign.budget_minor:,}"] if campaign.budget_minor else [])


def _named_by_campaigns(view: ControlView) -> Iterator[str]:
    """Yield which wordings are approved, which offers there are with their units, which models."""
    if view.templates:
        approved = ", ".join(f"{name} {version}" for name, version in sorted(view.templates))
        yield f"templates approved: {approved}"
    if view.offers:
        offers = sorted(view.offers.values(), key=lambda offer: offer.id)
        there = (f"{one.id} {one.version} ({one.inventory_count:,})" for one in offers)
        yield f"offers defined: {', '.join(there)}"
    if view.models:
        models = (f"{name} {model.version}" for name, model in sorted(view.models.items()))
        yield f"models defined: {', '.join(models)}"


def _contacts(view: ControlView) -> str:
    return "every contact is paused" if view.state.row.paused else "contacts run"


def _keys(view: ControlView) -> str:
    """Return whose keys are pinned."""
    row = view.state.row
    if not row.signing_keys:
        return "no keys are pinned"
    pinned = ", ".join(f"{key.person} {key.key_id}" for key in row.signing_keys)
    return f"keys pinned by configuration {row.configured_version}: {pinned}"
