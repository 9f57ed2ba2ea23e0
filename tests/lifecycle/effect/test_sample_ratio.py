"""Sample ratio: a fair bet on the next customer's arm, from counts alone."""

import json
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.effect import ratios
from lifecycle.effect.sample_ratio import SampleRatio


SHARES_PPM = {"control": 200_000, "default": 500_000, "warm": 300_000}
ARMS = st.lists(st.sampled_from(sorted(SHARES_PPM)), max_size=40)


def seen(arms: list[str]) -> SampleRatio:
    """Return the test after these customers, one after the other."""
    ratio = SampleRatio(SHARES_PPM)
    for arm in arms:
        ratio.update(arm)
    return ratio


def test_first_steps_are_as_by_hand() -> None:
    """
    Three of control, 20 % declared.

    The first is expected as declared: nothing won. The second with 2,001 of 10,001: won by
    2,001 / 10,001 / 0.2; the third with 2,002 of 10,002.
    """
    won = math.log(2_001 / 10_001 / 0.2) + math.log(2_002 / 10_002 / 0.2)

    assert seen(["control"]).evidence.log_e == pytest.approx(0.0, abs=1e-10)
    assert seen(["control"] * 3).evidence.log_e == pytest.approx(won, abs=1e-10)


@given(past=ARMS)
def test_bet_is_fair_where_shares_are_as_declared(past: list[str]) -> None:
    """After any past the mean of the next factor is 1."""
    before = seen(past).evidence.log_e
    mean = sum(
        share_ppm / 1_000_000 * math.exp(seen([*past, arm]).evidence.log_e - before)
        for arm, share_ppm in SHARES_PPM.items()
    )

    assert mean == pytest.approx(1.0, abs=1e-9)


@given(arms=ARMS, data=st.data())
def test_order_within_a_look_changes_no_bit(arms: list[str], data: st.DataObject) -> None:
    """The e-value follows from counts: shuffled customers, and one look for all, give the same."""
    shuffled = data.draw(st.permutations(arms))
    at_once = SampleRatio(SHARES_PPM)
    at_once.look(Counter(arms))

    assert seen(arms).evidence.log_e == seen(shuffled).evidence.log_e == at_once.evidence.log_e


@given(past=ARMS, future=ARMS)
def test_restored_test_goes_on_bit_by_bit(past: list[str], future: list[str]) -> None:
    """L1: through JSON and back, then on: every number is the very same."""
    values = json.loads(json.dumps(seen(past).snapshot()))
    restored = SampleRatio.restored(SHARES_PPM, values)
    for arm in future:
        restored.update(arm)

    assert seen([*past, *future]) == restored


def test_shares_that_are_off_are_found_and_others_are_not() -> None:
    """100 runs of 40,000 looked at every 200: alarms at 20 % for 20 % are rare, 22 % is found."""
    told = ratios(100)

    assert told["sample_ratio_false_alarm"] <= 0.05
    assert told["sample_ratio_power"] >= 0.95


@pytest.mark.parametrize(
    "shares_ppm",
    [
        pytest.param({"control": 1_000_000}, id="one arm"),
        pytest.param({"control": 0, "default": 1_000_000}, id="nobody"),
        pytest.param({"control": 200_000, "default": 700_000}, id="not all"),
        pytest.param({}, id="none"),
    ],
)
def test_shares_that_are_no_whole_are_refused(shares_ppm: dict[str, int]) -> None:
    """Two arms or more, each with somebody, a million together."""
    with pytest.raises(ValueError, match="wanted shares of two arms"):
        SampleRatio(shares_ppm)


def test_unknown_arm_is_refused() -> None:
    """Who is in an arm that was not declared is in none of the shares."""
    with pytest.raises(ValueError, match=r"found \['cold'\]"):
        SampleRatio(SHARES_PPM).update("cold")
