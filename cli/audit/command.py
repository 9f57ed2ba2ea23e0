"""`cardcue audit`: judge decision records by themselves."""

from typing import Final

import click

from cli.audit.verdicts import faults
from cli.log import TopicLog, on_kafka
from cli.why.find import TRIGGER_ID, Wanted, find, is_about
from schemas.decisions import Decision
from streams.settings import Settings


RECORDS_MAX: Final = 1_000_000


@click.group()
def audit() -> None:
    """Judge what the log says by itself, without asking anybody."""


@audit.command()
@click.argument("about", default="")
@click.option("--tenant", default="", help="Whose customer ABOUT is.")
def verdict(about: str, tenant: str) -> None:
    """
    Derive verdicts again from the inputs that their records hold.

    ABOUT is a trigger id, or a customer token with --tenant; all records without it. Exit code 1
    where a record does not follow from what it says.
    """

    async def work(log: TopicLog, _: Settings) -> list[Decision]:
        if TRIGGER_ID.fullmatch(about) or not about:
            return await find(
                log, Wanted("", "", lambda one: not about or is_about(one, about), RECORDS_MAX)
            )
        if not tenant:
            raise click.UsageError("wanted --tenant beside a customer token, found none")
        return await find(log, Wanted(tenant, about, lambda _: True, RECORDS_MAX))

    records = on_kafka(work)
    bad_count = 0
    for record in records:
        found = faults(record)
        bad_count += bool(found)
        for fault in found:
            click.echo(f"{record.decision_id}: {fault}")
    click.echo(f"{len(records):,} records, {bad_count:,} that do not follow from what they say")
    if bad_count:
        raise click.exceptions.Exit(1)
