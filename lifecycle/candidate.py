"""A due step of a journey, and what an occasion finds out about it."""

from lifecycle.experiment import Assignment, treatments
from lifecycle.policies import ActivePolicy
from lifecycle.rhythm import Rhythm
from lifecycle.scoring import Scored
from schemas.campaign import Treatment
from schemas.decisions import CapReading, FeatureValue, GateReading, PropensityFrom, Verdict
from schemas.reasons import ReasonCode
from schemas.state import Contact, Journey, Reservation, StatementState


class Candidate:
    """
    One candidate of an occasion.

    `place` is the step's index among those the journey still had. `gates` are the readings so
    far, the last the one that failed if `reason` is not "". `card_token` is the journey's card as
    it is now, `rhythm` the customer's as of now where the campaign measures it, `statement` the
    bill where it is about one and that is still kept. `assigned` is the customer's arm, None for a
    class that nobody experiments with. `propensity_ppm` and where it comes from are the
    base rate unless `score` says more. `worth_micro`: see `Considered`. `open_at_ms` is when quiet
    hours are over, 0 where none hold the candidate up or no end is in sight. `slot` is the
    treatment's place in the order of channels, `variables` what its wording shows; a fallback
    `follows` a contact that was not made. Who goes has `reserved` what it promises, until
    `expires_at_ms`.
    """

    __slots__ = (
        "arm",
        "arm_ppm",
        "assigned",
        "caps",
        "card_token",
        "clause",
        "consent_ref",
        "expires_at_ms",
        "features",
        "follows",
        "gates",
        "journey",
        "open_at_ms",
        "place",
        "policy",
        "propensity_from",
        "propensity_ppm",
        "reason",
        "reserved",
        "rhythm",
        "score",
        "slot",
        "statement",
        "step",
        "variables",
        "verdict",
        "worth_micro",
    )

    def __init__(self, policy: ActivePolicy, journey: Journey, step: str, place: int) -> None:
        """Begin unjudged."""
        self.policy = policy
        self.journey = journey
        self.step = step
        self.place = place
        self.assigned: Assignment | None = None
        self.reason: ReasonCode = ""
        self.clause = ""
        self.verdict: Verdict = "suppressed"
        self.gates: list[GateReading] = []
        self.caps: tuple[CapReading, ...] = ()
        self.features: dict[str, FeatureValue] = {}
        self.consent_ref = ""
        self.card_token = journey.card_token
        self.rhythm: Rhythm | None = None
        self.statement: StatementState | None = None
        self.propensity_ppm = policy.campaign.base_rate_ppm
        self.propensity_from: PropensityFrom = "base_rate"
        self.score: Scored | None = None
        self.worth_micro = 0
        self.open_at_ms = 0
        self.slot = 0
        self.follows: Contact | None = None
        self.variables: dict[str, str | int] = {}
        self.reserved: Reservation | None = None
        self.expires_at_ms = 0
        self.arm = ""
        self.arm_ppm = 0

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """Return its wordings in the order of channels: its arm's, where there is an experiment."""
        return self.assigned.treatments if self.assigned else treatments(self.policy.campaign)

    @property
    def treatment(self) -> Treatment:
        """Return the wording that it goes out with."""
        return self.treatments[self.slot]

    @property
    def order(self) -> tuple[str, str, int]:
        """Return the place of its record among those of its occasion."""
        return self.policy.campaign.id, self.journey.occurrence_key, self.place

    def read(self, reading: GateReading) -> None:
        """Take note of what a gate said; its reason is the candidate's from now on."""
        self.gates.append(reading)
        self.reason, self.clause = reading.reason_code, reading.clause
