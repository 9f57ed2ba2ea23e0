"""
Read another way of choosing from a file: which option, by what was known of the customer.

The target policy, as statistics calls it, beside the one that was logged. docs/effect.md has a
complete example. The first line that is true, of an option that was allowed, is what it chooses.
Rules are CEL over what the exposures' records have: what the campaign's kind, clauses and wordings
look at, and what it is reported by.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct, field

from cli.cel import RuleTextError, check
from cli.marked_struct import MarkedFileError, convert, read_fields, telling
from cli.marked_yaml import MarkedYamlError
from cli.policy_mistakes import Lines
from lifecycle.clauses import KINDS
from lifecycle.effect.evidence import PPM
from lifecycle.rules import RuleError, compiled
from schemas.campaign import CampaignId
from schemas.decisions import FeatureValue
from schemas.rules import Kind, Rule


KIND_FEATURES: Final[Mapping[str, Kind]] = {
    "waited_ms": "int",
    "amount_minor": "int",
    "due_in_ms": "int",
    "alive_ppm": "int",
    "rate_ppm": "int",
    "repeat_count": "int",
    "silent_ms": "int",
}
"""What campaigns look at by their kind (docs/core.md 3.6), beside the declared features."""

READABLE: Final[Mapping[str, Kind]] = {**KINDS, **KIND_FEATURES}

Features = Mapping[str, FeatureValue]


class ChoiceRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An option, and for whom: where the rule is true, without one for everybody."""

    option: CampaignId
    rule: Rule | None = field(default=None, name="if")


class TargetPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Another way of choosing.

    `epsilon_ppm` of its contacts would be by chance. No example weighs more than `weight_max`: what
    was very unlikely to be logged says little, and would say it very loudly.
    """

    choose: Annotated[tuple[ChoiceRule, ...], Meta(min_length=1, max_length=64)]
    epsilon_ppm: Annotated[int, Meta(ge=0, le=PPM)] = 0
    weight_max: Annotated[int, Meta(ge=1, le=1_000)] = 20


class TargetPolicyError(MarkedFileError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


class Chooser(NamedTuple):
    """A target policy, its rules compiled."""

    policy: TargetPolicy
    rules: tuple[Callable[[Features], object], ...]

    def target_ppm(self, features: Features, options_ppm: Mapping[str, int], option: str) -> int:
        """
        Return how likely it would have drawn `option` from those allowed, in parts per million.

        Where none of its lines is true of an allowed option it does as was done.
        """
        chosen = self._chosen(features, options_ppm)
        if chosen is None:
            return options_ppm[option]
        floor_ppm = self.policy.epsilon_ppm // len(options_ppm)
        rest_ppm = PPM - floor_ppm * (len(options_ppm) - 1)
        return rest_ppm if option == chosen else floor_ppm

    def _chosen(self, features: Features, options_ppm: Mapping[str, int]) -> str | None:
        """Return the option of the first line that is true and was allowed."""
        for line, rule in zip(self.policy.choose, self.rules, strict=True):
            if line.option in options_ppm and _holds(rule, features):
                return line.option
        return None


def read_target_policy(file: Path) -> Chooser:
    """
    Return the way of choosing in a file.

    Raises:
        TargetPolicyError: the first mistake in the file.

    """
    with telling(file, "policy", TargetPolicyError):
        written, lines = read_fields(file, "a way of choosing")
        if isinstance(written.get("choose"), list):
            written["choose"] = [
                _with_rule(line, index, lines) for index, line in enumerate(written["choose"])
            ]
        policy = convert(written, lines, TargetPolicy)
    return Chooser(policy, tuple(_compiled(line) for line in policy.choose))


def _with_rule(written: Any, index: int, lines: Lines) -> Any:  # noqa: ANN401 (as it was written)
    """Return a line with its rule checked; another shape is refused by its type."""
    if not isinstance(written, dict) or not isinstance(written.get("if"), str):
        return written
    path = ("choose", index, "if")
    try:
        return {**written, "if": msgspec.to_builtins(check(written["if"], READABLE, "bool"))}
    except RuleTextError as error:
        raise MarkedYamlError(lines[path], path, str(error)) from error


def _compiled(line: ChoiceRule) -> Callable[[Features], object]:
    """Return the rule of a line over what a record has; without one, always true."""
    if line.rule is None:
        return lambda _: True
    _, holds = compiled(line.rule.tree, READABLE, {name: _reader(name) for name in READABLE})
    return holds


def _reader(name: str) -> Callable[[Features], FeatureValue]:
    """Return what reads a feature from a record; one that it has not is no feature of it."""

    def read(features: Features) -> FeatureValue:
        if name not in features:
            raise RuleError(f"wanted {name} in the record, found none")
        return features[name]

    return read


def _holds(rule: Callable[[Features], object], features: Features) -> bool:
    """Return whether a rule is true; one that cannot be computed is not."""
    try:
        return bool(rule(features))
    except RuleError:
        return False
