"""What campaigns cause: counts by arm, series, sample ratios (insight.md 3)."""

from random import Random

import pytest

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from lifecycle.insight.series import Fed, fed
from schemas.insight_rows import ArmState
from tests.insight.insight_log import CONTROL_PPM, HOUR, KEY, SHARES, T0, Folded, InsightLog


def test_exposures_count_by_arm_customer_and_contact() -> None:
    """Every exposure counts of its arm, a first one of customers, a `sent` one of contacted."""
    log = InsightLog()
    log.open()
    log.open(is_first=False)
    log.open(arm="control")
    folded = Folded(log)
    version = folded.version()

    assert version.arms == {
        "default": ArmState(exposed_count=2, first_count=1),
        "control": ArmState(exposed_count=1, first_count=1),
    }
    assert version.contacted_count == 2
    assert folded.count(f"effect|{KEY}") == 3


def test_a_version_is_as_its_first_exposure_says() -> None:
    """Shares, money and bounds of later exposures of a version change nothing."""
    log = InsightLog()
    log.open(value_cap_minor=900, currency="CNY")
    log.open(value_cap_minor=1, currency="USD", shares_ppm={"default": 1_000_000})
    version = Folded(log).version()

    assert (version.shares_ppm, version.value_cap_minor, version.currency) == (SHARES, 900, "CNY")
    assert Folded(log).effect().stage == "bind"


def test_settled_exposures_count_what_they_came_to() -> None:
    """Labels, deliveries and capped money; an exposure that made room is evicted and no more."""
    log = InsightLog()
    log.open(value_cap_minor=500, currency="CNY")
    log.settle(label=1, value_minor=700)
    log.settle(label=0, value_minor=30)
    log.settle(label=1, value_minor=500, is_first=False, delivery="unknown")
    log.settle(label=None)

    assert Folded(log).version().arms["default"] == ArmState(
        exposed_count=1,
        first_count=1,
        evicted_count=1,
        settled_count=3,
        converted_count=2,
        delivered_count=2,
        first_settled_count=2,
        first_converted_count=1,
        value_sum_minor=530,
        capped_count=1,
    )


def test_an_option_counts_beside_its_arm() -> None:
    """What was chosen counts as its arm does, wherever a record names it."""
    log = InsightLog()
    log.open(option="push")
    log.settle(label=1, option="push")
    log.settle(label=None, option="sms")
    version = Folded(log).version()

    assert version.options["push"] == ArmState(
        exposed_count=1,
        first_count=1,
        settled_count=1,
        converted_count=1,
        delivered_count=1,
        first_settled_count=1,
        first_converted_count=1,
    )
    assert version.options["sms"] == ArmState(evicted_count=1)


def test_follow_ups_and_objections_count_by_arm() -> None:
    """Days 30, 60, 90 each in their place; objections by kind, of the arm and of the version."""
    log = InsightLog()
    log.open()
    log.follow(day=30)
    log.follow(day=90, active=False)
    log.objects("complaint")
    log.objects("complaint")
    log.objects("failure")
    version = Folded(log).version()

    arm = version.arms["default"]
    assert (arm.followed_counts, arm.active_counts) == ([1, 0, 1], [1, 0, 0])
    assert arm.objection_counts == version.objection_counts == {"complaint": 2, "failure": 1}


def test_records_of_an_unknown_version_are_unmatched() -> None:
    """What is not known to have been opened changes no row, not even its time."""
    log = InsightLog()
    log.settle(9 * HOUR)
    log.open()
    log.settle(9 * HOUR, policy_version=2)
    log.follow(9 * HOUR, policy_version=2)
    log.objects(at=9 * HOUR, policy_version=2)
    folded = Folded(log)

    assert folded.count(f"unmatched|{KEY}") == 4
    assert folded.count(f"effect|{KEY}") == 1
    assert folded.effect().at_ms == T0
    assert folded.effect().versions.keys() == {1}


def test_the_lowest_of_64_versions_is_forgotten() -> None:
    """Before a 65th version the lowest goes, counted; what comes of it is unmatched from then."""
    log = InsightLog()
    for version in range(1, 66):
        log.open(policy_version=version)
    log.settle(policy_version=1)
    log.settle(policy_version=2)
    folded = Folded(log)

    assert list(folded.effect().versions) == list(range(2, 66))
    assert folded.count(f"forgotten|{KEY}") == 1
    assert folded.count(f"unmatched|{KEY}") == 1


def test_a_rows_time_is_the_greatest_of_its_records() -> None:
    """Decided, settled, followed and objected, each by its own clock; never back."""
    log = InsightLog()
    for at, add in ((5, log.open), (9, log.settle), (7, log.follow), (8, log.objects)):
        add(at=at)
    assert Folded(log).effect().at_ms == T0 + 9
    log.objects(at=12)
    log.follow(at=11)
    assert Folded(log).effect().at_ms == T0 + 12


def random_log(seed: int, count: int = 200) -> tuple[InsightLog, list[tuple[Arm, int, int]]]:
    """Return a log of customers with money, and the side, label and value of each."""
    chance = Random(seed)  # noqa: S311 (outcomes)
    log, outcomes = InsightLog(), []
    log.open(value_cap_minor=1_000, currency="CNY")
    for at in range(count):
        side: Arm = "control" if chance.random() < 0.2 else "contact"
        label = int(chance.random() < 0.3)
        value = label * chance.randrange(1, 1_500)
        log.settle(at, "control" if side == "control" else "default", label, value_minor=value)
        outcomes.append((side, label, value))
    return log, outcomes


