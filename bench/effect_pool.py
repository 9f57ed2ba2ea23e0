"""Measure what pooling brings: twenty small banks of 2,000 customers each, together and alone."""

from typing import Final

import numpy as np

from bench.effect_streams import LOOK_EVERY, Watch, drawn, mean
from cli.effect.pool import SHARE_PPM_MIN
from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import ALPHA_PPM, PPM, Evidence
from lifecycle.effect.interval import Difference
from lifecycle.effect.pooling import fixed_effect, product


TENANT_COUNT: Final = 20
CUSTOMERS_A_BANK: Final = 2_000
CONTROL_PPM: Final = 200_000
UPLIFT: Final = 0.015
RATES: Final = np.linspace(0.02, 0.08, TENANT_COUNT)
"""Of control, bank by bank."""


class Pool:
    """Banks that see a customer each in turn, and what they know."""

    def __init__(self, run: int, uplift: float) -> None:
        """Draw their customers."""
        self.truth = uplift
        self.members = [f"bank-{place}" for place in range(TENANT_COUNT)]
        streams = [
            drawn((3, int(uplift * PPM), run, place), CUSTOMERS_A_BANK, CONTROL_PPM, rates)
            for place, rates in enumerate((rate, rate + uplift) for rate in RATES)
        ]
        self.turns = zip(*(stream.customers() for stream in streams), strict=True)
        self.tests = {name: EProcess(CONTROL_PPM) for name in self.members}
        self.differences = {name: Difference(CONTROL_PPM) for name in self.members}

    def follow(self) -> dict[str, float]:
        """Return what was found; the pool looks after every 200 customers of all banks."""
        together, joint = Watch(self.truth), Evidence()
        alone = {name: Watch(self.truth) for name in self.members}
        for number, turn in enumerate(self.turns, 1):
            for name, (arm, outcome) in zip(self.members, turn, strict=True):
                self.tests[name].update(arm, outcome)
                self.differences[name].update(arm, outcome)
                alone[name].look(self.differences[name].sums)
            if number * TENANT_COUNT % LOOK_EVERY == 0:
                log_es = {name: test.change.log_e for name, test in self.tests.items()}
                joint.reach(product(log_es, self.members))
                together.look(fixed_effect(self.differences, self.members, SHARE_PPM_MIN))
        own = [test.change.p_ppm <= ALPHA_PPM for test in self.tests.values()]
        return {
            "product_alarm": joint.p_ppm <= ALPHA_PPM,
            "interval_alarm": together.excluded_at > 0,
            "interval_coverage": not together.missed,
            "interval_half_width": self._half_width(self.members),
            "alone_alarm": mean(own),
            "alone_interval_alarm": mean(watch.excluded_at > 0 for watch in alone.values()),
            "alone_interval_coverage": mean(not watch.missed for watch in alone.values()),
            "alone_interval_half_width": mean(self._half_width([name]) for name in self.members),
        }

    def _half_width(self, members: list[str]) -> float:
        """Return half the width of the interval of these banks."""
        found = fixed_effect(self.differences, members, SHARE_PPM_MIN).interval(ALPHA_PPM)
        return (found.high - found.low) / 2


def pooled(runs: int) -> dict[str, float]:
    """Return shares of runs and mean widths, with the effect in every bank and with none."""
    figures = {}
    for name, uplift in (("pool", UPLIFT), ("pool_aa", 0.0)):
        told = [Pool(run, uplift).follow() for run in range(runs)]
        for figure in told[0]:
            figures[f"{name}_{figure}"] = mean(one[figure] for one in told)
    return figures
