"""Make up models, what is said of them, and snapshots that nobody taught: random heads."""

from functools import cache
from random import Random
from typing import Any, Final

import msgspec

from cli.cel import check
from schemas.rules import Kind
from tests.checker.identity import Facts
from tests.checker.model_shapes import weight_count
from tests.world.chaos_rules import KINDS, NO_FEATURE


NUMBERS: Final[tuple[tuple[str, Kind], ...]] = (
    *(("spend_count", "int"), ("recency_days", "int"), ("staff", "bool"), ("autopay", "bool")),
    *(("amount_30d_minor / 100", "int"), ("bill_due_hours - 24", "int"), ("tenure_days", "int")),
    *(("contact_count_7d + contact_count_30d", "int"), ("autopay ? 5 : card_count", "int")),
    *(("1000 / plan_count", "int"), ("9223372036854775807 - declined_days", "int")),
    *(("spend_count_7d > 2 && !staff", "bool"), ("session_days % contact_count_7d", "int")),
)
"""Rules with their kinds; some have no value for some customers."""

CATEGORIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    *(("top_scene", ("other", "dining", "groceries")), ("stage", ("issued", "first_spend"))),
    *(("currency", ("CNY", "USD")), ("language", ("", "a")), ("region", ("b",))),
    *(("spend_tier", ("light", "regular", "heavy", "top")), ("life_change_scene", ("", "travel"))),
    *(("spend_cluster", ("dining", "other", "dining_2")), ("top_scene", ("travel",))),
    *(('partner["p0|a"]', ("a", "")), ("usual_part_of_day", ("night", "", "evening", "morning"))),
)
"""Rules with the values that count."""

RANKING: Final = ("ranker", "other")
CROWD: Final = tuple(f"m{number}" for number in range(40))
"""More models than a tenant may have."""

UNITS: Final = (1, 2, 10, 1_000, 10**6)
INTERCEPTS: Final = (-3.0, 0.0, 0.0, 1.5, 9.0, 40.0, -40.0)


class Models:
    """Draws models of a few tenants; `is_crowd`: there are too many of them."""

    def __init__(self, random: Random, *, is_crowd: bool) -> None:
        """Draw from `random`; nothing has been published."""
        self._random, self._is_crowd = random, is_crowd
        self._models: dict[tuple[str, str], Facts] = {}
        self._sequences: dict[tuple[str, str], int] = {}

    def named(self) -> Facts:
        """Return which model a campaign is ranked by, and what makes that worth something."""
        name = self._random.choice(("", "", "ranker", "ranker", "ranker", "other", "nobody"))
        return {"model": name, "value_minor": 30} if name else {}

    def said(self, tenant: str) -> Facts:
        """Return what the control plane says of a model."""
        random = self._random
        name = random.choice((*RANKING, "new"))
        if random.random() < 0.3:
            back = random.choice((0, 0, 1, 2))
            said = {"frozen": random.random() < 0.5, "rollback_sequence": back}
            return {"event_type": "model.set", "model_id": name, **said}
        model = self._model(tenant, name)
        record: Facts = {"event_type": "model.defined", "model": model}
        for head in ("contact", "control"):
            if random.random() < 0.3:
                record[head] = self._head(model)
        if random.random() < 0.2:
            self._spoil(record)
        return record

    def snapshot(self, tenant: str) -> Facts:
        """Return a snapshot, mostly above the last one, mostly of a model that can be asked."""
        random = self._random
        is_one_more = self._is_crowd and random.random() < 0.9
        model = self._model(tenant, random.choice(CROWD if is_one_more else RANKING))
        place = (tenant, model["id"])
        sequence = max(1, self._sequences.get(place, 0) + random.choice((1, 1, 1, 0, -1)))
        self._sequences[place] = max(sequence, self._sequences.get(place, 0))
        if random.random() < 0.05:
            model = model | {"inputs": [self._unheard_of()]}
        return {
            "event_type": "model.published",
            "model": model,
            "sequence": sequence,
            "reason": random.choice(("defined", "learnt", "fallen_back", "rolled_back")),
            "withheld": random.random() < 0.15,
            "contact": self._head(model),
            "control": self._head(model),
        }

    def _model(self, tenant: str, name: str) -> Facts:
        """Return a tenant's model as it is; now and then in another version."""
        random = self._random
        place = (tenant, name)
        known = self._models.get(place)
        if known is None or random.random() < 0.1:
            least = {
                "exposure_count_min": random.choice((1, 5, 100)),
                "conversion_count_min": random.choice((1, 5)),
            }
            count = random.choice((1, 2, 4, 9))
            inputs = [self._input(f"i{number}") for number in range(count)]
            version = known["version"] + 1 if known else 1
            self._models[place] = {"id": name, "version": version, "inputs": inputs, **least}
            if random.random() < 0.3:
                self._models[place]["optimizer"] = {"kind": "sgd"}
        return self._models[place]

    def _input(self, name: str) -> Facts:
        random = self._random
        if random.random() < 0.4:
            text, values = random.choice(CATEGORIES)
            return {"kind": "category", "id": name, "is": _rule(text, "string"), "values": values}
        text, kind = random.choice(NUMBERS)
        shape: Facts = {"kind": "number", "id": name, "is": _rule(text, kind)}
        if random.random() < 0.8:
            shape["scale"] = random.choice(("linear", "log"))
            shape["offset"] = random.choice((0, 0, 1, -1, 30, 2**53))
            shape["divisor"] = random.choice(UNITS)
        return shape

    def _unheard_of(self) -> Facts:
        """Return an input whose rule cannot be compiled, or is of another kind than it may be."""
        wrong = self._random.choice(
            ({"text": "moon > 1", "tree": NO_FEATURE}, _rule("top_scene", "string"))
        )
        return {"kind": "number", "id": "i0", "is": wrong}

    def _head(self, model: Facts) -> Facts:
        random = self._random
        weights = [
            random.choice((0.0, 0.0, random.gauss(0, 1), random.gauss(0, 1), 1e-9))
            for _ in range(weight_count(model))
        ]
        head = {"intercept": random.choice((*INTERCEPTS, random.gauss(0, 1))), "weights": weights}
        head["exposure_count"] = random.choice((0, 99, 100, 100, 10**6))
        head["conversion_count"] = random.choice((0, 4, 5, 5, 5))
        if "optimizer" not in model and random.random() < 0.5:
            head["squares"] = [random.random() for _ in range(len(weights) + 1)]
        return head

    def _spoil(self, record: Facts) -> None:
        """Let a definition be one that must be refused."""
        model, random = record["model"], self._random
        first = model["inputs"][0]
        wrong = random.choice(
            (
                {"inputs": [self._unheard_of()]},
                {"inputs": [first, first]},
                {"inputs": [_wide(f"i{n}") for n in range(17)]},
                {"inputs": [_wide("i0") | {"values": ("a", "b", "a")}]},
                {},
            )
        )
        record["model"] = model | wrong
        if not wrong:
            head = self._head(model)
            record["contact"] = head | {"weights": [*head["weights"], 0.0]}


def _wide(name: str) -> Facts:
    """Return a category of as many values as there may be: 65 weights."""
    values = [str(number) for number in range(64)]
    return {"kind": "category", "id": name, "is": _rule("stage", "string"), "values": values}


@cache
def _rule(text: str, kind: Kind) -> Any:  # noqa: ANN401 (any JSON)
    return msgspec.to_builtins(check(text, KINDS, kind))
