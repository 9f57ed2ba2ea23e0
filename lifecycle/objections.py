"""
Hear who objects to a contact, or what a gateway failed to deliver: what a guardrail counts.

Of each exposure once a kind, whichever channel it was said of: a fallback is the contact that it
follows. Who was kept back was not contacted and has nothing to object to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from lifecycle import exposures
from lifecycle.consents import DATA
from lifecycle.entries import Sighting
from lifecycle.experiment import KEPT_BACK
from lifecycle.ids import derived_id
from lifecycle.outcomes import exposure_id_of
from lifecycle.partition import TenantState
from schemas import events
from schemas.exposed import ExposureState
from schemas.outcomes import ExposureObjected, Objection
from schemas.state import CustomerRow


BITS: Final[Mapping[Objection, int]] = {"opt_out": 1, "complaint": 2, "failure": 4}

NOT_DELIVERED: Final = frozenset({"failed", "rejected"})
REFUSED: Final = frozenset({"denied", "revoked"})


def raised(
    tenant: TenantState, row: CustomerRow, seen: Sighting, *, applied: bool
) -> Sequence[ExposureObjected]:
    """
    Return the objections that an event is, each remembered by its exposure.

    `applied`: the event taught what it does; a receipt that did not is no failure.
    """
    read = _OBJECTION_BY_EVENT.get(type(seen.event))
    kind = read(seen.event) if read is not None else None
    if kind is None or (kind == "failure" and not applied):
        return ()
    found: list[ExposureObjected] = []
    for exposure in _concerned(row, seen):
        if not exposure.objections & BITS[kind]:
            exposure.objections |= BITS[kind]
            found.append(_objected(tenant, seen, exposure, kind))
    return found


def _concerned(row: CustomerRow, seen: Sighting) -> Iterator[ExposureState]:
    """Yield the exposures that an event objects to: of its trigger, else the newest it may mean."""
    contacted = (one for one in row.exposures if one.campaign_id and one.arm not in KEPT_BACK)
    trigger_id = getattr(seen.event, "trigger_id", None)
    if trigger_id is not None:
        yield from (exposure for exposure in contacted if exposures.made(exposure, trigger_id))
        return
    occurred_at_ms = seen.envelope.occurred_at_ms
    meant = [one for one in contacted if one.decided_at_ms < occurred_at_ms <= one.closes_at_ms]
    yield from meant[-1:]


def _objected(
    tenant: TenantState, seen: Sighting, exposure: ExposureState, kind: Objection
) -> ExposureObjected:
    """Return the record of an objection."""
    return ExposureObjected(
        objected_id=derived_id("objected", exposure.trigger_id, kind),
        exposure_id=exposure_id_of(exposure.trigger_id),
        tenant=tenant.name,
        customer_token=seen.envelope.customer_token,
        campaign_id=exposure.campaign_id,
        policy_version=exposure.policy_version,
        arm=exposure.arm,
        objection=kind,
        decided_at_ms=exposure.decided_at_ms,
        occurred_at_ms=seen.envelope.occurred_at_ms,
        objected_at_ms=tenant.row.now_at_ms,
        model_id=exposure.model_id,
    )


def _receipt(event: events.DeliveryReceipt) -> Objection | None:
    if event.status == "blocked_optout":
        return "opt_out"
    return "failure" if event.status in NOT_DELIVERED else None


def _response(event: events.ResponseRecorded) -> Objection | None:
    if event.kind == "optout":
        return "opt_out"
    return "complaint" if event.kind == "complaint" else None


def _consent(event: events.ConsentChanged) -> Objection | None:
    return "opt_out" if event.status in REFUSED and event.channel != DATA else None


def _case(event: events.ServiceCaseOpened) -> Objection | None:
    return "complaint" if event.case_class == "complaint" else None


_OBJECTION_BY_EVENT: Final[Mapping[type, Callable[[Any], Objection | None]]] = {
    events.DeliveryReceipt: _receipt,
    events.ResponseRecorded: _response,
    events.ConsentChanged: _consent,
    events.ServiceCaseOpened: _case,
}
