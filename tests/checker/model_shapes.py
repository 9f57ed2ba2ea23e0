"""Say what a model is, and whether a head is one of its own: docs/learning.md §1."""

from math import isfinite

from tests.checker.identity import Facts


WEIGHTS_MAX = 1_024
OPTIMIZER_DEFAULTS: Facts = {"kind": "adagrad", "learning_rate_ppm": 50_000}
MODEL_DEFAULTS: Facts = {
    "title": "",
    "owner": "",
    "base_rate_ppm": 20_000,
    "exposure_count_min": 1_000,
    "conversion_count_min": 20,
    "publish_count": 500,
    "publish_every_ms": 60_000,
    "cohort_count": 1_000,
}
INPUT_DEFAULTS: dict[str, Facts] = {
    "number": {"title": "", "scale": "linear", "offset": 0, "divisor": 1},
    "category": {"title": ""},
}
HEAD_DEFAULTS: Facts = {"squares": [], "exposure_count": 0, "conversion_count": 0}


def whole(model: Facts) -> Facts:
    """Return a model with every default spelled out."""
    inputs = [{**INPUT_DEFAULTS[one["kind"]], **one} for one in model["inputs"]]
    optimizer = {**OPTIMIZER_DEFAULTS, **model.get("optimizer", {})}
    return {**MODEL_DEFAULTS, **model, "inputs": inputs, "optimizer": optimizer}


def lean(model: Facts) -> Facts:
    """Return a model without what its defaults say, as it is hashed."""
    inputs = [_less(one, INPUT_DEFAULTS[one["kind"]]) for one in model["inputs"]]
    optimizer = _less(model.get("optimizer", {}), OPTIMIZER_DEFAULTS)
    made = _less(model, MODEL_DEFAULTS) | {"inputs": inputs, "optimizer": optimizer}
    return made if optimizer else {n: v for n, v in made.items() if n != "optimizer"}


def lean_head(head: Facts) -> Facts:
    """Return a head without what its defaults say."""
    return _less(head, HEAD_DEFAULTS)


def weight_count(model: Facts) -> int:
    """Return how many weights a model has."""
    return sum(_count(one) for one in model["inputs"])


def places(model: Facts) -> list[int]:
    """Return the place of each input's first weight."""
    found, place = [], 0
    for one in model["inputs"]:
        found.append(place)
        place += _count(one)
    return found


def _count(one: Facts) -> int:
    return 1 if one["kind"] == "number" else 1 + len(one["values"])


def is_sound(model: Facts) -> bool:
    """Return whether nothing in a model is there twice, and it has not too many weights."""
    ids = [one["id"] for one in model["inputs"]]
    values = [one["values"] for one in model["inputs"] if one["kind"] == "category"]
    are_apart = all(len(set(said)) == len(said) for said in (ids, *values))
    return are_apart and weight_count(model) <= WEIGHTS_MAX


def fits(head: Facts | None, model: Facts) -> bool:
    """Return whether a head, if there is one, has what this model's must have."""
    if head is None:
        return True
    count = weight_count(model)
    squares = head.get("squares", [])
    allowed = {0, count + 1} if whole(model)["optimizer"]["kind"] == "adagrad" else {0}
    return (
        len(head["weights"]) == count
        and len(squares) in allowed
        and all(map(isfinite, (head["intercept"], *head["weights"], *squares)))
        and all(square >= 0 for square in squares)
        and head.get("exposure_count", 0) >= 0
        and head.get("conversion_count", 0) >= 0
    )


def _less(said: Facts, defaults: Facts) -> Facts:
    return {n: v for n, v in said.items() if n not in defaults or v != defaults[n]}
