"""Turn the conditions of a campaign file from text into checked rules."""

from typing import Any, Final

import msgspec

from cli.cel import RuleTextError, check
from cli.marked_yaml import MarkedYamlError, YamlPath
from lifecycle.features.declared import FEATURES


STAGES: Final = ("eligibility", "applicability", "suitability")

_KINDS: Final = {name: feature.kind for name, feature in FEATURES.items()}


def with_rules(document: dict[str, Any], lines: dict[YamlPath, int]) -> dict[str, Any]:
    """
    Return the document with every `if` as a rule instead of text.

    Raises:
        MarkedYamlError: a condition that CEL refuses, at its line.

    """
    found = dict(document)
    for stage in STAGES:
        if isinstance(document.get(stage), list):
            found[stage] = [
                _clause(clause, (stage, index), lines)
                for index, clause in enumerate(document[stage])
            ]
    return found


def _clause(clause: Any, path: YamlPath, lines: dict[YamlPath, int]) -> Any:  # noqa: ANN401 (YAML)
    """Return a clause with its rule; what has another shape is refused later, by its type."""
    if not isinstance(clause, dict) or not isinstance(clause.get("if"), str):
        return clause
    here = (*path, "if")
    try:
        rule = check(clause["if"], _KINDS, "bool")
    except RuleTextError as error:
        raise MarkedYamlError(lines[here], here, str(error)) from error
    return {**clause, "if": msgspec.to_builtins(rule)}
