"""Check a whole run of insight: its rows, reports and trips, and what exposures mean at all."""

from typing import NamedTuple

from tests.checker.changelog import LastRows, counts_of
from tests.checker.insight_check import (
    compare_insight_rows,
    compare_sums,
    compare_told,
    compare_trips,
    refolded,
    trips_in,
)
from tests.checker.insight_meaning import MeaningCheck
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.report import Report
from tests.checker.verdict import check_partitions, compare_counts


class InsightTopics(NamedTuple):
    """What insight reads, and what it writes beside its rows."""

    decisions: Topic
    outcomes: Topic
    journal: Topic
    told: Topic


def check_insight(topics: InsightTopics, insight: LastRows, report: Report) -> None:
    """
    Fold both topics again as far as insight has read them, and compare what it wrote.

    Args:
        topics: records of the four topics.
        insight: what its changelog remembers; empty where insight did not run.
        report: takes the findings.
    """
    oracles = []
    for partition in range(max(len(topics.decisions), len(topics.outcomes))):
        read = (_read(one, partition, insight) for one in topics[:2])
        oracle = refolded(partition, *read)
        found = counts_of(partition, insight.rows)
        compare_counts(f"insight[{partition}]", oracle.counts, found, report)
        compare_sums(f"{partition}|", insight.rows, found, report)
        oracles.append(oracle)
    compare_insight_rows(oracles, insight.rows, report)
    trips = [trip for oracle in oracles for trip in oracle.trips]
    for partition, records in enumerate(topics.journal if insight.offsets else ()):
        compare_trips(f"journal[{partition}]", trips, trips_in(records), report)
    told = [record for records in topics.told for record in records]
    compare_told([one for oracle in oracles for one in oracle.told], told, report)
    check_partitions(told, len(topics.told), report)
    meaning = MeaningCheck(topics.journal, report)
    meaning.see_outcomes(topics.outcomes)
    meaning.see_decisions(topics.decisions)


def _read(topic: Topic, partition: int, insight: LastRows) -> list[LogRecord]:
    """Return what insight has read of a partition; like learning it may be behind at the end."""
    records = topic[partition] if partition < len(topic) else []
    name = records[0].topic if records else ""
    read_to = insight.offsets.get(name, {}).get(partition, 0)
    return [one for one in records if one.offset < read_to]
