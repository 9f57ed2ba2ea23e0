"""
Measure what one bad record costs ingest at most: milliseconds of one core, and memory.

Each class of input that is made to be dear, at the size of a message (1 MB) or of a value (65,536
bytes), folded and drained as a worker does it. `--write` keeps the table in bench/BAD_INPUT.md.
"""

import argparse
import gc
import itertools
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.ingest_step import START_MS, TENANT, TOPIC, plain
from lifecycle.ingest import IngestFold
from schemas.personal import holds_personal_number
from schemas.records import StoredRecord
from schemas.routing import REJECTED_TOPIC, SourceBinding


MESSAGE_BYTES: Final = 1_000_000
VALUE_BYTES: Final = 65_536
COST_MS_MAX: Final = 50
"""What a record may cost: a hundred of them a second leave a worker most of its time."""

PAGE: Final = Path(__file__).with_name("BAD_INPUT.md")
GOOD: Final = plain(1)[0]


class Dear(NamedTuple):
    """A record that is made to be dear."""

    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()
    key: bytes | None = None


class Cost(NamedTuple):
    """What it cost: all its bytes, what became of it, milliseconds of one core, peak memory."""

    byte_count: int
    outcome: str
    ms_median: float
    ms_max: float
    peak_mib: float


def beside(field: bytes, *, amount: bytes = b"101") -> bytes:
    """Return a good purchase with a field beside, or one of this amount."""
    value = GOOD.replace(b"101", amount)
    return value.replace(b"{", b"{" + field + b",", 1)


