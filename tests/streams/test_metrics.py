"""The metrics: one table, a page that Prometheus accepts, counters that survive kill and move."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from streams.metric_names import (
    CounterName,
    GaugeName,
    HistogramName,
    RowCounterName,
    RowGaugeName,
)
from streams.metric_table import METRICS, metrics_page
from streams.metrics import ROW_COUNTERS, Metrics


ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = {
    "row counter": RowCounterName,
    "counter": CounterName,
    "gauge": GaugeName,
    "row gauge": RowGaugeName,
    "histogram": HistogramName,
}
INGEST = {
    "forwarded|a|card.issued": 3,
    "control|a|kill_switch.set": 1,
    "marker||history.ended": 1,
    "rejected||NOT_JSON": 2,
    "clamped|a|": 1,
}
LIFECYCLE = {
    "applied|a|card.issued": 2,
    "ignored|a|DUPLICATE": 1,
    "control|a|kill_switch.set": 8,
    "full|a|journeys": 1,
    "experiments_full|a": 2,
    "rule_error|a|act": 3,
    "milestone|a|issued": 2,
    "decision|a|act|sent|": 1,
    "decision|a|act|suppressed|NO_CONSENT": 4,
}


def lines(metrics: Metrics, start: str) -> list[str]:
    """Return the samples of the page that start so."""
    return [line for line in metrics.render().decode().splitlines() if line.startswith(start)]


def everything() -> Metrics:
    """Return metrics in which each of the table has been used once."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("ingest", 0, INGEST)
    metrics.rows.committed("lifecycle", 1, LIFECYCLE)
    for metric in METRICS:
        labels = [f"a {label}" for label in metric.labels]
        if metric.kind == "counter":
            metrics.increase(metric.name, *labels)
        elif metric.kind == "gauge":
            metrics.show(metric.name, 1.5, *labels)
        elif metric.kind == "histogram":
            metrics.observe(metric.name, 0.02, *labels)
    return metrics


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_is_in_the_table_once_with_its_kind(kind: str) -> None:
    """No unregistered name can be used (mypy), and none is registered that cannot be."""
    listed = [metric.name for metric in METRICS if metric.kind == kind]

    assert sorted(get_args(KINDS[kind])) == sorted(listed)


def test_names_are_as_prometheus_io_wants_them() -> None:
    """One prefix, base units, `_total` for counters and for nothing else, help as a sentence."""
    for metric in METRICS:
        counts = metric.kind in {"counter", "row counter"}
        assert re.fullmatch(r"cardcue_[a-z_]+", metric.name)
        assert counts == metric.name.endswith("_total")
        assert (metric.unit == "seconds") <= metric.name.endswith("_seconds")
        assert (metric.kind == "histogram") == bool(metric.buckets)
        assert sorted(metric.buckets) == list(metric.buckets)
        assert metric.help.endswith(".")


def test_no_label_holds_a_customer() -> None:
    """Labels are bounded by settings, policies and topics, never by customers or events."""
    process = {"fold", "metric", "semantics_version", "task", "version"}
    log = {"event_type", "partition", "topic"}
    business = {"campaign", "label", "milestone", "reason", "tenant", "verdict"}
    models = {"figure", "kind", "model"}
    effects = {"arm", "bound", "label", "scope", "stage", "what"}

    assert {
        label for metric in METRICS for label in metric.labels
    } <= process | log | business | models | effects


def test_document_is_the_table() -> None:
    """docs/metrics.md names every metric, because it is written from the table."""
    written = (ROOT / "docs/metrics.md").read_text()

    assert "\n".join(metrics_page()) + "\n" == written
    assert all(f"| `{metric.name}` |" in written for metric in METRICS)


def test_page_shows_every_metric_of_the_table_and_no_other() -> None:
    """What `/metrics` says is the table, and what Prometheus' client says of the process."""
    shown = set(re.findall(r"^# TYPE (\S+) ", everything().render().decode(), re.MULTILINE))

    ours = {name for name in shown if not name.startswith("process_")}
    assert {metric.name for metric in METRICS} == ours
    assert "process_start_time_seconds" in shown


def test_page_is_accepted_by_promtool() -> None:
    """Prometheus' own tool finds no fault with names, types, help and units."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian: prometheus) is not on the path")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=everything().render(),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)


def test_records_in_are_what_became_of_them() -> None:
    """I1: in = forwarded + control + rejected, by tenant; a clamped record is counted once."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("ingest", 0, INGEST)

    assert [
        'cardcue_records_in_total{task="0",tenant=""} 3.0',
        'cardcue_records_in_total{task="0",tenant="a"} 4.0',
    ] == lines(metrics, "cardcue_records_in_total")
    assert ['cardcue_records_clamped_total{task="0",tenant="a"} 1.0'] == lines(
        metrics, "cardcue_records_clamped_total"
    )
    start = "cardcue_records_control_total{event_type="
    assert [
        f'{start}"history.ended",fold="ingest",task="0",tenant=""}} 1.0',
        f'{start}"kill_switch.set",fold="ingest",task="0",tenant="a"}} 1.0',
    ] == lines(metrics, "cardcue_records_control_total{")


