"""Damage to the rows of insight, field by field, and what the checker must call it."""

from collections.abc import Callable
from typing import Any

from tests.checker.insight import OPENED, SETTLED
from tests.checker.insight_by_hand import AT, OUTCOMES, opened, settled
from tests.checker.tiny_insight import (
    CARDS,
    EFFECT,
    Topics,
    add,
    edit,
    kept_row,
    rewritten,
    row,
    write_again,
)


def _version(place: int, change: Callable[[Any], Any]) -> Callable[[Topics], None]:
    """Return what changes a field of the version in its row."""

    def spoil(found: Topics) -> None:
        kept = kept_row(found, EFFECT)
        kept[3][1][place] = change(kept[3][1][place])
        row(found, EFFECT, kept)

    return spoil


def _series(place: int, nth: int, more: float) -> Callable[[Topics], None]:
    """Return what adds to a number of a snapshot of the one series."""

    def change(found: dict[str, Any]) -> dict[str, Any]:
        found["default|200000|0"][place][nth] += more
        return found

    return _version(7, change)


def _arm(place: int) -> Callable[[Topics], None]:
    """Return what adds one to a count of an arm."""

    def change(found: dict[str, Any]) -> dict[str, Any]:
        found["default"][place] += 1
        return found

    return _version(5, change)


def _held_out_as_control(place: int) -> Callable[[Topics], None]:
    """Return what keeps a field as if somebody held out were in control; all else is right."""

    def spoil(found: Topics) -> None:
        add(found, OUTCOMES, opened("h", "control"), settled("h", 1, "control"))
        write_again(found)
        wrong = kept_row(found, EFFECT)[3][1][place]
        edit(found, OPENED, -1, arm="holdout", verdict="held_out")
        rewritten(found, SETTLED, -1, arm="holdout")
        _version(place, lambda _: wrong)(found)

    return spoil


def _funnel(place: int, value: Any) -> Callable[[Topics], None]:  # noqa: ANN401 (any field)
    def spoil(found: Topics) -> None:
        kept = kept_row(found, CARDS)
        kept[place] = value
        row(found, CARDS, kept)

    return spoil


HELD_OUT = {"STATE_DIFF", "HELD_OUT_COUNTED"}
"""Their exposure would have to be first, which is another finding, to feed anything at all."""

INSIGHT_FIELDS: list[tuple[str, Callable[[Topics], None], set[str]]] = [
    ("e-value", _series(0, 9, 1e-6), {"STATE_DIFF"}),
    ("greatest e-value", _series(0, 10, 1e-6), {"STATE_DIFF"}),
    ("customers of a series", _series(0, 1, 1), {"STATE_DIFF"}),
    ("sum of x", _series(1, 6, 1e-6), {"STATE_DIFF"}),
    ("squares of money", _series(2, 7, 1e-6), {"STATE_DIFF"}),
    ("capped of money", _series(2, 8, 1), {"STATE_DIFF"}),
    (
        "activity",
        _version(7, lambda kept: {k: [*one[:3], []] for k, one in kept.items()}),
        {"STATE_DIFF"},
    ),
    ("a share swapped", _version(0, lambda kept: {"control": kept["default"]}), {"STATE_DIFF"}),
    ("a series with the holdout as control", _held_out_as_control(7), HELD_OUT),
    ("a sample ratio with the holdout as control", _held_out_as_control(8), HELD_OUT),
    ("cap", _version(1, lambda _: 999), {"STATE_DIFF"}),
    ("currency", _version(2, lambda _: "USD"), {"STATE_DIFF"}),
    ("guardrails", _version(3, lambda _: None), {"STATE_DIFF"}),
    ("contacted", _version(4, lambda kept: kept + 1), {"STATE_DIFF"}),
    (
        "arms swapped",
        _version(5, lambda kept: dict(zip(kept, [*kept.values()][::-1], strict=True))),
        {"STATE_DIFF"},
    ),
    ("exposed", _arm(0), {"STATE_DIFF", "SUM_DIFF"}),
    ("settled", _arm(3), {"STATE_DIFF", "SUM_DIFF"}),
    ("converted", _arm(4), {"STATE_DIFF"}),
    ("value", _arm(8), {"STATE_DIFF"}),
    ("options", _version(6, lambda _: {"o": [0] * 13}), {"STATE_DIFF"}),
    ("ratios", _version(8, lambda _: {}), {"STATE_DIFF"}),
    ("objections", _version(9, lambda _: {"opt_out": 8}), {"STATE_DIFF"}),
    ("evidence of a bound", _version(10, lambda _: {"opt_out": [0.0, 0.0]}), {"STATE_DIFF"}),
    ("what tripped", _version(11, lambda _: []), {"STATE_DIFF"}),
    ("keys", _version(12, lambda kept: kept + 1), {"STATE_DIFF"}),
    ("no round after a trip", _version(13, lambda _: {}), {"STATE_DIFF"}),
    ("contacts of a round", _version(13, lambda _: {"opt_out": [AT, 1, 0]}), {"STATE_DIFF"}),
    ("time of a funnel", _funnel(0, AT), {"STATE_DIFF"}),
    ("last report of a funnel", _funnel(1, AT + 1), {"STATE_DIFF"}),
    ("negative cards", _funnel(2, {"issued": -1}), {"STATE_DIFF"}),
    ("reached", _funnel(3, {"issued": 2}), {"STATE_DIFF"}),
    ("waited", _funnel(4, {"activated": [1] + [0] * 23}), {"STATE_DIFF"}),
]
"""What is spoilt in a row, by name, with the findings that it must lead to."""
