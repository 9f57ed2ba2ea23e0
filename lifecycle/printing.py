"""Print what a record leads to: the topic, the key that keeps order, CloudEvents headers, JSON."""

from collections.abc import Mapping
from typing import Final

from lifecycle.records import Effect
from schemas.codec import customer_key, encode_json
from schemas.decisions import Decision, OfferGrantRequested, Trigger, TriggerCancelled
from schemas.journal import SEMANTICS_VERSION
from schemas.outcomes import (
    CardMoved,
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    ModelTold,
    OutcomeRecorded,
)
from schemas.records import OutputRecord
from schemas.routing import DECISIONS_TOPIC, OFFERS_TOPIC, OUTCOMES_TOPIC, TRIGGER_TOPICS
from schemas.segments import CustomerObserved


_OUTCOMES: Final[Mapping[type, tuple[bytes, str]]] = {
    ExposureOpened: (b"exposure.opened.v1", "exposure_id"),
    OutcomeRecorded: (b"outcome.recorded.v1", "outcome_id"),
    ExposureSettled: (b"exposure.settled.v1", "settled_id"),
    ExposureFollowed: (b"exposure.followed.v1", "followed_id"),
    ExposureObjected: (b"exposure.objected.v1", "objected_id"),
    CardMoved: (b"card.moved.v1", "moved_id"),
    ModelTold: (b"model.told.v1", "told_id"),
    CustomerObserved: (b"customer.observed.v1", "observed_id"),
}
"""What goes to `lifecycle.outcomes.v1`: its type, and the field with its own id."""


def printed(effect: Effect) -> OutputRecord:
    """Return an effect as a record of its topic: JSON, CloudEvents headers."""
    topic, kind, own_id = _place(effect)
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", own_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", kind),
        ("ce_subject", b"" if isinstance(effect, ModelTold) else effect.customer_token.encode()),
        ("ce_tenantid", effect.tenant.encode()),
        ("cardcue.semantics_version", b"%d" % SEMANTICS_VERSION),
    )
    return OutputRecord(topic, _key(effect), encode_json(effect), headers)


def _key(effect: Effect) -> bytes:
    """Return what keeps records in order: a customer; for learning a model, else a campaign."""
    match effect:
        case ModelTold():
            return customer_key(effect.tenant, effect.model_id)
        case CustomerObserved():
            return customer_key(effect.tenant, "")
        case Trigger() | OfferGrantRequested() | TriggerCancelled() | Decision() | CardMoved():
            return customer_key(effect.tenant, effect.customer_token)
        case _:
            return customer_key(effect.tenant, effect.model_id or effect.campaign_id)


def _place(effect: Effect) -> tuple[str, bytes, str]:
    """Return an effect's topic, its type and its own id."""
    match effect:
        case Trigger():
            return TRIGGER_TOPICS[effect.channel], b"trigger.requested.v1", effect.trigger_id
        case OfferGrantRequested():
            return OFFERS_TOPIC, b"offer.grant_requested.v1", effect.reservation_id
        case TriggerCancelled():
            return TRIGGER_TOPICS[effect.channel], b"trigger.cancelled.v1", effect.cancellation_id
        case Decision():
            return DECISIONS_TOPIC, b"decision.recorded.v1", effect.decision_id
        case _:
            kind, field = _OUTCOMES[type(effect)]
            return OUTCOMES_TOPIC, kind, getattr(effect, field)
