"""The second opinion on insight, by hand: docs/insight.md."""

from math import isclose, log

import pytest

from tests.checker.identity import Facts, uuid8
from tests.checker.insight import InsightOracle, bin_of
from tests.checker.insight_by_hand import (
    AT,
    DAY,
    HOUR,
    Said,
    candidate,
    decided,
    folded,
    followed,
    moved,
    objected,
    opened,
    settled,
)
from tests.checker.insight_row import effect_row


THREE = {"control": 100_000, "a": 300_000, "default": 600_000}


def version_of(oracle: InsightOracle, number: int = 1) -> Facts:
    """Return what is known of a version of the one campaign, as its row must say."""
    versions: dict[int, Facts] = effect_row(oracle.campaigns["acme", "nudge"])["versions"]
    return versions[number]


def test_decisions_are_counted_by_verdict_and_reason_with_their_caps() -> None:
    """Section 1: a full cap stopped, the one that became full was filled, the third neither."""
    sent = candidate("sent", **{"class": (0, 1, 3), "campaign": (0, 1, 1)})
    stopped = candidate("suppressed", "CAP", campaign=(1, 1, 1))

    assert folded(decided(sent, stopped), decided(sent, shadow=True)).counts == {
        "decision|acme|nudge|sent|": 1,
        "decision|acme|nudge|suppressed|CAP": 1,
        "cap|acme|class|asked": 1,
        "cap|acme|campaign|asked": 2,
        "cap|acme|campaign|filled": 1,
        "cap|acme|campaign|stopped": 1,
        "passed|acme": 1,
    }


def test_cards_leave_where_they_were_and_keys_of_none_go() -> None:
    """Section 2: two issued, one of them activated after 90 minutes, then gone."""
    oracle = folded(
        moved("", "issued", "issued"),
        moved("", "issued", "issued"),
        moved("issued", "issued+activated", "activated", 90 * 60_000),
        moved("issued+activated", "issued+activated|gone"),
        moved("x", ""),
    )

    assert oracle.funnels["acme"] == {
        "at_ms": AT,
        "reported_at_ms": AT,
        "cards": {"issued": 1, "issued+activated|gone": 1, "x": -1},
        "reached": {"issued": 2, "activated": 1},
        "waited": {"activated": [0, 1] + [0] * 22},
    }
    assert oracle.counts == {"moved|acme": 5}


@pytest.mark.parametrize(
    ("hours", "place"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (2**22 - 1, 22), (2**22, 23)]
)
def test_bins_of_waiting_are_twice_as_long_as_the_one_before(hours: int, place: int) -> None:
    """Section 2: the first is an hour, the last has no end."""
    assert bin_of(hours * HOUR) == place
    assert bin_of((hours + 1) * HOUR - 1) == bin_of(hours * HOUR)
    assert bin_of(10**15) == 23


def test_counts_of_arms_by_hand() -> None:
    """Section 3: an arm's thirteen counts, its option's, the capped value, the contacted."""
    version = version_of(
        folded(
            opened("1", option="o"),
            opened("2", "control"),
            opened("3", is_first=False),
            settled("1", 1, value_minor=1_500, delivery="delivered", option="o"),
            settled("2", 0, "control", value_minor=7, delivery="not_sent"),
            settled("3", 1, is_first=False, value_minor=900),
            settled("4", None),
            followed("1", 60),
            followed("2", 30, "control", active=False),
            objected("1", "opt_out"),
        )
    )

    assert version["contacted_count"] == 2
    assert version["arms"] == {
        "default": [2, 1, 1, 2, 2, 1, 1, 1, 1_000, 1, [0, 1, 0], [0, 1, 0], {"opt_out": 1}],
        "control": [1, 1, 0, 1, 0, 0, 1, 0, 7, 0, [1, 0, 0], [0, 0, 0], {}],
    }
    assert version["options"] == {"o": [1, 1, 0, 1, 1, 1, 1, 1, 1_000, 1, [0] * 3, [0] * 3, {}]}


def test_first_bet_of_a_series_wins_nothing_the_second_a_little() -> None:
    """EProcess: both rates are 1/20 at first; then (2/21 x 200 + 1) / 201 and 2/21."""
    records = (opened("1"), settled("1", 1), settled("2", 0, "control"))
    one = version_of(folded(*records[:2]))["series"]["default|200000|0"]
    two = version_of(folded(*records))["series"]["default|200000|0"]
    contact, control = (200 * 2 / 21 + 1) / 201, 2 / 21
    log_e = log((1 - control) / (1 - 0.2 * control - 0.8 * contact))

    assert one["change"] == pytest.approx([200_000, 0, 1, 0, 1, *[0] * 6], abs=1e-12)
    assert two["change"][:5] == [200_000, 1, 1, 0.0, 1.0]
    assert isclose(two["change"][9], log_e, rel_tol=1e-9)
    assert two["change"][5:7] == two["change"][9:11]  # uplift: contact is guessed to be better


