"""`cardcue rejected replay`: give refused records back to the topics they came from."""

import getpass
from collections.abc import Iterator, Sequence
from typing import Any

import click
import msgspec
from msgspec import Struct

from cli.log import TopicLog, on_kafka
from cli.rejected.filters import Filter, coordinates_of, filtered
from cli.rejected.sending import Replay, Sender, Tally
from cli.rejected.terms import Terms
from streams.clock import wall_clock_ms
from streams.settings import Settings


class Wish(Struct, frozen=True, kw_only=True):
    """The options beside the filter; `rate` is in records a second, `limit` None is no limit."""

    yes: bool
    rate: int
    max_replays: int
    limit: int | None
    by: str


@click.command()
@click.argument("coordinates", nargs=-1)
@filtered
@click.option("--limit", type=click.IntRange(1), help="Give back so many at most.")
@click.option("--yes", is_flag=True, help="Send; without it nothing is sent, only told.")
@click.option("--rate", default=100, show_default=True, type=click.IntRange(1), help="A second.")
@click.option(
    "--max-replays",
    default=3,
    show_default=True,
    type=click.IntRange(1),
    help="Leave what was given back so often.",
)
@click.option("--by", default="", help="Who does it, for the marker; else who is logged in.")
def replay(chosen: Filter, coordinates: Sequence[str], **options: Any) -> None:  # noqa: ANN401 (click passes them so)
    """
    Give refused records back to their topic and partition, once the cause is mended.

    Without --yes it says what it would send. A record is given back once, however often this
    runs; if it is refused again it appears anew, and may be given back up to --max-replays times.
    """
    named = frozenset(map(coordinates_of, coordinates))
    chosen = msgspec.structs.replace(chosen, coordinates=named)
    wish = Wish(**options)

    async def work(log: TopicLog, settings: Settings) -> Tally:
        return await give_back(log, settings, chosen, wish)

    tally = on_kafka(work)
    for text in summary(tally, sends=wish.yes):
        click.echo(text)
    if complaint := unfinished(tally):
        raise click.ClickException(complaint)


async def give_back(log: TopicLog, settings: Settings, chosen: Filter, wish: Wish) -> Tally:
    """
    Do what is asked for, line by line.

    Raises:
        LogError: another replay has taken over, a topic is not there, or the log gives up.

    """
    contracts = {binding.topic: binding.contract or binding.topic for binding in settings.bindings}
    terms = Terms(
        chosen=chosen,
        contracts=contracts,
        partition_counts=await log.partition_counts(contracts.keys()),
        replay_count_max=wish.max_replays,
    )
    if not wish.yes:  # a look shuts nobody out
        return await Replay(log, terms, None, click.echo).run(wish.limit)
    writer = log.writer()
    try:
        await writer.fence()  # before the markers are read: what was under way is ended now
        sender = Sender(writer, rate=wish.rate, by=wish.by or _login(), clock=wall_clock_ms)
        return await Replay(log, terms, sender, click.echo).run(wish.limit)
    finally:
        await writer.close()


def summary(tally: Tally, *, sends: bool) -> Iterator[str]:
    """Yield what was done, in numbers."""
    what = "sent" if sends else "would send"
    for topic, count in sorted(tally.by_topic.items()):
        yield f"{count:>8} {topic}"
    known, left = tally.known_count, tally.refused_count
    yield f"{tally.given_count:>8} {what}, {known} replayed before, {left} left"
    if tally.strange_count:
        yield f"{tally.strange_count:>8} without the headers of ingest, left out"
    if not sends:
        yield "nothing was sent: --yes sends"


def unfinished(tally: Tally) -> str:
    """Return what makes a run a failure, "" for none."""
    if tally.unseen:
        return f"wanted a rejected record {tally.unseen[0]}, found none"
    if tally.refused_count and not tally.given_count:
        return f"wanted a record that can be given back, found {tally.refused_count} that cannot"
    return ""


def _login() -> str:
    """Return who is logged in, as far as this machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's number without a name
        return "unknown"
