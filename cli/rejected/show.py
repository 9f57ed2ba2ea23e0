"""`cardcue rejected show`: one record, sizes and reasons; its bytes only when asked for."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from cli.log import TopicLog, on_kafka
from cli.rejected.filters import Filter, RejectedReading, coordinates_of
from cli.rejected.markers import Marker, marker_key, read_marker, read_markers
from cli.rejected.record import Rejected, printable, written_time
from streams.settings import Settings


HEADERS_SHOWN_MAX: Final = 50
NAME_LENGTH_MAX: Final = 64
OWNER_ONLY: Final = 0o600


@click.command()
@click.argument("coordinates")
@click.option("--payload", is_flag=True, help="Write the original value, customers' data, too.")
@click.option("--out", type=click.Path(path_type=Path), help="Into this new file, not to stdout.")
def show(coordinates: str, payload: bool, out: Path | None) -> None:  # noqa: FBT001 (click passes flags so)
    """
    Show one rejected record: where, when, why, and how long its parts are.

    With --payload the value goes to stdout (or into a file of your own) byte for byte, and the
    rest to stderr. It is customers' data: whoever reads it must be allowed to.
    """
    if out is not None and not payload:
        raise click.UsageError("wanted --payload with --out, found none")
    chosen = Filter(coordinates=frozenset({coordinates_of(coordinates)}))

    async def work(log: TopicLog, _: Settings) -> tuple[Rejected, Marker | None] | None:
        return await find_one(log, chosen)

    found = on_kafka(work)
    if found is None:
        raise click.ClickException(f"wanted a rejected record {coordinates}, found none")
    for text in described(*found):
        click.echo(text, err=payload and out is None)
    if payload:
        write_value(found[0], out)


async def find_one(log: TopicLog, chosen: Filter) -> tuple[Rejected, Marker | None] | None:
    """
    Return the newest record that is meant and the marker of its replay, None where there is none.

    Raises:
        LogError: a topic is not there, or the log gives up.

    """
    found = [rejected async for rejected in RejectedReading(log, chosen).records()]
    if not found:
        return None
    newest = max(found, key=lambda rejected: (rejected.rejected_at_ms, rejected.kept))
    raw = (await read_markers(log)).get(marker_key(newest.original))
    return newest, None if raw is None else read_marker(raw)


def described(rejected: Rejected, marker: Marker | None) -> Iterator[str]:
    """Yield what may be said of a record: nothing of its key, value and header values."""
    yield f"original  {rejected.original}"
    yield f"rejected  {rejected.kept} at {written_time(rejected.rejected_at_ms)}"
    yield f"tenant    {rejected.tenant or '?'}"
    yield f"reason    {rejected.reason}"
    yield f"message   {rejected.message}"
    yield f"event     {rejected.event_type or '?'}"
    yield f"key       {_size(rejected.key)}"
    yield f"value     {_size(rejected.value)}"
    for name, value in rejected.headers[:HEADERS_SHOWN_MAX]:
        yield f"header    {printable(name[:NAME_LENGTH_MAX])} {_size(value)}"
    if (more := len(rejected.headers) - HEADERS_SHOWN_MAX) > 0:
        yield f"header    and {more} more"
    if rejected.replay_count:
        yield f"before    replay {rejected.replay_count} of {rejected.replay_of}"
    yield f"replayed  {_replayed(rejected, marker)}"


def _replayed(rejected: Rejected, marker: Marker | None) -> str:
    if marker is not None:
        return f"{written_time(marker.replayed_at_ms)} by {printable(marker.by)}"
    return f"cannot be: {rejected.flaw}" if rejected.flaw else "no"


def _size(part: bytes | None) -> str:
    return "none" if part is None else f"{len(part)} bytes"


def write_value(rejected: Rejected, out: Path | None) -> None:
    """
    Write the value as it came, or as much of it as is kept, and say whose it is.

    Raises:
        click.ClickException: there is none, or the file is not a new one.

    """
    value = rejected.value
    if rejected.withheld or value is None:
        found = "them withheld" if rejected.withheld else "a tombstone"
        raise click.ClickException(f"wanted bytes of {rejected.original}, found {found}")
    kept = f"first {len(value)} of {rejected.cut_bytes}" if rejected.cut_bytes else len(value)
    click.echo(f"customers' data: {kept} bytes to {out or 'stdout'}", err=True)
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(value)
        return
    try:
        # a new file only: an old one may be readable for others, or be somebody's
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        wanted = f"wanted to make the new file {out}"
        raise click.ClickException(f"{wanted}, found {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
