"""
Put customers into holdout, control and arms, by a bucket that is theirs (SEMANTICS E1).

A share moves only the edge of a range: whoever was in before stays in when it grows.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from lifecycle.ids import prefixed
from schemas.campaign import Arm, Campaign, Option, Treatment
from schemas.decisions import Verdict
from schemas.reasons import ReasonCode


BUCKET_COUNT: Final = 10_000
PPM_PER_BP: Final = 100

CONTROL: Final = "control"
DEFAULT: Final = "default"
HOLDOUT: Final = "holdout"
"""Arms that the house names itself: whom a campaign keeps back, who gets its own wording, whom no
campaign contacts."""

KEPT_BACK: Final[Mapping[str, tuple[Verdict, ReasonCode]]] = {
    HOLDOUT: ("held_out", "HOLDOUT"),
    CONTROL: ("control", "CONTROL"),
}
"""Arms that nobody contacts, each with the verdict and the reason of who is in it."""


class Assignment(NamedTuple):
    """
    An arm of an experiment and the treatments that it gets, in the order of channels.

    It has the buckets from `first` up to, and without, `end`; the customer's is `bucket`.
    """

    arm: str
    treatments: tuple[Treatment, ...]
    bucket: int
    first: int
    end: int

    @property
    def arm_ppm(self) -> int:
        """Return the arm's share of all customers."""
        return (self.end - self.first) * PPM_PER_BP


def bucket(tenant: str, salt: str, customer_token: str) -> int:
    """
    Return a customer's bucket, 0 to 9,999.

    SHA-256 over the length-prefixed parts, its first 8 bytes big-endian, modulo 10,000: the bias
    is below 10 ** -15.
    """
    digest = sha256(prefixed((tenant, salt, customer_token))).digest()
    return int.from_bytes(digest[:8], "big") % BUCKET_COUNT


def treatments(of: Campaign | Arm | Option) -> tuple[Treatment, ...]:
    """Return the treatments of a campaign, an arm or an option, in the order of trying them."""
    return (of if isinstance(of, Option) else of.treatment, *of.fallbacks)


def shares_ppm(campaign: Campaign) -> dict[str, int]:
    """Return each arm's share of all who are not held out, in the order of docs/core.md 3.17."""
    experiment = campaign.experiment
    if experiment is None:
        return {DEFAULT: BUCKET_COUNT * PPM_PER_BP}
    shares_bp = {CONTROL: experiment.control_bp}
    shares_bp |= {arm.id: arm.share_bp for arm in experiment.arms}
    shares_bp[DEFAULT] = BUCKET_COUNT - sum(shares_bp.values())
    return {arm: share_bp * PPM_PER_BP for arm, share_bp in shares_bp.items() if share_bp}


def assigned(campaign: Campaign, customer_token: str) -> Assignment:
    """Return the customer's arm: `control`, one of the policy's, or `default` between the two."""
    experiment, own = campaign.experiment, treatments(campaign)
    if experiment is None:
        return Assignment(DEFAULT, own, 0, 0, BUCKET_COUNT)
    place = bucket(campaign.tenant, f"{campaign.id}|{experiment.salt}", customer_token)
    if place < experiment.control_bp:
        return Assignment(CONTROL, own, place, 0, experiment.control_bp)
    end = BUCKET_COUNT
    for arm in experiment.arms:
        first = end - arm.share_bp
        if place >= first:
            return Assignment(arm.id, treatments(arm), place, first, end)
        end = first
    return Assignment(DEFAULT, own, place, experiment.control_bp, end)
