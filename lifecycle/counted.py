"""Say under which keys of `#counts|p` a record is counted that the fold writes."""

from collections.abc import Iterator

from lifecycle.records import Effect
from schemas.decisions import Decision, TriggerCancelled
from schemas.outcomes import (
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    OutcomeRecorded,
)


def keys(effect: Effect) -> Iterator[str]:
    """Yield the keys of a record, none for what nobody counts (docs/core.md 3.7, 3.12 to 3.17)."""
    match effect:
        case Decision():
            yield f"occasion|{effect.tenant}"
            for one in effect.candidates:
                what = f"{one.campaign_id}|{one.verdict}|{one.reason_code}"
                yield f"decision|{effect.tenant}|{what}"
        case TriggerCancelled():
            yield f"cancelled|{effect.tenant}|{effect.campaign_id}|{effect.reason_code}"
        case ExposureOpened():
            yield f"exposure|{effect.tenant}|{effect.campaign_id}|{effect.verdict}"
        case OutcomeRecorded():
            yield f"outcome|{effect.tenant}|{effect.campaign_id}|{effect.reason}"
        case ExposureSettled():
            label = "null" if effect.label is None else effect.label
            yield f"settled|{effect.tenant}|{effect.campaign_id}|{label}"
        case ExposureObjected():
            yield f"objected|{effect.tenant}|{effect.campaign_id}|{effect.objection}"
        case _:
            return
