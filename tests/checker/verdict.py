"""Compare what the journal calls for with what is in the output topics and in the changelog."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.murmur import partition_of
from tests.checker.oracle import Expected
from tests.checker.report import Report
from tests.checker.row_shapes import ROW, of_oracle, of_row


FREE_HEADERS = {"cardcue.code_version"}
"""Headers outside of what the journal promises (SEMANTICS B3)."""

SEMANTICS_VERSION = b"1"

ID_FIELDS = (
    *("cancellation_id", "outcome_id", "settled_id", "followed_id", "objected_id", "moved_id"),
    *("exposure_id", "told_id", "observed_id"),
    *("idempotency_key", "decision_id", "reservation_id"),
)
"""A trigger has an idempotency key, which is its id, and names the decision and the
reservation; of others likewise."""


class ActualOutput:
    """One output topic as it was read: records by id, in the order of their partition."""

    def __init__(self, records: Iterable[LogRecord]) -> None:
        """Index the records by the id that is their own: the first of these fields."""
        self.by_id: dict[str, list[LogRecord]] = defaultdict(list)
        for record in records:
            fields = msgspec.json.decode(record.value or b"{}")
            own = next((fields[name] for name in ID_FIELDS if name in fields), "")
            self.by_id[own].append(record)


def compare_outputs(
    expected: Mapping[int, list[Expected]], actual: Mapping[str, ActualOutput], report: Report
) -> None:
    """
    Compare every expected output with every actual one.

    Args:
        expected: by journal partition, in the journal's order.
        actual: by `Output.topic`: a channel, `decisions`, `outcomes`, `offers`.
        report: takes COLLISION MISSING UNEXPECTED DUP_SAME DUP_DIFFERENT DIFFERENT ORDER.
    """
    called_for: dict[tuple[str, str], Expected] = {}
    for items in expected.values():
        for item in items:
            place = (item.output.topic, item.output.output_id)
            if called_for.setdefault(place, item) is not item:
                report.find("COLLISION", f"{place[0]} {place[1]}")
    for place, item in called_for.items():
        topic = actual.get(place[0])
        _compare_one(place, item, topic.by_id.get(place[1], []) if topic else [], report)
    for name, topic in actual.items():
        report.seen[f"{name} outputs"] += sum(map(len, topic.by_id.values()))
        for output_id in topic.by_id.keys() - {at[1] for at in called_for if at[0] == name}:
            first = topic.by_id[output_id][0]
            report.find("UNEXPECTED", f"{name} {output_id} at {_coordinates(first)}")
    for partition, items in expected.items():
        _compare_order(partition, items, actual, report)


def _compare_one(
    place: tuple[str, str], item: Expected, records: list[LogRecord], report: Report
) -> None:
    """Compare the records that carry one id with the one that must be there."""
    name = " ".join(place)
    if not records:
        report.find("MISSING", f"{name}: {item.output.value.decode()}")
        return
    first, *rest = records
    if first.value != item.output.value:
        wanted, found = item.output.value.decode(), (first.value or b"").decode()
        at = _coordinates(first)
        report.find("DIFFERENT", f"{name} at {at}: wanted {wanted}, found {found}")
    if first.key != item.record_key:
        report.find("DIFFERENT", f"{name} at {_coordinates(first)}: key {first.key!r}")
    if (found_headers := [h for h in first.headers if h[0] not in FREE_HEADERS]) != _headers(item):
        report.find("DIFFERENT", f"{name} at {_coordinates(first)}: headers {found_headers}")
    for again in rest:
        kind = (
            "DUP_SAME" if (again.key, again.value) == (first.key, first.value) else "DUP_DIFFERENT"
        )
        report.find(kind, f"{name} at {_coordinates(first)} and {_coordinates(again)}")


def _headers(item: Expected) -> list[tuple[str, bytes]]:
    """Return the headers that core.md §3.6 lists, in its order."""
    tenant, _, customer_token = item.key.partition(b"|")
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", item.output.output_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", item.output.ce_type.encode()),
        ("ce_subject", customer_token),
        ("ce_tenantid", tenant),
        ("cardcue.semantics_version", SEMANTICS_VERSION),
    ]


def _compare_order(
    partition: int, items: list[Expected], actual: Mapping[str, ActualOutput], report: Report
) -> None:
    """Check that within an output partition the outputs follow the journal (T8)."""
    reached: dict[tuple[str, int], tuple[int, int]] = {}
    for item in items:
        topic = actual.get(item.output.topic)
        records = topic.by_id.get(item.output.output_id) if topic else None
        if not records:
            continue
        record = records[0]
        rank, offset = reached.get((record.topic, record.partition), (0, -1))
        if record.offset < offset and item.rank > rank:
            report.find(
                "ORDER",
                f"journal partition {partition}: {item.output.output_id} at "
                f"{_coordinates(record)} comes before what preceded it",
            )
        reached[record.topic, record.partition] = max((rank, offset), (item.rank, record.offset))


def check_partitions(records: Iterable[LogRecord], partition_count: int, report: Report) -> None:
    """Check that every record lies where Java's partitioner puts its key."""
    for record in records:
        if record.key is None or partition_of(record.key, partition_count) != record.partition:
            report.find("WRONG_PARTITION", f"{_coordinates(record)} with key {record.key!r}")


