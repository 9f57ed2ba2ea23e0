"""
Fold outcomes into models, and models into the journal (docs/learning.md).

The front door: what a record is, whose it is, and what it has led to. What it does to a model is
in `taking`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lifecycle.counts import Counts, total
from lifecycle.learning import counting, taking
from lifecycle.learning.choices import Choices
from lifecycle.learning.gauges import QualityGauges
from lifecycle.learning.learner import Learner
from lifecycle.learning.segments import Segments
from schemas.codec import (
    customer_key,
    decode_counts_row,
    decode_exposure,
    decode_observed,
    decode_outcome,
    decode_row,
    decode_settled,
    decode_snapshot_row,
    decode_told,
    encode_json,
)
from schemas.events.control import ModelDefined
from schemas.insight import ChoicePublished
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.learning import ModelPublished
from schemas.learning_rows import LearnerRow
from schemas.outcomes import ExposureOpened, ExposureSettled, ModelTold, OutcomeRecorded
from schemas.records import BROADCAST, Applied, Claim, Drained, OutputRecord, Row, SourceRecord
from schemas.routing import JOURNAL_TOPIC
from schemas.segments import CustomerObserved, SegmentsPublished
from schemas.state import OFFSETS_KEY


_Said = ExposureOpened | OutcomeRecorded | ModelTold
_Learnt = ModelPublished | ChoicePublished | SegmentsPublished

READERS: Final[Mapping[bytes, Callable[[bytes], _Said | ExposureSettled | CustomerObserved]]] = {
    b"exposure.opened.v1": decode_exposure,
    b"outcome.recorded.v1": decode_outcome,
    b"exposure.settled.v1": decode_settled,
    b"customer.observed.v1": decode_observed,
    b"model.told.v1": decode_told,
}
"""What learning reads, by the header `ce_type`."""


class LearningFold:
    """The learning fold of one task (port: `streams.fold.Fold`); models share nothing."""

    def __init__(self, task: int, task_count: int) -> None:
        """Begin with nothing restored."""
        self.task = task
        self.task_count = task_count
        self._restored: dict[bytes, bytes] = {}
        self._learners: dict[str, Learner] = {}
        self._changed: dict[str, None] = {}
        self._choices = Choices()
        self._segments = Segments()
        self._counts: dict[int, Counts] = {}
        self._outputs: list[OutputRecord] = []
        self._gauges = QualityGauges()

    def restore(self, row: Row) -> None:
        """Take one row of `learning.state.v1`."""
        if row.value is None:
            self._restored.pop(row.key, None)
        else:
            self._restored[row.key] = row.value

    def open(self, sources: Sequence[tuple[str, int]]) -> None:  # noqa: ARG002 (rows name theirs)
        """
        Put back what was restored.

        Raises:
            ValueError: a key of no known form; the changelog is not ours, the process must stop.

        """
        snapshots: dict[str, list[ModelPublished]] = {}
        rows: dict[str, LearnerRow] = {}
        for key, value in self._restored.items():
            match key.decode().split("|"):
                case [kind, *rest] if kind.startswith("#"):
                    self._restore_own(kind, rest, value)
                case [tenant, model_id]:
                    rows[f"{tenant}|{model_id}"] = decode_row(value, LearnerRow)
                case [tenant, model_id, _]:
                    kept = snapshots.setdefault(f"{tenant}|{model_id}", [])
                    kept.append(decode_snapshot_row(value))
                case other:
                    raise ValueError(f"wanted a row of the learning fold, found one of {other[0]}")
        for name, row in rows.items():
            self._learners[name] = Learner(row, snapshots.get(name, ()))
        self._restored = {}

    def _restore_own(self, kind: str, of: Sequence[str], value: bytes) -> None:
        """Put back a row that is no model's."""
        match kind, *of:
            case "#counts", number, *place:
                counts = self._counts_of(int(number))
                counts.restore(int(place[0]) if place else 0, decode_counts_row(value))
            case "#choice", tenant, campaign_id:
                self._choices.restore(f"{tenant}|{campaign_id}", value)
            case "#segments", tenant:
                self._segments.restore(tenant, value)
            case _ if kind.encode() != OFFSETS_KEY:
                raise ValueError(f"wanted a row of the learning fold, found one of {kind}")

    def observe(self, row: Row) -> None:
        """Ignore: a model's time is in its records."""

    def apply(self, record: SourceRecord) -> Applied:
        """
        Fold one record of `lifecycle.outcomes.v1`.

        Raises:
            ValueError: a tombstone where an exposure, an outcome or a word of a model is wanted.

        """
        kind = next((value for name, value in record.headers if name == "ce_type"), b"")
        counts = self._counts_of(record.partition)
        read = READERS.get(kind)
        if read is None:
            counts.add(f"passed|{(record.key or b'').decode().partition('|')[0]}")
            return Applied.DONE
        if record.value is None:
            raise ValueError(f"wanted a record to learn from at {record.offset}, found a tombstone")
        said = read(record.value)
        if isinstance(said, ExposureSettled):
            self._count(said, record, counts)
        elif isinstance(said, CustomerObserved):
            self._observe(said, record, counts)
        elif said.model_id:
            self._take(said, record, counts)
        else:
            counts.add(f"passed|{said.tenant}")
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Do nothing: a slice ends nothing here."""

    def drain(self) -> Drained:
        """Return changed rows, each once, and new outputs since the last drain, as bytes."""
        rows: list[Row] = []
        for key in self._changed:
            rows += self._learners[key].drain(key)
        self._changed.clear()
        self._choices.drain(rows)
        self._segments.drain(rows)
        for number, counts in self._counts.items():
            counts.drain(number, rows)
        outputs, self._outputs = self._outputs, []
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """
        Return the running counts over all partitions of the task; keys as in `#counts|p`.

        Beside them what no row has, as it cannot be added up: how good each model's scores were.
        """
        counts = total(self._counts.values())
        for key, learner in self._learners.items():
            counts.update(self._gauges.of(key, learner.row))
        return counts

    def _count(self, settled: ExposureSettled, record: SourceRecord, counts: Counts) -> None:
        """Count what an option has brought, and print the new rates where it is time."""
        if not counting.counts(settled):
            counts.add(f"passed|{settled.tenant}")
            return
        name = f"{settled.tenant}|{settled.campaign_id}"
        counts.add(f"chosen|{name}")
        published = self._choices.take(name, settled)
        if published is not None:
            counts.add(f"published|{name}|choice")
            self._print(settled.tenant, published, settled.settled_at_ms, record)

    def _observe(self, seen: CustomerObserved, record: SourceRecord, counts: Counts) -> None:
        """Learn from how a customer spends, and print the segments where it is time."""
        counts.add(f"observed|{seen.tenant}")
        published = self._segments.take(seen)
        if published is not None:
            counts.add(f"published|{seen.tenant}||segments")
            self._print(seen.tenant, published, seen.observed_at_ms, record)

    def _take(self, said: _Said, record: SourceRecord, counts: Counts) -> None:
        """Give a record to its model, count what became of it, and print what was published."""
        key = customer_key(said.tenant, said.model_id).decode()
        learner = self._learners.get(key)
        if learner is None:
            learner = self._begun(said, key)
        elif isinstance(said, ModelTold):
            _tell(learner, said, counts)
        elif isinstance(said, ExposureOpened):
            taking.exposure(learner, said)
        else:
            taking.outcome(learner, said)
        if learner is None:
            counts.add(f"unmatched|{key}")
            return
        self._changed[key] = None
        for what in learner.counted:
            kind, _, which = what.partition("|")
            counts.add(f"{kind}|{key}|{which}" if which else f"{kind}|{key}")
        learner.counted.clear()
        for snapshot in learner.published:
            self._print(said.tenant, snapshot, learner.row.at_ms, record)
        learner.published.clear()

    def _print(self, tenant: str, learnt: _Learnt, at_ms: int, record: SourceRecord) -> None:
        """Print what a record has led to, for every journal partition."""
        source = SourceCoordinates(record.topic, record.partition, record.offset)
        self._outputs.append(_printed(tenant, learnt, at_ms, source))

    def _begun(self, said: _Said, key: str) -> Learner | None:
        """Return the learner that a definition begins, None: the model is not known."""
        if not isinstance(said, ModelTold) or not isinstance(said.record, ModelDefined):
            return None
        learner = self._learners[key] = Learner(taking.begun(said.record))
        learner.row.at_ms = said.told_at_ms
        learner.publish("defined")
        return learner

    def _counts_of(self, partition: int) -> Counts:
        """Return the counts of a partition, new ones for one never heard of."""
        counts = self._counts.get(partition)
        if counts is None:
            counts = self._counts[partition] = Counts()
        return counts


def _tell(learner: Learner, told: ModelTold, counts: Counts) -> None:
    """Tell a model what the control plane says of it, and count what changed nothing."""
    record = told.record
    if isinstance(record, ModelDefined):
        if not taking.definition(learner, record, told.told_at_ms):
            counts.add(f"ignored|{told.tenant}|STALE_VERSION")
    elif not taking.setting(learner, record, told.told_at_ms):
        counts.add(f"ignored|{told.tenant}|NOT_KEPT")


def _printed(tenant: str, learnt: _Learnt, at_ms: int, source: SourceCoordinates) -> OutputRecord:
    """Return what was learnt as a record of every journal partition (SEMANTICS L1)."""
    match learnt:
        case ModelPublished():
            name = learnt.model.id
        case ChoicePublished():
            name = f"choice-{learnt.campaign_id}"
        case _:
            name = "segments"
    envelope = JournalEnvelope(
        tenant=tenant,
        customer_token="",
        journal_at_ms=at_ms,
        occurred_at_ms=at_ms,
        event_id=f"{name}-{learnt.sequence}",
        event_source="cardcue/learning",
        source=source,
        record=learnt,
    )
    key = customer_key(tenant, "")
    return OutputRecord(JOURNAL_TOPIC, key, encode_json(envelope), partition=BROADCAST)
