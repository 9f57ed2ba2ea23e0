"""
Measure what a rule costs: nanoseconds of one core for one evaluation, in the fold and in CEL.

The rule is `recency_days > 30 && (spend_count >= 5 || stage == "bind")`, of which all three
comparisons are made. Readers take attributes of a context by a Python function each, as the
declared features do; Google's evaluator is given the three values in a dict, and in an activation
that was made before.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from cel_expr_python import cel

from cli.cel import check, declared
from lifecycle.rules import compiled
from schemas.rules import Kind


TEXT = 'recency_days > 30 && (spend_count >= 5 || stage == "bind")'
NAMES: dict[str, Kind] = {"recency_days": "int", "spend_count": "int", "stage": "string"}
ROUNDS = 21
EVALUATIONS = 20_000


class Customer(NamedTuple):
    """What the rule is asked of."""

    recency_days: int
    spend_count: int
    stage: str


def timed_ns(evaluate: Callable[[], object]) -> float:
    """Return the median over the rounds of one evaluation's CPU time."""
    figures = []
    for _ in range(ROUNDS):
        began_ns = time.process_time_ns()
        for _ in range(EVALUATIONS):
            evaluate()
        figures.append((time.process_time_ns() - began_ns) / EVALUATIONS)
    return statistics.median(figures)


def main() -> None:
    """Print one JSON line; the price of calling an empty function is taken off."""
    read: dict[str, Callable[[Customer], int | str]] = {
        "recency_days": lambda customer: customer.recency_days,
        "spend_count": lambda customer: customer.spend_count,
        "stage": lambda customer: customer.stage,
    }
    customer = Customer(recency_days=31, spend_count=4, stage="bind")
    values = customer._asdict()
    _, holds = compiled(check(TEXT, NAMES, "bool").tree, NAMES, read)
    environment = cel.NewEnv(variables=declared(NAMES))
    expression, activation = environment.compile(TEXT), environment.Activation(values)
    empty_ns = timed_ns(lambda: None)
    said = {
        "closures_ns": timed_ns(lambda: holds(customer)),
        "cel_ns": timed_ns(lambda: expression.eval(data=values).value()),
        "cel_with_activation_ns": timed_ns(lambda: expression.eval(activation).value()),
    }
    print(json.dumps({name: round(figure - empty_ns) for name, figure in said.items()}))


if __name__ == "__main__":
    main()
