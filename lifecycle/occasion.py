"""
Decide an occasion: all candidates of one customer at one record or one tick (SEMANTICS O1, O2).

Gates, then what a contact is worth, then arbitration, then the arm, and only then is anything
reserved. At most one marketing candidate wins; servicing and mandatory ones go beside it. Before
all of it the customer is exposed to the tenant's holdout, whatever the gates will say.
"""

from collections.abc import Sequence

from lifecycle import arms, exposures, holdout, offers, options
from lifecycle.asked import Asked, look_up
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.contacts import remember
from lifecycle.gates import caps_gate, judge
from lifecycle.records import Effect, Occasion, decision, trigger
from lifecycle.weighing import weigh
from schemas.decisions import GateReading


def decide(occasion: Occasion, candidates: Sequence[Candidate]) -> list[Effect]:
    """
    Return the triggers of those that go, one record of all candidates, and exposures opened.

    Before them stands the tenant's own exposure, where this occasion opens it.

    The record has them in the order of campaign, occurrence and step. Who goes counts as a
    contact from now on, unless the occasion is only a shadow. No candidate, no record.
    """
    if not candidates:
        return []
    own = holdout.opened(occasion, candidates)
    asked = [look_up(occasion, candidate) for candidate in candidates]
    for one in asked:
        choice = options.choice_of(one.candidate)
        if choice is None:
            judge(one)
            weigh(one)
        else:
            options.choose(one, choice, occasion.customer_token)
        if one.candidate.open_at_ms:
            one.candidate.verdict = "deferred"
    for one in _arbitrate(asked):
        _let_go(occasion, one)
    ordered = sorted(candidates, key=lambda candidate: candidate.order)
    record = decision(occasion, ordered)
    sent = [one for one in ordered if one.verdict == "sent"]
    triggers = [trigger(occasion, one, record.decision_id) for one in sent]
    grants = [grant for one in sent if (grant := offers.grant(occasion, one)) is not None]
    return [*own, *triggers, *grants, record, *exposures.opened(occasion, ordered, record)]


def _arbitrate(asked: Sequence[Asked]) -> list[Asked]:
    """Return who may go, the marketing winner first; other marketing candidates have lost."""
    passed = sorted((one for one in asked if not one.candidate.reason), key=_precedence)
    competing = [one for one in passed if binding(one.candidate).arbitration]
    for place, one in enumerate(competing):
        lost = GateReading(
            gate="arbitration",
            reason_code="LOST_ARBITRATION" if place else "",
            saw={"competing_count": len(competing)},
        )
        one.candidate.read(lost)
    return competing[:1] + [one for one in passed if one not in competing]


def _precedence(asked: Asked) -> tuple[int, int, tuple[str, str, int]]:
    """Return what is first: greater worth, then greater priority, then the order of records."""
    candidate = asked.candidate
    return -candidate.worth_micro, -candidate.policy.campaign.priority, candidate.order


def _let_go(occasion: Occasion, asked: Asked) -> None:
    """Make the contact, but not with control or holdout, nor over a cap by now."""
    candidate = asked.candidate
    if candidate.assigned is not None:
        arms.read(occasion, candidate)
        if candidate.reason:  # it reserves nothing, and no loser takes its place (E2)
            if not occasion.shadow:
                arms.withhold(occasion, candidate)
            return
    if binding(candidate).caps:
        again = caps_gate(asked)  # those before it in this occasion may have filled one
        if again.reason_code:
            candidate.read(again)
            return
    candidate.verdict = "shadow" if occasion.shadow else "sent"
    if not occasion.shadow:
        if candidate.assigned is not None:
            offers.reserve(occasion, candidate)
        remember(occasion, candidate)
