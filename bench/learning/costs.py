"""
Measure what a model costs: a score, an example, a snapshot, an open exposure in a customer's row.

The model is a bank's own, `deploy/models/activation.yaml`; the customer has sixteen purchases. CPU
of one core, medians of five; bytes as they are written.
"""

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import Final

from msgspec.structs import replace

from cli.model_file import read_model
from lifecycle import counters
from lifecycle.entries import Sighting
from lifecycle.features.context import Context
from lifecycle.learning.fold import LearningFold
from lifecycle.scoring import active, scored
from schemas.codec import decode_envelope, encode_json, encode_row
from schemas.decisions import Cause
from schemas.events import ModelDefined, TxnPosted
from schemas.examples import EXPOSURE, OUTCOME
from schemas.exposed import VECTORS_MAX, ExposureState
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.learning import ModelPublished
from schemas.model import CategoryInput, Model
from schemas.outcomes import ModelTold
from schemas.records import StoredRecord
from schemas.routing import OUTCOMES_TOPIC
from schemas.state import CustomerRow


ROOT: Final = Path(__file__).resolve().parents[2]
NOW_MS: Final = 1_767_225_600_000
HOUR_MS: Final = 3_600_000
EXPOSURE_COUNT: Final = 10_000
SCORE_COUNT: Final = 20_000
ROUNDS: Final = 5
CONVERTED_RATIO: Final = 0.1
CUSTOMER: Final = "c-000000001"
CARD: Final = "k-000000001"

Figures = dict[str, float]


def cost_figures(exposure_count: int = EXPOSURE_COUNT, score_count: int = SCORE_COUNT) -> Figures:
    """Return microseconds and bytes of one model, after so many exposures and scores."""
    model = read_model(ROOT / "deploy" / "models" / "activation.yaml")
    learns = [_learnt(model, exposure_count) for _ in range(ROUNDS)]
    fold, snapshot = learns[-1][1:]
    rows = fold.drain().rows
    published = active(snapshot)
    context = Context(
        row=_customer(),
        now_ms=NOW_MS,
        time_zone="Asia/Shanghai",
        card_token=CARD,
        statement=None,
        journey=None,
    )
    vector = scored(published, context).vector
    return {
        "cost_inputs": len(model.inputs),
        "cost_score_us": _median_us(lambda: scored(published, context), score_count),
        "cost_learn_us": statistics.median(seconds for seconds, *_ in learns)
        / (2 * exposure_count)
        * 1e6,
        "cost_snapshot_bytes": len(encode_json(snapshot)),
        "cost_model_row_bytes": max(len(row.value or b"") for row in rows),
        "cost_exposure_bytes": _exposure_bytes(model, vector),
        "cost_vector_bytes": len(vector),
    }


def _learnt(model: Model, exposure_count: int) -> tuple[float, LearningFold, ModelPublished]:
    """Return the CPU of learning from contacts of which one in ten converts, and what is left."""
    lots = random.Random(1)  # noqa: S311 (a seeded world)
    records = [_record(b"model.told.v1", _told(model), 0)]
    for number in range(exposure_count):
        at_ms = NOW_MS + number * 1_000
        seen = {
            "model_id": model.id,
            "model_version": model.version,
            "model_sequence": 1,
            "score_ppm": 20_000,
            "vector": pack(f"<{len(model.inputs)}f", *_values(model, lots)),
        }
        times = {"decided_at_ms": at_ms, "closes_at_ms": at_ms + HOUR_MS}
        opened = replace(EXPOSURE, exposure_id=f"e{number}", **times, **seen)
        converted = lots.random() < CONVERTED_RATIO
        said = "converted" if converted else "not_converted"
        closed = replace(
            OUTCOME,
            exposure_id=f"e{number}",
            label=int(converted),
            reason=said,
            closed_at_ms=at_ms + 500,
            occurred_at_ms=at_ms + 500,
            **times,
            **seen,
        )
        records.append(_record(b"exposure.opened.v1", opened, len(records)))
        records.append(_record(b"outcome.recorded.v1", closed, len(records)))
    fold = LearningFold(0, 1)
    fold.open([(OUTCOMES_TOPIC, 0)])
    began = time.process_time()
    for record in records:
        fold.apply(record)
    seconds = time.process_time() - began
    last = decode_envelope(fold.drain().outputs[-1].value or b"").record
    if not isinstance(last, ModelPublished):
        raise TypeError(f"wanted a snapshot, found {type(last).__name__}")
    fold.apply(_record(b"exposure.opened.v1", opened, len(records)))  # so that its row is told
    return seconds, fold, last


def _values(model: Model, lots: random.Random) -> list[float]:
    """Return a vector as scoring makes it: numbers of the order of 1, categories by place."""
    return [
        float(lots.randrange(len(one.values) + 1))
        if isinstance(one, CategoryInput)
        else lots.uniform(-1.0, 1.0)
        for one in model.inputs
    ]


def _told(model: Model) -> ModelTold:
    """Return that the model is defined."""
    return ModelTold(
        told_id="t",
        tenant=EXPOSURE.tenant,
        model_id=model.id,
        told_at_ms=NOW_MS,
        record=ModelDefined(model=model),
        cause=Cause(event_type="model.defined", event_id="m", event_source="bench"),
    )


def _record(kind: bytes, said: object, offset: int) -> StoredRecord:
    """Return a record of the outcomes log."""
    key = f"{EXPOSURE.tenant}|activation".encode()
    return StoredRecord(OUTCOMES_TOPIC, 0, offset, 0, key, encode_json(said), (("ce_type", kind),))


def _customer() -> CustomerRow:
    """Return a customer with sixteen purchases, an hour apart."""
    row = CustomerRow()
    for number in range(16):
        at_ms = NOW_MS - (16 - number) * HOUR_MS
        event = TxnPosted(
            txn_id=f"t{number}", card_token=CARD, amount_minor=1_000 + number, currency="CNY"
        )
        envelope = JournalEnvelope(
            tenant="bank",
            customer_token=CUSTOMER,
            journal_at_ms=at_ms,
            occurred_at_ms=at_ms,
            event_id=f"e{number}",
            event_source="bench",
            source=SourceCoordinates("bench", 0, number),
            record=event,
        )
        counters.take(row, event, Sighting(envelope, event, number, False, False))  # noqa: FBT003
    return row


def _exposure_bytes(model: Model, vector: bytes) -> float:
    """Return what an open exposure with its vector takes of a row, on average of eight."""
    row = CustomerRow()
    empty = len(encode_row(row))
    row.exposures = [
        ExposureState(
            trigger_id=f"5f6d1b2c-0a3e-8b7d-9c1f-00000000000{number}",
            campaign_id="activation_nudge",
            policy_version=1,
            card_token=CARD,
            occurrence_key=f"{CARD}|0123456789abcdef",
            entered_at_ms=NOW_MS,
            arm="default",
            arm_ppm=900_000,
            decided_at_ms=NOW_MS,
            closes_at_ms=NOW_MS + HOUR_MS,
            conversion_on="card.activated",
            model_id=model.id,
            model_version=model.version,
            model_sequence=7,
            score_ppm=20_000,
            vector=vector,
        )
        for number in range(VECTORS_MAX)
    ]
    return (len(encode_row(row)) - empty) / VECTORS_MAX


def _median_us(work: Callable[[], object], count: int) -> float:
    """Return the CPU of one call in microseconds, the median of the rounds."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(count):
            work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds) / count * 1e6
