"""`cardcue fairness`: whom a campaign reaches, and what that brings, by declared groups."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import click

from cli.fairness.groups import Campaign, Group, least_favoured
from cli.log import TopicLog, on_kafka, whole_topic
from cli.policy import BOOTSTRAP, TENANT, settings_of
from cli.policy_log import control_view
from lifecycle.effect.evidence import ALPHA_PPM
from schemas.codec import decode_decision, decode_exposure, decode_settled
from schemas.records import SourceRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from streams.settings import Settings


FOUR_FIFTHS: Final = 0.8
"""Below this ratio of selection rates US agencies ask why (29 CFR 1607.4 D); a rule of thumb."""

CONSIDERED_COUNT_MIN: Final = 30
"""Of fewer customers no rate is told."""


@click.command()
@click.argument("campaign")
@TENANT
@BOOTSTRAP
def fairness(campaign: str, tenant: str, bootstrap: str) -> None:
    """
    Tell by group whom CAMPAIGN selects, and what its contacts bring.

    Groups are the values of the features in its `report_by`. It reads the whole log of decisions
    and outcomes.
    """
    settings = settings_of(bootstrap)
    active = control_view(tenant, settings).state.policies
    if campaign not in active:
        listed = ", ".join(sorted(active)) or "none"
        raise click.ClickException(f"wanted one of the campaigns {listed}, found {campaign}")
    features = active[campaign].campaign.report_by
    if not features:
        raise click.ClickException(f"wanted report_by in {campaign}, found none declared")
    known = [Campaign(feature) for feature in features]
    read(tenant, campaign, known, settings)
    for one in known:
        for line in lines(one):
            click.echo(line)


def read(tenant: str, campaign: str, known: Iterable[Campaign], settings: Settings) -> None:
    """
    Let every record of the campaign be counted.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> None:
        for topic in (DECISIONS_TOPIC, OUTCOMES_TOPIC):
            async for record in whole_topic(log, topic):
                take(record, tenant, campaign, known)

    on_kafka(work, settings)


def take(record: SourceRecord, tenant: str, campaign: str, known: Iterable[Campaign]) -> None:
    """Count one record, if it is of the tenant and the campaign."""
    kind, value = dict(record.headers).get("ce_type"), record.value or b""
    if kind == b"decision.recorded.v1":
        decision = decode_decision(value)
        for one in known if decision.tenant == tenant else ():
            one.consider(decision, campaign)
    elif kind == b"exposure.opened.v1":
        opened = decode_exposure(value)
        for one in known if (opened.tenant, opened.campaign_id) == (tenant, campaign) else ():
            one.expose(opened)
    elif kind == b"exposure.settled.v1":
        settled = decode_settled(value)
        for one in known if (settled.tenant, settled.campaign_id) == (tenant, campaign) else ():
            one.settle(settled)


def lines(known: Campaign) -> Iterator[str]:
    """Yield a line a group, the most selected first, and what is to be looked into."""
    yield f"by {known.feature}:"
    groups = _in_order(known.groups)
    for name, group in groups.items():
        yield f"  {name}: {_line(group)}"
    enough = [one for one in groups.values() if one.considered_count >= CONSIDERED_COUNT_MIN]
    ratio = least_favoured(enough)
    if ratio < FOUR_FIFTHS:
        yield (
            f"  the least selected group has {ratio:.2f} of the rate of the most selected, below"
            f" {FOUR_FIFTHS}: say why, or look into it"
        )


def _in_order(groups: Mapping[str, Group]) -> dict[str, Group]:
    """Return the groups by selection rate, the greatest first, of equals by name."""
    return dict(sorted(groups.items(), key=lambda item: (-item[1].selection_ratio, item[0])))


def _line(group: Group) -> str:
    """Return what is known of a group."""
    if group.considered_count < CONSIDERED_COUNT_MIN:
        return f"{group.considered_count:,} considered, too few to tell"
    parts = [
        f"{group.considered_count:,} considered",
        f"{group.selected_count:,} selected ({group.selection_ratio:.1%})",
    ]
    if group.scored_count:
        mean_ppm = group.score_sum_ppm / group.scored_count
        parts.append(f"mean score {mean_ppm / 10_000:.2f} %")
    if group.difference is not None and group.difference.sums.customer_count:
        found = group.difference.interval(ALPHA_PPM)
        parts.append(
            f"contact brings {found.estimate:+.1%} (from {found.low:+.1%} to {found.high:+.1%})"
        )
    return ", ".join(parts)
