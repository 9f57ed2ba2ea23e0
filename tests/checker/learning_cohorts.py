"""Judge a cohort of contacts from the list of its outcomes, in plain sums: docs/learning.md §3."""

from fractions import Fraction
from math import floor, inf, log
from typing import NamedTuple

from tests.checker.identity import Facts
from tests.checker.learning_heads import MILLION


BINS = 200
COARSE_BINS = 20
KEPT_OF_POOLED = 31 / 32


def bin_of(score_ppm: int) -> int:
    """Return the bin of a score, by its log-odds."""
    p = score_ppm / MILLION
    return max(0, min(BINS - 1, floor((log(p / (1 - p)) + 8) * 12.5)))


def loss_of(p: float, label: int) -> float:
    """Return the log loss of one label."""
    return -log(p) if label else -log(1 - p)


def loss_of_score(score_ppm: int, label: int) -> float:
    """Return the log loss of one label under a score; what is near 1 keeps its digits."""
    return -log((score_ppm if label else MILLION - score_ppm) / MILLION)


def begun(exposure: Facts, state: Facts) -> Facts:
    """Return a cohort that begins with an exposure, before the model learns of it."""
    return {
        "from_ms": exposure["decided_at_ms"],
        "average": state["average"],
        "champion": state["published"]["sequence"],
        "last_ms": 0,
        "closes_ms": 0,
        "exposure_count": 0,
        "outcomes": [],
    }


def tally_of(cohort: Facts, *, is_compared: bool = True) -> Facts:
    """Return the sums and bins of a cohort, as a row has them; its champion's only if compared."""
    outcomes = cohort["outcomes"]
    found: Facts = {
        "outcome_count": len(outcomes),
        "conversion_count": sum(one["label"] for one in outcomes),
        "loss_sum": sum(loss_of_score(one["score_ppm"], one["label"]) for one in outcomes),
        "average_loss_sum": sum(loss_of(cohort["average"], one["label"]) for one in outcomes),
    }
    compared = [one for one in outcomes if is_compared and one["champion_ppm"] is not None]
    losses = (loss_of_score(one["champion_ppm"], one["label"]) for one in compared)
    found |= {"previous_loss_sum": sum(losses), "previous_count": len(compared)}
    found["delay_sum_ms"] = sum(one["delay_ms"] for one in outcomes)
    bins: list[list[int]] = [[0] * BINS, [0] * BINS]
    scores, labels = [0] * COARSE_BINS, [0] * COARSE_BINS
    for one in outcomes:
        bins[one["label"]][bin_of(one["score_ppm"])] += 1
        place = one["score_ppm"] * COARSE_BINS // MILLION
        scores[place] += one["score_ppm"]
        labels[place] += one["label"]
    named = {"negatives": bins[0], "positives": bins[1]}
    return found | named | {"scores_ppm": scores, "labels": labels}


def auc_of(tally: Facts) -> float | None:
    """Return how often a conversion is scored above another, ties half; None without both."""
    below, won = 0.0, 0.0
    for negative, positive in zip(tally["negatives"], tally["positives"], strict=True):
        won += positive * (below + negative / 2)
        below += negative
    pairs = below * sum(tally["positives"])
    return won / pairs if pairs else None


def top_share(tally: Facts) -> Fraction | None:
    """Return the better-scored half's share of the conversions; None where there is none."""
    counts = [
        Fraction(a) + Fraction(b)
        for a, b in zip(tally["negatives"], tally["positives"], strict=True)
    ]
    left, found = sum(counts, Fraction()) / 2, Fraction()
    both = zip(reversed(tally["negatives"]), reversed(tally["positives"]), strict=True)
    for negative, positive in both:
        count = negative + positive
        if count and left > 0:
            found += Fraction(positive) * min(Fraction(1), left / Fraction(count))
            left -= Fraction(count)
    return found / Fraction(sum(tally["positives"])) if sum(tally["positives"]) else None


def shift_of(mine: Facts, before: Facts) -> float:
    """Return the population stability index of scores, 0 where nothing was before."""
    if not before["outcome_count"]:
        return 0.0
    found = 0.0
    for a, b in zip(_shares(mine), _shares(before), strict=True):
        found += (a - b) * log(a / b)
    return found


def _shares(tally: Facts) -> list[float]:
    counts = [a + b for a, b in zip(tally["negatives"], tally["positives"], strict=True)]
    width = BINS // COARSE_BINS
    coarse = [sum(counts[n : n + width]) for n in range(0, BINS, width)]
    return [(count + 0.5) / (sum(coarse) + 10) for count in coarse]


def report_of(tally: Facts) -> Facts:
    """Return the figures of a cohort that has an outcome."""
    n, k, compared = (tally[f"{name}_count"] for name in ("outcome", "conversion", "previous"))
    top = top_share(tally)
    off = zip(tally["scores_ppm"], tally["labels"], strict=True)
    return {
        "outcome_count": n,
        "conversion_count": k,
        "loss": tally["loss_sum"] / n,
        "average_loss": tally["average_loss_sum"] / n,
        "previous_loss": tally["previous_loss_sum"] / compared if compared else None,
        "auc": auc_of(tally),
        "top_ppm": None if top is None else floor(top * MILLION),
        "calibration_error": sum(abs(p / MILLION - y) for p, y in off) / n,
        "delay_ms": tally["delay_sum_ms"] // k if k else 0,
    }


def new_pool() -> Facts:
    """Return the sums of no cohort."""
    nothing = tally_of({"outcomes": [], "average": 0.5})
    return nothing | {"auc_sum": 0.0, "auc_weight": 0.0}


def pour(pooled: Facts, tally: Facts, auc: float | None) -> None:
    """Add a cohort to those before, which count a little less from now on."""
    for name, new in tally.items():
        if isinstance(new, list):
            mixed = zip(pooled[name], new, strict=True)
            pooled[name] = [kept * KEPT_OF_POOLED + more for kept, more in mixed]
        else:
            pooled[name] = pooled[name] * KEPT_OF_POOLED + new
    pooled["auc_sum"] = pooled["auc_sum"] * KEPT_OF_POOLED + (auc or 0.0)
    pooled["auc_weight"] = pooled["auc_weight"] * KEPT_OF_POOLED + (auc is not None)


class Drift(NamedTuple):
    """What a Page-Hinkley test knows, in the order of a row."""

    count: int = 0
    mean: float = 0.0
    up: float = 0.0
    down: float = 0.0
    low: float = inf
    high: float = -1.0
    is_found: bool = False


def drift_after(values: list[float]) -> tuple[Drift, int]:
    """Return Page-Hinkley after these values, with River's defaults, and how often it found one."""
    state, found = Drift(), 0
    for value in values:
        last = Drift() if state.is_found else state
        count = last.count + 1
        mean = last.mean + (value - last.mean) / count
        up = 0.9999 * last.up + (value - mean) - 0.005
        down = 0.9999 * last.down + (value - mean) + 0.005
        low, high = min(last.low, up), max(last.high, down)
        is_found = count >= 30 and max(up - low, high - down) > 50
        state, found = Drift(count, mean, up, down, low, high, is_found), found + is_found
    return state, found
