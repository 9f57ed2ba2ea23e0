"""Event time: RFC 3339 with an offset becomes floored milliseconds (docs/core.md 1, step 5)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rejects import RejectedError
from schemas.rfc3339 import epoch_ms


GOOD = {
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01T00:00:00.0009999Z": 0,
    "1970-01-01T00:00:00.001Z": 1,
    "1970-01-01T08:00:00.001+08:00": 1,
    "1969-12-31T23:30:00-00:30": 0,
    "2026-03-02T09:15:00Z": 1_772_442_900_000,
    "2026-03-02t09:15:00z": 1_772_442_900_000,
    "2026-03-02 09:15:00Z": 1_772_442_900_000,
    "2026-03-02T17:15:00.5+08:00": 1_772_442_900_500,
    "2026-03-02T09:15:00.999Z": 1_772_442_900_999,
    "2026-03-02T09:15:00.999999Z": 1_772_442_900_999,
    "2026-03-02T09:15:00.9999999Z": 1_772_442_900_999,
    "2026-03-02T09:15:00.000999999999999999999-00:00": 1_772_442_900_000,
    "2200-12-31T23:59:59.999Z": 7_289_654_399_999,
}
BAD = (
    "",
    "now",
    "1772442900000",
    "2026-03-02",
    "2026-03-02T09:15Z",
    "2026-03-02T09:15:00",
    "2026-03-02T09:15:00.123",
    "2026-03-02T09:15:00+0800",
    "2026-03-02T09:15:00+08",
    "2026-03-02T09:15:00.Z",
    "2026-03-02T09:15:00,5Z",
    "2026-03-02T09:15:00.1234567 Z",
    "2026-03-02T09:15:00.1234567x8Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T09:15:61Z",
    "2026-02-29T00:00:00Z",
    "2026-03-02T09:15:00+24:00",
    "20260302T091500Z",
    "2026-W10-1T09:15:00Z",
    " 2026-03-02T09:15:00Z",
    "\uff12026-03-02T09:15:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00+00:01",
    "2201-01-01T00:00:00Z",
    "2200-12-31T23:59:59-00:01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)


@pytest.mark.parametrize(("text", "expected_ms"), GOOD.items())
def test_incoming_time_is_floored_to_milliseconds(text: str, expected_ms: int) -> None:
    """Any offset, any fraction, upper or lower case: whole milliseconds, never rounded up."""
    assert epoch_ms(text) == expected_ms


@pytest.mark.parametrize("text", BAD)
def test_incoming_other_text_is_bad_time(text: str) -> None:
    """BAD_TIME: no offset, no RFC 3339, or a year before 1970 or after 2200, in UTC."""
    with pytest.raises(RejectedError) as caught:
        epoch_ms(text)
    assert caught.value.reason == "BAD_TIME"


MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 12, 30))  # noqa: DTZ001 (offset below)
OFFSETS_MINUTES = st.integers(-23 * 60 - 59, 23 * 60 + 59)


@given(MOMENTS, OFFSETS_MINUTES)
def test_incoming_time_agrees_with_integer_division(moment: datetime, minutes: int) -> None:
    """No float on the way: the whole range agrees with `timedelta // timedelta`, which is exact."""
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected_ms = (written - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert epoch_ms(written.isoformat()) == expected_ms


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{0,30}[Zz+-]?.{0,9}"))
def test_incoming_any_text_is_a_time_or_bad_time(text: str) -> None:
    """Whatever stands there, nothing but RejectedError is raised."""
    try:
        outcome: int | str = epoch_ms(text)
    except RejectedError as refusal:
        outcome = refusal.reason
    assert outcome == "BAD_TIME" or 0 <= outcome < 7_289_654_400_000
