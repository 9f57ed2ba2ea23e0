"""BG/NBD: P(alive) and the silence at which it has fallen, against arithmetic of another make."""

from decimal import Decimal, localcontext
from math import inf, isclose, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.rhythm import alive_proba, read, silent_until_ms
from schemas.campaign import SilenceEntry
from schemas.state import CustomerRow
from tests.lifecycle.builders import CDNOW, DAY, T0, WEEK


def shopper(repeats: int, recency_ms: int) -> CustomerRow:
    """Return a customer who bought 1 + `repeats` times, first at T0, last `recency_ms` later."""
    return CustomerRow(
        spend_count=repeats + 1, first_spend_at_ms=T0, last_spend_at_ms=T0 + recency_ms
    )


def exact_alive(entry: SilenceEntry, repeats: int, recency: Decimal, age: Decimal) -> Decimal:
    """Return P(alive) in 40 decimal digits, as b, a and the ages enter the likelihood."""
    r, alpha, a, b = (Decimal(str(x)) for x in (entry.r, entry.alpha, entry.a, entry.b))
    with localcontext() as context:
        context.prec = 40
        left = (a / (b + repeats - 1)) * (
            (r + repeats) * ((alpha + age) / (alpha + recency)).ln()
        ).exp()
        return 1 / (1 + left)


def hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """Return Gauss's 2F1 by its series, |z| < 1."""
    term = total = 1.0
    n = 0
    while abs(term) > 1e-17 * abs(total):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        n += 1
    return total


def test_alive_agrees_with_the_published_expectation() -> None:
    """
    Fader, Hardie, Lee's worked example: x = 2, t_x = 30.43, T = 38.86 expects 1.226 in 39 weeks.

    Their expression is P(alive) times what a customer who is alive will buy; the second factor is
    worked out here.
    """
    r, alpha, a, b = CDNOW.r, CDNOW.alpha, CDNOW.a, CDNOW.b
    x, age, ahead = 2, 38.86, 39.0
    series = hypergeometric(r + x, b + x, a + b + x - 1, ahead / (alpha + age + ahead))
    shrunk = ((alpha + age) / (alpha + age + ahead)) ** (r + x)
    if_alive = (a + b + x - 1) / (a - 1) * (1 - shrunk * series)

    assert 1.226 == round(alive_proba(CDNOW, x, 30.43, age) * if_alive, 3)


@given(
    repeats=st.integers(1, 200),
    recency=st.integers(0, 520),
    silent=st.integers(0, 520),
)
def test_alive_agrees_with_forty_digits(repeats: int, recency: int, silent: int) -> None:
    """The float is the formula, for every customer of the first ten years; below 1e-300 it is 0."""
    exact = exact_alive(CDNOW, repeats, Decimal(recency), Decimal(recency + silent))

    found = alive_proba(CDNOW, repeats, recency, recency + silent)
    assert isclose(found, exact, rel_tol=1e-9, abs_tol=1e-300)


def test_alive_of_who_never_repeated_is_certain() -> None:
    """In this model a customer may leave only after a repeat purchase."""
    assert 1.0 == alive_proba(CDNOW, 0, 0.0, 500.0)


def test_alive_of_a_heavy_buyer_after_ages_is_nothing() -> None:
    """A power beyond all floats is a probability of 0, not an error."""
    assert 0.0 == alive_proba(CDNOW, 2_000, 1.0, 400_000.0)


@pytest.mark.parametrize(
    ("repeats", "recency_ms", "due_ms"),
    [
        # (4.414 + 4) * (5.426 / 0.793) ** (1 / 4.243) - 4.414 = 8.8247 weeks: 33.8 days silent
        pytest.param(4, 4 * WEEK, 5_337_189_254, id="weekly"),
        # (4.414 + 16) * the same - 4.414 = 27.7057 weeks: 81.9 days silent
        pytest.param(4, 16 * WEEK, 16_756_409_297, id="every four weeks"),
        # (4.414 + 2) * (2.426 / 0.793) ** (1 / 1.243) - 4.414 = 11.3552 weeks: 65.5 days silent
        pytest.param(1, 2 * WEEK, 6_867_651_318, id="twice"),
    ],
)
def test_due_time_is_where_alive_has_fallen(repeats: int, recency_ms: int, due_ms: int) -> None:
    """Worked out in 40 decimal digits, floored to the millisecond."""
    assert T0 + due_ms == silent_until_ms(CDNOW, shopper(repeats, recency_ms))


