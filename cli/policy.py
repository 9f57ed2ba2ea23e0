"""`cardcue policy`: check campaigns, put them into the log, stop and resume them."""

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from cli.control_topic import ControlTopicError, append, control_record
from cli.doors import DoorGroup
from cli.marked_struct import MarkedFileError, read_each
from cli.model_file import read_models_of
from cli.offer_file import read_offers_of
from cli.policy_content import Known, lacks
from cli.policy_doors import FURTHER
from cli.policy_file import read_policy
from cli.policy_log import control_view, refusal
from cli.policy_reach import AppliesTo, reaching
from cli.policy_signatures import (
    Reach,
    SignatureFileError,
    event_of,
    says_the_same,
    signed_event,
)
from cli.policy_wants import name_of
from cli.template_file import read_templates_of
from schemas.campaign import Campaign
from schemas.content import content_hash
from schemas.events import KillSwitchSet, PolicyPublished
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms
from streams.settings import Settings, read_settings


FOLDER = click.Path(path_type=Path)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
BOOTSTRAP = click.option("--bootstrap", default="", help="Kafka's address; else the settings'.")
TENANT = click.option("--tenant", required=True, help="The bank whose contacts are concerned.")
CAMPAIGN = click.argument("campaign", default="")
EVERYTHING = click.option("--all", "everything", is_flag=True, help="Every campaign.")


@click.group(cls=DoorGroup, doors=FURTHER)
def policy() -> None:
    """Check campaigns, sign them, put them into the log, and tell what is there."""


@policy.command()
@FILES
@click.option("--tenant", default="any", help="The bank, where a file names none.")
@click.option("--templates", type=FOLDER, help="The wordings that there are; no other will do.")
@click.option("--offers", type=FOLDER, help="The offers that there are; no other will do.")
@click.option("--models", type=FOLDER, help="The models that there are; no other will do.")
def check(
    files: Sequence[Path],
    tenant: str,
    templates: Path | None,
    offers: Path | None,
    models: Path | None,
) -> None:
    """Read campaign files and say what is wrong with each, by line."""
    try:
        known = Known(
            read_templates_of(templates) if templates else None,
            read_offers_of(offers) if offers else None,
            read_models_of(models) if models else None,
        )
    except MarkedFileError as error:
        raise click.ClickException(str(error)) from error
    for _, campaign in read_all(files, tenant, known):
        click.echo(f"{campaign.id} version {campaign.version}: good")


@policy.command()
@FILES
@click.option("--tenant", default="", help="The bank, where a file names none.")
@reaching
@BOOTSTRAP
def publish(
    files: Sequence[Path],
    tenant: str,
    applies_to: AppliesTo,
    reschedule: bool,  # noqa: FBT001 (click passes flags so)
    bootstrap: str,
) -> None:
    """
    Put campaigns into the log; each takes effect where the journal has it.

    All files are read, with the signatures beside them, before the first is sent, and none is sent
    that workers would refuse. The same version is never sent twice with effect: raise `version`
    with every change. Whom a signed file concerns was signed with it.
    """
    settings = settings_of(bootstrap)
    reach = Reach(applies_to, reschedule)
    events = []
    for file, campaign in read_all(files, tenant):
        event, asked = signed(file, campaign), event_of(campaign, reach)
        if event is not None and reach != Reach() and not says_the_same(event, asked):
            raise click.ClickException(f"{file}: wanted the options that were signed, found others")
        events.append(event or asked)
    if not all(event.signatures for event in events):
        announce_unsigned(settings)
    publish_all(events, settings)


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
    """
    Allow contacts again, also of a CAMPAIGN that a guardrail holds (--all does not lift that).

    What fell due meanwhile stays unsent.
    """
    _switch(_target(campaign, everything), tenant, bootstrap, engaged=False)


def published(campaign: Campaign, at_ms: int) -> OutputRecord:
    """Return the control record that puts a campaign into effect unsigned, for new customers."""
    return publishing(event_of(campaign, Reach()), at_ms)


