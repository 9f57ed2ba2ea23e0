"""
Read a calendar's YAML file into the struct that is published, or say exactly what is wrong.

Fields are those of `schemas.calendar.Calendar`, except that times are text such as `21:00` and
`days` are written `2026-10-01: holiday`.
"""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from cli.marked_struct import MarkedFileError, convert, telling
from cli.marked_yaml import MarkedYamlError, YamlPath, read_marked_file
from lifecycle.local_time import zone_rules
from schemas.calendar import DAY_KINDS, Calendar, Quiet, Window


_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLASSES: Final = Quiet.__struct_fields__
_LISTED: Final = ("holiday", "working")

Lines = Mapping[YamlPath, int]


class CalendarFileError(MarkedFileError):
    """A calendar file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def read_calendar(file: Path) -> Calendar:
    """
    Return the calendar in a file.

    Raises:
        CalendarFileError: the first mistake in the file.

    """
    with telling(file, "calendar", CalendarFileError):
        return _read(file)


def _read(file: Path) -> Calendar:
    """Return the calendar, or raise a mistake with its line."""
    written, lines = read_marked_file(file)
    _known(written, Calendar.__struct_fields__, (), lines)
    document = dict(written)
    if "quiet" in document:
        document["quiet"] = _quiet(document["quiet"], lines)
    if "days" in document:
        document["days"] = _days(document["days"], lines)
    calendar = _convert(document, lines)
    _check_zone(calendar, lines)
    return calendar


def _known(value: object, names: tuple[str, ...], path: YamlPath, lines: Lines) -> None:
    """Refuse what is no mapping, or has a field of another name."""
    if not isinstance(value, dict):
        raise MarkedYamlError(lines[path], path, "wanted fields, found something else")
    for name in value:
        if name not in names:
            here = (*path, name)
            raise MarkedYamlError(
                lines[here], here, f"wanted one of {', '.join(names)}, found {name}"
            )


def _quiet(value: Any, lines: Lines) -> dict[str, Any]:  # noqa: ANN401 (any YAML)
    """Return the windows of every class with their times in minutes."""
    _known(value, _CLASSES, ("quiet",), lines)
    found: dict[str, Any] = {}
    for message_class, windows in value.items():
        path: YamlPath = ("quiet", message_class)
        if not isinstance(windows, list):
            raise MarkedYamlError(lines[path], path, "wanted a list of windows, found another")
        found[message_class] = [_window(one, (*path, i), lines) for i, one in enumerate(windows)]
    return found


def _window(value: Any, path: YamlPath, lines: Lines) -> dict[str, Any]:  # noqa: ANN401 (any YAML)
    """Return a window with its times in minutes."""
    _known(value, Window.__struct_fields__, path, lines)
    for index, kind in enumerate(value["on"] if isinstance(value.get("on"), list) else ()):
        if kind not in DAY_KINDS:
            here = (*path, "on", index)
            wanted = f"wanted one of {', '.join(DAY_KINDS)}, found {kind!r}"
            raise MarkedYamlError(lines[here], here, wanted)
    times = {
        name: _minute(value[name], (*path, name), lines)
        for name in ("start", "end")
        if name in value
    }
    return {**value, **times}


def _minute(value: object, path: YamlPath, lines: Lines) -> int:
    """Return a time of day in minutes."""
    written = _TIME.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise MarkedYamlError(lines[path], path, f"wanted a time such as 21:00, found {value!r}")
    return int(written[1]) * 60 + int(written[2])


def _days(value: Any, lines: Lines) -> list[dict[str, Any]]:  # noqa: ANN401 (any YAML)
    """Return the listed days, in ascending order whatever that of the file."""
    if not isinstance(value, dict):
        raise MarkedYamlError(lines["days",], ("days",), "wanted dates, found something else")
    found = [(_date(text, lines), text, kind) for text, kind in value.items()]
    for _, text, kind in found:
        if kind not in _LISTED:
            path = ("days", text)
            wanted = f"wanted one of {', '.join(_LISTED)}, found {kind!r}"
            raise MarkedYamlError(lines[path], path, wanted)
    return [{"date": day, "kind": kind} for day, _, kind in sorted(found)]


def _date(text: str, lines: Lines) -> date:
    """Return a date."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # 2026-02-30
    path = ("days", text)
    raise MarkedYamlError(lines[path], path, f"wanted a date such as 2026-10-01, found {text!r}")


def _convert(document: dict[str, Any], lines: dict[YamlPath, int]) -> Calendar:
    """Return the document as a calendar."""
    try:
        return convert(document, lines, Calendar)
    except MarkedYamlError as error:
        listed = ("days", str(error).rpartition(", found ")[2])
        if listed in lines:  # a date in no declared year
            raise MarkedYamlError(lines[listed], listed, str(error)) from error
        raise


def _check_zone(calendar: Calendar, lines: Lines) -> None:
    """Refuse a zone that no clock runs by."""
    if zone_rules(calendar.time_zone) is None:
        wanted = f"wanted an IANA time zone such as Asia/Shanghai, found {calendar.time_zone!r}"
        raise MarkedYamlError(lines["time_zone",], ("time_zone",), wanted)
