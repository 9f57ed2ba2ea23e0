"""Say which gate binds which class of message: the table O3, as data."""

from typing import Final, Literal, NamedTuple

from lifecycle.candidate import Candidate


class Binding(NamedTuple):
    """
    Which gates bind a class of message, in the order in which they are asked (SEMANTICS O3).

    `stop` are the kill switches, `content` is an approved wording and what it shows, `standing` a
    risk flag, an open case, an overdue bill, `spacing` a cool-down or an exclusion, `offer` what is
    left of an offer and of a budget.
    """

    eligibility: bool
    applicability: bool
    suitability: bool
    stop: bool
    consent: Literal["must be granted", "must not be denied", "not asked"]
    personalisation: bool
    content: bool
    standing: bool
    quiet: bool
    spacing: bool
    caps: bool
    offer: bool
    arbitration: bool


BINDINGS: Final = {
    "marketing": Binding(
        eligibility=True,
        applicability=True,
        suitability=True,
        stop=True,
        consent="must be granted",
        personalisation=True,
        content=True,
        standing=True,
        quiet=True,
        spacing=True,
        caps=True,
        offer=True,
        arbitration=True,
    ),
    "servicing": Binding(
        eligibility=True,
        applicability=True,
        suitability=True,
        stop=True,
        consent="must not be denied",
        personalisation=False,
        content=True,
        standing=False,
        quiet=True,
        spacing=False,
        caps=True,
        offer=False,
        arbitration=False,
    ),
    "mandatory": Binding(
        eligibility=True,
        applicability=True,
        suitability=True,
        stop=True,
        consent="not asked",
        personalisation=False,
        content=True,
        standing=False,
        quiet=False,
        spacing=False,
        caps=False,
        offer=False,
        arbitration=False,
    ),
}


def binding(candidate: Candidate) -> Binding:
    """Return which gates bind a candidate."""
    return BINDINGS[candidate.policy.campaign.message_class]
