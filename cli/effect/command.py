"""`cardcue effect`: what campaigns caused, what all contacts brought, what banks know together."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from cli.effect.campaign import campaign_told
from cli.effect.lines import campaign_lines, overview_lines, pool_lines, total_lines
from cli.effect.off_policy import off_policy_lines
from cli.effect.pool import campaigns_pooled, pools_told
from cli.effect.rows import Rows, effect_rows
from cli.effect.told import CampaignTold, PoolTold
from cli.policy import BOOTSTRAP, CAMPAIGN, settings_of
from cli.policy_log import control_view
from cli.unknown_campaign import unknown_campaign
from schemas.codec import encode_json
from streams.settings import Settings


class EffectOptions(NamedTuple):
    """What the command was given; `policy` is a file with another way of choosing."""

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
def effect(**given: Any) -> None:  # noqa: ANN401 (the options above, as `EffectOptions` names them)
    """
    Tell what contact caused: of every campaign one line, or all of CAMPAIGN.

    Every number holds for whoever looks all the time (docs/effect.md).
    """
    options = EffectOptions(**given)
    _refuse(options)
    settings = settings_of(options.bootstrap)
    for line in _lines(options, settings):
        click.echo(line)


def _lines(options: EffectOptions, settings: Settings) -> Iterator[str]:
    """Return what is told: of the log itself where there is a policy, else of insight's rows."""
    tenant, campaign, policy = options.tenant, options.campaign, options.policy
    if policy is not None:
        return off_policy_lines(tenant, campaign, policy, settings, as_json=options.as_json)
    rows = effect_rows(settings)
    if options.pool:
        _refuse_unpooled(campaign, rows)
        pools = pools_told(campaign, rows)
        return _json(pools) if options.as_json else pool_lines(campaign, pools)
    if campaign and (tenant, campaign) not in rows:
        _refuse_unpublished(tenant, campaign, rows, settings)
    if campaign or options.total:
        told = campaigns_told(tenant, rows, [campaign])
        lines = _each(told, total=options.total)
    else:
        told = overview(tenant, rows)
        lines = overview_lines(told)
    if options.as_json:
        return _json(told)
    what = "all contacts" if options.total else campaign or "a campaign"
    return lines if told else iter([f"{tenant}: no effect of {what} is known"])


def _json(told: Iterable[CampaignTold | PoolTold]) -> Iterator[str]:
    """Yield one JSON object a line."""
    return (encode_json(one).decode() for one in told)


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


def _refuse(options: EffectOptions) -> None:
    """End where what is asked for cannot be."""
    given = {
        "CAMPAIGN": bool(options.campaign),
        "--tenant": bool(options.tenant),
        "--total": options.total,
        "--pool": options.pool,
        "--policy": options.policy is not None,
    }
    found = ", ".join(name for name, is_given in given.items() if is_given) or "none of these"
    if options.total and (options.campaign or options.pool or options.policy):
        wanted = "--total without CAMPAIGN, --pool and --policy"
    elif options.pool and (options.tenant or options.policy or not options.campaign):
        wanted = "--pool with CAMPAIGN, without --tenant and --policy"
    elif options.policy and not options.campaign:
        wanted = "--policy with CAMPAIGN"
    elif not options.pool and not options.tenant:
        wanted = "--tenant, or CAMPAIGN with --pool"
    else:
        return
    raise click.UsageError(f"wanted {wanted}; found {found}")


def _refuse_unpooled(campaign: str, rows: Rows) -> None:
    """End where no bank gives anything of the campaign; of others no bank's campaigns are named."""
    known = campaigns_pooled(rows)
    if campaign not in known:
        raise unknown_campaign("campaigns that banks pool", known, campaign)


def _refuse_unpublished(tenant: str, campaign: str, rows: Rows, settings: Settings) -> None:
    """End where a campaign has no effect yet and is not published either."""
    measured = {named for whose, named in rows if whose == tenant and named}
    known = measured | control_view(tenant, settings).state.policies.keys()
    if campaign not in known:
        raise unknown_campaign(f"campaigns of {tenant}", known, campaign)
