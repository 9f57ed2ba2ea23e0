"""The second opinion on quiet hours and deferral: core.md §3.3, 3.4 (8), 3.6, 3.7 and 3.10."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    INSTALMENT,
    NUDGED,
    came_out,
    card,
    consent,
    decisions,
    fold,
    happened,
    published,
    said,
    statement,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.oracle_customer import new_customer
from tests.checker.oracle_quiet import QuietHours, quiet_hours
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, DUE, ISSUED, envelope, tick


HOUR = 3_600_000
CALENDAR: Facts = {
    "id": "bank",
    "version": 1,
    "time_zone": "UTC",
    "year_min": 2023,
    "year_max": 2023,
    "quiet": {"marketing": [{"start": 1_260, "end": 480}], "servicing": []},
    "days": [],
}
"""Quiet from 21:00 to 08:00; the nudge is due at 22:14:25 on Friday, November 17th."""
OPEN = 1_700_294_400_000  # 2023-11-18T08:00Z
NIGHT = 1_700_341_200_000  # 2023-11-18T21:00Z


def calendar(event_id: str = "c1", **other: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of a calendar."""
    record = {"event_type": "calendar.published", "calendar": CALENDAR | other}
    return envelope(BASE, "", f"control {event_id}", record)


def at(text: str) -> int:
    """Return a moment in epoch milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def hours(*windows: tuple[int, int, str], zone: str = "UTC", **days: str) -> QuietHours:
    """Return quiet hours; kinds of day are parted by blanks, days are `d20231118="holiday"`."""
    listed = {
        datetime.strptime(day, "d%Y%m%d").toordinal(): kind  # noqa: DTZ007 (a date)
        for day, kind in days.items()
    }
    parted = tuple((start, end, tuple(on.split())) for start, end, on in windows)
    return QuietHours(zone, parted, listed, is_bound=True)


WEEK = "mon tue wed thu fri sat sun holiday working"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2023-11-17T20:59:59.999Z", False),
        ("2023-11-17T21:00Z", True),
        ("2023-11-18T07:59:59.999Z", True),
        ("2023-11-18T08:00Z", False),
    ],
)
def test_oracle_is_quiet_from_start_up_to_and_without_end(moment: str, expected: bool) -> None:  # noqa: FBT001
    """3.10: to the millisecond, over midnight."""
    assert hours((1_260, 480, WEEK)).is_quiet(at(moment)) is expected


def test_oracle_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """3.10: Friday's lasts into Saturday; a listed day is of its own kind only."""
    friday = hours((1_260, 480, "fri"))
    assert friday.is_quiet(at("2023-11-18T07:00Z"))
    assert not friday.is_quiet(at("2023-11-18T22:00Z"))
    assert not friday.is_quiet(at("2023-11-17T07:00Z"))
    worked = hours((1_260, 480, "fri"), d20231117="holiday")
    assert not worked.is_quiet(at("2023-11-18T07:00Z"))


def test_oracle_whole_day_is_quiet_where_start_is_end() -> None:
    """3.10: the 24 hours that begin at the minute."""
    saturday = hours((600, 600, "sat"))
    found = [saturday.is_quiet(at(f"2023-11-{when}Z")) for when in ("18T09:59", "18T10:00")]
    later = [saturday.is_quiet(at(f"2023-11-{when}Z")) for when in ("19T09:59", "19T10:00")]

    assert (found, later) == ([False, True], [True, False])


def test_oracle_walks_over_a_clock_that_is_put_forward() -> None:
    """New York, March 10th 2024: 02:00 does not come; a window up to 02:30 ends at 03:00."""
    night = hours((0, 150, WEEK), zone="America/New_York")

    assert night.next_open(at("2024-03-10T00:30-05:00")) == at("2024-03-10T03:00-04:00")


def test_oracle_walks_over_a_clock_that_is_put_back() -> None:
    """New York, November 5th 2023: 01:30 comes twice; a window up to 01:30 ends and comes back."""
    night = hours((60, 90, WEEK), zone="America/New_York")

    assert night.next_open(at("2023-11-05T01:10-04:00")) == at("2023-11-05T01:30-04:00")
    assert night.next_quiet(at("2023-11-05T01:40-04:00")) == at("2023-11-05T01:00-05:00")


