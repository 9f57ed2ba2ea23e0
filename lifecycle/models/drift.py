"""Watch a stream of numbers for a change of its mean, by River's Page-Hinkley test."""

from river.drift import PageHinkley
from river.stats import Mean

from schemas.learning_rows import DriftState


class Drift(PageHinkley):
    """River's test with its defaults, whose state can be read and put back."""

    def __init__(self, state: DriftState) -> None:
        """Go on where `state` was read."""
        super().__init__()
        self._x_mean = Mean._from_state(state.count, state.mean)  # noqa: SLF001 (River's own way)
        self._sum_increase = state.sum_increase
        self._sum_decrease = state.sum_decrease
        self._min_increase = state.min_increase
        self._max_decrease = state.max_decrease  # type: ignore[assignment] # whole only at first
        self._drift_detected = state.found

    def found(self, value: float) -> bool:
        """Take one more number; return whether the mean has changed, and begin anew if so."""
        self.update(value)  # type: ignore[no-untyped-call]
        return bool(self.drift_detected)

    def state(self) -> DriftState:
        """Return all that the test knows."""
        return DriftState(
            count=self._x_mean.n,
            mean=self._x_mean.get(),
            sum_increase=self._sum_increase,
            sum_decrease=self._sum_decrease,
            min_increase=self._min_increase,
            max_decrease=self._max_decrease,
            found=self.drift_detected,
        )
