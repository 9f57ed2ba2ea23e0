"""
Say how likely a contact is to bring what it is for: by a model, else by the campaign's base rate.

Of who wants no personalisation nothing is looked at (SEMANTICS O3, O4).
"""

from lifecycle import profiles
from lifecycle.asked import Asked
from lifecycle.scoring import scored


def estimate(asked: Asked) -> None:
    """Score a marketing candidate that has passed the gates, if its campaign has a model."""
    candidate = asked.candidate
    model = asked.tenant.snapshots.in_force.get(candidate.policy.campaign.model)
    if model is None or profiles.personalisation_off(asked.row):
        return
    score = candidate.score = scored(model, asked.context)
    candidate.propensity_from = model.rests_on
    if model.rests_on == "model":
        candidate.propensity_ppm = score.score_ppm
    elif model.rests_on == "uplift":
        candidate.propensity_ppm = score.score_ppm - score.control_score_ppm