def test_oracle_looks_fourteen_days_ahead() -> None:
    """3.10: the end of the search is within it; always quiet has no next open moment."""
    long = hours((0, 0, "mon tue wed thu fri"), d20231118="holiday")
    begin = at("2023-11-06T00:00Z")
    assert long.next_open(begin) == at("2023-11-11T00:00Z")
    assert hours((0, 0, WEEK)).next_open(begin) is None
    assert hours((0, 0, WEEK)).next_quiet(begin) is None
    once = hours((0, 1, "holiday"), d20231120="holiday")
    assert once.next_quiet(begin) == begin + 14 * DAY
    assert once.next_quiet(begin - 1) is None


@pytest.mark.parametrize(
    ("own", "count"),
    [("22:30-07:00", 1), ("", 0), ("22:30-24:00", 0), ("22:30-07:00 ", 0), ("٢2:30-07:00", 0)],
)
def test_oracle_reads_the_customers_own_hours(own: str, count: int) -> None:
    """3.10: the whole text, in ASCII digits; anything else is no window."""
    customer = new_customer() | {"preference": (0, False, (), own, "")}

    assert len(quiet_hours(customer, "servicing", CALENDAR, "UTC").windows) == count


@pytest.mark.parametrize(
    ("profile", "tenant", "expected"),
    [
        ("", "Asia/Shanghai", "Asia/Shanghai"),
        ("Asia/Kathmandu", "UTC", "Asia/Kathmandu"),
        ("Nowhere/At_All", "UTC", ""),
        ("", "", ""),
    ],
)
def test_oracle_zone_is_the_profiles_else_the_tenants(
    profile: str, tenant: str, expected: str
) -> None:
    """3.10: a zone of their own that tzdata lacks is not made up for by the tenant's."""
    customer = new_customer() | {"profile": (0, profile, "", (), False, ())}

    assert quiet_hours(customer, "marketing", None, tenant).zone == expected


def deferred() -> PartitionOracle:
    """Return the nudge that came due in quiet hours."""
    return fold(calendar(), *NUDGED)


def test_oracle_defers_to_the_next_open_moment() -> None:
    """3.4 (8), O5: the step waits on now, its journey on the watermark; nothing was reserved."""
    oracle = deferred()
    [found] = decisions(oracle)

    assert (found["verdict"], found["reason_code"]) == ("deferred", "QUIET_HOURS")
    assert found["gates"][-1] == {
        "gate": "quiet",
        "reason_code": "QUIET_HOURS",
        "clause": "",
        "saw": {"open_at_ms": OPEN},
    }
    assert found["calendar"] == "bank|1"
    assert oracle.counts["decision|acme|activation_nudge|deferred|QUIET_HOURS"] == 1
    [journey] = oracle.customers["acme|c0"]["journeys"]
    assert journey["due"] == [
        ["second", ISSUED + 7 * DAY, False],
        ["first", OPEN, True],
    ]


def test_oracle_decides_again_at_release() -> None:
    """O5: on now, whatever the watermark; O6: the trigger expires where quiet hours begin."""
    oracle = deferred()
    oracle.see(tick(OPEN - 1, DUE))
    assert said(oracle) == ["deferred QUIET_HOURS"]
    oracle.see(tick(OPEN, DUE))

    assert said(oracle) == ["deferred QUIET_HOURS", "sms", "sent"]
    trigger = json.loads(came_out(oracle)[1].output.value)
    assert trigger["expires_at_ms"] == OPEN + 12 * HOUR < NIGHT
    longer = fold(calendar(), published(CAMPAIGN | {"expires_after_ms": DAY}), *NUDGED[1:])
    longer.see(tick(OPEN, DUE))
    assert json.loads(came_out(longer)[1].output.value)["expires_at_ms"] == NIGHT


@pytest.mark.parametrize(("message_class", "days"), [("marketing", 14), ("mandatory", 20)])
def test_oracle_trigger_expires_within_what_is_looked_ahead(message_class: str, days: int) -> None:
    """O6: beyond fourteen days nobody knows the next night; mandatory messages ask for none."""
    policy = CAMPAIGN | {"expires_after_ms": 20 * DAY, "message_class": message_class}
    oracle = fold(published(policy), *NUDGED[1:])

    trigger = json.loads(came_out(oracle)[0].output.value)
    assert trigger["expires_at_ms"] == DECIDED + days * DAY


def test_oracle_exit_ends_what_is_deferred() -> None:
    """O7: a card that is activated in the night is not nudged in the morning."""
    oracle = deferred()
    oracle.see(card("card.activated", DECIDED + 1, "a"))
    oracle.see(tick(OPEN, DUE))

    assert said(oracle) == ["deferred QUIET_HOURS"]


