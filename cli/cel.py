"""
Check a rule's text with Google's CEL, and return it with its tree.

CEL parses and finds the types; `lifecycle.rules` then compiles the tree, so that nothing is
published that a worker would refuse.
"""

import re
from collections.abc import Mapping
from typing import Final

from cel_expr_python import cel

from cli.cel_tree import RuleTextError, checked
from lifecycle.rule_calls import FUNCTIONS, shown
from lifecycle.rules import RuleError, compiled
from schemas.decisions import FeatureValue
from schemas.rules import DEPTH_MAX, TEXT_LENGTH_MAX, Kind, Rule


__all__ = ["RuleTextError", "check", "declared"]

_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_OVERLOAD: Final = re.compile(r"found no matching overload for '(.*)' applied to '\((.*)\)'")
_UNDECLARED: Final = re.compile(r"undeclared reference to '(.*)' \(in container ''\)")

_TYPE_OF_NONE: Final = re.compile(r"\(T%\d+\)")  # of `[]`, which may hold anything

COMPLAINT_LENGTH_MAX: Final = 200
"""Of what CEL says itself: it repeats the text."""


def check(text: str, names: Mapping[str, Kind], *wanted: Kind) -> Rule:
    """
    Return a text as a rule that gives a value of a kind that is wanted.

    Args:
        text: CEL, at most `TEXT_LENGTH_MAX` characters.
        names: what may be read.
        *wanted: "bool" for a condition.

    Raises:
        RuleTextError: no CEL, ill-typed, of another kind, or beyond what rules have.

    """
    if len(text) > TEXT_LENGTH_MAX:
        raise RuleTextError(f"wanted at most {TEXT_LENGTH_MAX} characters, found {len(text)}")
    if re.search("[\ud800-\udfff]", text):
        raise RuleTextError("wanted Unicode characters, found a surrogate")
    environment = cel.NewEnv(variables=declared(names))
    try:
        expression = environment.compile(text)
    except RuntimeError as error:
        raise _refusal(str(error)) from error
    tree, places = checked(expression.serialize())
    try:
        kind, _ = compiled(tree, names, dict.fromkeys(names, _unread))
    except RuleError as error:
        raise RuleTextError(str(error), *places.get(id(error.node), ())) from error
    if kind not in wanted:
        raise RuleTextError(
            f"wanted a rule that gives {' or '.join(wanted)}, found {kind}",
            *places.get(id(tree), ()),
        )
    return Rule(text=text, tree=tree)


def declared(names: Mapping[str, Kind]) -> dict[str, cel.Type]:
    """Return names with their types as CEL calls them."""
    types = {
        "bool": cel.Type.BOOL,
        "int": cel.Type.INT,
        "string": cel.Type.STRING,
        "strings": cel.Type.List(cel.Type.STRING),
        "ints_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
        "strings_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    }
    return {name: types[kind] for name, kind in names.items()}


def _unread(_: object) -> FeatureValue:
    """Stand for a name whose value is not needed to check a rule."""
    return 0


def _refusal(told: str) -> RuleTextError:
    """Return the first complaint of CEL's, in the words of the house where they are plainer."""
    found = _ERROR.search(told)
    if found is None or int(found[1]) < 1:  # no place: CEL gives up at 32 levels
        deep = f"wanted at most {DEPTH_MAX} levels of nesting, found more"
        return RuleTextError(deep if "recursion" in told else f"wanted a rule, found {told}")
    message = found[3].removesuffix("[INVALID_ARGUMENT]").rstrip()
    return RuleTextError(_in_our_words(message), int(found[1]), int(found[2]))


def _in_our_words(complaint: str) -> str:
    """Return what was wanted and what was found."""
    if overload := _OVERLOAD.fullmatch(complaint):
        function, found = overload.groups()
        known = FUNCTIONS.get(function)
        wanted = known.wanted if known else "another call"
        return f"wanted {wanted} for {shown(function)}, found {_TYPE_OF_NONE.sub('', found)}"
    if undeclared := _UNDECLARED.fullmatch(complaint):
        return f"wanted a declared name or function, found {undeclared[1]}"
    found = complaint.partition(" expecting {")[0].replace("'<EOF>'", "the end")
    return f"wanted a rule, found {found[0].lower()}{found[1:COMPLAINT_LENGTH_MAX]}"
