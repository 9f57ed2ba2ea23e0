"""
Put customers into holdout, control and arms, by a bucket that is theirs (SEMANTICS E1).

A share moves only the edge of a range: whoever was in before stays in when it grows.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from lifecycle.ids import prefixed
from schemas.campaign import Campaign, Treatment


BUCKET_COUNT: Final = 10_000
PPM_PER_BP: Final = 100


class Assignment(NamedTuple):
    """An arm of an experiment with its share of all customers, and the wording that it gets."""

    arm: str
    arm_ppm: int
    treatment: Treatment


def bucket(tenant: str, salt: str, customer_token: str) -> int:
    """
    Return a customer's bucket, 0 to 9,999.

    SHA-256 over the length-prefixed parts, its first 8 bytes big-endian, modulo 10,000: the bias
    is below 10 ** -15.
    """
    digest = sha256(prefixed((tenant, salt, customer_token))).digest()
    return int.from_bytes(digest[:8], "big") % BUCKET_COUNT


def held_out(tenant: str, salt: str, holdout_bp: int, customer_token: str) -> bool:
    """Return whether a customer is in the tenant's holdout."""
    return holdout_bp > 0 and bucket(tenant, salt, customer_token) < holdout_bp


def assigned(campaign: Campaign, customer_token: str) -> Assignment:
    """Return the customer's arm: `control`, one of the policy's, or `default` between the two."""
    experiment = campaign.experiment
    if experiment is None:
        return Assignment("default", BUCKET_COUNT * PPM_PER_BP, campaign.treatment)
    place = bucket(campaign.tenant, f"{campaign.id}|{experiment.salt}", customer_token)
    if place < experiment.control_bp:
        return Assignment("control", experiment.control_bp * PPM_PER_BP, campaign.treatment)
    edge = BUCKET_COUNT
    for arm in experiment.arms:
        edge -= arm.share_bp
        if place >= edge:
            return Assignment(arm.id, arm.share_bp * PPM_PER_BP, arm.treatment)
    rest_bp = edge - experiment.control_bp
    return Assignment("default", rest_bp * PPM_PER_BP, campaign.treatment)
