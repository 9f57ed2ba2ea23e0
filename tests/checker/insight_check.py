"""Compare what insight wrote with what its two topics call for: docs/insight.md §4 to §6."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

import msgspec
import orjson

from tests.checker.identity import Facts
from tests.checker.insight import SOURCE, InsightOracle, Told
from tests.checker.insight_campaign import GUARDRAILS
from tests.checker.insight_row import FUNNEL, effect_row, of_effect_row, of_row
from tests.checker.log_reader import LogRecord
from tests.checker.report import Report
from tests.checker.verdict import FREE_HEADERS, SEMANTICS_VERSION


RELATIVE = 1e-9
ABSOLUTE = 1e-9
"""Of what is left of many that were added up: gammas of ten thousand, for a ratio of samples."""

ROUNDED = (
    *("difference_ppm", "low_ppm", "high_ppm", "active_difference_ppm"),
    *("money_minor", "money_low_minor", "money_high_minor"),
)
"""Numbers of a report that were reckoned as fractions: one more or less is the rounding."""


def refolded(
    partition: int, decisions: Sequence[LogRecord], outcomes: Sequence[LogRecord]
) -> InsightOracle:
    """Return the oracle after the records of one partition of both topics."""
    oracle = InsightOracle(partition)
    for record in (*decisions, *outcomes):
        ce_type = dict(record.headers)["ce_type"].decode()
        place = (record.topic, record.partition, record.offset)
        oracle.see(ce_type, orjson.loads(record.value or b"{}"), place)
    return oracle


def difference(wanted: Any, found: Any, where: str = "") -> str:  # noqa: ANN401 (any JSON)
    """Return the first place where two values differ, with both; "" where they do not."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in [*wanted, *(found.keys() - wanted.keys())]:
            if name not in wanted or name not in found:
                return f"{where}.{name}: {'missing' if name in wanted else 'too many'}"
            if said := difference(wanted[name], found[name], f"{where}.{name}"):
                return said
        return ""
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        said = (difference(one, other, f"{where}[{n}]") for n, (one, other) in pairs)
        return next(filter(None, said), "")
    return "" if _is_alike(wanted, found, where) else f"{where}: wanted {wanted}, found {found}"


