"""
Define what insight says: that a guardrail holds a campaign, and what a choice has learnt.

The first goes into the journal, where the campaign stops; the records for people and other
programs are in `lifecycle.insight.v1` (docs/insight.md).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct


GuardrailKind = Literal["opt_out", "complaint", "failure", "harm"]
"""Which bound was broken; `harm`: contact makes fewer convert."""


class GuardrailTripped(
    Struct, frozen=True, kw_only=True, tag_field="event_type", tag="guardrail.tripped"
):
    """
    A guardrail broke: it holds the campaign from where this stands in the journal.

    It is held until people let it go on, or a newer version is active; where one is already, not at
    all. Of `count` contacted `event_count` objected, or for `harm` of so many of whom an effect is
    known so many converted, since it last broke; `bound_ppm` was declared (0 for harm). `p_ppm` is
    the p-value that is valid at any time, in parts per million, not above `alpha_ppm`, this test's
    part of the campaign's alpha. It is the `sequence`-th time that this kind broke in this version,
    as `partition` of insight counted; a journal partition hears each once.
    """

    campaign_id: str
    policy_version: int
    kind: GuardrailKind
    arm: str = ""
    bound_ppm: int = 0
    count: int = 0
    event_count: int = 0
    p_ppm: int = 0
    alpha_ppm: int = 0
    partition: int = 0
    sequence: Annotated[int, Meta(ge=1)] = 1


class ChoicePublished(
    Struct, frozen=True, kw_only=True, tag_field="event_type", tag="choice.published"
):
    """
    What each option of a campaign has brought, discounted (docs/core.md 3.19, SEMANTICS L1).

    A partition adopts it if its `sequence` is above that of the one it has. `rates_ppm` by option.
    """

    campaign_id: str
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    rates_ppm: dict[str, int]


class ArmReport(Struct, frozen=True, kw_only=True):
    """
    What an arm, or an option, has come to: the fields of `schemas.insight_rows.ArmState`, by name.

    `first_` counts are of customers, each by their first exposure; the others of exposures.
    """

    exposed_count: int
    first_count: int
    evicted_count: int
    settled_count: int
    converted_count: int
    delivered_count: int
    first_settled_count: int
    first_converted_count: int
    value_sum_minor: int
    capped_count: int
    followed_counts: list[int]
    active_counts: list[int]
    objection_counts: dict[str, int]


class SeriesReport(Struct, frozen=True, kw_only=True):
    """
    What an arm brought against who was kept back, looked at any time (docs/effect.md).

    Differences in parts per million of customers, money in minor units a customer; all are
    rounded, and the intervals miss the truth, ever, with a probability of at most 5 %.
    `active_difference_ppm` are three estimates, at 30, 60 and 90 days, 0 before the first.
    """

    arm: str
    control_ppm: int
    pools: bool
    customer_count: int
    difference_ppm: int
    low_ppm: int
    high_ppm: int
    money_minor: int = 0
    money_low_minor: int = 0
    money_high_minor: int = 0
    active_difference_ppm: tuple[int, ...] = ()
    change_p_ppm: int
    uplift_p_ppm: int
    harm_p_ppm: int


class VersionReport(Struct, frozen=True, kw_only=True):
    """One version of a campaign: counts by arm and option, series, p-values of sample ratios."""

    policy_version: int
    currency: str
    arms: dict[str, ArmReport]
    options: dict[str, ArmReport]
    series: tuple[SeriesReport, ...]
    ratio_p_ppm: dict[str, int]
    tripped: tuple[str, ...]


class EffectReported(Struct, frozen=True, kw_only=True):
    """What one partition knows of a campaign's effect so far (`effect.reported.v1`)."""

    v: int = 1
    report_id: str
    tenant: str
    campaign_id: str
    stage: str
    partition: int
    at_ms: int
    versions: tuple[VersionReport, ...]


class FunnelReported(Struct, frozen=True, kw_only=True):
    """Where one partition's cards of a tenant stand (`funnel.reported.v1`)."""

    v: int = 1
    report_id: str
    tenant: str
    partition: int
    at_ms: int
    cards: dict[str, int]
    reached: dict[str, int]
    waited: dict[str, list[int]]


class GuardrailReported(Struct, frozen=True, kw_only=True):
    """A guardrail of a campaign broke, and by what (`guardrail.tripped.v1`)."""

    v: int = 1
    report_id: str
    tenant: str
    at_ms: int
    tripped: GuardrailTripped
