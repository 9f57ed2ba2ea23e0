"""
Write an outcomes log by hand: one model of one bank, time in milliseconds after T0.

Two inputs: a number as it is, and a category of two values, so that a head has four weights: the
number's, any other text's, `gold`'s and `black`'s.
"""

from collections.abc import Iterable, Sequence
from struct import pack
from typing import Any

import msgspec

from lifecycle.learning.fold import LearningFold
from schemas.codec import decode_envelope, decode_row, encode_json
from schemas.decisions import Cause
from schemas.events.control import ModelDefined, ModelSet
from schemas.examples import EXPOSURE, OUTCOME
from schemas.journal import JournalEnvelope
from schemas.learning import ModelPublished
from schemas.learning_rows import LearnerRow
from schemas.model import CategoryInput, Model, NumberInput, Optimizer
from schemas.outcomes import ModelTold
from schemas.records import OutputRecord, Row, StoredRecord
from schemas.routing import OUTCOMES_TOPIC
from schemas.rules import Const, Rule
from streams.replay import Replayed, replay


T0 = 1_700_000_000_000
DAY = 86_400_000
TENANT = "bank"
MODEL = "bind"
KEY = f"{TENANT}|{MODEL}"
SOURCES = [(OUTCOMES_TOPIC, 0)]
CAUSE = Cause(event_type="tick", event_id="t", event_source="cardcue/clock")

PLAIN, GOLD = pack("<2f", 2.0, 0.0), pack("<2f", 0.0, 1.0)
"""A number of 2 and another text; no number and `gold`."""


def model(**changed: Any) -> Model:  # noqa: ANN401 (any field)
    """Return a model that says one half at first and publishes after two examples."""
    wanted = Model(
        id=MODEL,
        version=1,
        inputs=(
            NumberInput(id="spent", rule=Rule(text="1", tree=Const(1))),
            CategoryInput(
                id="tier", rule=Rule(text="''", tree=Const("")), values=("gold", "black")
            ),
        ),
        base_rate_ppm=500_000,
        optimizer=Optimizer(kind="sgd", learning_rate_ppm=100_000),
        exposure_count_min=1,
        conversion_count_min=1,
        publish_count=2,
        publish_every_ms=604_800_000,
        cohort_count=20,
    )
    return msgspec.structs.replace(wanted, **changed)


class OutcomeLog:
    """Records as the lifecycle fold writes them, one after the other; each method adds one."""

    def __init__(self, tenant: str = TENANT) -> None:
        """Begin with nothing."""
        self.records: list[StoredRecord] = []
        self._tenant = tenant

    def define(self, one: Model, at: int = 0, **heads: Any) -> None:  # noqa: ANN401 (heads)
        """Tell of a model."""
        self._tell(one.id, ModelDefined(model=one, **heads), at)

    def put(self, at: int = 0, *, frozen: bool = False, rollback: int = 0) -> None:
        """Tell the model to be held, to learn on, or to go back."""
        said = ModelSet(model_id=MODEL, frozen=frozen, rollback_sequence=rollback)
        self._tell(MODEL, said, at)

    def open(self, at: int = 0, **changed: Any) -> None:  # noqa: ANN401 (any field)
        """Tell of an exposure decided at that time, closing a day later; `sent` unless said."""
        wanted = msgspec.structs.replace(
            EXPOSURE,
            exposure_id=f"e-{len(self.records)}",
            tenant=self._tenant,
            decided_at_ms=T0 + at,
            closes_at_ms=T0 + at + DAY,
            **self._scored(),
        )
        self.add(b"exposure.opened.v1", msgspec.structs.replace(wanted, **changed))

    def close(self, at: int = 0, label: int | None = 1, **changed: Any) -> None:  # noqa: ANN401
        """Tell of the first outcome of an exposure decided at that time; a minute later by far."""
        wanted = msgspec.structs.replace(
            OUTCOME,
            outcome_id=f"o-{len(self.records)}",
            tenant=self._tenant,
            label=label,
            reason="converted" if label else "not_converted",
            decided_at_ms=T0 + at,
            closes_at_ms=T0 + at + DAY,
            occurred_at_ms=T0 + at + 60_000,
            closed_at_ms=T0 + at + 60_000,
            **self._scored(),
        )
        self.add(b"outcome.recorded.v1", msgspec.structs.replace(wanted, **changed))

    def cohort(self, at: int, converted: int, *, score_ppm: int = 500_000, count: int = 20) -> None:
        """Tell of a whole cohort: contacts one after the other, then what came of each."""
        for place in range(count):
            self.open(at + place, score_ppm=score_ppm)
        for place in range(count):
            self.close(at + place, int(place < converted), score_ppm=score_ppm)

    def add(self, kind: bytes, said: object, key: str = KEY) -> None:
        """Add a record of this type."""
        headers = (("ce_type", kind),)
        value = None if said is None else encode_json(said)
        offset = len(self.records)
        self.records.append(
            StoredRecord(OUTCOMES_TOPIC, 0, offset, T0, key.encode(), value, headers)
        )

    def _tell(self, model_id: str, said: ModelDefined | ModelSet, at: int) -> None:
        told = ModelTold(
            told_id=f"m-{len(self.records)}",
            tenant=self._tenant,
            model_id=model_id,
            told_at_ms=T0 + at,
            record=said,
            cause=CAUSE,
        )
        self.add(b"model.told.v1", told)

    def _scored(self) -> dict[str, Any]:
        return {
            "model_id": MODEL,
            "model_version": 1,
            "model_sequence": 1,
            "score_ppm": 500_000,
            "vector": PLAIN,
        }


class Folded:
    """What a fold has made of a log."""

    def __init__(self, log: OutcomeLog) -> None:
        """Fold it whole."""
        self.fold = LearningFold(0, 1)
        made = replayed(log.records, self.fold)
        self.rows = made.rows
        self.envelopes = envelopes(made.outputs)

    @property
    def row(self) -> LearnerRow:
        """Return the row of the model."""
        return row_of(self.rows)

    @property
    def snapshots(self) -> list[ModelPublished]:
        """Return every snapshot, in the order published."""
        return [one.record for one in self.envelopes if isinstance(one.record, ModelPublished)]

    @property
    def reasons(self) -> list[str]:
        """Return why each snapshot was published."""
        return [one.reason for one in self.snapshots]

    def count(self, what: str, kind: str = "") -> int:
        """Return how often something became of a record of the model."""
        key = f"{what}|{KEY}|{kind}" if kind else f"{what}|{KEY}"
        return self.fold.counts().get(key, 0)


def replayed(
    records: Sequence[StoredRecord], fold: LearningFold | None = None, rows: Iterable[Row] = ()
) -> Replayed:
    """Return what a fold makes of records, from these rows on."""
    return replay(fold or LearningFold(0, 1), records, sources=SOURCES, rows=rows)


def row_of(rows: dict[bytes, bytes]) -> LearnerRow:
    """Return the row of the model."""
    return decode_row(rows[KEY.encode()], LearnerRow)


def envelopes(outputs: Iterable[OutputRecord]) -> list[JournalEnvelope]:
    """Return what was written into the journal."""
    return [decode_envelope(output.value or b"") for output in outputs]


def folded(log: OutcomeLog) -> Folded:
    """Return what a fold makes of a log."""
    return Folded(log)
