"""Shape what is told of an effect: `--json` prints it, and the lines are made of it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from lifecycle.effect.evidence import ALPHA_PPM, PPM, Evidence
from lifecycle.effect.interval import Interval
from lifecycle.effect.joined import Compared, Joined, Money
from schemas.insight_rows import FOLLOW_UPS, ArmState


class Bounds(Struct, frozen=True):
    """An estimate with its interval: parts per million of customers, or minor units a customer."""

    estimate: int
    low: int
    high: int

    @property
    def holds_zero(self) -> bool:
        """Return whether there may be no effect at all."""
        return self.low <= 0 <= self.high


class Rates(Struct, frozen=True, kw_only=True):
    """Customers of an arm and of who was kept back, how many did it, and the difference."""

    contact_count: int
    contact_did_count: int
    kept_back_count: int
    kept_back_did_count: int
    difference_ppm: Bounds


class Bet(Struct, frozen=True, kw_only=True):
    """An e-value, its natural logarithm, and its p-value that is valid at any time."""

    log_e: float
    p_ppm: int


class MoneyTold(Struct, frozen=True, kw_only=True):
    """
    Money a customer more than who was kept back, each counted up to the cap.

    `currency` is "" where none was declared: then none was counted either. `everybody_minor` is the
    difference times the customers not held out, of the bank itself: campaigns have none, for nobody
    is to sum it (docs/effect.md).
    """

    currency: str
    cap_minor: int
    contact_count: int
    kept_back_count: int
    capped_count: int
    difference_minor: Bounds
    everybody_minor: Bounds | None = None


class EffectTold(Struct, frozen=True, kw_only=True):
    """What an arm brought against who was kept back; `active` by days after the decision."""

    conversion: Rates
    change: Bet
    uplift: Bet
    harm: Bet
    active: Mapping[int, Rates]
    money: Sequence[MoneyTold]


class RatioTold(Struct, frozen=True, kw_only=True):
    """How many customers each arm has, how many the shares declare, and what speaks against it."""

    counts: Mapping[str, int]
    expected_counts: Mapping[str, int]
    p_ppm: int


class ObjectionTold(Struct, frozen=True, kw_only=True):
    """
    Of so many contacted so many objected; `bound_ppm` 0: no bound was declared.

    It breaks where `p_ppm` is at most `alpha_ppm`.
    """

    contacted_count: int
    count: int
    bound_ppm: int
    alpha_ppm: int
    p_ppm: int


class VersionTold(Struct, frozen=True, kw_only=True):
    """One version of a campaign; of the arms and options the counts of `ArmState`."""

    policy_version: int
    shares_ppm: Mapping[str, int]
    arms: Mapping[str, Mapping[str, Any]]
    options: Mapping[str, Mapping[str, Any]]
    effects: Mapping[str, EffectTold]
    ratio: RatioTold | None
    objections: Mapping[str, ObjectionTold]
    tripped: Sequence[str]


class CampaignTold(Struct, frozen=True, kw_only=True):
    """A campaign, over all its versions and in each; "" is the bank itself."""

    tenant: str
    campaign_id: str
    stage: str
    at_ms: int
    arms: Mapping[str, Mapping[str, Any]]
    effects: Mapping[str, EffectTold]
    shares_doubted: bool
    versions: Sequence[VersionTold]


class BankTold(Struct, frozen=True, kw_only=True):
    """
    What one bank brings to a pool; `shares_doubted` in a version of which it gives something.

    `outside_mean_count` customers are of series with a smaller share than the pool declares: they
    are in the product of the e-values, not in the mean.
    """

    conversion: Rates
    change: Bet
    shares_doubted: bool
    outside_mean_count: int


class PoolTold(Struct, frozen=True, kw_only=True):
    """
    An arm in all banks that pool: the product of the e-values, and the mean effect in all.

    The mean is of `customer_count` customers; its interval holds at any time for series whose arms
    have `share_ppm_min` each, or more.
    """

    arm: str
    banks: Mapping[str, BankTold]
    change: Bet
    customer_count: int
    share_ppm_min: int
    difference_ppm: Bounds
    mean_change: Bet


def bounds(found: Interval, unit: int = 1) -> Bounds:
    """Return an interval in whole units, rounded outwards."""
    low, high = math.floor(found.low * unit), math.ceil(found.high * unit)
    return Bounds(round(found.estimate * unit), low, high)


def bet(evidence: Evidence) -> Bet:
    """Return how much speaks against there being nothing."""
    return Bet(log_e=evidence.log_e, p_ppm=evidence.p_ppm)


def rates(joined: Joined) -> Rates:
    """Return conversions, or who was active, of both sides."""
    tally = joined.tally
    return Rates(
        contact_count=tally.contact_count,
        contact_did_count=round(tally.contact_sum),
        kept_back_count=tally.control_count,
        kept_back_did_count=round(tally.control_sum),
        difference_ppm=bounds(joined.interval(ALPHA_PPM), PPM),
    )


def effect_told(found: Compared, *, is_bank: bool) -> EffectTold:
    """Return what an arm brought, in whole numbers; `is_bank`: all contacts, not a campaign's."""
    return EffectTold(
        conversion=rates(found.conversion),
        change=bet(found.change),
        uplift=bet(found.uplift),
        harm=bet(found.harm),
        active={
            day: rates(joined)
            for day, joined in zip(FOLLOW_UPS, found.activity, strict=True)
            if joined.sums.customer_count
        },
        money=[_money(kind, joined, is_bank=is_bank) for kind, joined in found.money.items()],
    )


def _money(kind: Money, joined: Joined, *, is_bank: bool) -> MoneyTold:
    """Return money of one currency and cap."""
    interval, contact_count = joined.interval(ALPHA_PPM), joined.tally.contact_count
    return MoneyTold(
        currency=kind.currency,
        cap_minor=kind.cap_minor,
        contact_count=contact_count,
        kept_back_count=joined.tally.control_count,
        capped_count=joined.capped_count,
        difference_minor=bounds(interval),
        everybody_minor=bounds(interval, contact_count) if is_bank else None,
    )


def counts_told(arms: Mapping[str, ArmState]) -> dict[str, dict[str, Any]]:
    """Return the counts of each arm under their names."""
    return {
        arm: {name: getattr(state, name) for name in state.__struct_fields__}
        for arm, state in arms.items()
    }
