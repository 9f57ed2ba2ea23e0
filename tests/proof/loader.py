"""
Write a world into the source topics as upstream producers do: `python -m tests.proof.loader`.

Some chunks travel in transactions of the upstream that stay open for up to two seconds while
others go on; some of those are taken back and sent again. Prints one JSON line at the end.
"""

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from streams.clock import wall_clock_ms
from tests.proof import world
from tests.proof.forms import Upstream


OPEN_S_MAX = 2.0
CHUNK_COUNT = 250
TRANSACTIONS = 3
"""How many producers with a transactional id; each has one transaction at a time."""
TIMEOUT_S = 60


class Loaded(NamedTuple):
    """What was written: records that count, and transactions by what became of them."""

    record_count: int
    committed_count: int
    aborted_count: int
    open_s_max: float


class UpstreamTransaction:
    """A producer whose transaction is open, what it holds, and when that will end."""

    def __init__(self, producer: Producer, chunk: list[Upstream], *, open_s: float) -> None:
        """Begin the transaction and have the broker take every record."""
        self.producer, self.chunk = producer, chunk
        self.opened_s = time.monotonic()
        self.due_s = self.opened_s + open_s
        producer.begin_transaction()
        for record in chunk:
            send(producer, record)
        producer.flush(TIMEOUT_S)

    def end(self, *, commit: bool) -> float:
        """Commit or abort; return how long it was open, in seconds."""
        if commit:
            self.producer.commit_transaction(TIMEOUT_S)
        else:
            self.producer.abort_transaction(TIMEOUT_S)
        return time.monotonic() - self.opened_s


class Loader:
    """Writes chunks, one after the other, each by one of its producers."""

    def __init__(self, bootstrap: str, *, seed: int, transaction_ratio: float) -> None:
        """
        Connect.

        Args:
            bootstrap: host:port of a broker.
            seed: of which chunks travel in transactions, for how long, and how those end.
            transaction_ratio: of chunks.
        """
        common = {
            "bootstrap.servers": bootstrap,
            "linger.ms": 5,
            "enable.idempotence": True,
            "topic.metadata.refresh.interval.ms": 500,  # topics grow under it
            "log_level": 3,
        }
        self._rng = random.Random(seed)  # noqa: S311 (a world, no secret)
        self._ratio = transaction_ratio
        self._plain = Producer({**common, "queue.buffering.max.messages": 1_000_000})
        self._free = [
            Producer({**common, "transactional.id": f"upstream-{number}"})
            for number in range(TRANSACTIONS if transaction_ratio else 0)
        ]
        for producer in self._free:
            producer.init_transactions(TIMEOUT_S)
        self._open: list[UpstreamTransaction] = []
        self._ended: list[tuple[bool, float]] = []

    def load(self, records: Iterable[Upstream], *, per_second: float = 0) -> Loaded:
        """
        Write everything, `per_second` records a second or as fast as the broker takes them.

        Raises:
            KafkaException: the broker did not take a record.
        """
        coming = iter(records)
        started_s, record_count = time.monotonic(), 0
        while chunk := list(itertools.islice(coming, CHUNK_COUNT)):
            record_count += len(chunk)
            self._end_those_due(time.monotonic())
            self._send(chunk)
            if per_second:
                time.sleep(max(0, started_s + record_count / per_second - time.monotonic()))
        while self._open:
            self._end_those_due(time.monotonic())
            time.sleep(0.01)
        if left := self._plain.flush(TIMEOUT_S):
            raise TimeoutError(f"wanted every record taken, found {left} left")
        committed_count = sum(committed for committed, _ in self._ended)
        longest = max((open_s for _, open_s in self._ended), default=0.0)
        aborted_count = len(self._ended) - committed_count
        return Loaded(record_count, committed_count, aborted_count, longest)

    def _send(self, chunk: list[Upstream]) -> None:
        """Send a chunk, at times in a transaction that stays open."""
        if self._free and self._rng.random() < self._ratio:
            open_s = self._rng.uniform(0.1, OPEN_S_MAX)
            self._open.append(UpstreamTransaction(self._free.pop(), chunk, open_s=open_s))
            return
        for record in chunk:
            send(self._plain, record)
        self._plain.poll(0)

    def _end_those_due(self, now_s: float) -> None:
        """End the transactions whose time has come; what was taken back is sent again."""
        for transaction in [one for one in self._open if one.due_s <= now_s]:
            self._open.remove(transaction)
            commit = self._rng.random() < 0.8
            self._ended.append((commit, transaction.end(commit=commit)))
            self._free.append(transaction.producer)
            if not commit:
                for record in transaction.chunk:
                    send(self._plain, record)


def send(producer: Producer, record: Upstream) -> None:
    """Hand a record to a producer, waiting while its queue is full."""
    topic, key, value, headers, partition = record
    while True:
        try:
            producer.produce(
                topic,
                value,
                key,
                partition=partition,
                headers=list(headers),
                on_delivery=_taken,
            )
        except BufferError:
            producer.poll(0.1)
        else:
            return


def _taken(error: KafkaError | None, _message: Message) -> None:
    """Fail at once when a record was not taken; librdkafka passes it on to whoever polls."""
    if error is not None:
        raise RuntimeError(f"wanted a record taken, found {error.name()}")


def main(arguments: list[str]) -> None:
    """Load one world and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.loader", description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--count", type=int, required=True, help="about so many records")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--label", default="c", help="begins the tokens of this world's customers")
    parser.add_argument("--per-second", type=float, default=0)
    parser.add_argument("--transaction-ratio", type=float, default=0.05)
    parser.add_argument("--controls", action="store_true", help="publish the campaigns first")
    told = parser.parse_args(arguments)
    at_ms = wall_clock_ms()
    loader = Loader(told.bootstrap, seed=told.seed, transaction_ratio=told.transaction_ratio)
    published = world.controls(at_ms) if told.controls else ()
    made = world.records(told.count, seed=told.seed, at_ms=at_ms, label=told.label)
    loaded = loader.load(itertools.chain(published, made), per_second=told.per_second)
    sys.stdout.write(json.dumps(loaded._asdict()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
