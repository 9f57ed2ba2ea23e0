"""`cardcue funnel`: how far cards have come, who is silent, and what keeps contacts back."""

from collections.abc import Iterator
from typing import Final

import click

from cli.funnel.standing import Reached, Standing, standings
from cli.log import TopicLog, on_kafka, whole_topic
from cli.policy import BOOTSTRAP, settings_of
from cli.policy_words import shown_moment
from lifecycle.funnel import HOUR_MS, Passage
from schemas.codec import encode_json
from schemas.routing import STATE_TOPICS


DAY_HOURS: Final = 24
SHOWN_IN_DAYS_FROM_HOURS: Final = 3 * DAY_HOURS


@click.command()
@click.option("--tenant", default="", help="Only this bank; else every bank that is known.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, by bank, for programs.")
@BOOTSTRAP
def funnel(tenant: str, *, as_json: bool, bootstrap: str) -> None:
    """Tell how far a bank's cards have come, whom campaigns reached, and what holds them back."""
    found = on_kafka(lambda log, _: _read(log, tenant), settings_of(bootstrap))
    if as_json:
        click.echo(encode_json(found))
        return
    for name, standing in found.items():
        for line in funnel_lines(name, standing):
            click.echo(line)
    if not found:
        click.echo(f"{tenant or 'all banks'}: insight knows of no card, campaign or decision")


async def _read(log: TopicLog, tenant: str) -> dict[str, Standing]:
    """Return where banks stand as of now."""
    newest = {
        record.key or b"": record.value
        async for record in whole_topic(log, STATE_TOPICS["insight"])
    }
    return standings(newest, tenant)


def funnel_lines(tenant: str, standing: Standing) -> Iterator[str]:
    """Yield what there is to say of a bank: stages of cards, silent cards, customers, contacts."""
    since = f"last move {shown_moment(standing.at_ms)}" if standing.at_ms else "no card has moved"
    yield f"{tenant}: {since}"
    for stage, passage in standing.passages.items():
        yield f"  {stage}: {_passage(passage)}"
    unused, unpaid = (standing.passages[stage].waiting_count for stage in ("activate", "pay"))
    yield f"  silent: {unused:,} issued and not activated, {unpaid:,} activated and not paid with"
    for stage, reached in standing.reached.items():
        yield f"  {stage}: {_reached(reached)}"
    total = sum(standing.suppressed.values())
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in standing.suppressed.items())
    yield f"  suppressed: {total:,} candidates{f' ({reasons})' if reasons else ''}"
    for scope, cap in standing.caps.items():
        share = _share(cap.stopped_count, cap.asked_count)
        asked = f"stopped {cap.stopped_count:,} of {cap.asked_count:,} asked{share}"
        yield f"  caps of scope {scope}: {asked}, {cap.filled_count:,} were filled"


def _passage(found: Passage) -> str:
    """Return in words how cards passed through a stage."""
    share = _share(found.converted_count, found.entered_count)
    passed = (
        f"{found.entered_count:,} entered, {found.converted_count:,} converted{share},"
        f" {found.left_count:,} left, {found.waiting_count:,} wait"
    )
    if found.waited_median_ms is None:
        return passed
    return f"{passed}; half of those that converted took less than {_shown(found.waited_median_ms)}"


def _reached(found: Reached) -> str:
    """Return in words whom campaigns of a stage reached; only closed windows have a share."""
    share = _share(found.converted_count, found.settled_count)
    return (
        f"{found.reached_count:,} first contacts by campaigns,"
        f" of {found.settled_count:,} whose window has closed"
        f" {found.converted_count:,} converted{share}"
    )


def _share(count: int, total: int) -> str:
    """Return a share of a total, "" of nothing."""
    return f" ({100 * count / total:.1f} %)" if total else ""


def _shown(waited_ms: int) -> str:
    """Return a waiting time as people say it."""
    hours = waited_ms / HOUR_MS
    if hours < SHOWN_IN_DAYS_FROM_HOURS:
        return f"{hours:.1f} h"
    return f"{hours / DAY_HOURS:.1f} days"
