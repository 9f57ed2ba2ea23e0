"""A run of insight as it ought to be: two logs, journal, reports, rows; and ways to edit it."""

from typing import Any

import msgspec

from tests.checker.identity import Facts
from tests.checker.insight import InsightOracle
from tests.checker.insight_by_hand import (
    AT,
    DAY,
    HOUR,
    OUTCOMES,
    Said,
    candidate,
    decided,
    followed,
    moved,
    objected,
    opened,
    settled,
)
from tests.checker.insight_check import refolded
from tests.checker.insight_row import FUNNEL, effect_row
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.murmur import partition_of


DECISIONS = "lifecycle.decisions.v1"
JOURNAL = "lifecycle.journal.v1"
TOLD = "lifecycle.insight.v1"
ROWS = "insight.state.v1"
PARTITIONS = range(2)
EFFECT = "#effect|0|acme|nudge"
CARDS = "#funnel|0|acme"
ARMS = ("default", "default", "default", "control", "default")

Topics = dict[str, Topic]


def log() -> list[Said]:
    """Return forty exposures and what came of them, objections, a second round, a few cards."""
    names = [str(n) for n in range(40)]
    arms = {name: ARMS[int(name) % 5] for name in names}
    shown = [opened(name, arms[name], AT + 2 * HOUR * (name == "39")) for name in names]
    ends = [settled(n, int(n) % 3 == 0, arms[n], value_minor=300 * (int(n) % 5)) for n in names]
    ends = [(kind, said | {"label": int(said["label"])}) for kind, said in ends]
    ends = [
        (kind, said | {"decided_at_ms": one["decided_at_ms"]})
        for (kind, said), (_, one) in zip(ends, shown, strict=True)
    ]
    return [
        *shown,
        *(objected(str(n), "opt_out") for n in (0, 1, 2, 5, 6, 7, 10)),
        *ends,
        *(opened(f"new-{n}", at=AT + 3 * DAY) for n in range(3)),
        *(objected(f"new-{n}", "opt_out", decided_at_ms=AT + 3 * DAY) for n in range(3)),
        *(opened("last", at=AT + 4 * DAY), objected("11", "opt_out")),
        *(followed(name, 30, arms[name]) for name in names[:5]),
        *(moved("", "issued", "issued"), moved("", "issued", "issued")),
        moved("issued", "issued+activated", "activated", 90 * 60_000, AT + HOUR),
    ]


def topics() -> Topics:
    """Return both logs, the journal with a trip, reports and rows, as they ought to be."""
    caps = candidate("sent", campaign=(0, 1, 1))
    found: Topics = {name: [[] for _ in PARTITIONS] for name in (DECISIONS, JOURNAL, TOLD)}
    found |= {OUTCOMES: [[], []], ROWS: [[], []]}
    add(found, DECISIONS, *(decided(caps, customer=f"c-{n}") for n in range(3)))
    add(found, OUTCOMES, *log())
    written(found)
    return found


def add(found: Topics, topic: str, *said: Said) -> None:
    """Append records to the first partition of a topic."""
    for ce_type, record in said:
        at, value = len(found[topic][0]), msgspec.json.encode(record)
        one = LogRecord(topic, 0, at, 0, b"acme|nudge", value, [("ce_type", ce_type.encode())])
        found[topic][0].append(one)


def written(found: Topics) -> None:
    """Write what insight ought to have written of the logs as they are."""
    oracle = refolded(0, found[DECISIONS][0], found[OUTCOMES][0])
    for partition in PARTITIONS:
        for offset, trip in enumerate(oracle.trips):
            value = msgspec.json.encode(trip)
            found[JOURNAL][partition].append(LogRecord(JOURNAL, partition, offset, 0, b"", value))
    for one in oracle.told:
        partition = partition_of(one.key.encode(), len(PARTITIONS))
        records = found[TOLD][partition]
        value, headers = msgspec.json.encode(one.record), _headers(one.ce_type, one.record)
        key = one.key.encode()
        records.append(LogRecord(TOLD, partition, len(records), 0, key, value, headers))
    for name, kept in _rows(oracle).items():
        row(found, name, kept)
    ends = {name: {0: len(found[name][0])} for name in (DECISIONS, OUTCOMES)}
    row(found, "#offsets", ends)


def _headers(ce_type: str, record: Facts) -> list[tuple[str, bytes]]:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", record["report_id"].encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", ce_type.encode()),
        ("ce_subject", b""),
        ("ce_tenantid", b"acme"),
        ("cardcue.semantics_version", b"1"),
    ]


def _rows(oracle: InsightOracle) -> Facts:
    """Return the rows as arrays, in the order of their fields."""
    made: Facts = {"#counts|0": dict(oracle.counts)}
    made[CARDS] = [oracle.funnels["acme"][name] for name in FUNNEL]
    kept = effect_row(oracle.campaigns["acme", "nudge"])
    for version in kept["versions"].values():
        version["rounds"] = {test: [*one.values()] for test, one in version["rounds"].items()}
        version["series"] = {key: [*one.values()] for key, one in version["series"].items()}
    versions = {number: [*one.values()] for number, one in kept["versions"].items()}
    made[EFFECT] = [*(kept | {"versions": versions}).values()]
    return made


def row(found: Topics, key: str, value: Any) -> None:  # noqa: ANN401 (any row)
    """Append a row, None for a tombstone."""
    packed = None if value is None else msgspec.msgpack.encode(value)
    records = found[ROWS][0]
    records.append(LogRecord(ROWS, 0, len(records), 0, key.encode(), packed))


def kept_row(found: Topics, key: str) -> Any:  # noqa: ANN401 (any row)
    """Return a row as it was written last."""
    last = [one for one in found[ROWS][0] if one.key == key.encode()][-1]
    return msgspec.msgpack.decode(last.value or b"")


def place_of(found: Topics, ce_type: str, nth: int) -> int:
    """Return where the nth record of a type is."""
    types = [dict(one.headers)["ce_type"].decode() for one in found[OUTCOMES][0]]
    return [at for at, kind in enumerate(types) if kind == ce_type][nth]


def edit(found: Topics, ce_type: str, nth: int, **fields: Any) -> None:  # noqa: ANN401
    """Change fields of a record of the log that insight has read otherwise."""
    at = place_of(found, ce_type, nth)
    said = msgspec.json.decode(found[OUTCOMES][0][at].value or b"") | fields
    found[OUTCOMES][0][at] = found[OUTCOMES][0][at]._replace(value=msgspec.json.encode(said))


def rewritten(found: Topics, ce_type: str, nth: int, **fields: Any) -> None:  # noqa: ANN401
    """Change fields of a record, and all that insight made of it."""
    edit(found, ce_type, nth, **fields)
    write_again(found)


def write_again(found: Topics) -> None:
    """Write what insight ought to have written of the logs as they are by now."""
    for name in (JOURNAL, TOLD, ROWS):
        found[name] = [[], []]
    written(found)
