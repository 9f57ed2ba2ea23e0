"""`cardcue fairness`: whom a campaign selects, and what its contacts bring, by declared groups."""

from collections.abc import Iterable, Iterator
from typing import Final

import click

from cli.effect.words import CONVERTED, caused
from cli.fairness.groups import Breakdown
from cli.fairness.report import BreakdownReport, GroupReport, fairness_report
from cli.log import TopicLog, on_kafka, whole_topic
from cli.policy import BOOTSTRAP, TENANT, settings_of
from cli.policy_log import control_view
from cli.unknown_campaign import unknown_campaign
from schemas.codec import decode_decision, decode_exposure, decode_settled, encode_json
from schemas.records import SourceRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from streams.settings import Settings


FOUR_FIFTHS_PPM: Final = 800_000
"""Below this impact ratio US agencies ask why (29 CFR 1607.4 D); a rule of thumb."""

PPM_A_PERCENT: Final = 10_000


@click.command()
@click.argument("campaign")
@TENANT
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@BOOTSTRAP
def fairness(campaign: str, tenant: str, *, as_json: bool, bootstrap: str) -> None:
    """
    Tell by group how many candidates of CAMPAIGN it selects, and what its contacts bring.

    Groups are the values of the features in its `report_by`. It reads the whole log of decisions
    and outcomes.
    """
    settings = settings_of(bootstrap)
    policies = control_view(tenant, settings).state.policies
    if campaign not in policies:
        raise unknown_campaign(f"campaigns of {tenant}", policies.keys(), campaign)
    features = policies[campaign].campaign.report_by
    if not features:
        raise click.ClickException(f"wanted report_by in {campaign}, found none declared")
    breakdowns = [Breakdown(feature) for feature in features]
    count_log(tenant, campaign, breakdowns, settings)
    report = fairness_report(tenant, campaign, breakdowns)
    if as_json:
        click.echo(encode_json(report))
        return
    for one in report.breakdowns:
        for line in breakdown_lines(one):
            click.echo(line)


def count_log(
    tenant: str, campaign: str, breakdowns: Iterable[Breakdown], settings: Settings
) -> None:
    """
    Let every record of the campaign be counted.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> None:
        for topic in (DECISIONS_TOPIC, OUTCOMES_TOPIC):
            async for record in whole_topic(log, topic):
                count_record(record, tenant, campaign, breakdowns)

    on_kafka(work, settings)


def count_record(
    record: SourceRecord, tenant: str, campaign: str, breakdowns: Iterable[Breakdown]
) -> None:
    """Count one record, if it is of the tenant and the campaign."""
    kind, value = dict(record.headers).get("ce_type"), record.value or b""
    mine = tenant, campaign
    if kind == b"decision.recorded.v1":
        decision = decode_decision(value)
        for one in breakdowns if decision.tenant == tenant else ():
            one.consider(decision, campaign)
    elif kind == b"exposure.opened.v1":
        opened = decode_exposure(value)
        for one in breakdowns if (opened.tenant, opened.campaign_id) == mine else ():
            one.expose(opened)
    elif kind == b"exposure.settled.v1":
        settled = decode_settled(value)
        for one in breakdowns if (settled.tenant, settled.campaign_id) == mine else ():
            one.settle(settled)


def breakdown_lines(report: BreakdownReport) -> Iterator[str]:
    """Yield a line a group, the most selected first, and what is to be looked into."""
    yield f"by {report.feature}:"
    for name, group in report.groups.items():
        yield f"  {name}: {_group_line(group)}"
    if report.impact_ratio_ppm < FOUR_FIFTHS_PPM:
        yield (
            f"  the least selected group has {_percent(report.impact_ratio_ppm)} of the rate of the"
            f" most selected, below {_percent(FOUR_FIFTHS_PPM)}: say why, or look into it"
        )


def _group_line(group: GroupReport) -> str:
    """Return what is told of a group: of its candidates, then of its customers."""
    candidates = f"{group.candidate_count:,} candidates"
    if group.selected_count is None or group.selected_ppm is None:
        return f"{candidates}, too few to tell"
    parts = [f"{candidates}, {group.selected_count:,} selected ({_percent(group.selected_ppm)})"]
    if group.mean_score_ppm is not None:
        parts.append(f"mean score {group.mean_score_ppm / PPM_A_PERCENT:.2f} %")
    line = ", ".join(parts)
    if (customers := group.customers) is None:
        return line
    sides = f"{customers.contact_count:,} contacted, {customers.kept_back_count:,} kept back"
    return f"{line}; of its customers, {sides}: {caused(customers.difference_ppm, CONVERTED)}"


def _percent(ppm: int) -> str:
    """Return a share in per cent, rounded down to one decimal: below a bound stays below it."""
    return f"{ppm * 10 // PPM_A_PERCENT / 10:.1f} %"
