"""
Count what the options of a campaign bring, forgetting slowly: a Beta posterior's mean.

River has bandits; none tells how likely each arm was, so the choosing is ours (core.md 3.19), and
what is left of a bandit is two numbers an option.
"""

from collections.abc import Mapping
from typing import Final, Literal

from lifecycle.models.scores import in_ppm


KEPT_RATIO: Final = 0.999
"""What an exposure counts beside the next; half of it after 693."""

POOL_COUNT: Final = 20.0
"""Exposures' worth by which an option is drawn to the rate of all."""

Counts = dict[str, tuple[float, float]]
"""By option exposures and conversions, decayed."""


class OptionCounts:
    """The options of one campaign (port: `lifecycle.models.contract.Remembering`)."""

    def __init__(self, counts: Counts | None = None) -> None:
        """Begin with what is known, nothing by default."""
        self._counts: Counts = dict(counts or {})

    def rates_ppm(self) -> Mapping[str, int]:
        """Return what each option is likely to bring, drawn to what all have brought."""
        total = sum(n for n, _ in self._counts.values())
        pool = (sum(s for _, s in self._counts.values()) + 1.0) / (total + POOL_COUNT)
        return {
            option: in_ppm((s + POOL_COUNT * pool) / (n + POOL_COUNT))
            for option, (n, s) in self._counts.items()
        }

    def learn(self, option: str, label: Literal[0, 1]) -> None:
        """Let everything before weigh a little less, then count one more of the option."""
        kept = {one: (n * KEPT_RATIO, s * KEPT_RATIO) for one, (n, s) in self._counts.items()}
        n, s = kept.get(option, (0.0, 0.0))
        kept[option] = n + 1.0, s + label
        self._counts = kept

    def snapshot(self) -> Counts:
        """Return all that has been learnt; whoever is restored from it goes on as this one."""
        return dict(self._counts)

    def restore(self, state: Counts) -> None:
        """Become what this state says, and forget the rest."""
        self._counts = dict(state)
