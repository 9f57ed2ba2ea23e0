"""`cardcue rejected ls`: what was refused, where and why, and never what it says."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import click
import msgspec
from msgspec import Struct

from cli.log import TopicLog, on_kafka
from cli.rejected.filters import Filter, RejectedReading, filtered
from cli.rejected.markers import Marker, marker_key, read_marker, read_markers
from cli.rejected.record import Rejected, printable, written_time
from streams.settings import Settings


HEADINGS = ("rejected at", "tenant", "reason", "event", "original", "kept at", "replayed")


class Line(Struct, frozen=True, kw_only=True):
    """
    What the list says of one record; `original` and `kept` are topic/partition/offset.

    `event_type` and `tenant` are "" where they are not known. `replay_count` is how often the
    record was given back before it was rejected here; `replayed` says that this one was.
    """

    rejected_at_ms: int
    tenant: str
    reason: str
    event_type: str
    original: str
    kept: str
    value_bytes: int
    replay_count: int
    replayable: bool
    replayed: Marker | None


class Found(NamedTuple):
    """The newest lines, oldest first, and counts over all that was meant."""

    lines: Sequence[Line]
    by_reason: Counter[str]
    replayed_by_reason: Counter[str]
    flawed_by_reason: Counter[str]
    strange_count: int


@click.command()
@filtered
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(0), help="Show the newest."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def ls(chosen: Filter, limit: int, as_json: bool) -> None:  # noqa: FBT001 (click passes flags so)
    """
    List rejected records, oldest first, and count them by reason.

    Nothing of a record's content is shown: `event` is a type that we declare, or empty.
    """

    async def work(log: TopicLog, _: Settings) -> Found:
        return await find(log, chosen, limit)

    found = on_kafka(work)
    for text in json_lines(found.lines) if as_json else table(found.lines):
        click.echo(text)
    for text in summary(found):
        click.echo(text, err=as_json)


async def find(log: TopicLog, chosen: Filter, limit: int) -> Found:
    """
    Return the newest `limit` records that are meant, and counts over all of them.

    Raises:
        LogError: a topic is not there, or the log gives up.

    """
    markers = await read_markers(log)
    reading = RejectedReading(log, chosen)
    found = Found([], Counter(), Counter(), Counter(), 0)
    newest: list[tuple[int, int, int, Line]] = []  # no two with the same place, so no two equal
    async for rejected in reading.records():
        raw = markers.get(marker_key(rejected.original))
        found.by_reason[rejected.reason] += 1
        found.replayed_by_reason[rejected.reason] += raw is not None
        found.flawed_by_reason[rejected.reason] += bool(rejected.flaw)
        line = _line(rejected, None if raw is None else read_marker(raw))
        entry = (rejected.rejected_at_ms, rejected.kept.partition, rejected.kept.offset, line)
        (heapq.heappush if len(newest) < limit else heapq.heappushpop)(newest, entry)
    lines = [line for *_, line in sorted(newest)]
    return found._replace(lines=lines, strange_count=reading.strange_count)


def json_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Yield one JSON object a line."""
    for line in lines:
        yield msgspec.json.encode(line).decode()


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a heading and one row a line, columns as wide as they need to be."""
    rows = [HEADINGS, *map(_cells, lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def summary(found: Found) -> Iterator[str]:
    """Yield a line for each reason, most frequent first, and one over all."""
    for reason, count in found.by_reason.most_common():
        parts = [f"{found.replayed_by_reason[reason]} replayed"]
        if flawed := found.flawed_by_reason[reason]:
            parts.append(f"{flawed} cannot be")
        yield f"{count:>8} {reason}, {', '.join(parts)}"
    yield f"{found.by_reason.total():>8} rejected, {len(found.lines)} shown"
    if found.strange_count:
        yield f"{found.strange_count:>8} without the headers of ingest, left out"


def _line(rejected: Rejected, marker: Marker | None) -> Line:
    return Line(
        rejected_at_ms=rejected.rejected_at_ms,
        tenant=rejected.tenant,
        reason=rejected.reason,
        event_type=rejected.event_type,
        original=str(rejected.original),
        kept=str(rejected.kept),
        value_bytes=len(rejected.value or b""),
        replay_count=rejected.replay_count,
        replayable=not rejected.flaw,
        replayed=marker,
    )


def _cells(line: Line) -> tuple[str, ...]:
    """Return the row of one line; `kept at` without the topic, which is always the same."""
    replayed = "no" if line.replayable else "cannot be"
    if line.replayed is not None:
        replayed = f"{written_time(line.replayed.replayed_at_ms)} by {printable(line.replayed.by)}"
    _, _, kept_at = line.kept.partition("/")
    return (
        written_time(line.rejected_at_ms),
        line.tenant or "?",
        line.reason,
        line.event_type or "?",
        line.original,
        kept_at,
        replayed,
    )
