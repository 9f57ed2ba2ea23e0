"""
Tell learning what the control plane says of a model, once, in the topic that it reads.

Every journal partition takes a control record, the first alone passes it on (docs/core.md 3.16).
"""

from typing import Final

from lifecycle.ids import derived_id
from lifecycle.partition import EVENT_TYPES, TenantState
from lifecycle.records import cause_of
from schemas.events import ModelDefined, ModelSet
from schemas.journal import JournalEnvelope
from schemas.outcomes import ModelTold


PASSING_ON: Final = 0
"""The journal partition that passes on."""


def told(tenant: TenantState, envelope: JournalEnvelope, became: str) -> tuple[ModelTold, ...]:
    """Return what learning is told of a control record that `became` this: its type, if taken."""
    event = envelope.record
    if not isinstance(event, ModelDefined | ModelSet) or tenant.partition != PASSING_ON:
        return ()
    if became != EVENT_TYPES[type(event)]:
        return ()
    record = ModelTold(
        told_id=derived_id("told", envelope.event_source, envelope.event_id),
        tenant=tenant.name,
        model_id=event.model.id if isinstance(event, ModelDefined) else event.model_id,
        told_at_ms=tenant.row.now_at_ms,
        record=event,
        cause=cause_of(envelope),
    )
    return (record,)
