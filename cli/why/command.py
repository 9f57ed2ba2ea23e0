"""`cardcue why` and `cardcue why-not`: tell what a decision record says."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

import click

from cli.log import TopicLog, on_kafka
from cli.why.find import TRIGGER_ID, Wanted, find, is_about
from cli.why.sentences import Language, told
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
        records = _found(tenant, "", lambda record: is_about(record, about), limit=2)
    else:
        records = _found(tenant, about, lambda _: True, limit=OCCASIONS_SHOWN)
    for record in records:
        for line in told(record, language, shown_in):
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

    for record in _found(tenant, customer, meant, limit=1):
        for line in told(record, language, shown_in, campaign):
            click.echo(line)


def _found(
    tenant: str, customer: str, meant: Callable[[Decision], bool], *, limit: int
) -> Sequence[Decision]:
    """Return the records, or end the command with what was wanted and not found."""

    async def work(log: TopicLog, settings: Settings) -> list[Decision]:
        whose = _tenant(tenant, settings) if customer else ""
        return await find(log, Wanted(whose, customer, meant, limit))

    records = on_kafka(work)
    if not records:
        raise click.ClickException(
            "wanted a decision about this, found none: no campaign had anything to decide, or the "
            "record is past its retention"
        )
    return records


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