def test_a_series_is_what_the_statistics_make_of_it() -> None:
    """Bit for bit what `lifecycle.effect` is, fed directly with the same customers."""
    log, outcomes = random_log(3)
    version = Folded(log).version()

    change, converted = EProcess(CONTROL_PPM), Difference(CONTROL_PPM)
    money = Difference(CONTROL_PPM, 1_000)
    for side, label, value in outcomes:
        change.update(side, label)  # type: ignore[arg-type]  # 0 or 1
        converted.update(side, label)
        money.update(side, value)
    series = version.series[f"default|{CONTROL_PPM}|0"]
    assert version.series.keys() == {f"default|{CONTROL_PPM}|0"}
    assert series.change == change.snapshot()
    assert series.conversion == converted.snapshot()
    assert series.money == money.snapshot()
    assert series.activity == []


def test_follow_ups_feed_the_activity_of_their_day() -> None:
    """Each of three differences is fed by its own day; () before anything was."""
    log = InsightLog()
    log.open()
    log.follow(arm="default", day=60)
    log.follow(arm="control", day=60, active=False)
    series = Folded(log).version().series[f"default|{CONTROL_PPM}|0"]

    wanted = Difference(CONTROL_PPM)
    wanted.update("contact", 1)
    wanted.update("control", 0)
    assert (series.change, series.conversion, series.money) == ((), (), ())
    assert series.activity == [(), wanted.snapshot(), ()]


def test_only_first_exposures_with_a_label_feed_a_series() -> None:
    """Who is exposed again, and who made room, count in no effect."""
    log = InsightLog()
    log.open()
    log.settle(is_first=False)
    log.settle(label=None)

    assert Folded(log).version().series == {}


def test_pooled_and_unpooled_customers_are_series_of_their_own() -> None:
    """N3: what a bank agreed to share counts apart from what it did not."""
    log = InsightLog()
    log.open()
    log.settle()
    log.settle(pools=True)

    assert Folded(log).version().series.keys() == {
        f"default|{CONTROL_PPM}|0",
        f"default|{CONTROL_PPM}|1",
    }


THREE = {"control": 100_000, "red": 300_000, "default": 600_000}
NO_CONTROL = {"red": 250_000, "default": 750_000}
HELD = {"holdout": 50_000, "default": 950_000}


@pytest.mark.parametrize(
    ("shares_ppm", "kept_back", "arm", "wanted"),
    [
        # 0.1 / 0.4 and 0.1 / 0.7
        (
            THREE,
            "control",
            "control",
            [Fed("red", 250_000, "control"), Fed("default", 142_857, "control")],
        ),
        (THREE, "control", "red", [Fed("red", 250_000, "contact")]),
        # who is held out is in no arm of a campaign
        (THREE, "control", "holdout", []),
        (NO_CONTROL, "control", "holdout", []),
        # without a control nothing is compared
        (NO_CONTROL, "control", "red", []),
        # all contacts: 0.05 of all
        (HELD, "holdout", "holdout", [Fed("default", 50_000, "control")]),
        (HELD, "holdout", "default", [Fed("default", 50_000, "contact")]),
        (HELD, "holdout", "control", []),
        # nobody is kept back, or all are
        ({"holdout": 0, "default": 1_000_000}, "holdout", "default", []),
        ({"holdout": 1_000_000, "default": 0}, "holdout", "holdout", []),
        ({"control": 1_000_000}, "control", "control", []),
        # an arm without a share is compared with nobody
        (THREE, "control", "", []),
        ({}, "control", "control", []),
    ],
)
def test_series_by_who_is_kept_back(
    shares_ppm: dict[str, int], kept_back: str, arm: str, wanted: list[Fed]
) -> None:
    """Insight.md 3: each arm against the one kept back; shares as worked out by hand."""
    assert list(fed(shares_ppm, kept_back, arm)) == wanted


def test_a_campaign_is_compared_with_its_own_control_alone() -> None:
    """Insight.md 3: 2 customers in the series; who is held out counts, and is none of them."""
    log = InsightLog()
    for arm in ("control", "default", "holdout"):
        log.open(arm=arm, holdout_ppm=50_000)
        log.settle(arm=arm, label=1, holdout_ppm=50_000)
        log.follow(arm=arm, holdout_ppm=50_000)
    version = Folded(log).version()

    [(key, series)] = version.series.items()
    change, active = EProcess.restored(series.change), Difference.restored(series.activity[0])
    assert key == f"default|{CONTROL_PPM}|0"
    assert (change.tally.control_count, change.tally.contact_count) == (1, 1)
    assert (active.tally.control_count, active.tally.contact_count) == (1, 1)
    assert version.arms["holdout"].converted_count == 1


def test_a_campaign_without_a_control_has_no_series() -> None:
    """Insight.md 3: the holdout gets no other campaign either, so it is no comparison of one."""
    log = InsightLog()
    whole = {"default": 1_000_000}
    for arm in ("default", "holdout"):
        log.open(arm=arm, shares_ppm=whole, holdout_ppm=50_000)
        log.settle(arm=arm, holdout_ppm=50_000)
        log.follow(arm=arm, holdout_ppm=50_000)
    version = Folded(log).version()

    assert (version.series, version.ratios) == ({}, {})
    assert version.arms.keys() == {"default", "holdout"}


def test_the_tenants_own_effect_is_of_no_campaign() -> None:
    """Core.md 3.17: campaign "" compares who is held out of everything with everybody else."""
    log = InsightLog(campaign_id="")
    whole = {"default": 1_000_000}
    log.open(verdict="assigned", shares_ppm=whole, holdout_ppm=100_000)
    log.settle(arm="holdout", holdout_ppm=100_000)
    version = Folded(log).effect(campaign_id="").versions[1]

    assert version.contacted_count == 0
    assert version.series.keys() == {"default|100000|0"}
