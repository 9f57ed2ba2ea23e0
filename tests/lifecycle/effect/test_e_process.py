"""The 2x2 e-process: fair bets under the null whatever was seen, and power where there is more."""

import json
import math

import pytest
from hypothesis import given

from bench.effect import follow, z_alarm
from bench.effect_streams import drawn
from lifecycle.effect.e_process import EProcess
from tests.lifecycle.effect.pasts import PAST, RATE, SHARE_PPM, Customer, chances


def seen(control_ppm: int, past: list[Customer]) -> EProcess:
    """Return a process that has seen these customers."""
    process = EProcess(control_ppm)
    for arm, outcome in past:
        process.update(arm, outcome)
    return process


def test_first_steps_are_as_by_hand() -> None:
    """
    Three customers, 20 % control.

    A contact converts: both guesses were 1/20, nothing won. Then of two arms drawn to 2/21,
    control 402/4221, contact 421/4221, mean 417.2/4221; a control does not convert: won by
    (4221 - 402) / (4221 - 417.2). Then drawn to 1/11: 200/2211 and 211/2211, mean 208.8/2211; a
    contact converts: won by 211/208.8.
    """
    process = EProcess(200_000)
    process.update("contact", 1)
    assert math.isclose(0.0, process.change.log_e, abs_tol=1e-15)
    process.update("control", 0)
    assert math.isclose(math.log(3819 / 3803.8), process.change.log_e)
    process.update("contact", 1)
    assert math.isclose(math.log(3819 / 3803.8 * 211 / 208.8), process.change.log_e)
    assert 0.0 == process.harm.log_e


@given(past=PAST, control_ppm=SHARE_PPM, rate=RATE)
def test_bet_is_fair_where_contact_changes_nothing(
    past: list[Customer], control_ppm: int, rate: float
) -> None:
    """After any past, at any rate, the mean of the next factor is 1: a false alarm costs alpha."""
    before = seen(control_ppm, past).change.log_e
    mean = sum(
        chance * math.exp(seen(control_ppm, [*past, customer]).change.log_e - before)
        for customer, chance in chances(control_ppm, rate, rate)
    )

    assert math.isclose(1.0, mean, rel_tol=1e-12)


@given(past=PAST, control_ppm=SHARE_PPM, one=RATE, other=RATE)
def test_bet_loses_on_average_against_its_direction(
    past: list[Customer], control_ppm: int, one: float, other: float
) -> None:
    """`uplift` does not grow on average while contact is no better, nor `harm` while no worse."""
    low, high = sorted((one, other))
    before = seen(control_ppm, past)
    uplift = harm = 0.0
    for customer, chance in chances(control_ppm, high, low):
        after = seen(control_ppm, [*past, customer])
        uplift += chance * math.exp(after.uplift.log_e - before.uplift.log_e)
    for customer, chance in chances(control_ppm, low, high):
        after = seen(control_ppm, [*past, customer])
        harm += chance * math.exp(after.harm.log_e - before.harm.log_e)

    assert uplift <= 1.0 + 1e-12
    assert harm <= 1.0 + 1e-12


@given(past=PAST)
def test_change_is_the_product_of_both_directions(past: list[Customer]) -> None:
    """Each bet goes one way, so what was won both ways is what was won."""
    process = seen(300_000, past)

    assert math.isclose(
        process.change.log_e, process.uplift.log_e + process.harm.log_e, abs_tol=1e-12
    )


@given(past=PAST, future=PAST)
def test_restored_process_goes_on_bit_by_bit(past: list[Customer], future: list[Customer]) -> None:
    """L1: through JSON and back, then on: every number is the very same."""
    restored = EProcess.restored(json.loads(json.dumps(seen(200_000, past).snapshot())))
    for arm, outcome in future:
        restored.update(arm, outcome)

    assert seen(200_000, [*past, *future]) == restored


def test_restoring_refuses_what_is_not_finite() -> None:
    """L3: a poisoned snapshot is never adopted."""
    values = [*EProcess(200_000).snapshot()[:-1], math.nan]

    with pytest.raises(ValueError, match="wanted 11 finite numbers"):
        EProcess.restored(values)


def test_unknown_arm_is_refused() -> None:
    """A customer of a third arm belongs to another comparison."""
    with pytest.raises(ValueError, match="wanted the arm control or contact, found 'default'"):
        EProcess(200_000).update("default", 1)  # type: ignore[arg-type]


def test_false_alarms_stay_below_alpha_where_a_z_test_cries_wolf() -> None:
    """150 A/A tests of 6,000, alarm at 5 %: after every customer here, every 200 for the z-test."""
    streams = [drawn((11, run), 6_000, 200_000, (0.05, 0.05)) for run in range(150)]
    alarms = sum(follow(stream, 200_000, 0.0).alarm_at > 0 for stream in streams)

    assert alarms <= 0.05 * 150
    assert sum(map(z_alarm, streams)) >= 0.2 * 150


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        pytest.param((0.05, 0.09), (True, False), id="uplift"),
        pytest.param((0.09, 0.05), (False, True), id="harm"),
    ],
)
def test_effect_is_found_in_its_direction_only(
    rates: tuple[float, float], found: tuple[bool, bool]
) -> None:
    """Of 5 % and 9 % every run of twelve finds which is which within 12,000 customers."""
    for run in range(12):
        process = EProcess(200_000)
        for arm, outcome in drawn((12, run), 12_000, 200_000, rates).customers():
            process.update(arm, 1 if outcome else 0)

        assert found == (process.uplift.p_ppm <= 25_000, process.harm.p_ppm <= 25_000)
