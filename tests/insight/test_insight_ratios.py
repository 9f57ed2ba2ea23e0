"""Whether arms are as large as was declared (insight.md 3)."""

import pytest

from lifecycle.effect.sample_ratio import SampleRatio
from lifecycle.insight.declared import declared_ppm
from tests.insight.insight_log import DAY, SHARES, Folded, InsightLog


WHOLE = {"default": 1_000_000}


def test_shares_that_are_compared_are_a_campaigns_or_the_tenants() -> None:
    """Insight.md 3: of a campaign its own, whatever the holdout; of "" the holdout and the rest."""
    assert declared_ppm("bind", SHARES, 70_001) == SHARES
    assert declared_ppm("", WHOLE, 70_001) == {"holdout": 70_001, "default": 929_999}


def test_sample_ratio_of_a_campaign_is_among_its_own_arms() -> None:
    """Insight.md 3: first exposures alone; who is held out is none, and one test at any holdout."""
    log = InsightLog()
    for arm in ("default", "control", "holdout"):
        log.open(arm=arm, holdout_ppm=100_000)
    log.open(is_first=False)
    log.open()

    own = SampleRatio(SHARES)
    for arm in ("default", "control", "default"):
        own.update(arm)
    assert Folded(log).version().ratios == {0: own.snapshot()}


def test_sample_ratio_of_the_tenant_is_of_each_holdout() -> None:
    """Insight.md 3: `holdout` and `default`, at every share a test of its own."""
    log = InsightLog(campaign_id="")
    for arm, holdout_ppm in (("default", 100_000), ("holdout", 100_000), ("default", 50_000)):
        log.open(arm=arm, holdout_ppm=holdout_ppm, shares_ppm=WHOLE)

    tenth, twentieth = (
        SampleRatio({"holdout": ppm, "default": 1_000_000 - ppm}) for ppm in (100_000, 50_000)
    )
    tenth.update("default")
    tenth.update("holdout")
    twentieth.update("default")
    ratios = Folded(log).effect(campaign_id="").versions[1].ratios
    assert ratios == {100_000: tenth.snapshot(), 50_000: twentieth.snapshot()}


@pytest.mark.parametrize(
    ("campaign_id", "shares_ppm", "holdout_ppm", "arm"),
    [
        ("bind", WHOLE, 0, "default"),  # one arm
        ("bind", WHOLE, 50_000, "holdout"),  # who is held out is no arm of a campaign
        ("bind", {}, 0, "default"),  # an exposure from before shares were told
        ("bind", SHARES, 0, ""),  # servicing, which is in no arm
        ("bind", {"default": 1_000_000, "red": 0}, 0, "red"),  # an arm of nobody
        ("", WHOLE, 0, "default"),  # nobody is held out
    ],
)
def test_no_sample_ratio_where_there_is_nothing_to_compare(
    campaign_id: str, shares_ppm: dict[str, int], holdout_ppm: int, arm: str
) -> None:
    """One arm, none, or an arm without a share: no test, and nothing breaks."""
    log = InsightLog(campaign_id=campaign_id)
    log.open(arm=arm, shares_ppm=shares_ppm, holdout_ppm=holdout_ppm)

    assert Folded(log).effect(campaign_id=campaign_id).versions[1].ratios == {}


def test_a_skewed_sample_shows_within_a_thousand() -> None:
    """Half of a declared fifth is missing from control: p <= .001, and it is reported."""
    log = InsightLog()
    for number in range(3_000):
        log.open(number, "control" if number % 10 == 0 else "default")
    log.open(2 * DAY)
    report = Folded(log).effects[-1].versions[0]

    assert report.ratio_p_ppm["0"] <= 1_000