def publishing(event: PolicyPublished, at_ms: int) -> OutputRecord:
    """Return the control record of a policy; its id is of what it says."""
    campaign = event.campaign
    event_id = f"policy-{campaign.id}-{campaign.version}-{event.policy_hash}"
    if event != event_of(campaign, Reach()):
        # what was refused unsigned, or for new customers only, is no repeat once it says more
        event_id += f"-{content_hash(event)[:16]}"
    return control_record(event, campaign.tenant, campaign.id, event_id, at_ms)


def settings_of(bootstrap: str) -> Settings:
    """Return this process's settings, for another Kafka where one is named."""
    settings = read_settings(os.environ)
    return msgspec.structs.replace(settings, bootstrap=bootstrap) if bootstrap else settings


def signed(file: Path, campaign: Campaign) -> PolicyPublished | None:
    """Return what people have signed of a campaign file, or end with what is wrong there."""
    try:
        return signed_event(file, campaign)
    except SignatureFileError as error:
        raise click.ClickException(str(error)) from error


def announce_unsigned(settings: Settings) -> None:
    """Say loudly that nobody has approved what is about to decide, or refuse it (SEMANTICS P3)."""
    if settings.profile != "development":
        raise click.ClickException(
            f"wanted signed policies in profile {settings.profile}, found unsigned ones"
        )
    click.secho(
        "UNSIGNED: nobody has approved these policies. Development settings allow it; "
        "a bank must not.",
        err=True,
        bold=True,
    )


def publish_all(events: Sequence[PolicyPublished], settings: Settings) -> None:
    """
    Append policies and say so, or end with why workers would refuse some, a line each.

    What is active as it is already is not sent again.
    """
    at_ms = wall_clock_ms()
    views = {
        one: control_view(one, settings) for one in {event.campaign.tenant for event in events}
    }
    sent: list[OutputRecord] = []
    lines, refused = [], []
    for event in events:
        campaign, view = event.campaign, views[event.campaign.tenant]
        what = f"{campaign.id} version {campaign.version}"
        active = view.active(campaign.id)
        if active is not None and says_the_same(active.event, event):
            lines.append(f"active already {campaign.tenant} {what} {event.policy_hash}")
            continue
        sent.append(publishing(event, at_ms))
        lines.append(f"published {campaign.tenant} {what} {event.policy_hash}")
        if why := refusal(view, sent[-1], at_ms):
            refused.append(f"{what}: {why}")
        refused += [
            f"{what}: {name_of(path)}: {said}" for path, said in lacks(campaign, view.known())
        ]
    if refused:
        raise click.ClickException("\n".join(refused))
    append_all(sent, settings)
    for line in lines:
        click.echo(line)


def switched(tenant: str, campaign_id: str, at_ms: int, *, engaged: bool) -> OutputRecord:
    """Return the control record that stops or resumes a campaign, or the bank for ""."""
    event = KillSwitchSet(engaged=engaged, campaign_id=campaign_id)
    event_id = f"switch-{campaign_id}-{'on' if engaged else 'off'}-{at_ms}"
    return control_record(event, tenant, campaign_id, event_id, at_ms)


def read_all(
    files: Sequence[Path], tenant: str, known: Known | None = None
) -> list[tuple[Path, Campaign]]:
    """Return the campaigns with their files, or end with every mistake on a line of its own."""
    return read_each(files, lambda file: (file, read_policy(file, tenant=tenant, known=known)))


def _target(campaign: str, everything: bool) -> str:  # noqa: FBT001 (click passes flags so)
    """Return which campaign is meant, "" for all: exactly one of both must be said."""
    if everything == bool(campaign):
        raise click.UsageError("wanted a campaign or --all, found both or none")
    return campaign


def _switch(campaign_id: str, tenant: str, bootstrap: str, *, engaged: bool) -> None:
    """Put a kill switch into the log."""
    record = switched(tenant, campaign_id, wall_clock_ms(), engaged=engaged)
    append_all([record], settings_of(bootstrap))
    state = "paused" if engaged else "resumed"
    click.echo(f"{state} {tenant} {campaign_id or 'every campaign'}")


def append_all(records: Sequence[OutputRecord], settings: Settings) -> None:
    """Append records to the control topic of the Kafka that is meant."""
    try:
        append(records, settings)
    except ControlTopicError as error:
        raise click.ClickException(str(error)) from error
