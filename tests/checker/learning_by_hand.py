"""Records of an outcomes log by hand, of a model that looks at one number."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.learning import EXPOSURE, OUTCOME, TOLD, LearningOracle
from tests.checker.models_by_hand import rule


AT = 1_700_000_000_000
DAY = 86_400_000
ONE = "AACAPw=="
"""1.0 as float32."""

MODEL: Facts = {
    "id": "ranker",
    "version": 1,
    "inputs": [{"kind": "number", "id": "days", "is": rule("tenure_days")}],
    "base_rate_ppm": 500_000,
    "optimizer": {"kind": "sgd", "learning_rate_ppm": 500_000},
    "exposure_count_min": 1,
    "conversion_count_min": 1,
    "publish_count": 1_000,
    "publish_every_ms": 604_800_000,
    "cohort_count": 20,
}

Said = tuple[str, Facts]


def told(record: Facts, at: int = AT) -> Said:
    """Return what learning is told by the control plane."""
    said = {"tenant": "acme", "model_id": "ranker", "told_at_ms": at, "record": record}
    return TOLD, said


def defined(**other: Any) -> Said:  # noqa: ANN401 (any field)
    """Return the model's definition, without heads if nothing else is said."""
    heads = {name: other.pop(name, None) for name in ("contact", "control")}
    return told({"event_type": "model.defined", "model": MODEL | other, **heads})


def set_to(*, frozen: bool = False, back: int = 0) -> Said:
    """Return what holds the model, or takes it back."""
    said = {"model_id": "ranker", "frozen": frozen, "rollback_sequence": back}
    return told({"event_type": "model.set", **said})


def exposed(at: int = AT, score_ppm: int = 500_000, **other: Any) -> Said:  # noqa: ANN401
    """Return an exposure of a contact at 1.0."""
    said = {"tenant": "acme", "model_id": "ranker", "model_version": 1, "vector": ONE}
    said |= {"verdict": "sent", "arm": "default", "score_ppm": score_ppm}
    return EXPOSURE, said | {"decided_at_ms": at, "closes_at_ms": at + DAY} | other


def came(label: int | None, at: int = AT, sequence: int = 1, **other: Any) -> Said:  # noqa: ANN401
    """Return the outcome of an exposure that was decided at this moment, an hour later."""
    _, exposure = exposed(at)
    said = {"label": label, "sequence": sequence, "occurred_at_ms": at + 3_600_000}
    return OUTCOME, exposure | said | {"closed_at_ms": at + 3_600_000} | other


def learnt(*records: Said) -> LearningOracle:
    """Return the oracle after these records."""
    oracle = LearningOracle()
    for offset, (ce_type, record) in enumerate(records):
        oracle.see(ce_type, record, ("lifecycle.outcomes.v1", 0, offset))
    return oracle


def state_of(oracle: LearningOracle) -> Facts:
    """Return what is known of the one model."""
    (state,) = oracle.models.values()
    return state
