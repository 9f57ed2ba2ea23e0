"""Look up what a candidate is about, as it is now: everything that its gates will see."""

from typing import NamedTuple

from lifecycle import cards, content, experiment, rhythm, statements, treatments
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.entries import statement_id_in
from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
from lifecycle.partition import TenantState
from lifecycle.records import Occasion
from schemas.campaign import DueDateEntry, SilenceEntry
from schemas.state import CustomerRow


class Asked(NamedTuple):
    """What a gate looks at."""

    tenant: TenantState
    row: CustomerRow
    candidate: Candidate
    context: Context


def look_up(occasion: Occasion, candidate: Candidate, status: str = "") -> Asked:
    """
    Complete a candidate with what its gates and its record have to tell.

    `status` is that of the receipt which a fallback follows, "" where the candidate is none.
    """
    tenant, row = occasion.tenant, occasion.row
    entry, journey = candidate.policy.campaign.entry, candidate.journey
    candidate.card_token = cards.current(row, journey.card_token)
    if isinstance(entry, SilenceEntry):
        candidate.rhythm = rhythm.read(entry, row, occasion.now_ms)
    elif isinstance(entry, DueDateEntry):
        candidate.statement = statements.find(row, statement_id_in(journey.occurrence_key))
    context = Context(
        row=row,
        now_ms=occasion.now_ms,
        time_zone=tenant.row.time_zone,
        card_token=candidate.card_token,
        statement=candidate.statement,
        journey=journey,
        segments=tenant.segments.in_force,
    )
    candidate.features = content.looked_at(candidate, occasion.now_ms)
    candidate.features |= {name: FEATURES[name].read(context) for name in candidate.policy.reads}
    if binding(candidate).arbitration:  # only advertising is experimented with
        candidate.assigned = experiment.assigned(candidate.policy.campaign, occasion.customer_token)
    treatments.choose(tenant, row, candidate, status)
    return Asked(tenant, row, candidate, context)
