"""
Define the changelog rows of the learning fold: what it knows of a model (docs/learning.md 5).

As with customers' rows, fields are only ever appended, with defaults. A snapshot that is kept is a
row of its own, `tenant|model_id|sequence`: `schemas.learning.ModelPublished` as it was published.
"""

from math import inf
from typing import Final, TypeAlias

from msgspec import Struct, field

from schemas.learning import Head
from schemas.model import Model


SCORE_BIN_COUNT: Final = 200
"""Bins of a score's logit, an eightieth of 16 apart, from -8 on."""

CALIBRATION_BIN_COUNT: Final = 20
"""Bins of a score itself."""

Amount: TypeAlias = int | float
"""Whole for a cohort, decayed for what is pooled over cohorts."""


def _score_bins() -> list[Amount]:
    """Return nothing in any bin."""
    return [0] * SCORE_BIN_COUNT


def _calibration_bins() -> list[Amount]:
    """Return nothing in any bin."""
    return [0] * CALIBRATION_BIN_COUNT


class DriftState(Struct, array_like=True, frozen=True):
    """What a Page-Hinkley test knows: the mean so far, and how far its sums have gone from it."""

    count: float = 0.0
    mean: float = 0.0
    sum_increase: float = 0.0
    sum_decrease: float = 0.0
    min_increase: float = inf
    max_decrease: float = -1.0
    found: bool = False


class Tally(Struct, array_like=True):
    """
    Outcomes of scored contacts, added up.

    Losses are sums of -ln(p of what came), `previous_loss_sum` those by an older snapshot, over
    `previous_count` outcomes. `negatives` and `positives` count by bin of the score; by bin of
    calibration `scores_ppm` adds up the scores, `labels` what came.
    """

    outcome_count: Amount = 0
    conversion_count: Amount = 0
    loss_sum: float = 0.0
    average_loss_sum: float = 0.0
    previous_loss_sum: float = 0.0
    previous_count: Amount = 0
    delay_sum_ms: Amount = 0
    negatives: list[Amount] = field(default_factory=_score_bins)
    positives: list[Amount] = field(default_factory=_score_bins)
    scores_ppm: list[Amount] = field(default_factory=_calibration_bins)
    labels: list[Amount] = field(default_factory=_calibration_bins)


class CohortState(Struct, array_like=True):
    """
    Contacts that are judged together: those decided from `from_ms` on, until the next begins.

    `label_average` and `champion_sequence`, the snapshot published last, are as they were when it
    began.
    """

    from_ms: int
    label_average: float
    champion_sequence: int
    decided_max_ms: int = 0
    closes_max_ms: int = 0
    exposure_count: int = 0
    tally: Tally = field(default_factory=Tally)


class Figures(Struct, array_like=True, frozen=True):
    """
    How good scores were, docs/learning.md 3: of one cohort, or of all that were judged.

    None where there is nothing to say it by: both classes for `auc`, a conversion for `top_ppm`,
    an outcome that the snapshot published before has scored for `previous_loss`.
    """

    outcome_count: Amount
    conversion_count: Amount
    loss: float
    average_loss: float
    previous_loss: float | None
    auc: float | None
    top_ppm: int | None
    calibration_error: float
    delay_ms: int


class Report(Struct, array_like=True, frozen=True):
    """What a cohort was judged to be; `shift` is how far its scores are from those before."""

    from_ms: int
    judged_at_ms: int
    champion_sequence: int
    exposure_count: int
    shift: float
    figures: Figures


class KeptState(Struct, array_like=True):
    """A snapshot that is kept; `good`: a cohort that began with it was no worse than average."""

    sequence: int
    good: bool = False


class LearnerRow(Struct, array_like=True):
    """
    What the learning fold knows of one model; key `tenant|model_id`.

    `at_ms` is the model's time. `sequence`, `published_at_ms` and the `example_count` since then
    are those of the last snapshot. `is_proven`: one that had evidence enough was published. An
    outcome that was decided before `judged_until_ms` comes too late for its cohort. `worse_count`
    are cohorts worse than average, one after the other, `fallen_back_sequence` is the snapshot
    last fallen back to. `auc_sum` is over cohorts, each weighed as `auc_weight` adds them up. The
    weights are those of every version from `weights_since_version` on; 0 in a row of before says
    only of the model's own version that they are.
    """

    model: Model
    contact: Head
    control: Head
    label_average: float
    sequence: int = 0
    at_ms: int = 0
    published_at_ms: int = 0
    example_count: int = 0
    is_frozen: bool = False
    is_withheld: bool = False
    is_proven: bool = False
    judged_until_ms: int = 0
    worse_count: int = 0
    fallen_back_sequence: int = 0
    cohorts: list[CohortState] = field(default_factory=list)
    kept: list[KeptState] = field(default_factory=list)
    pooled: Tally = field(default_factory=Tally)
    auc_sum: float = 0.0
    auc_weight: float = 0.0
    reports: list[Report] = field(default_factory=list)
    score_drift: DriftState = DriftState()
    loss_drift: DriftState = DriftState()
    weights_since_version: int = 0


class ChoiceRow(Struct, array_like=True):
    """
    What a campaign's options have brought; key `#choice|tenant|campaign`.

    By option (n, s): exposures and conversions, each weighing 0.999 of the next.
    """

    counts: dict[str, tuple[float, float]] = field(default_factory=dict)
    sequence: int = 0
    published_at_ms: int = 0
    counted_count: int = 0


class CentreState(Struct, array_like=True):
    """A cluster's centre: shares by the place of their scene, and how many it has."""

    name: str
    shares: list[float]
    count: int


class ClustersState(Struct, array_like=True):
    """
    The kinds of spending of one bank: their centres, once there are any.

    `kept` are the shares of those observed before that.
    """

    kept: list[list[float]] = field(default_factory=list)
    centres: list[CentreState] = field(default_factory=list)


class TiersState(Struct, array_like=True):
    """How many of a currency's customers are in which bin of spend, decayed, and how many were."""

    bins: list[float]
    observed_count: int = 0


class SegmentsRow(Struct, array_like=True):
    """What learning knows of how a bank's customers spend; key `#segments|tenant`."""

    tiers: dict[str, TiersState] = field(default_factory=dict)
    clusters: ClustersState = field(default_factory=ClustersState)
    sequence: int = 0
    published_at_ms: int = 0
    observed_count: int = 0
