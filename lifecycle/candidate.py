"""A due step of a journey, and what an occasion finds out about it."""

from typing import Self

from lifecycle.experiment import Assignment, treatments
from lifecycle.policies import ActivePolicy
from lifecycle.propensity import unlearnt
from lifecycle.rhythm import Rhythm
from lifecycle.terms import Terms, terms
from schemas.campaign import Option, Treatment
from schemas.decisions import CapReading, FeatureValue, GateReading, Verdict
from schemas.reasons import ReasonCode
from schemas.state import Contact, Journey, Reservation, StatementState


class Candidate:
    """
    One candidate of an occasion.

    `place` is the step's index among those the journey still had. `gates` are the readings so
    far, the last the one that failed if `reason` is not "". `card_token` is the journey's card as
    it is now, `rhythm` the customer's as of now where the campaign measures it, `statement` the
    bill where it is about one and that is still kept. `assigned` is the customer's arm, None for a
    class that nobody experiments with. `propensity` is the base rate until somebody says more.
    `worth_micro`: see `Considered`. `open_at_ms` is when quiet hours are over, 0 where none hold
    the candidate up or no end is in sight. `slot` is the treatment's place in the order of
    channels, `variables` what its wording shows; a fallback `follows` a contact that was not made.
    `option` is what a choice has drawn, with `option_ppm`, from `options_ppm`, or by which it was
    refused; what it has of its own stands for the campaign's. Who goes has `reserved` what it
    promises, until `expires_at_ms`.
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
        "option",
        "option_ppm",
        "options_ppm",
        "place",
        "policy",
        "propensity",
        "reason",
        "reserved",
        "rhythm",
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
        self.propensity = unlearnt(policy.campaign)
        self.worth_micro = 0
        self.open_at_ms = 0
        self.slot = 0
        self.follows: Contact | None = None
        self.variables: dict[str, str | int] = {}
        self.reserved: Reservation | None = None
        self.expires_at_ms = 0
        self.arm = ""
        self.arm_ppm = 0
        self.option: Option | None = None
        self.option_ppm = 0
        self.options_ppm: dict[str, int] = {}

    def by(self, option: Option) -> Self:
        """Return the same candidate, unjudged, as it would go by an option."""
        way = type(self).__new__(type(self))
        way.become(self)  # in half the time of `copy`
        way.option, way.slot, way.gates = option, 0, []
        return way

    def become(self, way: "Candidate") -> None:
        """Take over all that is known of it by an option."""
        for name in self.__slots__:
            setattr(self, name, getattr(way, name))

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """Return its wordings in the order of channels: its option's, or its arm's, if any."""
        if self.option is not None:
            return treatments(self.option)
        return self.assigned.treatments if self.assigned else treatments(self.policy.campaign)

    @property
    def treatment(self) -> Treatment:
        """Return the wording that it goes out with."""
        return self.treatments[self.slot]

    @property
    def option_id(self) -> str:
        """Return what was chosen, "" where there was no choice."""
        return self.option.id if self.option else ""

    @property
    def terms(self) -> Terms:
        """Return what it promises, may bring and costs, and which model ranks it."""
        return terms(self.policy.campaign, self.option)

    @property
    def order(self) -> tuple[str, str, int]:
        """Return the place of its record among those of its occasion."""
        return self.policy.campaign.id, self.journey.occurrence_key, self.place

    def read(self, reading: GateReading) -> None:
        """Take note of what a gate said; its reason is the candidate's from now on."""
        self.gates.append(reading)
        self.reason, self.clause = reading.reason_code, reading.clause
