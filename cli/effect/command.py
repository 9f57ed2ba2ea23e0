"""`cardcue effect`: what campaigns caused, what all contacts brought, what banks know together."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from cli.effect.campaign import campaign_told
from cli.effect.lines import campaign_lines, overview_lines, pool_lines, total_lines
from cli.effect.off_policy import judged_lines
from cli.effect.pool import pools_told
from cli.effect.rows import Rows, effect_rows
from cli.effect.told import CampaignTold
from cli.policy import BOOTSTRAP, CAMPAIGN, settings_of


class Asked(NamedTuple):
    """What was asked for; `policy` is a file with another way of choosing."""

    campaign: str
    tenant: str
    total: bool
    pool: bool
    policy: Path | None
    as_json: bool
    bootstrap: str


@click.command()
@CAMPAIGN
@click.option("--tenant", default="", help="The bank; not with --pool, which asks all that pool.")
@click.option("--total", is_flag=True, help="What all contacts bring, from those held out.")
@click.option("--pool", is_flag=True, help="The campaign over all banks that pool statistics.")
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="Another way of choosing among the campaign's options: what it would have brought.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@BOOTSTRAP
def effect(**given: Any) -> None:  # noqa: ANN401 (the options above, as `Asked` names them)
    """
    Tell what contact caused: of every campaign one line, or all of CAMPAIGN.

    Every number holds for whoever looks all the time (docs/effect.md).
    """
    asked = Asked(**given)
    _refuse(asked)
    if asked.policy is not None:
        settings = settings_of(asked.bootstrap)
        lines = judged_lines(
            asked.tenant, asked.campaign, asked.policy, settings, plain=asked.as_json
        )
    else:
        lines = _known(asked, effect_rows(settings_of(asked.bootstrap)))
    for line in lines:
        click.echo(line)


def _known(asked: Asked, rows: Rows) -> Iterator[str]:
    """Return the lines of what the rows know."""
    told: list[Any]
    if asked.pool:
        told = pools_told(asked.campaign, rows)
        lines = pool_lines(asked.campaign, told)
        nothing = f"no bank that pools has an effect of {asked.campaign}"
    elif asked.campaign or asked.total:
        told = campaigns_told(asked.tenant, rows, [asked.campaign])
        lines = _each(told, total=asked.total)
        nothing = f"{asked.tenant}: no effect of {asked.campaign or 'all contacts'} is known"
    else:
        told = overview(asked.tenant, rows)
        lines = overview_lines(told)
        nothing = f"{asked.tenant}: no effect of a campaign is known"
    if asked.as_json:
        return (msgspec.json.encode(one).decode() for one in told)
    return lines if told else iter([nothing])


def overview(tenant: str, rows: Rows) -> list[CampaignTold]:
    """Return every campaign of a bank, without the bank itself."""
    named = sorted(campaign for whose, campaign in rows if whose == tenant and campaign)
    return campaigns_told(tenant, rows, named)


def campaigns_told(tenant: str, rows: Rows, named: Iterable[str]) -> list[CampaignTold]:
    """Return those campaigns of a bank of which something is known; "" is the bank itself."""
    return [
        campaign_told(tenant, campaign, rows[tenant, campaign])
        for campaign in named
        if (tenant, campaign) in rows
    ]


def _each(told: Iterable[CampaignTold], *, total: bool) -> Iterator[str]:
    """Yield the lines of a campaign, or of all contacts."""
    for one in told:
        yield from total_lines(one) if total else campaign_lines(one)


def _refuse(asked: Asked) -> None:
    """End where what is asked for cannot be."""
    if asked.total and (asked.campaign or asked.pool):
        raise click.UsageError("wanted --total alone, found CAMPAIGN or --pool beside it")
    if asked.pool and (asked.tenant or not asked.campaign):
        raise click.UsageError("wanted --pool with CAMPAIGN and without --tenant")
    if asked.policy is not None and (asked.pool or not asked.campaign):
        raise click.UsageError("wanted --policy with CAMPAIGN and --tenant alone")
    if not asked.pool and not asked.tenant:
        raise click.UsageError("wanted --tenant, found none")
