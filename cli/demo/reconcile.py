"""
Hold what the worker has counted against what was sent, to the record.

Nothing is rounded and nothing is estimated: every source record must be found as applied, ignored
or rejected, control records apart, and every decision to send as one trigger at the gateway.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cli.demo.gateway import Gateway
from cli.demo.history import History
from cli.demo.ledger import Ledger, by_last, total
from cli.demo.loader import Kind
from streams.port import SourcePartition


class MismatchError(RuntimeError):
    """The counts of the worker are not those of what was sent."""


class Summary(NamedTuple):
    """What came in and what became of it, over both tenants."""

    in_count: int
    applied: Mapping[str, int]
    ignored: Mapping[str, int]
    rejected: Mapping[str, int]
    triggers: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return it under the names that `cardcue demo --json` promises."""
        named = self._asdict()
        return {"in": named.pop("in_count"), **named}


class Difference(NamedTuple):
    """What was wanted and what was found."""

    of: str
    wanted: object
    found: object


SentCounts = Mapping[tuple[SourcePartition, Kind], int]


def summarise(sent: SentCounts, ledger: Ledger, gateway: Gateway) -> Summary:
    """Return what came in, and what became of it."""
    decided = ledger.decided()
    triggers: Counter[str] = Counter()
    for (_, campaign), count in gateway.received.items():
        triggers[campaign] += count
    return Summary(
        in_count=sum(count for (_, kind), count in sent.items() if kind == "events"),
        applied=by_last(decided, "applied"),
        ignored=by_last(decided, "ignored"),
        rejected=by_last(ledger.ingested(), "rejected"),
        triggers=dict(sorted(triggers.items())),
    )


def differences(
    summary: Summary,
    histories: Sequence[History],
    sent: SentCounts,
    ledger: Ledger,
    gateway: Gateway,
) -> Iterator[Difference]:
    """Yield everything that does not add up; nothing if the demonstration is what it says."""
    compared = [
        *_of_sources(sent, ledger),
        *_of_summary(summary, ledger),
        *_of_histories(summary, histories, ledger),
        *_of_gateway(summary, ledger, gateway),
    ]
    for difference in compared:
        if difference.wanted != difference.found:
            yield difference


def refuse(found: Sequence[Difference]) -> None:
    """
    Say in one sentence each what does not add up.

    Raises:
        MismatchError: there is something.

    """
    if found:
        said = "\n".join(f"  {of}: wanted {wanted}, found {seen}" for of, wanted, seen in found)
        raise MismatchError(f"the counts do not reconcile:\n{said}")


def _of_sources(sent: SentCounts, ledger: Ledger) -> Iterator[Difference]:
    """Compare each source partition with what was sent to it."""
    wanted: Counter[SourcePartition] = Counter()
    for (source, _), count in sent.items():
        wanted[source] += count
    for source, count in sorted(wanted.items()):
        where = f"records of {source.topic}/{source.partition}"
        yield Difference(where, count, ledger.read_count(source))
    for kind, counted in (("control", "control"), ("markers", "marker")):
        asked = sum(count for (_, of), count in sent.items() if of == kind)
        yield Difference(f"{kind} records", asked, total(ledger.ingested(), counted))


def _of_summary(summary: Summary, ledger: Ledger) -> Iterator[Difference]:
    """Compare in with applied + ignored + rejected, and ingest with lifecycle by tenant."""
    parts = (summary.applied, summary.ignored, summary.rejected)
    ended = sum(sum(part.values()) for part in parts)
    yield Difference("applied + ignored + rejected", summary.in_count, ended)
    ingested, decided = ledger.ingested(), ledger.decided()
    for tenant in sorted({key[1] for key in ingested if key[0] == "forwarded"}):
        found = total(decided, "applied", tenant) + total(decided, "ignored", tenant)
        forwarded = total(ingested, "forwarded", tenant)
        yield Difference(f"applied + ignored of {tenant}", forwarded, found)


def _of_histories(
    summary: Summary, histories: Sequence[History], ledger: Ledger
) -> Iterator[Difference]:
    """Compare with what the makers of the histories know must come out of them."""
    rejected: Counter[str] = Counter()
    for history in histories:
        rejected.update(history.rejected_counts)
        key = ("milestone", history.tenant, "issued")
        yield Difference(f"cards of {history.tenant}", history.issued_count, ledger.decided()[key])
        duplicates = ledger.decided()["ignored", history.tenant, "DUPLICATE"]
        yield Difference(f"duplicates of {history.tenant}", history.duplicate_count, duplicates)
    yield Difference("rejected", dict(rejected), dict(summary.rejected))


def _of_gateway(summary: Summary, ledger: Ledger, gateway: Gateway) -> Iterator[Difference]:
    """Compare decisions with triggers, and counts of rejected records with the topic."""
    sent: Counter[tuple[str, str]] = Counter()
    for key, count in ledger.decided().items():
        if key[0] == "decision" and key[3] == "sent":
            sent[key[1], key[2]] += count
    yield Difference("triggers", dict(sorted(sent.items())), dict(sorted(gateway.received.items())))
    yield Difference("triggers with an id seen before", 0, gateway.repeated_count)
    rejected = sum(summary.rejected.values())
    yield Difference("records in the rejected topic", rejected, gateway.rejected_count)
