"""Whether arms are as large as was declared, of each holdout apart (insight.md 3)."""

import pytest

from lifecycle.effect.sample_ratio import SampleRatio
from lifecycle.insight.ratios import declared_ppm
from schemas.insight_rows import VersionState
from tests.insight.insight_log import DAY, SHARES, Folded, InsightLog


def test_shares_of_the_sample_ratio_add_up() -> None:
    """Without a holdout those declared; with one it comes first, and the last has what is left."""
    assert declared_ppm(SHARES, 0) == SHARES
    odd = {"control": 333_333, "default": 666_667}
    assert declared_ppm(odd, 70_001) == {"holdout": 70_001, "control": 309_999, "default": 620_000}


def test_sample_ratio_is_fed_by_first_exposures() -> None:
    """Of each holdout a test of its own, as `SampleRatio` fed directly; repeats do not count."""
    log = InsightLog()
    for arm in ("default", "control", "holdout"):
        log.open(arm=arm, holdout_ppm=100_000)
    log.open(is_first=False)
    log.open()
    version: VersionState = Folded(log).version()

    held = SampleRatio({"holdout": 100_000, "control": 180_000, "default": 720_000})
    for arm in ("default", "control", "holdout"):
        held.update(arm)
    alone = SampleRatio(SHARES)
    alone.update("default")
    assert version.ratios == {100_000: held.snapshot(), 0: alone.snapshot()}


@pytest.mark.parametrize(
    ("shares_ppm", "holdout_ppm", "arm"),
    [
        ({"default": 1_000_000}, 0, "default"),  # one arm
        ({}, 0, "default"),  # an exposure from before shares were told
        (SHARES, 0, ""),  # servicing, which is in no arm
        ({"default": 999_999, "red": 1}, 999_999, "red"),  # an arm that rounds to nobody
    ],
)
def test_no_sample_ratio_where_there_is_nothing_to_compare(
    shares_ppm: dict[str, int], holdout_ppm: int, arm: str
) -> None:
    """One arm, none, or an arm without a share: no test, and nothing breaks."""
    log = InsightLog()
    log.open(arm=arm, shares_ppm=shares_ppm, holdout_ppm=holdout_ppm)

    assert Folded(log).version().ratios == {}


def test_a_skewed_sample_shows_within_a_thousand() -> None:
    """Half of a declared fifth is missing from control: p <= .001, and it is reported."""
    log = InsightLog()
    for number in range(3_000):
        log.open(number, "control" if number % 10 == 0 else "default")
    log.open(2 * DAY)
    report = Folded(log).effects[-1].versions[0]

    assert report.ratio_p_ppm["0"] <= 1_000
