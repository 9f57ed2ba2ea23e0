"""List the features that clauses may read, by an own writing of core.md §3.9."""

from collections.abc import Iterable
from typing import Any

from tests.checker.identity import Facts
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_features_behaviour import BEHAVIOUR
from tests.checker.oracle_features_credit import CREDIT
from tests.checker.oracle_features_holder import HOLDER, PREFERENCES
from tests.checker.oracle_features_segments import SEGMENTS
from tests.checker.oracle_features_spend import SPEND
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_statements import statement_of
from tests.checker.oracle_subject import Subject


OF_BEHAVIOUR = frozenset(SPEND | SEGMENTS | CREDIT | BEHAVIOUR)
"""Who reads one of these makes a personal offer."""

FEATURES: dict[str, tuple[str, Any]] = HOLDER | SPEND | SEGMENTS | CREDIT | BEHAVIOUR | PREFERENCES
"""Kind, and how it is found, by name."""


def subject_of(customer: Facts, journey: Facts, policy: Facts, moment: Moment) -> Subject:
    """Return whom a candidate is about."""
    is_due_date = policy["entry"]["kind"] == "due_date"
    return Subject(
        customer=customer,
        card=as_now(customer, journey["card_token"]),
        statement=customer["statements"].get(statement_of(journey)) if is_due_date else None,
        currency=journey["currency"],
        now=moment.now_ms,
        time_zone=moment.time_zone,
        segments=moment.segments,
    )


def values(subject: Subject, names: Iterable[str]) -> Facts:
    """Return features by name, in alphabetical order."""
    return {name: FEATURES[name][1](subject) for name in sorted(names)}
