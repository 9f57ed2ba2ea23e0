"""Compare what learning wrote with what the outcomes log calls for: docs/learning.md §4 and §5."""

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

import msgspec
import orjson

from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle, Published
from tests.checker.learning_cohorts import drift_after, tally_of
from tests.checker.log_reader import LogRecord
from tests.checker.report import Report


RELATIVE = 1e-9
ABSOLUTE = 1e-12
SOURCE = "cardcue/learning"
ROW = (
    *("model", "contact", "control", "label_average", "sequence", "at_ms", "published_at_ms"),
    *("example_count", "is_frozen", "is_withheld", "is_proven", "judged_until_ms", "worse_count"),
    *("fallen_back_sequence", "cohorts", "kept", "pooled", "auc_sum", "auc_weight", "reports"),
    *("score_drift", "loss_drift", "weights_since_version"),
)


def relearnt(log: Sequence[LogRecord], oracle: LearningOracle | None = None) -> LearningOracle:
    """Return the oracle, a new one if none is given, after one partition of the outcomes log."""
    oracle = oracle or LearningOracle()
    for record in log:
        ce_type = dict(record.headers)["ce_type"].decode()
        place = (record.topic, record.partition, record.offset)
        oracle.see(ce_type, orjson.loads(record.value or b"{}"), place)
    return oracle


def snapshots_in(journal: Sequence[LogRecord]) -> list[Facts]:
    """Return the envelopes of a journal partition that learning wrote."""
    read = (orjson.loads(record.value or b"{}") for record in journal)
    return [envelope for envelope in read if envelope["event_source"] == SOURCE]


def is_alike(wanted: Any, found: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether two values are the same, where a float is one of them nearly so."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(
            is_alike(value, found[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(is_alike, wanted, found))
    if isinstance(wanted, float) and isinstance(found, float | int):
        return isclose(wanted, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(wanted == found) and isinstance(wanted, bool) == isinstance(found, bool)


def envelope_of(one: Published) -> Facts:
    """Return what the journal must have of a snapshot."""
    name, sequence = _about(one.snapshot), one.snapshot["sequence"]
    return {
        "v": 1,
        "tenant": one.tenant,
        "customer_token": "",
        "journal_at_ms": one.at_ms,
        "occurred_at_ms": one.at_ms,
        "event_id": f"{name}-{sequence}",
        "event_source": SOURCE,
        "source": list(one.place),
        "lateness_ms": 0,
        "backfill": False,
        "key_id": "",
        "semantics_version": 1,
        "record": one.snapshot,
    }


def compare_snapshots(
    where: str, wanted: Sequence[Published], found: Sequence[Facts], report: Report
) -> None:
    """
    Compare the snapshots of one journal partition, one by one.

    Args:
        where: what the partition is called.
        wanted: in the order of the log, of any models.
        found: envelopes in the order of the journal, of all of learning's partitions.
        report: takes SNAPSHOT_*.
    """
    if found:
        report.seen["snapshots"] += len(found)
    called = {_name(one := envelope_of(each)): one for each in wanted}
    met: set[tuple[str, str]] = set()
    last: dict[tuple[str, str], int] = {}
    for envelope in found:
        name = _name(envelope)
        model, sequence = (name[0], _about(envelope["record"])), _sequence(envelope)
        if name not in called or name in met:
            report.find("SNAPSHOT_UNEXPECTED", f"{where}: {name}")
        elif not is_alike(called[name], envelope) or _order(called[name]) != _order(envelope):
            report.find("SNAPSHOT_DIFF", f"{where}: wanted {called[name]}, found {envelope}")
        if sequence <= last.get(model, 0) and name not in met:
            report.find("SNAPSHOT_UNEXPECTED", f"{where}: {name} comes after {last[model]}")
        met.add(name)
        last[model] = max(sequence, last.get(model, 0))
    for name in called.keys() - met:
        report.find("SNAPSHOT_MISSING", f"{where}: {name}")


def _about(snapshot: Facts) -> str:
    """Return what is published: a model, what options of a campaign have brought, segments."""
    if snapshot["event_type"] == "segments.published":
        return "segments"
    if snapshot["event_type"] == "choice.published":
        return f"choice-{snapshot['campaign_id']}"
    return str(snapshot["model"]["id"])


def _order(envelope: Facts) -> list[str]:
    """Return options and currencies in the order in which they came, clusters in theirs."""
    names = ("rates_ppm", "edges_minor", "clusters")
    return [one for name in names for one in envelope["record"].get(name, ())]


def _name(envelope: Facts) -> tuple[str, str]:
    return envelope["tenant"], envelope["event_id"]


def _sequence(envelope: Facts) -> int:
    return int(envelope["record"]["sequence"])


def compare_learners(
    oracles: Sequence[LearningOracle], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the rows of models and of the snapshots that are kept, or were published last.

    Args:
        oracles: of all partitions, after the whole log.
        rows: last values of the changelog, of keys that do not begin with `#`.
        report: takes STATE_DIFF.
    """
    wanted: dict[str, Any] = {}
    known = (known for oracle in oracles for known in oracle.models.items())
    for (tenant, model_id), state in known:
        wanted[f"{tenant}|{model_id}"] = row_of(state)
        last = state["published"]
        for sequence, snapshot in (state["kept"] | {last["sequence"]: last}).items():
            wanted[f"{tenant}|{model_id}|{sequence}"] = snapshot
    for key in sorted(wanted.keys() | rows.keys()):
        if key not in wanted or key not in rows:
            report.find("STATE_DIFF", f"{key}: {'no row' if key in wanted else 'a row too many'}")
            continue
        kept = msgspec.msgpack.decode(rows[key])
        if isinstance(kept, list):
            kept = dict(zip(ROW, kept, strict=len(kept) == len(ROW)))
        for name in wanted[key].keys() | kept.keys():
            said, other = wanted[key].get(name, "nothing"), kept.get(name, "nothing")
            if not is_alike(said, other):
                report.find("STATE_DIFF", f"{key}.{name}: wanted {said}, found {other}")


def row_of(state: Facts) -> Facts:
    """Return what a model's row must say, by the fields' names."""
    pooled = [value for name, value in state["pooled"].items() if not name.startswith("auc_")]
    return {
        "model": state["model"],
        "contact": state["contact"],
        "control": state["control"],
        "label_average": state["average"],
        "sequence": state["sequence"],
        "at_ms": state["time"],
        "published_at_ms": state["published_at"],
        "example_count": state["since"],
        "is_frozen": state["frozen"],
        "is_withheld": state["withheld"],
        "is_proven": state["is_proven"],
        "judged_until_ms": state["judged_until"],
        "worse_count": state["worse_count"],
        "fallen_back_sequence": state["fallen_to"],
        "cohorts": [_cohort(one) for one in state["cohorts"]],
        "kept": [[sequence, sequence in state["good"]] for sequence in sorted(state["kept"])],
        "pooled": pooled,
        "auc_sum": state["pooled"]["auc_sum"],
        "auc_weight": state["pooled"]["auc_weight"],
        "reports": state["reports"],
        "score_drift": list(drift_after(state["scores"])[0]),
        "loss_drift": list(drift_after(state["losses"])[0]),
        "weights_since_version": state["weights_since"],
    }


def _cohort(one: Facts) -> list[Any]:
    names = ("from_ms", "average", "champion", "last_ms", "closes_ms", "exposure_count")
    tally = tally_of(one) | {"average_loss_sum": 0.0}  # reckoned when it is judged
    return [*(one[name] for name in names), [*tally.values()]]
