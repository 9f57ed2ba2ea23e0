"""
Choose an option: the one worth most, but for epsilon by chance (docs/core.md 3.19).

Only options that every gate lets through are drawn from, and the campaign competes with what they
are worth on average. So the probabilities in the record are exactly those of what is sent, and
what another way of choosing would have brought can be told from the log (docs/effect.md).
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from operator import mul
from typing import Final

from lifecycle import profiles, treatments
from lifecycle.asked import Asked
from lifecycle.candidate import Candidate
from lifecycle.effect.evidence import PPM
from lifecycle.effect.off_policy import propensities
from lifecycle.experiment import CONTROL, DEFAULT
from lifecycle.gates import judge_each, left
from lifecycle.ids import prefixed
from lifecycle.weighing import weigh
from schemas.campaign import Campaign, Choice, Option
from schemas.decisions import GateReading


CHOOSING: Final = frozenset({CONTROL, DEFAULT})
"""Arms in which an option is chosen; the others have a wording of their own."""

OWN_WORTH: Final = "_worth_micro"
"""Behind an option's id: what the gate `worth` saw of it alone, in millionths of a minor unit."""


def choice_of(candidate: Candidate) -> Choice | None:
    """Return what a candidate of an occasion chooses from, None where it goes in one way only."""
    choice, given = candidate.policy.campaign.choice, candidate.assigned
    return choice if choice and given is not None and given.arm in CHOOSING else None


def choose(asked: Asked, choice: Choice, customer_token: str) -> None:
    """
    Ask the gates and what a contact is worth, of each option; draw one of those that are left.

    The candidate becomes what it is by the option drawn. Where a gate leaves none it becomes what
    it is by the first that this gate refused.
    """
    ways = judge_each([_way(asked, option) for option in choice.options])
    for way in ways:
        weigh(way)
    ways = left(ways)
    chosen = ways[0].candidate
    if not chosen.reason:
        chosen = _drawn(ways, choice, customer_token)
    asked.candidate.become(chosen)


def option_of(campaign: Campaign, option_id: str) -> Option | None:
    """Return a campaign's option as it is now, None where it has none of this id (any more)."""
    options = campaign.choice.options if campaign.choice else ()
    return next((one for one in options if one.id == option_id), None)


def _way(asked: Asked, option: Option) -> Asked:
    """Return the candidate as it would go by an option, in the first slot that reaches."""
    way = asked._replace(candidate=asked.candidate.by(option))
    treatments.choose(way.tenant, way.row, way.candidate, "")
    return way


def _drawn(ways: Sequence[Asked], choice: Choice, customer_token: str) -> Candidate:
    """Return the candidate by the option that is drawn, worth what a draw brings on average."""
    allowed = [way.candidate for way in ways]
    worths = [one.worth_micro for one in allowed]
    if profiles.personalisation_off(ways[0].row):
        shares = propensities([0] * len(worths), PPM)
    else:
        shares = propensities(worths, choice.epsilon_ppm)
    expected = sum(map(mul, shares, worths)) // PPM
    place = draw(ways[0].tenant.name, customer_token, allowed[0], choice.salt)
    drawn = next(index for index, edge in enumerate(accumulate(shares)) if place < edge)
    chosen, names = allowed[drawn], [one.option_id for one in allowed]
    chosen.option_ppm = shares[drawn]
    chosen.options_ppm = dict(zip(names, shares, strict=True))
    saw = {f"{name}{OWN_WORTH}": worth for name, worth in zip(names, worths, strict=True)}
    chosen.gates[-1] = GateReading(gate="worth", saw={"worth_micro": expected, **saw})
    chosen.worth_micro = expected
    return chosen


def draw(tenant: str, customer_token: str, candidate: Candidate, salt: str) -> int:
    """Return what the draw of this contact is, 0 to 999,999: the same whenever it is decided."""
    journey = candidate.journey
    where = journey.campaign_id, salt, customer_token, journey.occurrence_key
    digest = sha256(prefixed((tenant, "choice", *where, candidate.step))).digest()
    return int.from_bytes(digest[:8], "big") % PPM
