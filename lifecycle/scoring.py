"""
Score a customer by a snapshot: what it looks at as a vector, then a probability for each head.

The hot path of a campaign with a model: rules are compiled once, when a snapshot is adopted, and
nothing is allocated but what the record tells. docs/core.md 3.16 says every rounding.
"""

from collections.abc import Callable
from math import floor, log1p
from struct import Struct
from typing import Final, Literal, NamedTuple, TypeAlias

from lifecycle.clauses import KINDS, READERS
from lifecycle.features.context import PPM, Context
from lifecycle.model_shape import NUMBER_MAX, has_evidence, offsets
from lifecycle.models.scores import in_ppm, probability
from lifecycle.rules import RuleError, compiled
from schemas.learning import Head, ModelPublished
from schemas.model import CategoryInput, Input, Model, NumberInput


CONTRIBUTIONS_MAX: Final = 5
CONTRIBUTION_MAX: Final = 2**53

RestsOn: TypeAlias = Literal["evidence", "model", "uplift"]
"""Of `PropensityFrom` what a snapshot can be behind."""

Reader: TypeAlias = Callable[[Context], float]
"""From a customer to what stands in the vector: a number, or the place of a category's value."""


class ActiveModel(NamedTuple):
    """
    A snapshot ready to score.

    `readers` compute the vector, `offsets` and `is_number` say which weight each input moves by
    what. `rests_on` is what a propensity by this snapshot is, `name` what a record calls it.
    """

    snapshot: ModelPublished
    readers: tuple[Reader, ...]
    offsets: tuple[int, ...]
    is_number: tuple[bool, ...]
    floats: Struct
    rests_on: RestsOn
    name: str


class Scored(NamedTuple):
    """What a snapshot says of one customer; both scores in parts per million."""

    model: ActiveModel
    vector: bytes
    score_ppm: int
    control_score_ppm: int
    contributions: dict[str, int]


def active(snapshot: ModelPublished, before: ActiveModel | None = None) -> ActiveModel:
    """
    Return a snapshot ready to score; `before` is spared compiling anew where only weights differ.

    Raises:
        RuleError: the rule of an input cannot be compiled, or is not of the kind it should be.

    """
    model = snapshot.model
    if before is not None and before.snapshot.model == model:
        compiled_inputs = before.readers
    else:
        compiled_inputs = readers(model)
    return ActiveModel(
        snapshot,
        compiled_inputs,
        offsets(model),
        tuple(isinstance(one, NumberInput) for one in model.inputs),
        Struct(f"<{len(model.inputs)}f"),
        rests_on(snapshot),
        f"{model.id}|{model.version}|{snapshot.sequence}",
    )


def readers(model: Model) -> tuple[Reader, ...]:
    """
    Return what computes each place of the vector.

    Raises:
        RuleError: the rule of an input cannot be compiled, or is not of the kind it should be.

    """
    return tuple(_reader(one) for one in model.inputs)


def rests_on(snapshot: ModelPublished) -> RestsOn:
    """Return what a propensity by this snapshot is (SEMANTICS O2)."""
    model = snapshot.model
    if snapshot.withheld or not has_evidence(snapshot.contact, model):
        return "evidence"
    return "uplift" if has_evidence(snapshot.control, model) else "model"


def scaled(one: Input) -> Callable[..., float]:
    """
    Return from what an input's rule gives to its place of the vector, before it is a float32.

    A text becomes its place among the values, from 1, any other 0; a number is brought to the
    order of 1.
    """
    if isinstance(one, CategoryInput):
        places = {value: float(place) for place, value in enumerate(one.values, start=1)}
        return lambda text: places.get(text, 0.0)
    offset, divisor = one.offset, one.divisor
    if one.scale == "linear":
        return lambda number: max(-NUMBER_MAX, min(NUMBER_MAX, (number - offset) / divisor))
    whole = log1p(divisor)
    return lambda number: min(NUMBER_MAX, log1p(max(0, number - offset)) / whole)


def scored(model: ActiveModel, context: Context) -> Scored:
    """Return what the snapshot says of a customer, and on what that rests most."""
    floats = model.floats
    vector = floats.pack(*[read(context) for read in model.readers])
    moved = [
        (offset, x) if is_number else (offset + int(x), 1.0)
        for offset, is_number, x in zip(
            model.offsets, model.is_number, floats.unpack(vector), strict=True
        )
    ]
    contact, control = _terms(model.snapshot.contact, moved), _terms(model.snapshot.control, moved)
    return Scored(
        model,
        vector,
        score_ppm(model.snapshot.contact.intercept, contact),
        score_ppm(model.snapshot.control.intercept, control),
        _contributions(model.snapshot.model, contact),
    )


def score_ppm(intercept: float, terms: list[float]) -> int:
    """
    Return the probability of which these terms are the log-odds, in parts per million.

    >>> score_ppm(0.0, []), score_ppm(-1.0, [0.5, 0.5]), score_ppm(100.0, [])
    (500000, 500000, 999999)
    """
    log_odds = intercept
    for term in terms:
        log_odds += term
    return in_ppm(probability(log_odds))


def _terms(head: Head, moved: list[tuple[int, float]]) -> list[float]:
    """Return what each input adds to a head's log-odds."""
    weights = head.weights
    return [weights[place] * x for place, x in moved]


def _contributions(model: Model, terms: list[float]) -> dict[str, int]:
    """Return the inputs that move the score most, in millionths of log-odds."""
    inputs = model.inputs
    greatest = sorted(range(len(terms)), key=lambda place: -abs(terms[place]))
    return {
        inputs[place].id: _held(floor(terms[place] * PPM))
        for place in greatest[:CONTRIBUTIONS_MAX]
        if terms[place]
    }


def _held(micro: int) -> int:
    """Return a contribution that fits into a record, whatever a head brings."""
    return max(-CONTRIBUTION_MAX, min(CONTRIBUTION_MAX, micro))


def _reader(one: Input) -> Reader:
    """Return what computes an input's place of the vector; what cannot be computed is 0."""
    kind, value = compiled(one.rule.tree, KINDS, READERS)
    if kind not in ({"string"} if isinstance(one, CategoryInput) else {"int", "bool"}):
        raise RuleError(f"wanted another kind of value for {one.id}, found {kind}")
    placed = scaled(one)

    def read(context: Context) -> float:
        try:
            return placed(value(context))
        except RuleError:
            return 0.0

    return read
