"""Say what another way of choosing would have brought, from what was logged (docs/effect.md)."""

from collections.abc import Iterable, Iterator, Sequence
from math import fsum
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from cli.effect.contacts import LoggedContact, logged, read_contacts
from cli.effect.target_policy import Chooser, read_target_policy
from cli.effect.words import per_thousand, unit_words
from lifecycle.effect.evidence import PPM
from lifecycle.effect.off_policy import Logged, OffPolicy, judged
from schemas.codec import encode_json
from streams.settings import Settings


WEIGHT_MEAN_ERROR_MAX: Final = 0.1
"""How far the mean weight may be from 1, which it is on average where chances are as logged."""

EFFECTIVE_COUNT_MIN: Final = 200
CLOSED_COUNT_MIN: Final = 2
"""Of fewer contacts there is no standard error."""


class ConversionEstimate(Struct, frozen=True, kw_only=True):
    """Conversions of all contacts: as was logged, and as the file would choose, twice estimated."""

    logged_ppm: int
    ips_ppm: int
    ips_se_ppm: int
    snips_ppm: int
    snips_se_ppm: int


class MoneyEstimate(Struct, frozen=True, kw_only=True):
    """Money a contact in one currency, each up to its version's cap: likewise."""

    currency: str
    contact_count: int
    logged_minor: int
    ips_minor: int
    ips_se_minor: int
    snips_minor: int
    snips_se_minor: int


class OffPolicyReport(Struct, frozen=True, kw_only=True):
    """
    What another way of choosing would have brought.

    `closed_count` contacts whose window has closed are what is known, those of `open_count` say
    nothing yet. `doubts` are, in words, the reasons not to trust the estimates.
    """

    tenant: str
    campaign_id: str
    closed_count: int
    open_count: int
    weight_max: int
    weight_mean_ratio: float
    effective_count: float
    clipped_count: int
    conversion: ConversionEstimate
    money: Sequence[MoneyEstimate]
    doubts: Sequence[str]


def off_policy_lines(
    tenant: str, campaign_id: str, file: Path, settings: Settings, *, as_json: bool
) -> Iterator[str]:
    """
    Yield what the way of choosing in a file would have brought, in words or as one JSON object.

    Raises:
        click.ClickException: the file cannot be used, or the log does not say enough.

    """
    try:
        chooser = read_target_policy(file)
        contacts = read_contacts(tenant, campaign_id, settings)
        report = off_policy_report(tenant, campaign_id, contacts, chooser)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        yield encode_json(report).decode()
    else:
        yield from report_lines(report)


def off_policy_report(
    tenant: str, campaign_id: str, contacts: Sequence[LoggedContact], chooser: Chooser
) -> OffPolicyReport:
    """
    Return what another way of choosing would have brought.

    Raises:
        ValueError: less than two contacts whose windows have closed, or none as it would choose.

    """
    examples = logged(contacts, chooser, money=False)
    found = _estimated(examples, chooser)
    logged_ratio = fsum(one.reward for one in examples if one.matured) / found.example_count
    return OffPolicyReport(
        tenant=tenant,
        campaign_id=campaign_id,
        closed_count=found.example_count,
        open_count=found.immature_count,
        weight_max=chooser.policy.weight_max,
        weight_mean_ratio=found.weight_mean,
        effective_count=found.effective_count,
        clipped_count=found.clipped_count,
        conversion=ConversionEstimate(
            logged_ppm=round(logged_ratio * PPM),
            ips_ppm=round(found.ips * PPM),
            ips_se_ppm=round(found.ips_se * PPM),
            snips_ppm=round(found.snips * PPM),
            snips_se_ppm=round(found.snips_se * PPM),
        ),
        money=[*_money(contacts, chooser)],
        doubts=[*_doubts(found)],
    )


def report_lines(report: OffPolicyReport) -> Iterator[str]:
    """Yield the same in words, the steadier estimate first."""
    count = f"{report.closed_count:,} contacts whose window has closed, {report.open_count:,} whose"
    yield f"an option was drawn for {count} has not"
    found = report.conversion
    yield f"as was chosen: {per_thousand(found.logged_ppm)} of 1,000 contacts converted"
    snips, snips_se = per_thousand(found.snips_ppm), per_thousand(found.snips_se_ppm)
    ips, ips_se = per_thousand(found.ips_ppm), per_thousand(found.ips_se_ppm)
    yield f"as the file chooses: {snips} of 1,000 (SNIPS, the steadier; standard error {snips_se})"
    yield f"  or {ips} of 1,000 (IPS, right on average, but it strays; standard error {ips_se})"
    for money in report.money:
        yield f"money as was chosen: {money.logged_minor:,} {unit_words(money.currency)} a contact"
        snips = f"{money.snips_minor:,} (SNIPS; standard error {money.snips_se_minor:,})"
        ips = f"{money.ips_minor:,} (IPS; standard error {money.ips_se_minor:,})"
        yield f"money as the file chooses: {snips}, or {ips}"
    yield from report.doubts
    yield "standard errors are of one look, on a day that was fixed beforehand"


def _estimated(examples: Sequence[Logged], chooser: Chooser) -> OffPolicy:
    """Return the estimates; raises ValueError where the log does not say enough for any."""
    closed = [one for one in examples if one.matured]
    if len(closed) < CLOSED_COUNT_MIN:
        wanted = f"wanted {CLOSED_COUNT_MIN} contacts whose window has closed, or more"
        raise ValueError(f"{wanted}; found {len(closed)}")
    if not any(one.target_ppm for one in closed):
        wanted = "wanted a contact for which the file may choose the option that was drawn"
        raise ValueError(f"{wanted}; found none among {len(closed):,}")
    return judged(examples, chooser.policy.weight_max)


def _money(contacts: Iterable[LoggedContact], chooser: Chooser) -> Iterator[MoneyEstimate]:
    """Yield money by currency; one that nothing can be said of yet is left out."""
    by_currency: dict[str, list[LoggedContact]] = {}
    for contact in contacts:
        if contact.exposure.currency:
            by_currency.setdefault(contact.exposure.currency, []).append(contact)
    for currency, of_currency in sorted(by_currency.items()):
        examples = logged(of_currency, chooser, money=True)
        try:
            found = _estimated(examples, chooser)
        except ValueError:
            continue
        brought_minor = sum(one.reward for one in examples if one.matured)
        yield MoneyEstimate(
            currency=currency,
            contact_count=found.example_count,
            logged_minor=round(brought_minor / found.example_count),
            ips_minor=round(found.ips),
            ips_se_minor=round(found.ips_se),
            snips_minor=round(found.snips),
            snips_se_minor=round(found.snips_se),
        )


def _doubts(found: OffPolicy) -> Iterator[str]:
    """Yield why the estimates are not to be trusted, where that is so."""
    if abs(found.weight_mean - 1.0) > WEIGHT_MEAN_ERROR_MAX:
        wanted = f"wanted a mean weight within {WEIGHT_MEAN_ERROR_MAX:g} of 1"
        low, high = "the file chooses what was hardly ever tried", "few contacts stand for many"
        why = low if found.weight_mean < 1.0 else high
        yield f"do not trust the estimates: {wanted}, found {found.weight_mean:.2f} ({why})"
    if found.effective_count < EFFECTIVE_COUNT_MIN:
        wanted = f"wanted weights that say as much as {EFFECTIVE_COUNT_MIN} contacts or more"
        yield f"do not trust the estimates: {wanted}, found {found.effective_count:,.0f}"
    if found.clipped_count:
        cut = "contacts would weigh more than weight_max and were held to it: IPS is too low"
        yield f"{found.clipped_count:,} {cut}"
