"""
Match every source record with what became of it: journal or rejected topic, exactly once.

Control records must be in every journal partition once; an end of history nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from tests.checker.catalogue import forms
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.murmur import partition_of
from tests.checker.rejected_form import ADDED, is_kept
from tests.checker.report import Report
from tests.checker.source_forms import agrees, said_by
from tests.checker.source_judge import FORWARD, Tenants, fates
from tests.checker.verdict import compare_counts


Place = tuple[str, int, int]
"""Topic, partition, offset."""

Offsets = dict[str, dict[int, int]]
"""Next offset to read, by topic and partition, as a row `#offsets` says."""

HOUSE_SOURCES = ("cardcue/clock", "cardcue/learning", "cardcue/insight")
COUNTED = ("forwarded", "control", "rejected", "marker")


class SourceMatch:
    """Collects where source records went, then compares with the source topics themselves."""

    def __init__(
        self,
        sources: Mapping[str, Topic],
        contracts: Mapping[str, str],
        report: Report,
        *,
        tenants: frozenset[str] = frozenset(),
    ) -> None:
        """
        Begin with nothing matched.

        Args:
            sources: the source topics by name.
            contracts: the contract topic that each of them carries.
            report: takes SOURCE_* WRONG_PARTITION COUNT_DIFF UNREAD.
            tenants: those of the settings; without them those that the journal names.
        """
        self._sources, self._contracts, self._report = sources, contracts, report
        self._told, self._met = tenants, set[str]()
        self._journal: dict[Place, list[int]] = defaultdict(list)
        self._is_control: dict[Place, bool] = {}
        self._rejected: Counter[Place] = Counter()
        self._reasons: dict[Place, str] = {}
        self._counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)

    def see_journal(self, record: LogRecord, envelope: Facts, partition_count: int) -> None:
        """Take the next journal record; what the house says itself has no source topic here."""
        if envelope["event_source"] in HOUSE_SOURCES:
            return
        place: Place = tuple(envelope["source"])
        self._met.add(envelope["tenant"])
        self._journal[place].append(record.partition)
        event_type = envelope["record"]["event_type"]
        self._is_control[place] = is_control = not envelope["customer_token"]
        if is_control:
            if len(self._journal[place]) == 1:
                self._counts[place[:2]][f"control|{envelope['tenant']}|{event_type}"] += 1
        else:
            self._counts[place[:2]][f"forwarded|{envelope['tenant']}|{event_type}"] += 1
            self._check_key(record, envelope, partition_count)
        if (source := self._find(place)) is None:
            self._report.find("SOURCE_INVENTED", f"{_at(record)} names {place}")
        else:
            self._check_words(source, record, envelope)

    def see_rejected(self, record: LogRecord, partition_count: int) -> None:
        """Take a record of the rejected topic."""
        headers = {name: value.decode() for name, value in record.headers if name in ADDED}
        if headers.keys() != ADDED:
            self._report.find("SOURCE_INVENTED", f"{_at(record)} lacks its headers")
            return
        topic, partition, offset = (
            headers[f"__streams.errors.{name}"] for name in ("topic", "partition", "offset")
        )
        place = (topic, int(partition), int(offset))
        self._rejected[place] += 1
        self._reasons[place] = reason = headers["cardcue.reason"]
        self._counts[place[:2]][f"rejected|{headers['cardcue.tenant']}|{reason}"] += 1
        self._report.seen[f"rejected {reason}"] += 1
        if place[1] % partition_count != record.partition:
            self._report.find("WRONG_PARTITION", f"{_at(record)} rejects {place}")
        source = self._find(place)
        if source is None:
            self._report.find("SOURCE_INVENTED", f"{_at(record)} names {place}")
        elif not is_kept(record, source, reason):
            self._report.find("SOURCE_ALTERED", f"{_at(record)} is not what {place} must leave")

    def close(self, journal_partitions: int, offsets: Offsets, rows: Mapping[str, bytes]) -> None:
        """
        Compare, once everything was seen.

        Args:
            journal_partitions: how often a control record must be there.
            offsets: how far ingest says it has read.
            rows: the counts rows of ingest, by key `#source|topic|partition`.
        """
        tenants = Tenants(self._told or frozenset(self._met), bool(self._told))
        for name, topic in self._sources.items():
            for partition, records in enumerate(topic):
                read_to = offsets.get(name, {}).get(partition, 0)
                for record in records:
                    if self._check_fate(record, read_to, journal_partitions):
                        self._check_judgement(record, tenants)
                key = f"#source|{name}|{partition}"
                told = msgspec.msgpack.decode(rows[key])[1] if key in rows else {}
                wanted = self._counts[name, partition]
                found = {n: c for n, c in told.items() if n.split("|")[0] in COUNTED}
                compare_counts(f"{name}[{partition}]", wanted, found, self._report)

    def _check_fate(self, record: LogRecord, read_to: int, journal_partitions: int) -> bool:
        """Return whether a record has a fate at all; more than one is found here."""
        place = (record.topic, record.partition, record.offset)
        journal, rejected = self._journal.get(place, []), self._rejected[place]
        self._report.seen["source records"] += 1
        if record.offset >= read_to:
            self._report.find("UNREAD", f"{place}: ingest has read to {read_to}")
            return False
        if not journal and not rejected:
            said = said_by(record, self._contracts[record.topic])
            if said is None or said["event_type"] != "history.ended":
                self._report.find("SOURCE_MISSING", f"{place}")
                return False
            self._counts[record.topic, record.partition]["marker||history.ended"] += 1
        copies = journal_partitions if self._is_control.get(place) else 1
        if len(journal) > copies * (not rejected) or len(set(journal)) < len(journal):
            self._report.find("SOURCE_DOUBLED", f"{place}: journal {journal}, rejected {rejected}")
        elif rejected > 1:
            self._report.find("SOURCE_DOUBLED", f"{place}: rejected {rejected} times")
        elif journal and len(journal) < copies:
            missing = sorted(set(range(journal_partitions)) - set(journal))
            self._report.find("SOURCE_MISSING", f"{place}: not in journal partitions {missing}")
        return True

    def _check_judgement(self, record: LogRecord, tenants: Tenants) -> None:
        """Compare what became of a record with an own judgement of it."""
        place = (record.topic, record.partition, record.offset)
        became = self._reasons.get(place, FORWARD)
        allowed = fates(record, self._contracts[record.topic], tenants)
        if became not in allowed:
            self._report.find("SOURCE_MISJUDGED", f"{place}: {became}, wanted {sorted(allowed)}")

    def _check_key(self, record: LogRecord, envelope: Facts, partition_count: int) -> None:
        key = f"{envelope['tenant']}|{envelope['customer_token']}".encode()
        if record.key != key:
            self._report.find("SOURCE_ALTERED", f"{_at(record)} has key {record.key!r}")
        if partition_of(key, partition_count) != record.partition:
            self._report.find("WRONG_PARTITION", f"{_at(record)} with key {key!r}")

    def _check_words(self, source: LogRecord, record: LogRecord, envelope: Facts) -> None:
        """Compare the envelope with an own reading of the source record."""
        said = said_by(source, self._contracts[source.topic])
        if said is None:
            self._report.find("SOURCE_ALTERED", f"{_at(record)}: its source cannot be read")
            return
        wrong = _wrong_words(said, envelope)
        if not envelope.get("backfill") and envelope["journal_at_ms"] < source.timestamp:
            wrong.append("journal_at_ms")
        if wrong:
            self._report.find("SOURCE_ALTERED", f"{_at(record)}: {', '.join(wrong)}")

    def _find(self, place: Place) -> LogRecord | None:
        """Return a source record; offsets have gaps where transactions ended."""
        topic = self._sources.get(place[0], [])
        if place[1] >= len(topic):
            return None
        records = topic[place[1]]
        low, high = 0, len(records)
        while low < high:
            middle = (low + high) // 2
            if records[middle].offset < place[2]:
                low = middle + 1
            else:
                high = middle
        found = records[low] if low < len(records) else None
        return found if found is not None and found.offset == place[2] else None


def _wrong_words(said: Facts, envelope: Facts) -> list[str]:
    """Return what an envelope says otherwise than its source, and what it does not say."""
    event = envelope["record"]
    wrong = [n for n in ("event_id", "event_source", "occurred_at_ms") if said[n] != envelope[n]]
    if envelope["customer_token"] and said["customer_token"] != envelope["customer_token"]:
        wrong.append("customer_token")
    if said["tenants"] - {envelope["tenant"]}:
        wrong.append("tenant")
    if said["event_type"] != event["event_type"]:
        wrong.append("event_type")
    if not agrees(said["data"], {n: v for n, v in event.items() if n != "event_type"}):
        wrong.append("data")
    if {field.name for field in forms()[event["event_type"]].fields} - event.keys():
        wrong.append("fields")
    return wrong


def _at(record: LogRecord) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"
