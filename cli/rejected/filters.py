"""Choose among rejected records: by reason, tenant, topic, time, or by coordinates."""

import functools
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, ParamSpec, TypeVar, get_args

import click
from msgspec import Struct

from cli.log import TopicLog, whole_topic
from cli.rejected.record import Coordinates, Rejected, read_coordinates, read_rejected
from schemas.durations import read_duration
from schemas.rejects import RejectedError, RejectReason
from schemas.rfc3339 import epoch_ms
from schemas.routing import REJECTED_TOPIC
from streams.clock import wall_clock_ms


Rest = ParamSpec("Rest")
Answer = TypeVar("Answer")

CODE: Final = click.Choice(get_args(RejectReason), case_sensitive=False)
OPTIONS: Final = (
    click.option("--reason", multiple=True, type=CODE, metavar="CODE", help="Why: UNKNOWN_TYPE."),
    click.option("--tenant", multiple=True, help='The bank; "" where it was not known.'),
    click.option("--topic", multiple=True, help="The source topic."),
    click.option("--since", default="", help="Rejected then or later: RFC 3339, or 2h, 7d ago."),
    click.option("--until", default="", help="Rejected before: RFC 3339, or 2h, 7d ago."),
)


class Filter(Struct, frozen=True, kw_only=True):
    """
    Which rejected records are meant; what is empty takes all.

    Times are those of the rejected record, epoch milliseconds UTC: from `since_at_ms` on, before
    `until_at_ms`, 0 for no bound. `coordinates` are of source records or of rejected ones.
    """

    reasons: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    since_at_ms: int = 0
    until_at_ms: int = 0
    coordinates: frozenset[Coordinates] = frozenset()

    def names(self, rejected: Rejected) -> bool:
        """Return whether this very record is asked for, by its coordinates."""
        return not self.coordinates.isdisjoint((rejected.original, rejected.kept))

    def takes(self, rejected: Rejected) -> bool:
        """Return whether a record is among those that are meant."""
        at_ms = rejected.rejected_at_ms
        return (
            (not self.reasons or rejected.reason in self.reasons)
            and (not self.tenants or rejected.tenant in self.tenants)
            and (not self.topics or rejected.original.topic in self.topics)
            and at_ms >= self.since_at_ms
            and (not self.until_at_ms or at_ms < self.until_at_ms)
            and (not self.coordinates or self.names(rejected))
        )


class RejectedReading:
    """
    One pass over the rejected topic.

    Attributes:
        strange_count: records that ingest has not written.
        unseen: coordinates that were asked for and not met.
    """

    def __init__(self, log: TopicLog, chosen: Filter) -> None:
        """Prepare."""
        self._log = log
        self._chosen = chosen
        self.strange_count = 0
        self.unseen = set(chosen.coordinates)

    async def records(self) -> AsyncGenerator[Rejected, None]:
        """Yield what is meant, partition by partition, in the order of the log."""
        chosen = self._chosen
        whole = whole_topic(self._log, REJECTED_TOPIC, chosen.since_at_ms)
        async with aclosing(whole) as records:
            async for record in records:
                rejected = read_rejected(record)
                if rejected is None:
                    self.strange_count += 1
                elif chosen.takes(rejected):
                    self.unseen -= {rejected.original, rejected.kept}
                    yield rejected


def filtered(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command the options of a filter, and hand them to it as one argument, `chosen`."""

    @functools.wraps(command)
    def choosing(
        reason: Sequence[str],
        tenant: Sequence[str],
        topic: Sequence[str],
        since: str,
        until: str,
        **rest: Any,  # noqa: ANN401 (the command's own)
    ) -> Answer:
        now_ms = wall_clock_ms()
        chosen = Filter(
            reasons=frozenset(reason),
            tenants=frozenset(tenant),
            topics=frozenset(topic),
            since_at_ms=_moment("--since", since, now_ms),
            until_at_ms=_moment("--until", until, now_ms),
        )
        return command(chosen=chosen, **rest)

    for option in reversed(OPTIONS):
        choosing = option(choosing)
    return choosing


def coordinates_of(text: str) -> Coordinates:
    """
    Return the coordinates that a command line names.

    Raises:
        click.UsageError: they are no coordinates.

    """
    try:
        return read_coordinates(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _moment(option: str, text: str, now_ms: int) -> int:
    """Return a time, or how long ago, as epoch milliseconds UTC; 0 where none is given."""
    if not text:
        return 0
    try:
        return now_ms - read_duration(text)
    except ValueError:
        pass
    try:
        return epoch_ms(text)
    except RejectedError:
        wanted = f"{option}: wanted RFC 3339 time with offset, or a duration such as 2h"
        raise click.UsageError(f"{wanted}, found {text!r}") from None
