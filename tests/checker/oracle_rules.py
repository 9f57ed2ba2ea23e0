"""Compute rules by Google's CEL from their text, of a candidate or of an event: core.md §3.11."""

import re
from functools import cache
from typing import NamedTuple

from cel_expr_python import cel

from tests.checker.catalogue import OF_TENANTS, forms
from tests.checker.field_rules import TEXTS, WHOLE
from tests.checker.identity import Facts
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_features import FEATURES, values
from tests.checker.oracle_subject import Subject


TYPES = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "string": cel.Type.STRING,
    "strings": cel.Type.List(cel.Type.STRING),
    "ints_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "strings_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
NOTHING = {"int": 0, "string": "", "bool": False}
DEFAULTS = {
    "card.issued.product_code": "unknown",
    "card.issued.issue_type": "new",
    "wallet.bound.wallet": "other",
    "wallet.unbound.wallet": "other",
    "txn.posted.customer_initiated": True,
    "txn.reversed.reason": "reversal",
    "limit.changed.kind": "perm",
    "service.case_opened.case_class": "other",
    "delivery.receipt.attempt": 1,
}
"""What a field says that an event lacks, where that is not nothing."""

_ASIDE = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_NAME = re.compile(r"(?<![\w.])(?:event\.)?[A-Za-z_]\w*")
_DOT = re.compile(r"\s*\.\s*")


class Asking(NamedTuple):
    """
    When rules about an event are asked.

    Attributes:
        now: the tenant's, epoch ms.
        zone: the tenant's, "" where it has none.
        failed: takes the campaign of every rule that could not be computed.
        segments: the tenant's, None where none are known.
    """

    now: int
    zone: str
    failed: list[str]
    segments: Facts | None = None


def is_met(policy: Facts, rule: Facts | None, customer: Facts, event: Facts, by: Asking) -> bool:
    """Return whether a rule is true of a customer as of now, after the event was taken."""
    if rule is None:
        return True
    subject = subject_of_event(customer, event, by)
    names = names_in(rule["text"])
    known = values(subject, names & FEATURES.keys()) | _of_event(event, names)
    value = value_of(rule["text"], known, event["event_type"])
    if value is None:
        by.failed.append(policy["id"])
    return value is True


def subject_of_event(customer: Facts, event: Facts, by: Asking) -> Subject:
    """Return whom an event is about, by its card as it is now; no bill and no journey is."""
    card = as_now(customer, event.get("card_token", ""))
    return Subject(customer, card, None, "", by.now, by.zone, by.segments)


def value_of(text: str, known: Facts, event_type: str = "") -> bool | None:
    """Return a condition's value, None where it has none."""
    program = program_of(text, event_type)
    assert program is not None, "a policy with such a rule was refused"
    value = program.eval(data=known).value()
    return value if isinstance(value, bool) else None


def computed(text: str, known: Facts) -> bool | int | str | None:
    """Return the value of a rule about features that may be a number or a text, None for none."""
    program = _compiled(text)
    assert program is not None, "a model with such a rule was refused"
    found = program.eval(data=known)
    value = None if found.type() == cel.Type.ERROR else found.value()
    return value if isinstance(value, bool | int | str) else None


def returns(text: str, *kinds: str) -> bool:
    """Return whether a text is a rule about features whose value is of one of these kinds."""
    program = _compiled(text)
    return program is not None and any(program.return_type() == TYPES[kind] for kind in kinds)


@cache
def names_in(text: str) -> frozenset[str]:
    """Return the features of a text, and what it reads of the event; nothing behind a dot."""
    plain = _DOT.sub(".", _ASIDE.sub('""', text))
    found = _NAME.findall(plain)
    return frozenset(one for one in found if one in FEATURES or one.startswith("event."))


@cache
def program_of(text: str, event_type: str = "") -> cel.Expression | None:
    """Return a text compiled, None where it is no condition; `event_type`: it is about one."""
    program = _compiled(text, event_type)
    return program if program and program.return_type() == cel.Type.BOOL else None


@cache
def _compiled(text: str, event_type: str = "") -> cel.Expression | None:
    try:
        return _environment(event_type).compile(text)
    except RuntimeError:
        return None


@cache
def event_kinds(event_type: str) -> dict[str, str]:
    """Return what rules may read of an event of a customer, by name with its kind."""
    if event_type not in forms() or event_type in OF_TENANTS:
        return {}
    kinds = {f"event.{one.name}": _kind(one.kind) for one in forms()[event_type].fields}
    return {name: kind for name, kind in kinds.items() if kind}


def _kind(field_kind: str) -> str:
    """Return how a rule sees a field of this kind, "" for not at all."""
    if field_kind in WHOLE:
        return "int"
    if field_kind in ("bool", "confirmed"):
        return "bool"
    is_text = field_kind in TEXTS or field_kind in ("currency", "quiet_hours")
    return "string" if is_text or "/" in field_kind else ""


@cache
def _environment(event_type: str) -> cel.Env:
    kinds = {name: kind for name, (kind, _) in FEATURES.items()} | event_kinds(event_type)
    return cel.NewEnv(variables={name: TYPES[kind] for name, kind in kinds.items()})


def _of_event(event: Facts, names: frozenset[str]) -> Facts:
    kinds = event_kinds(event["event_type"])
    return {
        name: event.get(
            name.removeprefix("event."),
            DEFAULTS.get(
                f"{event['event_type']}{name.removeprefix('event')}", NOTHING[kinds[name]]
            ),
        )
        for name in names - FEATURES.keys()
    }