def test_decisions_are_counted_by_verdict_and_reason() -> None:
    """Sends and non-sends alike, with the code of the gate that refused."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("lifecycle", 1, LIFECYCLE)

    start = 'cardcue_decisions_total{campaign="act",reason='
    assert [
        f'{start}"",task="1",tenant="a",verdict="sent"}} 1.0',
        f'{start}"NO_CONSENT",task="1",tenant="a",verdict="suppressed"}} 4.0',
    ] == lines(metrics, "cardcue_decisions_total")
    assert ['cardcue_journeys_refused_total{task="1",tenant="a"} 1.0'] == lines(
        metrics, "cardcue_journeys_refused_total"
    )
    assert ['cardcue_experiments_refused_total{task="1",tenant="a"} 2.0'] == lines(
        metrics, "cardcue_experiments_refused_total"
    )
    assert ['cardcue_rule_errors_total{campaign="act",task="1",tenant="a"} 3.0'] == lines(
        metrics, "cardcue_rule_errors_total"
    )
    assert [] == lines(metrics, "cardcue_records_in_total{")


def test_row_counters_go_on_where_they_were_after_a_kill() -> None:
    """A new process that restores the same rows shows the same counts, not 0: no reset."""
    before, after = Metrics("0.1.0"), Metrics("0.1.0")
    before.rows.committed("lifecycle", 1, LIFECYCLE)
    after.rows.committed("lifecycle", 1, dict(LIFECYCLE))

    assert lines(before, "cardcue_records_") == lines(after, "cardcue_records_")
    assert len(lines(after, "cardcue_records_")) == 3


def test_a_task_that_moves_takes_its_series_along() -> None:
    """
    On a rebalance nothing falls back: the task's series end here and go on there.

    worker A: task 0 = 2, task 1 = 2   --task 1 moves-->   A: task 0 = 2    B: task 1 = 2
    """
    a, b = Metrics("0.1.0"), Metrics("0.1.0")
    a.rows.committed("lifecycle", 0, LIFECYCLE)
    a.rows.committed("lifecycle", 1, LIFECYCLE)
    a.show("cardcue_consumer_lag_records", 5, "lifecycle", "1", "lifecycle.journal.v1", "9")
    a.show("cardcue_slice_backlog_records", 5, "lifecycle", "1")
    a.show("cardcue_slice_backlog_records", 6, "lifecycle", "0")
    a.forget_task("lifecycle", 1)
    a.forget_task("lifecycle", 1)
    b.rows.committed("lifecycle", 1, LIFECYCLE)

    name = "cardcue_milestones_total"
    assert [f'{name}{{milestone="issued",task="0",tenant="a"}} 2.0'] == lines(a, name)
    assert [f'{name}{{milestone="issued",task="1",tenant="a"}} 2.0'] == lines(b, name)
    assert [] == lines(a, "cardcue_consumer_lag_records{")
    assert ['cardcue_slice_backlog_records{fold="lifecycle",task="0"} 6.0'] == lines(
        a, "cardcue_slice_backlog_records{"
    )


def test_a_tenants_clocks_are_shown_by_the_owner_of_the_clock_only() -> None:
    """T2: a clock that another worker moves must not stand still here and look like an outage."""
    metrics = Metrics("0.1.0")
    metrics.show("cardcue_watermark_timestamp_seconds", 1_700_000_000, "a")
    metrics.show("cardcue_backfill", 1, "a")
    metrics.forget_task("lifecycle", 0)
    kept = lines(metrics, "cardcue_watermark_timestamp_seconds{")
    metrics.forget_task("clock", 0)

    assert ['cardcue_watermark_timestamp_seconds{tenant="a"} 1.7e+09'] == kept
    assert [] == lines(metrics, "cardcue_watermark_timestamp_seconds{")
    assert [] == lines(metrics, "cardcue_backfill{")


def test_counts_of_a_newer_version_are_not_shown() -> None:
    """Rows written by a later release are read after a step back: an unknown kind is no crash."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("lifecycle", 0, {"unheard-of|a|b": 1, "applied|a|txn.posted": 2})

    assert ['cardcue_records_applied_total{event_type="txn.posted",task="0",tenant="a"} 2.0'] == [
        line for line in lines(metrics, "cardcue_") if 'task="0"' in line
    ]


def test_row_kinds_are_those_of_the_rules() -> None:
    """docs/core.md lists what the folds count; each kind has its counter."""
    rules = (ROOT / "docs/core.md").read_text()
    counted = rules[rules.index("`#counts|p` counts:") :]
    state = (ROOT / "schemas/state_source.py").read_text()
    kinds = set(re.findall(r"`(\w+)\|", counted + state[state.index("class SourceRow") :]))

    assert set(ROW_COUNTERS) == kinds - {"tenant", "id", "campaign_id"}  # parts of names


def test_series_are_bounded_and_what_is_refused_is_counted() -> None:
    """A topic of 10,000 partitions does not drown the monitoring, and does not hide either."""
    metrics = Metrics("0.1.0", series_max=2)
    for partition in ("0", "1", "2", "3", "0"):
        metrics.show("cardcue_consumer_lag_records", 1, "ingest", "0", "t", partition)

    assert 2 == len(lines(metrics, "cardcue_consumer_lag_records{"))
    refused = 'cardcue_series_refused_total{metric="cardcue_consumer_lag_records"} 2.0'
    assert [refused] == lines(metrics, "cardcue_series_refused_total{")


def test_metrics_share_nothing() -> None:
    """Two workers in one test process do not count for each other."""
    one, other = Metrics("0.1.0"), Metrics("0.1.0")
    one.increase("cardcue_commits_total", "ingest")

    assert 1 == len(lines(one, "cardcue_commits_total{"))
    assert [] == lines(other, "cardcue_commits_total{")
