"""Say what another way of choosing would have brought, from what was logged (docs/effect.md)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from cli.effect.other_policy import Chooser, read_other_policy
from cli.log import TopicLog, on_kafka, whole_topic
from lifecycle.effect.off_policy import Logged, OffPolicy, judged
from schemas.codec import decode_exposure, decode_settled
from schemas.outcomes import ExposureOpened, ExposureSettled
from schemas.records import SourceRecord
from schemas.routing import OUTCOMES_TOPIC
from streams.settings import Settings


WEIGHT_MEAN_OFF = 0.1
"""How far the mean weight may be from 1 before it is said that something is wrong."""

EFFECTIVE_COUNT_MIN = 200.0


class Chosen(NamedTuple):
    """A contact that a choice made, and what it has come to, None while its window is open."""

    exposure: ExposureOpened
    settled: ExposureSettled | None


def chosen(tenant: str, campaign_id: str, settings: Settings) -> list[Chosen]:
    """
    Return every contact of a campaign for which an option was drawn.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> list[Chosen]:
        records = [record async for record in whole_topic(log, OUTCOMES_TOPIC)]
        return joined(tenant, campaign_id, records)

    return on_kafka(work, settings)


def joined(tenant: str, campaign_id: str, records: Iterable[SourceRecord]) -> list[Chosen]:
    """Return the contacts of a choice with what they came to, in the order of the log."""
    exposures: dict[str, ExposureOpened] = {}
    settled: dict[str, ExposureSettled] = {}
    for record in records:
        kind = dict(record.headers).get("ce_type")
        if kind == b"exposure.opened.v1":
            opened = decode_exposure(record.value or b"")
            whose = opened.tenant, opened.campaign_id
            if whose == (tenant, campaign_id) and opened.option and opened.verdict == "sent":
                exposures[opened.exposure_id] = opened
        elif kind == b"exposure.settled.v1":
            one = decode_settled(record.value or b"")
            if (one.tenant, one.campaign_id) == (tenant, campaign_id):
                settled[one.exposure_id] = one
    return [Chosen(one, settled.get(one.exposure_id)) for one in exposures.values()]


def logged(contacts: Iterable[Chosen], chooser: Chooser, *, money: bool) -> list[Logged]:
    """
    Return the contacts as examples; the reward is a conversion, or with `money` minor units.

    One whose exposure had to make room says nothing: it is left out, whatever it was.
    """
    return [
        Logged(
            reward=_reward(one.settled, money=money),
            propensity_ppm=one.exposure.option_ppm,
            target_ppm=chooser.target_ppm(
                one.exposure.features, one.exposure.options_ppm, one.exposure.option
            ),
            matured=one.settled is not None,
        )
        for one in contacts
        if one.settled is None or one.settled.label is not None
    ]


def told(contacts: Iterable[Chosen], chooser: Chooser) -> Iterator[str]:
    """
    Yield in words what another way of choosing would have brought.

    Raises:
        ValueError: less than two contacts whose windows are over, or none as it would choose.

    """
    known = list(contacts)
    found = judged(logged(known, chooser, money=False), chooser.policy.weight_max)
    over = [one.settled for one in known if one.settled and one.settled.label is not None]
    own = sum(one.label or 0 for one in over) / len(over)
    yield (
        f"{found.example_count:,} contacts whose window is over, {found.immature_count:,} not yet;"
        f" of the first {own:.2%} converted"
    )
    yield f"as the file says (IPS) {found.ips:.2%}, standard error {found.ips_se:.2%}"
    yield f"the same, steadier (SNIPS) {found.snips:.2%}, standard error {found.snips_se:.2%}"
    if any(one.currency for one in over):
        money = judged(logged(known, chooser, money=True), chooser.policy.weight_max)
        spent = sum(one.value_minor for one in over) / len(over)
        yield (
            f"money a contact: {spent:,.0f} minor units; as the file says {money.snips:,.0f},"
            f" standard error {money.snips_se:,.0f}"
        )
    yield from _warnings(found)


def judged_lines(
    tenant: str, campaign_id: str, file: Path, settings: Settings, *, plain: bool
) -> Iterator[str]:
    """
    Yield what the way of choosing in a file would have brought, in words, or `plain` as JSON.

    Raises:
        click.ClickException: the file cannot be used, or the log does not say enough.

    """
    try:
        chooser = read_other_policy(file)
        known = chosen(tenant, campaign_id, settings)
        if plain:
            found = judged(logged(known, chooser, money=False), chooser.policy.weight_max)
            yield msgspec.json.encode(found._asdict()).decode()
        else:
            yield from told(known, chooser)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _reward(settled: ExposureSettled | None, *, money: bool) -> int:
    """Return what a contact has brought, 0 while nobody knows."""
    if settled is None:
        return 0
    return settled.value_minor if money else settled.label or 0


def _warnings(found: OffPolicy) -> Iterator[str]:
    """Yield why the estimates are not to be trusted, where that is so."""
    if abs(found.weight_mean - 1.0) > WEIGHT_MEAN_OFF:
        yield (
            f"mean weight {found.weight_mean:.2f}, not near 1: the file chooses what was hardly"
            " ever tried; do not trust this"
        )
    if found.effective_count < EFFECTIVE_COUNT_MIN:
        yield f"this says as much as {found.effective_count:,.0f} contacts: too few"
    if found.clipped_count:
        yield f"{found.clipped_count:,} weights were cut, which makes the estimates too low"
