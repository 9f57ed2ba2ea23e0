"""Calendar files: times and dates as people write them, and for every mistake its line and cure."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from cli.calendar_file import CalendarFileError, read_calendar
from schemas.calendar import Calendar, ListedDay, Quiet, Window
from schemas.codec import encode_json


CHINA = Path(__file__).parents[2] / "deploy" / "calendars" / "cn-2026.yaml"
GOOD = """\
id: bank
version: 3
time_zone: Asia/Shanghai
year_min: 2026
year_max: 2026
quiet:
  marketing:
    - {start: 21:00, end: 08:30, on: [mon, working]}
days:
  2026-02-16: holiday
  2026-02-14: working
"""


def mistake(tmp_path: Path, old: str, new: str) -> str:
    """Return what is said about the good file with one text in place of another."""
    file = tmp_path / "bank.yaml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(CalendarFileError) as error:
        read_calendar(file)
    return str(error.value).removeprefix(f"{file}:")


def test_a_calendar_is_read_as_written(tmp_path: Path) -> None:
    """Times become minutes, days are sorted, and its JSON is read again as the same calendar."""
    file = tmp_path / "bank.yaml"
    file.write_text(GOOD, "utf-8")
    calendar = read_calendar(file)

    assert calendar == Calendar(
        id="bank",
        version=3,
        time_zone="Asia/Shanghai",
        year_min=2026,
        year_max=2026,
        quiet=Quiet(marketing=(Window(start=1_260, end=510, on=("mon", "working")),)),
        days=(
            ListedDay(date=date(2026, 2, 14), kind="working"),
            ListedDay(date=date(2026, 2, 16), kind="holiday"),
        ),
    )
    assert calendar == msgspec.json.decode(encode_json(calendar), type=Calendar)


def test_our_calendar_of_china_has_the_days_of_the_notice() -> None:
    """33 days off and 6 weekend days worked in 2026, these and no other."""
    calendar = read_calendar(CHINA)
    off = {one.date for one in calendar.days if one.kind == "holiday"}
    worked = [one.date for one in calendar.days if one.kind == "working"]
    periods = [  # first day, how many
        ((1, 1), 3),
        ((2, 15), 9),
        ((4, 4), 3),
        ((5, 1), 5),
        ((6, 19), 3),
        ((9, 25), 3),
        ((10, 1), 7),
    ]

    assert off == {
        date.fromordinal(date(2026, *first).toordinal() + day)
        for first, count in periods
        for day in range(count)
    }
    assert [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)] == [
        (day.month, day.day) for day in worked
    ]
    assert {day.weekday() for day in worked} == {5, 6}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("21:00", "24:00", "8: quiet.marketing[0].start: wanted a time such as 21:00, found"),
        ("08:30", "830", "8: quiet.marketing[0].end: wanted a time such as 21:00, found 830"),
        ("[mon, ", "[monday, ", "8: quiet.marketing[0].on[0]: wanted one of mon, tue, wed, thu"),
        ("[mon, working]", "[]", "8: quiet.marketing[0].on: wanted list of length >= 1, found"),
        ("start: 21:00, ", "", "8: quiet.marketing[0]: wanted the field start, found none"),
        ("end:", "stop:", "8: quiet.marketing[0].stop: wanted one of start, end, on, found stop"),
        ("marketing:", "mandatory:", "7: quiet.mandatory: wanted one of marketing, servicing"),
        ("02-16", "02-30", "10: days.2026-02-30: wanted a date such as 2026-10-01, found"),
        ("16: holiday", "16: off", "10: days.2026-02-16: wanted one of holiday, working"),
        ("02-16", "02-14", "11: days.2026-02-14: wanted it once, found it twice"),
        ("2026-02-16", "2027-02-16", "10: days.2027-02-16: wanted days of the years 2026 to 2026"),
        ("year_max: 2026", "year_max: 2025", "1: calendar: wanted year_max of 2026 or more"),
        ("version: 3", "version: 0", "2: version: wanted int >= 1, found 0"),
        ("Asia/Shanghai", "Asia/Bejing", "3: time_zone: wanted an IANA time zone such as Asia"),
        ("version: 3", "colour: red", "2: colour: wanted one of id, version, time_zone"),
        ("version: 3\n", "", "1: calendar: wanted the field version, found none"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_cure(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line, place, what was wanted and what was found."""
    assert mistake(tmp_path, old, new).startswith(said)


@pytest.mark.parametrize("text", ["- a list\n", "just text\n", "", "id: [\n"])
def test_what_is_no_calendar_is_refused(tmp_path: Path, text: str) -> None:
    """A file of another kind is a mistake in it and no crash."""
    file = tmp_path / "bank.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(CalendarFileError, match=r"bank\.yaml:\d+: calendar: wanted"):
        read_calendar(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is a mistake like others."""
    with pytest.raises(CalendarFileError, match="calendar: wanted a file, found No such file"):
        read_calendar(tmp_path / "none.yaml")