def test_oracle_releases_both_steps_as_one_occasion() -> None:
    """O5, T8: places are those in the journey's due steps, the deferred ones at the end."""
    # the second step came due in the same night: the first was put behind it
    steps = [{"id": "first", "delay_ms": 3 * DAY}, {"id": "second", "delay_ms": 3 * DAY + 60_000}]
    oracle = fold(calendar(), published(CAMPAIGN | {"steps": steps, "caps": []}), *NUDGED[1:])
    oracle.see(tick(DECIDED + 60_000, DUE + 60_000))
    oracle.see(tick(OPEN, DUE + 60_000))

    told = [(one["step"], one["verdict"]) for one in decisions(oracle)[2:]]
    assert told == [("first", "sent"), ("second", "suppressed")]


def test_oracle_defers_a_step_of_the_records_own_occasion() -> None:
    """3.2 (10), 3.4: a journey without another step is kept for it."""
    once = INSTALMENT | {"steps": INSTALMENT["steps"][:1]}
    oracle = fold(
        calendar(), published(once), consent("granted"), statement(ISSUED, "b", 5_000)
    )  # 22:14 on Tuesday
    morning = at("2023-11-15T08:00Z")

    assert said(oracle) == ["deferred QUIET_HOURS"]
    [journey] = oracle.customers["acme|c0"]["journeys"]
    assert journey["due"] == [["offer", morning, True]]
    oracle.see(tick(morning, BASE))
    assert said(oracle) == ["deferred QUIET_HOURS", "sms", "sent"]
    assert oracle.customers["acme|c0"]["journeys"] == []


@pytest.mark.parametrize(
    ("message_class", "expected"),
    [
        ("marketing", ["suppressed ZONE_UNKNOWN"]),
        ("servicing", ["suppressed ZONE_UNKNOWN"]),
        ("mandatory", ["sms", "sent"]),
    ],
)
def test_oracle_is_silent_where_the_zone_is_not_known(
    message_class: str, expected: list[str]
) -> None:
    """O3, O4: closed, and not deferred; mandatory messages ask no clock."""
    policy = published(CAMPAIGN | {"message_class": message_class})

    assert said(fold(policy, *NUDGED[1:], zone="")) == expected


def test_oracle_suppresses_where_nothing_opens() -> None:
    """3.4 (8): always quiet: `QUIET_HOURS` without a moment, not deferred."""
    always = {"marketing": [{"start": 0, "end": 0}]}
    [found] = decisions(fold(calendar(quiet=always), *NUDGED))

    assert (found["verdict"], found["reason_code"]) == ("suppressed", "QUIET_HOURS")
    assert found["gates"][-1]["saw"] == {}


def test_oracle_own_hours_bind_servicing_too() -> None:
    """3.10: without a calendar as well."""
    wish = happened(BASE, "w", "preference.changed", quiet_hours="22:00-22:30")
    policy = published(CAMPAIGN | {"message_class": "servicing"})
    [found] = decisions(fold(policy, *NUDGED[1:3], wish, NUDGED[3]))

    assert found["gates"][-1]["saw"] == {"open_at_ms": at("2023-11-17T22:30Z")}
    assert found["calendar"] == ""


def test_oracle_shadow_defers_as_well() -> None:
    """3.4: the verdict is `deferred` before and `shadow` after."""
    live = {"event_type": "tenant.configured", "live_from_ms": NIGHT, "time_zone": "UTC"}
    oracle = fold(envelope(BASE, "", "control t", live), calendar(), *NUDGED, tick(OPEN, DUE))

    assert said(oracle) == ["deferred QUIET_HOURS", "shadow"]


def test_oracle_takes_a_newer_calendar_or_another() -> None:
    """3.7: of one id the version must rise; another id takes its place whatever its version."""
    same = calendar("c2", quiet={})
    assert said(fold(calendar(), same, *NUDGED)) == ["deferred QUIET_HOURS"]
    assert fold(calendar(), same).counts["control|acme|STALE_VERSION"] == 1
    for newer in (calendar("c2", quiet={}, version=2), calendar("c2", quiet={}, id="other")):
        oracle = fold(calendar(), newer, *NUDGED)
        assert said(oracle) == ["sms", "sent"]
        assert oracle.counts["control|acme|calendar.published"] == 2
        assert oracle.published["calendar", "acme"] == newer["record"]["calendar"]
