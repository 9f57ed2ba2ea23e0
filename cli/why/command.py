"""`cardcue why` and `cardcue why-not`: tell what a decision record says."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

import click

from cli.log import TopicLog, on_kafka
from cli.why.find import TRIGGER_ID, Wanted, find, followed, is_about
from cli.why.language import Language
from cli.why.scores import Titles
from cli.why.sentences import channels_of, told
from cli.why.titles import titles_of
from lifecycle.local_time import zone_rules
from schemas.decisions import Decision
from streams.settings import Settings


OCCASIONS_SHOWN: Final = 10


def spoken(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that both commands have."""
    for option in (
        click.option(
            "--tenant", default="", help="Whose customer; needed where there are several."
        ),
        click.option("--language", type=click.Choice(["en", "zh"]), default="en"),
        click.option("--zone", default="UTC", show_default=True, help="Of the times (IANA)."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("about")
@spoken
def why(about: str, tenant: str, language: Language, zone: str) -> None:
    """
    Tell why a customer was contacted, or was not.

    ABOUT is a trigger id, or a customer token: then the newest ten occasions are told.
    """
    shown_in = _zone(zone)
    if TRIGGER_ID.fullmatch(about):
        found = _found(tenant, "", lambda record: is_about(record, about), OCCASIONS_SHOWN)
    else:
        found = _found(tenant, about, lambda _: True, OCCASIONS_SHOWN)
    for record in found.records:
        for line in told(record, language, shown_in, channels=found.channels, titles=found.titles):
            click.echo(line)


@click.command()
@click.argument("customer")
@click.argument("campaign")
@click.argument("at", required=False, type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]))
@spoken
def why_not(
    customer: str, campaign: str, at: datetime | None, tenant: str, language: Language, zone: str
) -> None:
    """
    Tell why a campaign did not contact a customer, as of the newest occasion up to AT.

    AT is in the zone that is given; without it, now is meant.
    """
    shown_in = _zone(zone)
    until_ms = None if at is None else int(at.replace(tzinfo=shown_in).timestamp() * 1000)

    def meant(record: Decision) -> bool:
        in_time = until_ms is None or record.decided_at_ms <= until_ms
        return in_time and any(one.campaign_id == campaign for one in record.candidates)

    found = _found(tenant, customer, meant, 1)
    for record in found.records:
        for line in told(record, language, shown_in, campaign, found.channels, found.titles):
            click.echo(line)


class _Found(NamedTuple):
    """Records to be told, the channels of the triggers that they name, and models' titles."""

    records: Sequence[Decision]
    channels: Mapping[str, str]
    titles: Titles


def _found(tenant: str, customer: str, meant: Callable[[Decision], bool], limit: int) -> _Found:
    """Return the records, or end the command with what was wanted and not found."""

    async def work(log: TopicLog, settings: Settings) -> _Found:
        whose = _tenant(tenant, settings) if customer else ""
        records = await find(log, Wanted(whose, customer, meant, limit))
        channels = channels_of([*await followed(log, records), *records])
        return _Found(records, channels, await titles_of(log, settings, records))

    found = on_kafka(work)
    if not found.records:
        raise click.ClickException(
            "wanted a decision about this, found none: no campaign had anything to decide, or the "
            "record is past its retention"
        )
    return found


def _tenant(given: str, settings: Settings) -> str:
    """Return whose customer is meant."""
    if given:
        return given
    if len(settings.tenants) == 1:
        return str(next(iter(settings.tenants)))
    raise click.UsageError("wanted --tenant, found several tenants in the settings")


def _zone(name: str) -> tzinfo:
    """Return the zone for the times that are shown."""
    rules = UTC if name == "UTC" else zone_rules(name)
    if rules is None:
        raise click.UsageError(f"wanted an IANA time zone, found {name}")
    return rules