@given(
    repeats=st.integers(1, 60),
    recency_ms=st.integers(0, 200 * WEEK),
    alive_ppm=st.integers(1_000, 700_000),
)
def test_alive_falls_through_the_threshold_at_the_due_time(
    repeats: int, recency_ms: int, alive_ppm: int
) -> None:
    """Due time and P(alive) are one rule: above it a second before, not above a second after."""
    entry, row = replace(CDNOW, alive_ppm=alive_ppm), shopper(repeats, recency_ms)
    due_at_ms = silent_until_ms(entry, row)

    assert due_at_ms is not None
    assert due_at_ms >= row.last_spend_at_ms
    assert read(entry, row, due_at_ms + 1_000).alive_ppm <= alive_ppm
    if due_at_ms > row.last_spend_at_ms + 1_000:
        assert read(entry, row, due_at_ms - 1_000).alive_ppm >= alive_ppm


def test_silence_is_never_due_before_the_last_purchase() -> None:
    """Where P(alive) starts below the threshold, the due time is the last purchase itself."""
    surely = replace(CDNOW, alive_ppm=1_000_000)

    assert T0 + 3 * WEEK == silent_until_ms(surely, shopper(2, 3 * WEEK))


def test_silence_is_never_due_without_a_rhythm() -> None:
    """Too few repeats, or a P(alive) that is never reached: no due time."""
    assert silent_until_ms(CDNOW, shopper(0, 0)) is None
    assert silent_until_ms(replace(CDNOW, repeat_count_min=3), shopper(2, WEEK)) is None
    assert silent_until_ms(replace(CDNOW, alive_ppm=0), shopper(2, WEEK)) is None


def test_rhythm_is_told_in_integers() -> None:
    """
    B6: parts per million, floored; silence in milliseconds.

    x = 2, t_x = 2, T = 5: odds = 0.793 / 3.426 * (9.414 / 6.414) ** 2.243 = 0.547358,
    P(alive) = 0.646263, rate = 2.243 / 9.414 = 0.238262, their product 0.153980.
    """
    reading = read(CDNOW, shopper(2, 2 * WEEK), T0 + 5 * WEEK)

    assert (646_263, 153_980, 2, 21 * DAY) == reading


def test_rhythm_of_who_never_bought_is_nothing() -> None:
    """A campaign that changes its kind may ask about a customer without any purchase."""
    assert (0, 0, 0, 0) == read(CDNOW, CustomerRow(), T0)


def test_rhythm_before_the_last_purchase_is_that_of_the_moment_after_it() -> None:
    """A purchase may be a little ahead of now; T is never below t_x."""
    row = shopper(3, 4 * WEEK)

    assert read(CDNOW, row, T0 + 4 * WEEK).alive_ppm == read(CDNOW, row, T0).alive_ppm


@given(
    edge=st.sampled_from([1e-6, nextafter(1e-6, inf), 1.0, 1e6]),
    other=st.sampled_from([1e-6, 0.5, 1e6]),
    repeats=st.integers(1, 10**9),
    recency_ms=st.sampled_from([0, 1, 3 * 10**11, 7 * 10**12]),
    unit_ms=st.sampled_from([1, WEEK, 315_576_000_000]),
    alive_ppm=st.sampled_from([1, 500_000, 999_999, 1_000_000]),
)
def test_no_policy_within_its_bounds_breaks_the_arithmetic(
    edge: float, other: float, repeats: int, recency_ms: int, unit_ms: int, alive_ppm: int
) -> None:
    """Every number that the schema allows gives integers, never an error: the log cannot poison."""
    entry = SilenceEntry(
        r=edge, alpha=other, a=other, b=edge, unit_ms=unit_ms, alive_ppm=alive_ppm, rate_ppm_min=0
    )
    row = shopper(repeats, recency_ms)
    due_at_ms = silent_until_ms(entry, row)
    reading = read(entry, row, T0 + 7 * 10**12)

    assert isinstance(due_at_ms, int)
    assert 0 <= reading.alive_ppm <= 1_000_000
    assert reading.rate_ppm >= 0