def compare_rows(
    expected: Mapping[str, tuple[int, Facts]], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the customers' rows with the final states.

    Args:
        expected: by `tenant|customer_token`: journal partition and state.
        rows: the last value of every customer key of the changelog.
        report: takes STATE_DIFF.
    """
    report.seen["customer rows"] += len(rows)
    for key in rows.keys() - expected.keys():
        report.find("STATE_DIFF", f"{key}: a row that the journal does not give")
    for key, (partition, customer) in expected.items():
        if key not in rows:
            report.find("STATE_DIFF", f"{key}: no row")
            continue
        row = msgspec.msgpack.decode(rows[key])
        if len(row) != len(ROW):
            report.find("STATE_DIFF", f"{key}: {len(row)} fields, {len(ROW)} are known")
            continue
        wanted, found = of_oracle(partition, customer), of_row(row)
        for name, value in wanted.items():
            if value != found[name]:
                report.find("STATE_DIFF", f"{key}.{name}: {_difference(value, found[name])}")


def compare_marks(wanted: Mapping[str, int], rows: Mapping[str, bytes], report: Report) -> None:
    """
    Compare what is kept for ever of erased customers.

    Args:
        wanted: by row key `#erased|partition|tenant|mark`: when erasure was asked for.
        rows: the last values of the changelog's such keys.
        report: takes STATE_DIFF.
    """
    report.seen["erased customers"] += len(rows)
    _compare_decoded(wanted, rows, report)


def compare_published(wanted: Mapping[str, Any], rows: Mapping[str, bytes], report: Report) -> None:
    """
    Compare what was published as it is kept, with the units taken of offers.

    Args:
        wanted: by row key `#calendar|partition|tenant`, `#offer|partition|tenant|id` and so on.
        rows: the last values of the changelog's such keys.
        report: takes STATE_DIFF.
    """
    _compare_decoded(wanted, rows, report)


def compare_spent(wanted: Mapping[str, int], rows: Mapping[str, bytes], report: Report) -> None:
    """Compare what campaigns spent, by row key; a row that is not there says 0."""
    found = {key: value for key, value in rows.items() if msgspec.msgpack.decode(value) != 0}
    _compare_decoded({key: minor for key, minor in wanted.items() if minor}, found, report)


def _compare_decoded(wanted: Mapping[str, Any], rows: Mapping[str, bytes], report: Report) -> None:
    found = {key: msgspec.msgpack.decode(value) for key, value in rows.items()}
    for key in sorted(wanted.keys() | found.keys()):
        if (one := wanted.get(key, "no row")) != (other := found.get(key, "no row")):
            said = f"wanted {one}, found {other}"
            report.find("STATE_DIFF", f"{key}: {said}")


def compare_counts(
    where: str, wanted: Mapping[str, int], found: Mapping[str, int], report: Report
) -> None:
    """Compare a counts row, name by name; a count that is not there is 0."""
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name, 0) != found.get(name, 0):
            said = f"wanted {wanted.get(name, 0)}, found {found.get(name, 0)}"
            report.find("COUNT_DIFF", f"{where} {name}: {said}")


def _difference(wanted: Any, found: Any) -> str:  # noqa: ANN401 (two values of any shape)
    """Return what is in one and not in the other, item by item where there are items."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        wanted, found = list(wanted.items()), list(found.items())
    if isinstance(wanted, list) and isinstance(found, list):
        missing = [item for item in wanted if item not in found]
        return f"wanted also {missing}, found also {[i for i in found if i not in wanted]}"
    return f"wanted {wanted}, found {found}"


def _coordinates(record: LogRecord) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"
