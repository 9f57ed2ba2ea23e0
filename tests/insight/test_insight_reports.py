"""What is told of an effect, when, and under which name (insight.md 5)."""

import json

from lifecycle.effect.interval import Difference
from lifecycle.ids import derived_id
from schemas.codec import decode_effect
from schemas.insight import ArmReport, SeriesReport
from tests.insight.insight_log import CONTROL_PPM, HOUR, T0, Folded, InsightLog


def test_an_effect_is_reported_once_an_hour_of_its_own_time() -> None:
    """At the first record, then at the one that moves the row's time by an hour or more."""
    log = InsightLog()
    for at in (0, HOUR - 1, HOUR, HOUR + 1, 5, 2 * HOUR):
        log.open(at)
    folded = Folded(log)

    assert [one.at_ms - T0 for one in folded.effects] == [0, HOUR, 2 * HOUR]
    counts = [one.versions[0].arms["default"].exposed_count for one in folded.effects]
    assert counts == [1, 3, 6]


def test_a_report_is_a_cloud_event_under_a_key_of_its_kind() -> None:
    """Compaction keeps the newest effect of a partition beside its funnel and its trips."""
    log = InsightLog()
    log.partition = 1
    log.open()
    [output] = Folded(log).told(b"effect.reported.v1")

    own_id = derived_id("effect", "bank", "bind", "1", str(T0))
    assert output.key == b"bank|bind|1|effect"
    assert output.headers == (
        ("ce_specversion", b"1.0"),
        ("ce_id", own_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", b"effect.reported.v1"),
        ("ce_subject", b""),
        ("ce_tenantid", b"bank"),
        ("cardcue.semantics_version", b"1"),
    )
    said = decode_effect(output.value or b"")
    assert (said.report_id, said.partition, said.stage) == (own_id, 1, "bind")


def test_a_report_names_every_count() -> None:
    """JSON for other programs: fields by name, versions in their order."""
    log = InsightLog()
    log.open(policy_version=2)
    log.open()
    log.settle(HOUR, label=1)
    folded = Folded(log)
    told = json.loads(folded.told(b"effect.reported.v1")[-1].value or b"")

    assert [version["policy_version"] for version in told["versions"]] == [1, 2]
    assert told["versions"][0]["arms"]["default"]["converted_count"] == 1
    assert folded.effects[-1].versions[0].arms["default"] == ArmReport(
        exposed_count=1,
        first_count=1,
        evicted_count=0,
        settled_count=1,
        converted_count=1,
        delivered_count=1,
        first_settled_count=1,
        first_converted_count=1,
        value_sum_minor=0,
        capped_count=0,
        followed_counts=[0, 0, 0],
        active_counts=[0, 0, 0],
        objection_counts={},
    )


def test_a_series_report_is_its_interval_in_whole_numbers() -> None:
    """Estimates and bounds rounded; money in minor units; activity of each follow-up."""
    log = InsightLog()
    log.open(value_cap_minor=1_000, currency="CNY")
    conversion, money = Difference(CONTROL_PPM), Difference(CONTROL_PPM, 1_000)
    for number in range(50):
        side, arm = ("control", "control") if number % 5 == 0 else ("contact", "default")
        label, value = int(number % 3 == 0), number * 10
        log.settle(number, arm, label, value_minor=value)
        conversion.update(side, label)  # type: ignore[arg-type]  # one of two
        money.update(side, value)  # type: ignore[arg-type]  # one of two
    before = Folded(log).effects[-1].versions[0]
    log.follow(HOUR)
    [series] = Folded(log).effects[-1].versions[0].series

    assert before.series == ()  # the report was made at the first record
    found, brought = conversion.interval(50_000), money.interval(50_000)
    assert isinstance(series, SeriesReport)
    assert (series.arm, series.control_ppm, series.pools) == ("default", CONTROL_PPM, False)
    assert series.customer_count == 50
    assert abs(series.difference_ppm - found.estimate * 1e6) <= 0.5
    assert abs(series.low_ppm - found.low * 1e6) <= 0.5
    assert abs(series.high_ppm - found.high * 1e6) <= 0.5
    assert abs(series.money_minor - brought.estimate) <= 0.5
    assert abs(series.money_low_minor - brought.low) <= 0.5
    assert abs(series.money_high_minor - brought.high) <= 0.5
    assert len(series.active_difference_ppm) == 3
    assert series.active_difference_ppm[1:] == (0, 0)
