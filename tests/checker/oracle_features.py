"""List the features that clauses may read, by an own writing of core.md §3.9."""

from collections.abc import Iterable
from typing import Any

from tests.checker.identity import Facts
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_features_behaviour import BEHAVIOUR
from tests.checker.oracle_features_credit import CREDIT
from tests.checker.oracle_features_holder import HOLDER, PREFERENCES
from tests.checker.oracle_features_spend import SPEND
from tests.checker.oracle_statements import statement_of
from tests.checker.oracle_subject import Subject


OF_BEHAVIOUR = frozenset(SPEND | CREDIT | BEHAVIOUR)
"""Who reads one of these makes a personal offer."""

FEATURES: dict[str, tuple[str, Any]] = HOLDER | SPEND | CREDIT | BEHAVIOUR | PREFERENCES
"""Kind, and how it is found, by name."""


def subject_of(customer: Facts, journey: Facts, policy: Facts, now: int, zone: str) -> Subject:
    """Return whom a candidate is about; `zone` is the tenant's."""
    is_due_date = policy["entry"]["kind"] == "due_date"
    return Subject(
        customer=customer,
        card=as_now(customer, journey["card_token"]),
        statement=customer["statements"].get(statement_of(journey)) if is_due_date else None,
        currency=journey["currency"],
        now=now,
        time_zone=zone,
    )


def values(subject: Subject, names: Iterable[str]) -> Facts:
    """Return features by name, in alphabetical order."""
    return {name: FEATURES[name][1](subject) for name in sorted(names)}
