"""Check a whole run: every source record, every output, every row, every tick."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.checker.campaign_files import PolicyCheck, read_campaigns
from tests.checker.catalogue import source_topics
from tests.checker.changelog import LastRows, counts_of, last_rows
from tests.checker.identity import Facts, erasure_mark
from tests.checker.insight_run import InsightTopics, check_insight
from tests.checker.learning_check import compare_learners, compare_snapshots, relearnt, snapshots_in
from tests.checker.learning_choices import compare_choices
from tests.checker.learning_segments import compare_segments
from tests.checker.log_reader import LogRecord, Topic, read_topics
from tests.checker.oracle import PartitionOracle
from tests.checker.report import Report
from tests.checker.source_match import Offsets, SourceMatch
from tests.checker.stock_check import StockCheck
from tests.checker.tenant_rows import compare_tenants, effects_of
from tests.checker.time_check import TimeCheck
from tests.checker.verdict import (
    ActualOutput,
    check_partitions,
    compare_counts,
    compare_marks,
    compare_outputs,
    compare_published,
    compare_rows,
    compare_spent,
)


JOURNAL = "lifecycle.journal.v1"
REJECTED = "card.events.rejected.v1"
OUTPUTS = {
    **{
        channel: f"marketing.triggers.{channel}.v1"
        for channel in ("sms", "push", "email", "voice", "wechat", "in_app")
    },
    "decisions": "lifecycle.decisions.v1",
    "outcomes": "lifecycle.outcomes.v1",
    "offers": "marketing.offers.v1",
}
INGEST_ROWS = "ingest.state.v1"
LIFECYCLE_ROWS = "lifecycle.state.v1"
LEARNING_ROWS = "learning.state.v1"
INSIGHT = "lifecycle.insight.v1"
INSIGHT_ROWS = "insight.state.v1"
PUBLISHED = (
    *("#calendar|", "#contact_policy|", "#template|", "#offer|", "#model|", "#choice|"),
    "#segments|",
)
"""What rows of what was published begin with."""


Watcher = Callable[[LogRecord, Facts], None]
"""Takes a journal record and what it says."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """
    What the topics are called on the broker, and what else only the settings say.

    `contracts` maps each source topic's full name to the contract it carries; without it the
    sources are the contract topics under the prefix. `tenants` are those of the settings; without
    them those that the journal names are taken for all. `secrets` are the tenants' erasure
    secrets, "" where none is named. `unsigned_allowed`: the workers' profile was `development`.
    """

    prefix: str = ""
    contracts: Mapping[str, str] = field(default_factory=dict)
    tenants: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)
    unsigned_allowed: bool = True

    @property
    def sources(self) -> Mapping[str, str]:
        """Source topics by full name, with their contracts."""
        return self.contracts or {self.prefix + name: name for name in source_topics()}

    @property
    def all(self) -> list[str]:
        """Every topic that is read."""
        rows = (INGEST_ROWS, LIFECYCLE_ROWS, LEARNING_ROWS, INSIGHT_ROWS)
        ours = (JOURNAL, REJECTED, *OUTPUTS.values(), INSIGHT, *rows)
        return [*self.sources, *(self.prefix + name for name in ours)]


def check_kafka(bootstrap: str, names: Names, campaigns: Path | None) -> Report:
    """Read the topics of a run whose workers have stopped or caught up, and check it."""
    return check(read_topics(bootstrap, names.all), names, campaigns)


def check(topics: Mapping[str, Topic], names: Names, campaigns: Path | None) -> Report:
    """
    Check a run from its topics' records.

    Args:
        topics: every topic of `names.all`.
        names: what they are called.
        campaigns: folder of the YAML files that were published, None not to compare them.
    """
    report = Report()
    ours = {name: topics[names.prefix + name] for name in (JOURNAL, REJECTED, *OUTPUTS.values())}
    sources = {name: topics[name] for name in names.sources}
    match = SourceMatch(sources, names.sources, report, tenants=names.tenants)
    for record in _flat(ours[REJECTED]):
        match.see_rejected(record, len(ours[REJECTED]))
    lifecycle = last_rows(topics[names.prefix + LIFECYCLE_ROWS], report)
    stock = StockCheck(report)
    clock = TimeCheck(report)
    watchers: list[Watcher] = [
        clock.see,
        stock.see,
        lambda record, envelope: match.see_journal(record, envelope, len(ours[JOURNAL])),
    ]
    if campaigns:
        policies = PolicyCheck(read_campaigns(campaigns), report)
        watchers.append(lambda _, envelope: policies.see(envelope))
    oracles = _oracles(len(ours[JOURNAL]), names)
    _read_journal(ours[JOURNAL], lifecycle.offsets, oracles, watchers, report)
    clock.close(len(ours[JOURNAL]))
    ingest = last_rows(topics[names.prefix + INGEST_ROWS], report)
    match.close(len(ours[JOURNAL]), ingest.offsets, ingest.rows)
    actual = {}
    for short, name in OUTPUTS.items():
        actual[short] = ActualOutput(_flat(ours[name]))
        check_partitions(_flat(ours[name]), len(ours[name]), report)
    compare_outputs({p: oracle.expected for p, oracle in oracles.items()}, actual, report)
    stock.close(actual)
    _compare_state(oracles, lifecycle.rows, names.secrets, report)
    learning = last_rows(topics.get(names.prefix + LEARNING_ROWS, []), report)
    check_learning(ours[OUTPUTS["outcomes"]], ours[JOURNAL], learning, report)
    insight = last_rows(topics.get(names.prefix + INSIGHT_ROWS, []), report)
    said = topics.get(names.prefix + INSIGHT, [])
    logs = (ours[OUTPUTS["decisions"]], ours[OUTPUTS["outcomes"]], ours[JOURNAL], said)
    check_insight(InsightTopics(*logs), insight, report)
    return report


def check_learning(outcomes: Topic, journal: Topic, learning: LastRows, report: Report) -> None:
    """Learn the outcomes log again as far as learning has read it, and compare what it wrote."""
    read_to = {p: to for topic in learning.offsets.values() for p, to in topic.items()}
    oracles = []
    for partition, records in enumerate(outcomes):
        oracle = relearnt([one for one in records if one.offset < read_to.get(partition, 0)])
        found = counts_of(partition, learning.rows)
        compare_counts(f"outcomes[{partition}]", oracle.counts, found, report)
        oracles.append(oracle)
    wanted = [snapshot for oracle in oracles for snapshot in oracle.published]
    for partition, records in enumerate(journal):
        compare_snapshots(f"journal[{partition}]", wanted, snapshots_in(records), report)
    models = {key: value for key, value in learning.rows.items() if not key.startswith("#")}
    compare_learners(oracles, models, report)
    choices = {key: value for key, value in learning.rows.items() if key.startswith("#choice|")}
    wanted_choices = {name: one for oracle in oracles for name, one in oracle.choices.items()}
    compare_choices(wanted_choices, choices, report)
    wanted_segments = [known for oracle in oracles for known in oracle.segments.items()]
    compare_segments(wanted_segments, learning.rows, report)


def _oracles(partition_count: int, names: Names) -> dict[int, PartitionOracle]:
    return {
        partition: PartitionOracle(
            place=(partition, partition_count), unsigned_allowed=names.unsigned_allowed
        )
        for partition in range(partition_count)
    }


def _read_journal(
    journal: Topic,
    offsets: Offsets,
    oracles: Mapping[int, PartitionOracle],
    watchers: Iterable[Watcher],
    report: Report,
) -> None:
    """Show every journal record to everybody who looks at it, each decoded once."""
    read_to = {p: to for topic in offsets.values() for p, to in topic.items()}
    for partition, records in enumerate(journal):
        for record in records:
            envelope = orjson.loads(record.value)
            report.seen["journal records"] += 1
            for watch in watchers:
                watch(record, envelope)
            if record.offset < read_to.get(partition, 0):
                oracles[partition].see(envelope)
            else:
                report.find("UNREAD", f"journal[{partition}]@{record.offset}")


def _compare_state(
    oracles: Mapping[int, PartitionOracle],
    rows: Mapping[str, bytes],
    secrets: Mapping[str, str],
    report: Report,
) -> None:
    expected = {
        key: (partition, customer)
        for partition, oracle in oracles.items()
        for key, customer in oracle.customers.items()
    }
    customers = {key: value for key, value in rows.items() if not key.startswith("#")}
    compare_rows(expected, customers, report)
    marks = {key: value for key, value in rows.items() if key.startswith("#erased|")}
    compare_marks(erasure_rows(oracles, secrets), marks, report)
    published = {key: value for key, value in rows.items() if key.startswith(PUBLISHED)}
    compare_published(published_rows(oracles), published, report)
    spent = {key: value for key, value in rows.items() if key.startswith("#budget|")}
    compare_spent(spent_rows(oracles), spent, report)
    tenants = {key: value for key, value in rows.items() if key.startswith("#tenant|")}
    compare_tenants(tenant_rows(oracles), tenants, report)
    for partition, oracle in oracles.items():
        found = counts_of(partition, rows)
        compare_counts(f"journal[{partition}]", oracle.counts, found, report)


def published_rows(oracles: Mapping[int, PartitionOracle]) -> dict[str, Any]:
    """Return what must be kept of what was published, by the rows' keys."""
    return {
        f"#{name}|{partition}|{'|'.join(about)}": said
        for partition, oracle in oracles.items()
        for (name, *about), said in oracle.published.items()
    }


def spent_rows(oracles: Mapping[int, PartitionOracle]) -> dict[str, int]:
    """Return what must have been spent, by the rows' keys."""
    return {
        f"#budget|{partition}|{tenant}|{campaign}": minor
        for partition, oracle in oracles.items()
        for (tenant, campaign), minor in oracle.spent.items()
    }


def tenant_rows(oracles: Mapping[int, PartitionOracle]) -> dict[str, list[object]]:
    """Return what rows of tenants must say of effects, by the rows' keys."""
    return {
        f"#tenant|{partition}|{name}": effects_of(tenant)
        for partition, oracle in oracles.items()
        for name, tenant in oracle.tenants.items()
    }


def erasure_rows(
    oracles: Mapping[int, PartitionOracle], secrets: Mapping[str, str]
) -> dict[str, int]:
    """Return what must be kept of erased customers, by the rows' keys."""
    found = {}
    for partition, oracle in oracles.items():
        for key, at_ms in oracle.erased.items():
            tenant = key.partition("|")[0]
            mark = erasure_mark(secrets.get(tenant, ""), key)
            found[f"#erased|{partition}|{tenant}|{mark}"] = at_ms
    return found


def _flat(topic: Topic) -> list[LogRecord]:
    return [record for records in topic for record in records]
