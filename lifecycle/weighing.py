"""Ask what a contact is worth: one that costs more than it may bring is not made (SEMANTICS O2)."""

from lifecycle.asked import Asked
from lifecycle.bindings import binding
from lifecycle.propensity import estimate
from lifecycle.worth import worth_micro
from schemas.decisions import GateReading


def weigh(asked: Asked) -> None:
    """Ask the gate `worth` of a marketing candidate that has passed the gates before it."""
    candidate, campaign = asked.candidate, asked.candidate.policy.campaign
    if candidate.reason or not binding(candidate).arbitration:
        return
    terms = candidate.terms
    candidate.propensity = estimate(
        asked.tenant, asked.row, asked.context, campaign, candidate.option
    )
    candidate.worth_micro = worth_micro(
        candidate.propensity.ppm,
        terms.value_minor,
        campaign.lever_percent,
        terms.contact_cost_minor,
    )
    reading = GateReading(
        gate="worth",
        reason_code="NOT_WORTH" if candidate.worth_micro < 0 else "",
        saw={"worth_micro": candidate.worth_micro},
    )
    candidate.read(reading)
