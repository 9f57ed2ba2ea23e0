"""Take the figures of `bench.effect` that LEARNING.md tells, over fewer runs than by itself."""

from typing import Final

from bench.effect import different, same
from bench.effect_pool import pooled


RUNS: Final = 200

Figures = dict[str, float]


def effect_figures(runs: int = RUNS) -> Figures:
    """Return false alarms, power and coverage: of one bank, and of twenty small ones together."""
    found = same(runs) | different(runs) | pooled(runs)
    return {
        "aa_runs": runs,
        "aa_false_alarm": found["aa_false_alarm"],
        "aa_tenth_false_alarm": found["aa_tenth_false_alarm"],
        "aa_z_test_false_alarm": found["aa_z_test_false_alarm"],
        "effect_power": found["power"],
        "effect_power_customers_median": found["power_customers_median"],
        "effect_coverage": found["interval_coverage"],
        "pool_power": found["pool_interval_alarm"],
        "pool_alone_power": found["pool_alone_alarm"],
        "pool_coverage": found["pool_interval_coverage"],
        "pool_alone_coverage": found["pool_alone_interval_coverage"],
    }
