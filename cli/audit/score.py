"""Derive what a propensity comes from: the base rate, or the scores that the record holds."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from lifecycle.models.scores import SCORE_MAX
from lifecycle.scoring import CONTRIBUTIONS_MAX
from schemas.decisions import Considered


SNAPSHOT: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\|[1-9][0-9]*\|[1-9][0-9]*")
"""`id|version|sequence`."""

_UNSCORED: Final[tuple[str, int, int, dict[str, int]]] = ("", 0, 0, {})


def score_faults(one: Considered, *, weighed: bool) -> Iterator[str]:
    """Yield where a propensity is not that of its scores (docs/core.md 3.16)."""
    match one.propensity_from:
        case "":
            yield "propensity: wanted where it comes from"
        case "base_rate" | "counts" if not _without_score(one):
            yield "propensity: wanted no score beside the base rate, nor beside counts"
        case "counts" if not one.option:
            yield "propensity: told by counts, which are of options"
        case "model" if one.propensity_ppm != one.score_ppm:
            yield f"propensity: the score is {one.score_ppm}, the record says {one.propensity_ppm}"
        case "uplift" if one.propensity_ppm != one.score_ppm - one.control_score_ppm:
            uplift = one.score_ppm - one.control_score_ppm
            yield f"propensity: the scores give {uplift}, the record says {one.propensity_ppm}"
    if one.propensity_from not in {"base_rate", "counts"}:
        yield from _scored(one, weighed=weighed)


def unscored(one: Considered) -> bool:
    """Return whether a record says nothing of a propensity: a correction weighs nothing."""
    return _without_score(one) and not one.propensity_from


def _without_score(one: Considered) -> bool:
    """Return whether a record says nothing of scores."""
    told = (one.model, one.score_ppm, one.control_score_ppm, one.contributions)
    return told == _UNSCORED


def _scored(one: Considered, *, weighed: bool) -> Iterator[str]:
    """Yield what scores cannot be."""
    if not weighed:
        yield "score: told, and nothing was weighed by it"
    if not SNAPSHOT.fullmatch(one.model):
        yield "score: wanted the snapshot that gave it"
    if not all(1 <= score <= SCORE_MAX for score in (one.score_ppm, one.control_score_ppm)):
        yield "score: wanted two probabilities"
    if not _in_order([*one.contributions.values()]):
        yield "contributions: wanted the greatest first, and no more than are told"


def _in_order(contributions: Sequence[int]) -> bool:
    """Return whether they may be the greatest, floored: -1/3 is then a millionth above 1/3."""
    falling = all(abs(one) + 1 >= abs(other) for one, other in pairwise(contributions))
    return len(contributions) <= CONTRIBUTIONS_MAX and falling