def filled(piece: bytes, byte_count: int = VALUE_BYTES) -> bytes:
    """Return as many pieces as fit beside a purchase."""
    return piece * ((byte_count - 600) // len(piece))


def near_misses(stem_digits: int, byte_count: int, *, grouped: bool = False) -> bytes:
    """Return numbers that begin as cards do and fail the last check, as many as fit."""
    draw = random.Random(1)  # noqa: S311 (the same each time)
    found, size = [], 0
    while size < byte_count - stem_digits:
        stem = "4" + "".join(draw.choice("0123456789") for _ in range(stem_digits - 1))
        number = next(
            f"{stem}{last}"
            for last in range(10)
            if not holds_personal_number(f"{stem}{last}".encode())
        )
        if grouped:
            number = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
        found.append(number)
        size += len(number) + 1
    return ",".join(found).encode()


def repeated_keys(depth: int) -> bytes:
    """Return objects in objects, each with the same keys again and again."""
    inner = b"1"
    for _ in range(depth):
        inner = b'{"a":1,"a":2,"b":3,"b":' + inner + b"}"
    return inner


CLASSES: Final[Mapping[str, Callable[[], Dear]]] = {
    "a good purchase, to compare": lambda: Dear(GOOD),
    "arrays without end": lambda: Dear(b"[" * VALUE_BYTES),
    "objects without end": lambda: Dear(filled(b'{"a":')),
    "arrays 63 deep, again and again": lambda: Dear(
        beside(b'"x":[' + filled(b"[" * 62 + b"]" * 62 + b",") + b"1]", amount=b"-1")
    ),
    "array of 1,000,000 numbers": lambda: Dear(b"[" + b"1," * 1_000_000 + b"1]"),
    "array of 32,000 numbers, then a bad amount": lambda: Dear(
        beside(b'"x":[' + filled(b"1,") + b"1]", amount=b"-1")
    ),
    "array of 13,000 objects, then a bad amount": lambda: Dear(
        beside(b'"x":[' + filled(b'{"a":1},') + b"1]", amount=b"-1")
    ),
    "string of 1 MB": lambda: Dear(beside(b'"x":"' + b"x" * MESSAGE_BYTES + b'"')),
    "key said 13,000 times, then a bad amount": lambda: Dear(
        beside(filled(b'"x":1,')[:-1], amount=b"-1")
    ),
    "key said twice at each of 60 depths": lambda: Dear(
        beside(b'"x":[' + filled(repeated_keys(60) + b",") + b"1]", amount=b"-1")
    ),
    "number of 65,000 digits": lambda: Dear(beside(b'"y":1', amount=filled(b"1"))),
    "escaped quotes, then brackets": lambda: Dear(
        beside(b'"x":"' + filled(b'\\"') + b'","y":' + b"[" * 65)
    ),
    "escapes in a text": lambda: Dear(beside(b'"mcc":"' + filled(b"\\u4ea4") + b'"')),
    "text beyond ASCII": lambda: Dear(beside(b'"mcc":"' + filled("易".encode()) + b'"')),
    "members of no name": lambda: Dear(beside(filled(b'"":"",')[:-1])),
    "digits in the value": lambda: Dear(beside(b'"x":"' + filled(b"4") + b'"')),
    "near misses in the value": lambda: Dear(
        beside(b'"x":"' + near_misses(15, VALUE_BYTES - 900) + b'"')
    ),
    "1 MB of digits in a header": lambda: Dear(GOOD, [("x", b"4" * MESSAGE_BYTES)]),
    "1 MB of numbers of 13 digits in the key": lambda: Dear(
        GOOD, key=b"1234567890123 " * (MESSAGE_BYTES // 14)
    ),
    "1 MB of numbers of 13 digits that begin as longer cards": lambda: Dear(
        GOOD, key=b"5199567890123 " * (MESSAGE_BYTES // 14)
    ),
    "1 MB of groups of four in a header": lambda: Dear(
        GOOD, [("x", b"1234 " * (MESSAGE_BYTES // 5))]
    ),
    "1 MB of groups that begin a card": lambda: Dear(
        GOOD, [("x", b"4000 " * (MESSAGE_BYTES // 5))]
    ),
    "1 MB of near misses in groups": lambda: Dear(
        GOOD, [("x", near_misses(15, MESSAGE_BYTES, grouped=True))]
    ),
    "1 MB of almost persons": lambda: Dear(
        GOOD, [("x", b"110105194902310021 " * (MESSAGE_BYTES // 19))]
    ),
    "10,000 headers of 90 bytes": lambda: Dear(
        GOOD, [(f"h{number:05}", b"7" * 12 + b"x" * 72) for number in range(10_000)]
    ),
    "one header's name 10,000 times": lambda: Dear(GOOD, [("ce_id", b"e-1")] * 10_000),
}
"""Each class once, made only when it is asked for."""


def record_of(dear: Dear, offset: int) -> StoredRecord:
    """Return it as it comes from a source topic."""
    at = (TOPIC, 0, offset, START_MS + 60_000 + offset)
    return StoredRecord(*at, dear.key, dear.value, dear.headers)


def folded(fold: IngestFold, record: StoredRecord) -> str:
    """Fold and drain a record; return what became of it."""
    fold.apply(record)
    output = fold.drain().outputs[-1]
    return dict(output.headers)["cardcue.reason"].decode() if output.topic == REJECTED_TOPIC else ""


def cost(dear: Dear, repeats: int) -> Cost:
    """Return what the record costs, each time as a new one."""
    fold = IngestFold(0, 1, bindings=[SourceBinding(topic=TOPIC, tenant=TENANT)], tenants=[TENANT])
    fold.open([(TOPIC, 0)])
    outcome, figures_ms = "", []
    for offset in range(repeats):
        record = record_of(dear, offset)
        gc.collect()
        began_s = time.process_time()
        outcome = folded(fold, record)
        figures_ms.append((time.process_time() - began_s) * 1e3)
    tracemalloc.start()
    folded(fold, record_of(dear, repeats))
    peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    parts = [
        dear.value,
        dear.key or b"",
        *itertools.chain(*((n.encode(), v) for n, v in dear.headers)),
    ]
    byte_count = sum(map(len, parts))
    median_ms = statistics.median(figures_ms)
    return Cost(byte_count, outcome or "forwarded", median_ms, max(figures_ms), peak_mib)


def table(repeats: int) -> str:
    """Return all classes as a table in Markdown."""
    lines = [
        "| input | bytes | outcome | ms, median | ms, max | peak MiB |",
        "|---|--:|---|--:|--:|--:|",
    ]
    for name, make in CLASSES.items():
        count, outcome, median_ms, max_ms, peak_mib = cost(make(), repeats)
        figures = f"{median_ms:.3f} | {max_ms:.3f} | {peak_mib:.1f}"
        lines.append(f"| {name} | {count:,} | {outcome} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and keep it where that is asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=15)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    found = table(given.repeats)
    print(found)
    if given.write:
        PAGE.write_text(f"{INTRODUCTION}{found}\n")


INTRODUCTION: Final = f"""# What one bad record costs

Written by `python -m bench.bad_input --write`: one record of each class through the ingest fold,
in milliseconds of one core. Bound: {COST_MS_MAX} ms for whatever fits into a message of 1 MB.
Reading the record from Kafka and writing it to the rejected topic are not in the figures.

"""


if __name__ == "__main__":
    main()
