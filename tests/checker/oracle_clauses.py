"""Judge the rules of a policy: those of its clauses, its entry and its exits (core.md §3.11)."""

from collections.abc import Iterator

from tests.checker.identity import Facts
from tests.checker.oracle_features import FEATURES, OF_BEHAVIOUR
from tests.checker.oracle_rules import event_kinds, names_in, program_of, value_of


STAGES = ("eligibility", "applicability", "suitability")
NODE_COUNT_MAX = 200
DEPTH_MAX = 16
ITEM_COUNT_MAX = 64
FUNCTIONS = {
    *("_&&_", "_||_", "!_", "_?_:_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]"),
    *("_+_", "_-_", "_*_", "_/_", "_%_", "-_", "size", "contains", "startsWith", "endsWith"),
}


def names_read(policy: Facts) -> frozenset[str]:
    """Return the features that clauses and all treatments' variables read, and report_by names."""
    asked = (names_in(rule["text"]) for rule in _clause_rules(policy))
    return frozenset().union(_shown(policy), policy.get("report_by", ()), *asked)


def is_behavioural(policy: Facts) -> bool:
    """Return whether a clause, the entry, an exit or a message is about what the customer did."""
    asked = (names_in(rule["text"]) for _, rule in _rules(policy))
    return not frozenset().union(_shown(policy), *asked).isdisjoint(OF_BEHAVIOUR)


def can_be_run(policy: Facts) -> bool:
    """Return whether rules are conditions, within the bounds, and all that is read is there."""
    return (
        all(map(_can_be_shown, _shown(policy)))
        and all(one in FEATURES.keys() - OF_BEHAVIOUR for one in policy.get("report_by", ()))
        and all(
            is_bounded(rule["tree"], about) and program_of(rule["text"], about) is not None
            for about, rule in _rules(policy)
        )
    )


def failing_clause(policy: Facts, stage: str, features: Facts) -> tuple[str, bool]:
    """Return the id of a stage's first clause that is not true, and whether it has no value."""
    for clause in policy.get(stage, ()):
        text = clause["if"]["text"]
        value = value_of(text, {name: features[name] for name in names_in(text)})
        if value is not True:
            return clause["id"], value is None
    return "", False


def _rules(policy: Facts) -> Iterator[tuple[str, Facts]]:
    """Yield every rule with the type of the events that it is about, "" for none."""
    for rule in _clause_rules(policy):
        yield "", rule
    conditions = _entry_conditions(policy["entry"])
    conditions += [one for one in policy.get("exit_on", ()) if not isinstance(one, str)]
    for condition in conditions:
        if condition.get("if") is not None:
            yield condition["on"], condition["if"]


def _clause_rules(policy: Facts) -> Iterator[Facts]:
    for stage in STAGES:
        for clause in policy.get(stage, ()):
            yield clause["if"]


def _shown(policy: Facts) -> set[str]:
    """Return the features that messages show."""
    return {name for one in _treatments(policy) for name in one.get("variables", {}).values()}


def _can_be_shown(name: str) -> bool:
    return name in FEATURES and FEATURES[name][0] in ("int", "string")


def _treatments(policy: Facts) -> Iterator[Facts]:
    arms = (policy.get("experiment") or {}).get("arms", ())
    options = (policy.get("choice") or {}).get("options", ())
    for one in (policy, *arms, *options):
        yield one.get("treatment", one)  # an option is one
        yield from one.get("fallbacks", ())


def _entry_conditions(entry: Facts) -> list[Facts]:
    if entry["kind"] in ("event", "sequence"):
        return [*entry.get("when", ()), *entry.get("of", ())]
    on = {"absence": "after", "count": "on"}.get(entry["kind"], "")
    return [{"on": entry.get(on, "txn.posted"), "if": entry.get("if")}]


def is_bounded(tree: Facts, event_type: str) -> bool:
    """Return whether a published tree has known parts only, and not too many of them."""
    parts = list(_parts(tree, 1))
    return len(parts) <= NODE_COUNT_MAX and all(
        depth <= DEPTH_MAX
        and len(part.get("items", ())) <= ITEM_COUNT_MAX
        and (part.get("name", "staff") in FEATURES or part["name"] in event_kinds(event_type))
        and part.get("function", "size") in FUNCTIONS
        for part, depth in parts
    )


def _parts(tree: Facts, depth: int) -> Iterator[tuple[Facts, int]]:
    yield tree, depth
    for part in (*tree.get("arguments", ()), *tree.get("items", ())):
        yield from _parts(part, depth + 1)