def _is_alike(wanted: Any, found: Any, where: str) -> bool:  # noqa: ANN401 (any scalars)
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    is_number = isinstance(wanted, float | int) and isinstance(found, float | int)
    if is_number and where.rpartition(".")[2].partition("[")[0] in ROUNDED:
        return isinstance(found, int) and abs(wanted - found) <= 1
    if is_number and float in (type(wanted), type(found)):
        return isclose(wanted, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(wanted == found)


def compare_insight_rows(
    oracles: Sequence[InsightOracle], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the rows of funnels and of effects.

    Args:
        oracles: of all partitions, after all that insight has read.
        rows: last values of the changelog; `#counts|` is looked at elsewhere.
        report: takes STATE_DIFF.
    """
    wanted: dict[str, Facts] = {}
    for partition, oracle in enumerate(oracles):
        for tenant, funnel in oracle.funnels.items():
            wanted[f"#funnel|{partition}|{tenant}"] = funnel
        for (tenant, name), campaign in oracle.campaigns.items():
            wanted[f"#effect|{partition}|{tenant}|{name}"] = effect_row(campaign)
    found = {key: value for key, value in rows.items() if not key.startswith("#counts|")}
    if found:
        report.seen["insight rows"] += len(found)
    for key in sorted(wanted.keys() | found.keys()):
        if key not in wanted or key not in found:
            report.find("STATE_DIFF", f"{key}: {'no row' if key in wanted else 'a row too many'}")
        elif said := difference(wanted[key], _by_name(key, found[key]), key):
            report.find("STATE_DIFF", said)


def _by_name(key: str, row: bytes) -> Facts:
    """Return a row by its fields' names, or what it is where that cannot be."""
    kept = msgspec.msgpack.decode(row, strict=False)
    try:
        is_funnel = key.startswith("#funnel|")
        found = of_row(kept, FUNNEL) if is_funnel else of_effect_row(kept)
    except (ValueError, TypeError):
        return {"unreadable": kept}
    for version in found.get("versions", {}).values():
        version["guardrails"] = version["guardrails"] and GUARDRAILS | version["guardrails"]
    return found


def compare_sums(where: str, rows: Mapping[str, bytes], counts: Facts, report: Report) -> None:
    """
    Look whether the counts of all arms add up to the records that were taken.

    Args:
        where: `partition|` with which the keys of its rows go on.
        rows: last values of the changelog.
        counts: the partition's row of counts as it was found.
        report: takes SUM_DIFF.
    """
    begin = f"#effect|{where}"
    for key in (key for key in rows if key.startswith(begin)):
        about, taken = key.removeprefix(begin), 0
        for version in _by_name(key, rows[key]).get("versions", {}).values():
            taken += sum(map(_records_of, version["arms"].values()))
        said = counts.get(f"effect|{about}", 0)
        if taken != said and f"forgotten|{about}" not in counts:
            report.find("SUM_DIFF", f"{key}: arms count {taken} records, {said} were taken")


def _records_of(arm: list[Any]) -> int:
    exposed, _, evicted, settled, *_ = arm
    return int(exposed + evicted + settled + sum(arm[10]) + sum(arm[12].values()))


def trips_in(journal: Sequence[LogRecord]) -> list[Facts]:
    """Return the envelopes of a journal partition that insight wrote."""
    read = (orjson.loads(record.value or b"{}") for record in journal)
    return [envelope for envelope in read if envelope["event_source"] == SOURCE]


def compare_trips(
    where: str, wanted: Sequence[Facts], found: Sequence[Facts], report: Report
) -> None:
    """
    Compare the trips in one journal partition, one by one.

    Args:
        where: what the partition is called.
        wanted: envelopes, of all of insight's partitions.
        found: envelopes in the order of the journal.
        report: takes TRIP_*.
    """
    if found:
        report.seen["trips"] += len(found)
    called, met = {_trip_name(one): one for one in wanted}, set()
    for envelope in found:
        name = _trip_name(envelope)
        if name not in called or name in met:
            report.find("TRIP_UNEXPECTED", f"{where}: {name}")
        elif said := difference(called[name], envelope):
            report.find("TRIP_DIFF", f"{where}: {name}{said}")
        met.add(name)
    for name in called.keys() - met:
        report.find("TRIP_MISSING", f"{where}: {name}")


def _trip_name(envelope: Facts) -> tuple[str, str, int]:
    """Return what a trip is called, with the partition that counted it."""
    return envelope["tenant"], envelope["event_id"], envelope["source"][1]


def compare_told(wanted: Sequence[Told], found: Sequence[LogRecord], report: Report) -> None:
    """
    Compare what was told to people, one by one, and their order under each key.

    Args:
        wanted: of all partitions.
        found: records of the topic, a partition after the other.
        report: takes REPORT_*.
    """
    if found:
        report.seen["insight reports"] += len(found)
    called = {(one.key, one.record["report_id"]): one for one in wanted}
    met: Counter[tuple[str, str]] = Counter()
    last: defaultdict[tuple[str, str], int] = defaultdict(int)
    for record in found:
        headers, body = dict(record.headers), orjson.loads(record.value or b"{}")
        name = ((record.key or b"").decode(), body["report_id"])
        kind = (name[0], headers.get("ce_type", b"").decode())
        about = f"{record.topic}[{record.partition}]@{record.offset} {name}"
        met[name] += 1
        if name not in called or met[name] > 1:
            report.find("REPORT_UNEXPECTED", about)
        elif said := _told_otherwise(called[name], record, body):
            report.find("REPORT_DIFF", f"{about}{said}")
        if body["at_ms"] < last[kind]:
            report.find("REPORT_DIFF", f"{about}: comes after one of {last[kind]}")
        last[kind] = max(last[kind], body["at_ms"])
    for name in called.keys() - met.keys():
        report.find("REPORT_MISSING", f"{name} at {called[name].record['at_ms']}")


def _told_otherwise(wanted: Told, record: LogRecord, body: Facts) -> str:
    """Return what a report says that it should not, "" where all is well."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", wanted.record["report_id"].encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", wanted.ce_type.encode()),
        ("ce_subject", b""),
        ("ce_tenantid", wanted.record["tenant"].encode()),
        ("cardcue.semantics_version", SEMANTICS_VERSION),
    ]
    if [one for one in record.headers if one[0] not in FREE_HEADERS] != headers:
        return f": headers {record.headers}"
    if wanted.ce_type == "effect.reported.v1":
        body = body | {"versions": [_report_in_order(one) for one in body.get("versions", [])]}
        body["versions"].sort(key=lambda one: one["policy_version"])
    return difference(wanted.record, body)


def _report_in_order(version: Facts) -> Facts:
    """Return a version's report with its series in order, and all three of the follow-ups."""
    series = [one | {"active_difference_ppm": _three(one)} for one in version["series"]]
    series.sort(key=lambda one: (one["arm"], one["control_ppm"], one["pools"]))
    return version | {"series": series}


def _three(series: Facts) -> list[int]:
    found = [*series.get("active_difference_ppm", [])]
    return found + [0] * (3 - len(found))
