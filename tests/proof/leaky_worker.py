"""
The worker of `agents.worker` with a defect planted in it: outputs and rows are committed apart.

It ends once between the two (`PROOF_LEAK` names a file that remembers), as any crash might. The
proofs must notice: a stand that cannot fail shows nothing.
"""

import os
from pathlib import Path

from agents.worker import app
from schemas.routing import JOURNAL_TOPIC
from streams.exit import EXIT_CRASHED
from streams.kafka_writer import KafkaWriter
from streams.port import Transaction


__all__ = ["app"]  # what `faust -A` looks for

HELD_BACK_COUNT = 1
"""Of ingest's commits with events, how many go well before the process ends between two halves."""

committed_whole = KafkaWriter.commit
leak = Path(os.environ["PROOF_LEAK"])
seen: list[KafkaWriter] = []


def end_once() -> None:
    """End the process, unless one has ended here before."""
    if not leak.exists():
        leak.touch()
        os._exit(EXIT_CRASHED)


def is_of_events(writer: KafkaWriter, transaction: Transaction) -> bool:
    """Return whether it moves source records: a tick may be said twice, and nobody be the worse."""
    ingest = writer._group.endswith("-ingest")  # noqa: SLF001 (who is ours to look into)
    return ingest and any(output.topic == JOURNAL_TOPIC for output in transaction.outputs)


async def commit_apart(writer: KafkaWriter, transaction: Transaction) -> None:
    """Commit outputs, then what says that they are out."""
    if transaction.outputs:
        await committed_whole(writer, transaction._replace(rows=(), positions={}))
        if is_of_events(writer, transaction):
            seen.append(writer)
        if len(seen) > HELD_BACK_COUNT:
            end_once()
    await committed_whole(writer, transaction._replace(outputs=()))


KafkaWriter.commit = commit_apart  # type: ignore[method-assign]
