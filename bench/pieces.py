"""
Measure what an event costs piece by piece: decode, fold, encode, produce, commit.

Decode, fold and encode are timed in this process over the same records, both hops added up:
decode is reading a source record and a journal record, encode is printing rows and outputs,
fold is all the rest of both folds. Produce and commit are the production writer on a real broker:
the CPU of this process for a transaction of many records, less that of one record (which is the
price of a commit, shared by as many events as a transaction has).
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Sequence

from bench import ingest_step
from bench.customers import Journal
from bench.throughput import broker, settings
from lifecycle.fold import LifecycleFold
from lifecycle.ingest import IngestFold
from schemas.codec import decode_envelope, encode_json, encode_row
from schemas.incoming import SourceReader
from schemas.records import Claim, OutputRecord, Row, StoredRecord
from schemas.routing import JOURNAL_TOPIC, STATE_TOPICS
from streams.connection import client_arguments
from streams.kafka_log import KafkaLog
from streams.port import Transaction


CUSTOMERS = 5_000
PARTITIONS = 8
SLICES = 60
SLICE_RECORDS = 1_000
TRANSACTIONS = 40
ROWS_PER_EVENT = 0.6
"""Of a thousand records in a slice about six hundred customers change."""


def timed_us(work: Callable[[], object], count: int) -> float:
    """Return the CPU microseconds of `work`, a `count`-th of them."""
    gc.collect(0)
    began_s = time.process_time()
    work()
    return (time.process_time() - began_s) / count * 1e6


def ingest_us() -> dict[str, float]:
    """Return decode, fold and encode of the first hop."""
    reader = SourceReader(ingest_step.BINDING, [ingest_step.TENANT])
    fold = IngestFold(0, 1, bindings=[ingest_step.BINDING], tenants=[ingest_step.TENANT])
    fold.open([(ingest_step.TOPIC, partition) for partition in range(ingest_step.PARTITIONS)])
    decode, whole, encode = [], [], []
    for part in ingest_step.slices(ingest_step.plain, SLICES):
        decode.append(timed_us(lambda part=part: [reader.read(one) for one in part], len(part)))  # type: ignore[misc]

        def hop(part: Sequence[StoredRecord] = part) -> None:
            for one in part:
                fold.apply(one)
            fold.close_slice([Claim(ingest_step.TOPIC, 0, part[-1].timestamp)])

        whole.append(timed_us(hop, len(part)))
        values = [output.value for output in fold.drain().outputs if output.topic == JOURNAL_TOPIC]
        envelopes = [decode_envelope(value or b"") for value in values]
        encode.append(
            timed_us(lambda them=envelopes: [encode_json(one) for one in them], len(part))  # type: ignore[misc]
        )
    return _pieces(decode, whole, encode, encode_within=True)


def lifecycle_us() -> dict[str, float]:
    """Return decode, fold and encode of the second hop."""
    journal, fold = Journal(PARTITIONS, seed=1), LifecycleFold(0, 1)
    fold.open([(JOURNAL_TOPIC, partition) for partition in range(PARTITIONS)])
    for record in journal.policies():
        fold.apply(record)
    for number in range(CUSTOMERS):
        for record in journal.customer(number):
            fold.apply(record)
    fold.drain()
    decode, whole, encode = [], [], []
    for _ in range(SLICES):
        numbers = journal.random.choices(range(CUSTOMERS), k=SLICE_RECORDS)
        part = [journal.purchase(number) for number in numbers]
        values = [one.value or b"" for one in part]
        decode.append(
            timed_us(lambda them=values: [decode_envelope(one) for one in them], len(part))  # type: ignore[misc]
        )
        whole.append(timed_us(lambda them=part: [fold.apply(one) for one in them], len(part)))  # type: ignore[misc]
        encode.append(timed_us(fold.drain, len(part)))
    return _pieces(decode, whole, encode, encode_within=False)


def _pieces(
    decode: list[float], whole: list[float], encode: list[float], *, encode_within: bool
) -> dict[str, float]:
    """Return the medians; `whole` holds decode and fold, and encode where `encode_within`."""
    middle = {"decode": statistics.median(decode), "encode": statistics.median(encode)}
    rest = statistics.median(whole) - middle["decode"]
    return middle | {"fold": rest - middle["encode"] if encode_within else rest}


async def _writing_us(bootstrap: str) -> dict[str, float]:
    """Return produce and commit, CPU of this process."""
    told = settings(bootstrap)
    log = KafkaLog(client_arguments(told), told)
    await log.open()
    writer = log.writer(fold="lifecycle", task=0, changelog_topic=STATE_TOPICS["lifecycle"])
    await writer.fence()
    rows = [
        Row(b"bench|%d" % n, encode_row([n] * 60))
        for n in range(int(SLICE_RECORDS * ROWS_PER_EVENT))
    ]
    outputs = [
        OutputRecord(JOURNAL_TOPIC, b"bench|%d" % n, b"x" * 420) for n in range(SLICE_RECORDS)
    ]
    figures: dict[str, list[float]] = {"many": [], "one": []}
    for _ in range(TRANSACTIONS):
        for name, transaction in (
            ("many", Transaction(outputs, rows, {})),
            ("one", Transaction((), rows[:1], {})),
        ):
            began_s = time.process_time()
            await writer.commit(transaction)
            figures[name].append((time.process_time() - began_s) * 1e6)
    await writer.close()
    await log.close()
    many, one = statistics.median(figures["many"]), statistics.median(figures["one"])
    return {"produce": (many - one) / SLICE_RECORDS, "commit_us_per_transaction": one}


def pieces() -> dict[str, float]:
    """Return CPU microseconds per event through both hops, by piece."""
    first, second = ingest_us(), lifecycle_us()
    with broker() as server:
        writing = asyncio.run(_writing_us(server.bootstrap))
    figures = {f"{name}_us_per_event": first[name] + second[name] for name in first}
    figures["produce_us_per_event"] = writing["produce"]
    # both hops commit what SLICE_RECORDS events have led to
    figures["commit_us_per_event"] = 2 * writing["commit_us_per_transaction"] / SLICE_RECORDS
    figures["commit_us_per_transaction"] = writing["commit_us_per_transaction"]
    return figures
