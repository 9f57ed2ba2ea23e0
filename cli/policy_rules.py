"""Turn the conditions of a campaign file from text into checked rules."""

from typing import Any, Final

import msgspec

from cli.cel import RuleTextError, check
from cli.marked_yaml import MarkedYamlError, YamlPath
from cli.policy_sense import CUSTOMER_EVENTS
from lifecycle.clauses import KINDS
from lifecycle.event_names import PREFIX, names_of
from lifecycle.policies import PURCHASE


STAGES: Final = ("eligibility", "applicability", "suitability")


def with_rules(document: dict[str, Any], lines: dict[YamlPath, int]) -> dict[str, Any]:
    """
    Return the document with every `if` as a rule instead of text.

    Raises:
        MarkedYamlError: a condition that CEL refuses, at its line.

    """
    found = dict(document)
    for stage in STAGES:
        found |= _listed(document, stage, (), lines)
    found |= _listed(document, "exit_on", (), lines)
    entry = document.get("entry")
    if isinstance(entry, dict):
        about = entry.get(_ABOUT.get(str(entry.get("kind")), ""), PURCHASE)
        found["entry"] = {
            **_with_rule(entry, ("entry",), lines, about),
            **_listed(entry, "when", ("entry",), lines),
            **_listed(entry, "of", ("entry",), lines),
        }
    return found


_ABOUT: Final = {"absence": "after", "count": "on"}
"""Kind of entry to the field that says which event its rule is about; a drift's is a purchase."""


def _listed(
    holder: dict[str, Any], field: str, path: YamlPath, lines: dict[YamlPath, int]
) -> dict[str, Any]:
    """Return a list of clauses or conditions with their rules; nothing where there is no list."""
    if not isinstance(holder.get(field), list):
        return {}
    checked = [
        _with_rule(
            one, (*path, field, index), lines, one.get("on") if isinstance(one, dict) else ""
        )
        for index, one in enumerate(holder[field])
    ]
    return {field: checked}


def _with_rule(one: Any, path: YamlPath, lines: dict[YamlPath, int], on: Any) -> Any:  # noqa: ANN401 (YAML)
    """
    Return a clause or condition with its rule; another shape is refused later, by its type.

    `on` is the type of event that the rule may read, None where there is none.
    """
    if not isinstance(one, dict) or "if" not in one:
        return one
    here = (*path, "if")
    if not isinstance(one["if"], str):
        found = type(one["if"]).__name__
        raise MarkedYamlError(lines[here], here, f"wanted a rule as text, found {found}")
    of_event = names_of(str(on)).kinds
    if on is not None and on not in CUSTOMER_EVENTS:
        place = next(p for p in ((*path, "on"), (*path, "after"), path) if p in lines)
        wanted = f"wanted one of {', '.join(CUSTOMER_EVENTS)}, found {on}"
        raise MarkedYamlError(lines[place], place, wanted)
    try:
        rule = check(one["if"], {**KINDS, **of_event}, "bool")
    except RuleTextError as error:
        said = str(error)
        if said.rpartition(" ")[2].startswith(PREFIX):
            names = ", ".join(of_event) or "no event, for a clause is asked when it is due"
            said = f"{said}; there is {names}"
        raise MarkedYamlError(lines[here], here, said) from error
    return {**one, "if": msgspec.to_builtins(rule)}
