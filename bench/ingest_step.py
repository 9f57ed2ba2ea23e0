"""
Measure the ingest fold alone: microseconds of one core per purchase, apply and drain.

Each form of a source record for itself, and what `schemas.incoming` takes of it (`read_us`). The
plain record has about 180 bytes, as the other benchmarks' records have; 1,000 records a drain.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from lifecycle.ingest import IngestFold
from schemas.codec import encode_json
from schemas.incoming import SourceReader
from schemas.records import Claim, StoredRecord
from schemas.routing import SourceBinding


TOPIC = "card.spend.v1"
TENANT = "bank"
PARTITIONS = 4
RECORDS_A_DRAIN = 1_000
START_MS = 1_772_442_900_000
BINDING = SourceBinding(topic=TOPIC, tenant=TENANT)


def purchase(number: int) -> dict[str, object]:
    """Return the own fields of a purchase."""
    fields: dict[str, object] = {"txn_id": f"t{number:09}", "card_token": f"k{number % 5_000:07}"}
    return fields | {"amount_minor": 100 + number % 50_000, "currency": "CNY"}


def plain(number: int) -> tuple[bytes, Sequence[tuple[str, bytes]]]:
    """Return a flat JSON object."""
    attributes = {
        "id": f"e{number:09}",
        "type": "txn.posted",
        "occurred_at": f"2026-03-02T09:15:{number % 60:02}.{number % 1_000:03}Z",
        "customer_token": f"c{number % 5_000:07}",
    }
    return encode_json(attributes | purchase(number)), ()


def binary(number: int) -> tuple[bytes, Sequence[tuple[str, bytes]]]:
    """Return a CloudEvent in headers."""
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"e%09d" % number),
        ("ce_source", b"/core"),
        ("ce_type", b"txn.posted.v1"),
        ("ce_time", b"2026-03-02T09:15:%02dZ" % (number % 60)),
        ("ce_subject", b"c%07d" % (number % 5_000)),
        ("ce_tenantid", TENANT.encode()),
    )
    return encode_json(purchase(number)), headers


def structured(number: int) -> tuple[bytes, Sequence[tuple[str, bytes]]]:
    """Return a CloudEvent as one JSON object."""
    event = {
        "specversion": "1.0",
        "id": f"e{number:09}",
        "source": "/core",
        "type": "txn.posted.v1",
        "time": f"2026-03-02T09:15:{number % 60:02}Z",
        "subject": f"c{number % 5_000:07}",
        "data": purchase(number),
    }
    return encode_json(event), (("content-type", b"application/cloudevents+json"),)


Form = Callable[[int], tuple[bytes, Sequence[tuple[str, bytes]]]]


def slices(form: Form, count: int) -> Iterator[list[StoredRecord]]:
    """Yield slices of records over all partitions."""
    for first in range(0, count * RECORDS_A_DRAIN, RECORDS_A_DRAIN):
        part = []
        for number in range(first, first + RECORDS_A_DRAIN):
            value, headers = form(number)
            at = (TOPIC, number % PARTITIONS, number, START_MS + 60_000 + number)
            part.append(StoredRecord(*at, b"k", value, headers))
        yield part


def fold_us(form: Form, count: int) -> list[float]:
    """Return the microseconds per event of each slice, folded and drained."""
    fold = IngestFold(0, 1, bindings=[BINDING], tenants=[TENANT])
    fold.open([(TOPIC, partition) for partition in range(PARTITIONS)])
    figures = []
    for part in slices(form, count):
        newest_ms = part[-1].timestamp
        claims = [Claim(TOPIC, partition, newest_ms) for partition in range(PARTITIONS)]
        gc.collect()
        began_s = time.process_time()
        for record in part:
            fold.apply(record)
        fold.close_slice(claims)
        drained = fold.drain()
        figures.append((time.process_time() - began_s) / len(part) * 1e6)
        if sum(output.topic == "lifecycle.journal.v1" for output in drained.outputs) != len(part):
            raise RuntimeError("wanted every record in the journal, found fewer")
    return figures


def read_us(form: Form, count: int) -> list[float]:
    """Return the microseconds per event of each slice, read only."""
    reader = SourceReader(BINDING, [TENANT])
    figures = []
    for part in slices(form, count):
        gc.collect()
        began_s = time.process_time()
        for record in part:
            reader.read(record)
        figures.append((time.process_time() - began_s) / len(part) * 1e6)
    return figures


def main() -> None:
    """Print one JSON line a form, with median and spread over the slices."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--slices", type=int, default=200)
    given = arguments.parse_args()
    for form in (plain, binary, structured):
        folded, read = sorted(fold_us(form, given.slices)), read_us(form, given.slices)
        value, _ = form(1)
        said = {
            "form": form.__name__,
            "value_bytes": len(value),
            "us_per_event_min": round(folded[0], 2),
            "us_per_event_median": round(statistics.median(folded), 2),
            "us_per_event_p95": round(folded[int(len(folded) * 0.95)], 2),
            "read_us_per_event_median": round(statistics.median(read), 2),
        }
        print(json.dumps(said))


if __name__ == "__main__":
    main()
