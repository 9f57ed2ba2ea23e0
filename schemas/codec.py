"""
Read and print every shape that is ever bytes: the only parser and the only printer.

Journal, progress, triggers and decisions are JSON; changelog rows are msgpack. What comes from
outside is read by `schemas.incoming`, which may reject; what we wrote ourselves is read here, and
a failure to read it is a defect, so errors are left to stop the process.
"""

from typing import Any, Final, TypeVar

import msgspec

from schemas.calendar import Calendar
from schemas.contact_policy import ContactPolicy
from schemas.counted import CountedDecision
from schemas.decisions import Decision, OfferGrantRequested, Trigger, TriggerCancelled
from schemas.insight import (
    ChoicePublished,
    EffectReported,
    FunnelReported,
    GuardrailReported,
)
from schemas.insight_rows import EffectRow, FunnelRow
from schemas.journal import JournalEnvelope, Progress
from schemas.learning import ModelPublished
from schemas.outcomes import (
    CardMoved,
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    ModelTold,
    OutcomeRecorded,
)
from schemas.segments import CustomerObserved, SegmentsPublished
from schemas.state import CustomerRow
from schemas.state_source import ClockRow, SourceRow
from schemas.state_tenant import OfferRow, PolicyRow, TemplateRow, TenantRow


Shape = TypeVar("Shape")

_JSON: Final = msgspec.json.Encoder()
_MSGPACK: Final = msgspec.msgpack.Encoder()

encode_json: Final = _JSON.encode
"""Return a struct as JSON bytes, fields in declaration order."""

decode_envelope: Final = msgspec.json.Decoder(JournalEnvelope).decode
decode_progress: Final = msgspec.json.Decoder(Progress).decode
decode_trigger: Final = msgspec.json.Decoder(Trigger).decode
decode_decision: Final = msgspec.json.Decoder(Decision).decode
decode_cancellation: Final = msgspec.json.Decoder(TriggerCancelled).decode
decode_grant: Final = msgspec.json.Decoder(OfferGrantRequested).decode
decode_exposure: Final = msgspec.json.Decoder(ExposureOpened).decode
decode_outcome: Final = msgspec.json.Decoder(OutcomeRecorded).decode
decode_told: Final = msgspec.json.Decoder(ModelTold).decode
decode_settled: Final = msgspec.json.Decoder(ExposureSettled).decode
decode_followed: Final = msgspec.json.Decoder(ExposureFollowed).decode
decode_objected: Final = msgspec.json.Decoder(ExposureObjected).decode
decode_moved: Final = msgspec.json.Decoder(CardMoved).decode
decode_observed: Final = msgspec.json.Decoder(CustomerObserved).decode
decode_counted_decision: Final = msgspec.json.Decoder(CountedDecision).decode
decode_effect: Final = msgspec.json.Decoder(EffectReported).decode
decode_funnel: Final = msgspec.json.Decoder(FunnelReported).decode
decode_tripped: Final = msgspec.json.Decoder(GuardrailReported).decode

decode_customer_row: Final = msgspec.msgpack.Decoder(CustomerRow).decode
decode_tenant_row: Final = msgspec.msgpack.Decoder(TenantRow).decode
decode_policy_row: Final = msgspec.msgpack.Decoder(PolicyRow).decode
decode_calendar_row: Final = msgspec.msgpack.Decoder(Calendar).decode
decode_contact_policy_row: Final = msgspec.msgpack.Decoder(ContactPolicy).decode
decode_template_row: Final = msgspec.msgpack.Decoder(TemplateRow).decode
decode_offer_row: Final = msgspec.msgpack.Decoder(OfferRow).decode
decode_snapshot_row: Final = msgspec.msgpack.Decoder(ModelPublished).decode
decode_effect_row: Final = msgspec.msgpack.Decoder(EffectRow).decode
decode_funnel_row: Final = msgspec.msgpack.Decoder(FunnelRow).decode
decode_segments_row: Final = msgspec.msgpack.Decoder(SegmentsPublished).decode
decode_choice_row: Final = msgspec.msgpack.Decoder(ChoicePublished).decode
decode_budget_row: Final = msgspec.msgpack.Decoder(int).decode
decode_clock_row: Final = msgspec.msgpack.Decoder(ClockRow).decode
decode_source_row: Final = msgspec.msgpack.Decoder(SourceRow).decode
decode_counts_row: Final = msgspec.msgpack.Decoder(dict[str, int]).decode
decode_offsets_row: Final = msgspec.msgpack.Decoder(dict[str, dict[int, int]]).decode


def encode_row(row: object) -> bytes:
    """
    Return a row's value as msgpack bytes, in no more memory than they need.

    The encoder's own result keeps the room that it grew into: a quarter of what customers take up.
    """
    return bytes(memoryview(_MSGPACK.encode(row)))


def decode_row(value: bytes, shape: type[Shape]) -> Shape:
    """Return a row of any other declared shape."""
    return msgspec.msgpack.decode(value, type=shape)


def customer_key(tenant: str, customer_token: str) -> bytes:
    """Return the key of everything about one customer: `tenant|customer_token`."""
    return f"{tenant}|{customer_token}".encode()


def to_builtins(value: Any) -> Any:  # noqa: ANN401 (mirrors msgspec: any struct in, plain data out)
    """Return a struct as plain dicts, lists and scalars."""
    return msgspec.to_builtins(value)
