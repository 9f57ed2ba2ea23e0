"""Labels that come late are learnt without a bias (docs/learning.md 2; Ktena et al. 2019)."""

from collections import deque
from math import log
from random import Random
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.learning.fake_negatives import convert, open_exposure
from lifecycle.models.logistic import LogisticModel, untaught
from schemas.learning import Head
from schemas.model import Optimizer
from tests.learning.outcome_log import model


RATE_PPM = 5_000
DELAY_MAX = 500
"""Exposures that come between one and its conversion, at most."""


@given(proba_ppm=st.integers(1_000, 999_000))
@settings(deadline=None, max_examples=60)
def test_fake_negatives_rest_where_the_model_is_right(proba_ppm: int) -> None:
    """
    Where p is the true rate the steps add up to 0: as not converted each, as converted a share p.

    On paper: (1 - p)(1 + p) * p + p * (1 + p)(p - 1) = 0.
    """
    true = proba_ppm / 1_000_000
    wanted = model(optimizer=Optimizer(kind="sgd", learning_rate_ppm=1_000_000))
    head = Head(intercept=log(true / (1 - true)), weights=(0.0,) * 4)
    opened, converted = LogisticModel(wanted, head), LogisticModel(wanted, head)
    assert open_exposure(opened, {})
    assert convert(converted, {})
    down = opened.snapshot().intercept - head.intercept
    up = converted.snapshot().intercept - head.intercept
    assert down < 0 < up
    assert down + true * up == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", ["sgd", "adagrad"])
def test_fake_negatives_find_the_rates_of_a_stream(kind: Literal["sgd", "adagrad"]) -> None:
    """
    30,000 exposures, 3 % of any and 10 % of gold convert up to 500 exposures later.

    The mean of p over the last third is within 15 % of either rate; it begins at 5 % for both.
    """
    rate_ppm = RATE_PPM if kind == "sgd" else 50_000
    optimizer = Optimizer(kind=kind, learning_rate_ppm=rate_ppm)
    wanted = model(optimizer=optimizer, base_rate_ppm=50_000)
    head = LogisticModel(wanted, untaught(wanted))
    rng = Random(20_260_302)  # noqa: S311 (a stream to learn from)
    rates = {1: 0.03, 2: 0.10}
    coming: list[deque[int]] = [deque() for _ in range(DELAY_MAX)]
    seen: dict[int, list[float]] = {1: [], 2: []}
    for number in range(30_000):
        place = rng.choice((1, 2))
        open_exposure(head, {place: 1.0})
        if rng.random() < rates[place]:
            coming[(number + rng.randrange(1, DELAY_MAX)) % DELAY_MAX].append(place)
        due = coming[number % DELAY_MAX]
        while due:
            convert(head, {due.popleft(): 1.0})
        if number >= 20_000:
            for one in rates:
                seen[one].append(head.proba({one: 1.0}))
    for place, rate in rates.items():
        assert sum(seen[place]) / len(seen[place]) == pytest.approx(rate, rel=0.15)
