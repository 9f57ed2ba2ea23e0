"""
Learn how much is much in a bank: quantiles of spend, by bins that forget (docs/learning.md 7).

River's quantiles cannot be written down but by pickle, which no snapshot here is.
"""

from math import ceil, floor, log2
from typing import Final

from schemas.learning_rows import TiersState


BIN_COUNT: Final = 400
BINS_A_DOUBLING: Final = 8
"""So an edge is at most nine per cent above its quantile."""

KEPT_RATIO: Final = 0.9995
"""What a customer counts beside the next: half of it after 1,386."""

OBSERVED_COUNT_MIN: Final = 200
QUANTILES: Final = (0.5, 0.8, 0.95)

Edges = tuple[int, int, int]


class SpendTiers:
    """The customers of one currency (port: `lifecycle.models.contract.Remembering`)."""

    def __init__(self, state: TiersState | None = None) -> None:
        """Begin with what is known, nothing by default."""
        self._bins = [0.0] * BIN_COUNT
        self._observed_count = 0
        if state is not None:
            self.restore(state)

    def edges_minor(self) -> Edges | None:
        """Return the greatest amount of each tier but the last, None of too few customers."""
        if self._observed_count < OBSERVED_COUNT_MIN:
            return None
        half, most, nearly_all = (self._edge_minor(quantile) for quantile in QUANTILES)
        return half, most, nearly_all

    def learn(self, spend_minor: int) -> None:
        """Let everything before weigh a little less, then count one more customer."""
        self._bins = [count * KEPT_RATIO for count in self._bins]
        self._bins[bin_of(spend_minor)] += 1.0
        self._observed_count += 1

    def snapshot(self) -> TiersState:
        """Return all that has been learnt; whoever is restored from it goes on as this one."""
        return TiersState(list(self._bins), self._observed_count)

    def restore(self, state: TiersState) -> None:
        """Become what this state says, and forget the rest."""
        self._bins, self._observed_count = list(state.bins), state.observed_count

    def _edge_minor(self, quantile: float) -> int:
        """Return the greatest amount of the first bin up to which the share is reached."""
        wanted, so_far = quantile * sum(self._bins), 0.0
        for place, count in enumerate(self._bins):
            so_far += count
            if so_far >= wanted:
                return _greatest(place)
        return _greatest(BIN_COUNT - 1)


def bin_of(spend_minor: int) -> int:
    """
    Return the bin of an amount of 0 or more.

    >>> bin_of(0), bin_of(1), bin_of(2), bin_of(1000)
    (0, 1, 9, 80)
    """
    if spend_minor == 0:
        return 0
    return min(BIN_COUNT - 1, 1 + floor(BINS_A_DOUBLING * log2(spend_minor)))


def _greatest(place: int) -> int:
    """Return the greatest amount of a bin."""
    above: float = 2.0 ** (place / BINS_A_DOUBLING)
    return ceil(above) - 1 if place else 0
