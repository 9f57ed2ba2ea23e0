"""
Define the changelog rows of the insight fold: what campaigns have caused, and the funnel.

Counts, and snapshots of what `lifecycle.effect` keeps (docs/insight.md). As with customers' rows,
fields are only ever appended, with defaults.
"""

from typing import Final, Literal

from msgspec import Struct, field

from schemas.campaign import Guardrails


VERSIONS_MAX: Final = 64
"""Of one campaign, with an effect each."""

FOLLOW_UPS: Final[tuple[Literal[30, 60, 90], ...]] = (30, 60, 90)
"""Days after a decision at which it is asked who is still active."""

WAITED_BIN_COUNT: Final = 24
"""Bins of a waiting time, each twice as long as the one before; the first is an hour."""


def _zeros() -> list[int]:
    """Return nothing at any follow-up."""
    return [0] * len(FOLLOW_UPS)


class ArmState(Struct, array_like=True):
    """
    What an arm, or an option, has come to.

    `first_` counts are of customers, each by their first exposure; the others of exposures. Money
    in minor units of the version's currency, capped a customer.
    """

    exposed_count: int = 0
    first_count: int = 0
    evicted_count: int = 0
    settled_count: int = 0
    converted_count: int = 0
    delivered_count: int = 0
    first_settled_count: int = 0
    first_converted_count: int = 0
    value_sum_minor: int = 0
    capped_count: int = 0
    followed_counts: list[int] = field(default_factory=_zeros)
    active_counts: list[int] = field(default_factory=_zeros)
    objection_counts: dict[str, int] = field(default_factory=dict)


class SeriesState(Struct, array_like=True):
    """
    An arm against who is kept back, at one share: snapshots of `lifecycle.effect`, () for none yet.

    `change` of an `EProcess`, `conversion`, `money` and three of `activity` of `Difference`.
    """

    change: tuple[float, ...] = ()
    conversion: tuple[float, ...] = ()
    money: tuple[float, ...] = ()
    activity: list[tuple[float, ...]] = field(default_factory=list)


class RoundState(Struct, array_like=True):
    """What a guardrail has counted since it last broke: exposures decided after `since_ms`."""

    since_ms: int
    count: int = 0
    event_count: int = 0


class VersionState(Struct, array_like=True):
    """
    One version of a campaign's policy.

    `series` by `arm|control_ppm|pools`, `ratios` snapshots of `SampleRatio` by holdout_ppm, of a
    campaign by 0. Of the guardrails' tests by name, an objection or `harm|arm` (docs/insight.md 4),
    `evidence` are (log_e, max_log_e), `rounds` what is counted once they broke. `tripped` are the
    kinds that broke, each as often as it did. Exposures stand under up to `key_count` keys.
    """

    shares_ppm: dict[str, int]
    value_cap_minor: int = 0
    currency: str = ""
    guardrails: Guardrails | None = None
    contacted_count: int = 0
    arms: dict[str, ArmState] = field(default_factory=dict)
    options: dict[str, ArmState] = field(default_factory=dict)
    series: dict[str, SeriesState] = field(default_factory=dict)
    ratios: dict[int, tuple[float, ...]] = field(default_factory=dict)
    objection_counts: dict[str, int] = field(default_factory=dict)
    evidence: dict[str, tuple[float, float]] = field(default_factory=dict)
    tripped: list[str] = field(default_factory=list)
    key_count: int = 1
    rounds: dict[str, RoundState] = field(default_factory=dict)


class EffectRow(Struct, array_like=True):
    """What one partition knows of a campaign's effect; key `#effect|p|tenant|campaign`."""

    stage: str = ""
    at_ms: int = 0
    reported_at_ms: int = 0
    versions: dict[int, VersionState] = field(default_factory=dict)


class FunnelRow(Struct, array_like=True):
    """Where a tenant's cards stand, by one partition; key `#funnel|p|tenant`."""

    at_ms: int = 0
    reported_at_ms: int = 0
    cards: dict[str, int] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    waited: dict[str, list[int]] = field(default_factory=dict)
