"""Ask the experiment: whether the winner is kept back to measure what a contact brings (E2)."""

from lifecycle import experiment, ledger
from lifecycle.candidate import Candidate
from lifecycle.experiment import Assignment
from lifecycle.records import Occasion
from schemas.decisions import GateReading
from schemas.state import KeptBack


def read(occasion: Occasion, candidate: Candidate) -> None:
    """
    Give a marketing candidate its arm, and the verdict of who is not contacted in it.

    The reading says why: the customer's bucket is within the range of the arm.
    """
    row, given = occasion.tenant.row, candidate.assigned
    if given is None:
        raise TypeError("wanted a candidate that is experimented with, found another")
    if row.holdout_bp:
        place = experiment.bucket(occasion.tenant.name, row.holdout_salt, occasion.customer_token)
        if place < row.holdout_bp:
            given = Assignment(experiment.HOLDOUT, given.treatments, place, 0, row.holdout_bp)
    verdict, reason = experiment.KEPT_BACK.get(given.arm, ("suppressed", ""))
    candidate.arm, candidate.arm_ppm, candidate.verdict = given.arm, given.arm_ppm, verdict
    saw = {"bucket": given.bucket, "first_bucket": given.first, "end_bucket": given.end}
    candidate.read(GateReading(gate="experiment", reason_code=reason, saw=saw))


def withhold(occasion: Occasion, candidate: Candidate) -> None:
    """Remember a contact that was not made, so that it spaces others as if it had been (E2)."""
    journey = candidate.journey
    withheld = KeptBack(journey.campaign_id, journey.occurrence_key, occasion.now_ms)
    ledger.keep_back(occasion.row, withheld)
