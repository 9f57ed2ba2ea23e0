"""
Measure what the tests of effects promise: false alarms, power, coverage, looked at all the time.

Simulated customers with fixed seeds go through the code of `lifecycle.effect`, one by one: A/A, and
.05 against .065 with 20 % control, 40,000 customers each; twenty small banks pooled and alone;
money; arms off their shares; a broken bound. `python -m bench.effect [--runs 1000]` prints one
JSON line: shares of runs, customers, microseconds.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np

from bench.effect_pool import pooled
from bench.effect_streams import (
    LOOK_EVERY,
    Stream,
    Watch,
    customers_median,
    drawn,
    mean,
)
from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import ALPHA_PPM, PPM, Evidence
from lifecycle.effect.guardrail import Guardrail
from lifecycle.effect.interval import Difference
from lifecycle.effect.sample_ratio import SampleRatio


CUSTOMER_COUNT: Final = 40_000
CONTROL_PPM: Final = 200_000
RATES: Final = (0.05, 0.065)
MONEY_CAP_MINOR: Final = 100_000
SHARES_PPM: Final = {"control": 200_000, "default": 800_000}
Z_BOUND: Final = 1.96

Figures = dict[str, float]


class Followed(NamedTuple):
    """What came of one stream; `..._at`: the customer at whom it was first so, 0 for never."""

    alarm_at: int
    alarm_at_look: bool
    excluded_at: int
    missed: bool
    half_width: float


def follow(stream: Stream, control_ppm: int, truth: float) -> Followed:
    """Return what test and interval say of a stream, customer by customer."""
    test, difference, watch = EProcess(control_ppm), Difference(control_ppm), Watch(truth)
    level, alarm_at, at_look = -math.log(ALPHA_PPM / PPM), 0, False
    for number, (arm, outcome) in enumerate(stream.customers(), 1):
        test.update(arm, outcome)
        difference.update(arm, outcome)
        watch.look(difference.sums)
        if test.change.log_e >= level:
            alarm_at = alarm_at or number
            at_look |= number % LOOK_EVERY == 0
    found = difference.interval(ALPHA_PPM)
    half_width = (found.high - found.low) / 2
    return Followed(alarm_at, at_look, watch.excluded_at, watch.missed, half_width)


def z_alarm(stream: Stream) -> bool:
    """Return whether a z-test at 5 % finds something at any look: what is usually done."""
    looks = np.arange(LOOK_EVERY, len(stream.contacted) + 1, LOOK_EVERY) - 1
    contact_count = np.cumsum(stream.contacted)[looks]
    control_count = looks + 1 - contact_count
    contact_sum = np.cumsum(stream.contacted & stream.converted)[looks]
    control_sum = np.cumsum(~stream.contacted & stream.converted)[looks]
    pool = (contact_sum + control_sum) / (looks + 1)
    spread = np.sqrt(pool * (1 - pool) * (1 / contact_count + 1 / control_count))
    apart = np.abs(contact_sum / contact_count - control_sum / control_count)
    return bool(np.any(apart > Z_BOUND * spread))


def same(runs: int) -> Figures:
    """Return the false alarms of A/A tests, with a control of a fifth and of a tenth."""
    figures: Figures = {}
    for name, control_ppm in (("aa", 200_000), ("aa_tenth", 100_000)):
        streams = [
            drawn((1, control_ppm, run), CUSTOMER_COUNT, control_ppm, (RATES[0], RATES[0]))
            for run in range(runs)
        ]
        told = [follow(stream, control_ppm, 0.0) for stream in streams]
        figures |= {
            f"{name}_false_alarm": mean(one.alarm_at_look for one in told),
            f"{name}_false_alarm_every_customer": mean(one.alarm_at > 0 for one in told),
            f"{name}_interval_coverage": mean(not one.missed for one in told),
            f"{name}_z_test_false_alarm": mean(map(z_alarm, streams)),
        }
    return figures


def different(runs: int) -> Figures:
    """Return power and coverage at .05 against .065."""
    streams = (drawn((2, run), CUSTOMER_COUNT, CONTROL_PPM, RATES) for run in range(runs))
    told = [follow(stream, CONTROL_PPM, RATES[1] - RATES[0]) for stream in streams]
    return {
        "power": mean(one.alarm_at > 0 for one in told),
        "power_customers_median": customers_median(one.alarm_at for one in told),
        "interval_coverage": mean(not one.missed for one in told),
        "interval_power": mean(one.excluded_at > 0 for one in told),
        "interval_customers_median": customers_median(one.excluded_at for one in told),
        "interval_half_width": mean(one.half_width for one in told),
    }


def money(runs: int) -> Figures:
    """Return the coverage for money: 6 % spend without contact, 8 % with, very unlike amounts."""
    sample = spent(np.random.default_rng(6), 4_000_000)
    truth = (0.08 - 0.06) * float(sample.mean()) / MONEY_CAP_MINOR
    missed = []
    for run in range(runs):
        stream = drawn((5, run), CUSTOMER_COUNT // 4, CONTROL_PPM, (0.06, 0.08))
        amounts = spent(np.random.default_rng((4, run)), len(stream.contacted)).tolist()
        difference, watch = Difference(CONTROL_PPM, MONEY_CAP_MINOR), Watch(truth)
        for (arm, converted), amount in zip(stream.customers(), amounts, strict=True):
            difference.update(arm, amount * converted)
            watch.look(difference.sums)
        missed.append(watch.missed)
    return {"money_coverage": mean(not one for one in missed)}


def spent(random: np.random.Generator, count: int) -> np.ndarray:
    """Return amounts in minor units as customers spend them, held to the cap."""
    return np.minimum(random.lognormal(9.5, 1.0, count), MONEY_CAP_MINOR).astype(int)


def ratios(runs: int) -> Figures:
    """Return alarms where a fifth is a fifth, and where control gets 22 % of the customers."""

    def follow_ratio(seed: tuple[int, ...], share: float) -> int:
        test = SampleRatio(SHARES_PPM)
        looks = per_look(seed, share)
        return first_alarm(
            test.evidence,
            (lambda n=n: test.look({"control": n, "default": LOOK_EVERY - n}) for n in looks),  # type: ignore[misc]
        )

    kept = [follow_ratio((7, run), 0.2) for run in range(runs)]
    off = [follow_ratio((7, run), 0.22) for run in range(runs)]
    return {
        "sample_ratio_false_alarm": mean(at > 0 for at in kept),
        "sample_ratio_power": mean(at > 0 for at in off),
        "sample_ratio_customers_median": customers_median(off),
    }


def guardrails(runs: int) -> Figures:
    """Return alarms at a bound of 1 % where 1 % complain, and where 2 % do."""

    def follow_rail(seed: tuple[int, ...], rate: float) -> int:
        test = Guardrail(10_000)
        looks = per_look(seed, rate)
        return first_alarm(test.evidence, (lambda n=n: test.look(LOOK_EVERY, n) for n in looks))  # type: ignore[misc]

    kept = [follow_rail((8, run), 0.01) for run in range(runs)]
    broken = [follow_rail((8, run), 0.02) for run in range(runs)]
    return {
        "guardrail_false_alarm": mean(at > 0 for at in kept),
        "guardrail_power": mean(at > 0 for at in broken),
        "guardrail_customers_median": customers_median(broken),
    }


def per_look(seed: tuple[int, ...], rate: float) -> list[int]:
    """Return how many of each look's customers it is."""
    random = np.random.default_rng(seed)
    counts: list[int] = random.binomial(LOOK_EVERY, rate, CUSTOMER_COUNT // LOOK_EVERY).tolist()
    return counts


def first_alarm(evidence: Evidence, looks: Iterable[Callable[[], None]]) -> int:
    """Return after how many customers, looked at every 200, the alarm went; 0 for never."""
    for number, look in enumerate(looks, 1):
        look()
        if evidence.p_ppm <= ALPHA_PPM:
            return number * LOOK_EVERY
    return 0


def costs() -> Figures:
    """Return the microseconds of one customer in test and interval."""
    customers = list(drawn((9,), 100_000, CONTROL_PPM, RATES).customers())
    figures = {}
    for name, test in (("e_process", EProcess(CONTROL_PPM)), ("interval", Difference(CONTROL_PPM))):
        began_s = time.process_time()
        for arm, outcome in customers:
            test.update(arm, outcome)
        figures[f"{name}_us"] = (time.process_time() - began_s) / len(customers) * 1e6
    return figures


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    runs = parser.parse_args().runs
    figures: Figures = {"runs": runs}
    for part in (same, different, pooled, money, ratios, guardrails):
        figures |= part(runs)
    print(json.dumps({name: round(value, 4) for name, value in (figures | costs()).items()}))


if __name__ == "__main__":
    main()