def test_difference_of_a_first_contact_is_its_surprise_over_its_share() -> None:
    """AIPW: (1 - 1/20) / 0.8 in conversions, (0.5 - 1/20) / 0.8 in shares of the cap."""
    oracle = folded(opened("1"), settled("1", 1, value_minor=500), followed("1", 90))
    series = version_of(oracle)["series"]["default|200000|0"]

    assert series["conversion"] == pytest.approx(
        [200_000, 1, 0, 1, 0, 1, 0.95 / 0.8, (0.95 / 0.8) ** 2, 0], rel=1e-12
    )
    assert series["money"] == pytest.approx(
        [200_000, 1_000, 0, 1, 0, 0.5, 0.45 / 0.8, (0.45 / 0.8) ** 2, 0], rel=1e-12
    )
    assert series["activity"] == [[], [], series["conversion"]]


@pytest.mark.parametrize("other", [{"is_first": False}, {"label": None}])
def test_who_feeds_no_series(other: Facts) -> None:
    """Section 3: nobody twice, and nobody of whom nothing is known."""
    said = settled("1", 1)
    records = (opened("1"), (said[0], said[1] | other))

    assert version_of(folded(*records))["series"] == {}


def test_version_not_opened_is_unmatched_and_moves_nothing() -> None:
    """Section 3: no row, no time, no more than one count."""
    oracle = folded(settled("1", 1), followed("1", 30), objected("1", "opt_out"))

    assert oracle.campaigns == {}
    assert oracle.counts == {"unmatched|acme|nudge": 3}


def test_lowest_of_too_many_versions_goes() -> None:
    """Section 3: at most 64."""
    oracle = folded(*(opened(str(n), policy_version=n) for n in range(65)))

    assert [*oracle.campaigns["acme", "nudge"]["versions"]] == [*range(1, 65)]
    assert oracle.counts["forgotten|acme|nudge"] == 1


def test_reports_come_an_hour_of_the_rows_own_time_apart() -> None:
    """Section 5: the first at once, the next at an hour, not a millisecond before."""
    times = (AT, AT + HOUR - 1, AT + HOUR, AT + HOUR + 5)
    oracle = folded(*(opened(str(n), at=at) for n, at in enumerate(times)), partition=3)
    told = oracle.told

    assert [one.record["at_ms"] for one in told] == [AT, AT + HOUR]
    assert [one.key for one in told] == ["acme|nudge|3|effect"] * 2
    assert told[1].record["report_id"] == uuid8("effect", "acme", "nudge", "3", str(AT + HOUR))
    counts = [one.record["versions"][0]["arms"]["default"]["exposed_count"] for one in told]
    assert counts == [1, 3]


def test_report_of_a_funnel_is_called_by_its_tenant() -> None:
    """Section 5: key `tenant||p`."""
    (told,) = folded(moved("", "issued", "issued"), partition=2).told

    assert (told.ce_type, told.key) == ("funnel.reported.v1", "acme||2|funnel")
    assert told.record == {
        "v": 1,
        "report_id": uuid8("funnel", "acme", "2", str(AT)),
        "tenant": "acme",
        "partition": 2,
        "at_ms": AT,
        "cards": {"issued": 1},
        "reached": {"issued": 1},
        "waited": {},
    }


def test_report_of_an_effect_says_estimate_interval_and_p() -> None:
    """Section 5: one conversion of a contact, (1 - 1/20) / 0.8; an interval of all there is."""
    records: list[Said] = [opened("1"), settled("1", 1, value_minor=500)]
    *_, told = folded(*records).told
    (version,) = told.record["versions"]

    assert told.record["at_ms"] == AT + DAY
    assert version["series"] == [
        {
            "arm": "default",
            "control_ppm": 200_000,
            "pools": False,
            "customer_count": 1,
            "difference_ppm": 1_187_500,
            "low_ppm": -1_000_000,
            "high_ppm": 1_000_000,
            "money_minor": 562,
            "money_low_minor": -1_000,
            "money_high_minor": 1_000,
            "active_difference_ppm": [0, 0, 0],
            "change_p_ppm": 1_000_000,
            "uplift_p_ppm": 1_000_000,
            "harm_p_ppm": 1_000_000,
        }
    ]
    assert version["ratio_p_ppm"] == {"0": 1_000_000}
