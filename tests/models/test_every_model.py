"""
Every kind of model keeps the one contract (`lifecycle.models.contract`), whatever is behind it.

Asking changes nothing, what it has learnt is plain, and whoever is restored from that goes on alike
to the last bit.
"""

import random
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from lifecycle.models.logistic import LogisticModel, untaught
from lifecycle.models.option_counts import Counts, OptionCounts
from lifecycle.models.spend_clusters import SpendClusters
from lifecycle.models.spend_tiers import SpendTiers
from schemas.codec import encode_json, encode_row
from schemas.learning import Head
from schemas.learning_rows import ClustersState, TiersState
from schemas.scenes import SCENES
from tests.learning.outcome_log import model


class Kind(NamedTuple):
    """A kind of model: how one begins, learns an example drawn by lot, and answers."""

    begin: Callable[[], Any]
    teach: Callable[[Any, random.Random], object]
    ask: Callable[[Any], object]
    state: Any


def _logistic() -> LogisticModel:
    return LogisticModel(model(), untaught(model()))


def _vector(lots: random.Random) -> dict[int, float]:
    return {0: lots.uniform(-4, 4), 1 + lots.randrange(3): 1.0}


def _shares(lots: random.Random) -> list[float]:
    drawn = lots.choices(range(len(SCENES)), [1, 9, 5, 1, 1, 1, 7, 1, 1, 1, 1, 3, 1, 1], k=16)
    return [drawn.count(place) / 16 for place in range(len(SCENES))]


KINDS: Final = {
    "logistic": Kind(
        _logistic,
        lambda one, lots: one.learn(_vector(lots), int(lots.random() < 0.3), 1.5),
        lambda one: one.proba({0: 0.5, 2: 1.0}),
        Head,
    ),
    "option_counts": Kind(
        OptionCounts,
        lambda one, lots: one.learn(lots.choice("ab"), int(lots.random() < 0.3)),
        lambda one: one.rates_ppm(),
        Counts,
    ),
    "spend_tiers": Kind(
        SpendTiers,
        lambda one, lots: one.learn(int(lots.lognormvariate(9.0, 2.0))),
        lambda one: one.edges_minor(),
        TiersState,
    ),
    "spend_clusters": Kind(
        lambda: SpendClusters("bank"),
        lambda one, lots: one.learn(_shares(lots)),
        lambda one: one.nearest(_shares(random.Random(1))),  # noqa: S311 (a seeded world)
        ClustersState,
    ),
}
COUNTS: Final = (0, 1, 150, 450)
"""Examples: before and after clusters have begun."""


def taught(kind: Kind, count: int) -> Any:  # noqa: ANN401 (any model)
    """Return a model that so many examples have taught."""
    found, lots = kind.begin(), random.Random(7)  # noqa: S311 (a seeded world)
    for _ in range(count):
        kind.teach(found, lots)
    return found


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("count", COUNTS)
def test_asking_changes_nothing(name: str, count: int) -> None:
    """The state's bytes before and after, and the second answer as the first."""
    kind = KINDS[name]
    found = taught(kind, count)
    before = encode_row(found.snapshot())
    first = kind.ask(found)

    assert before == encode_row(found.snapshot())
    assert first == kind.ask(found)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("count", COUNTS)
def test_restored_model_goes_on_to_the_last_bit(name: str, count: int) -> None:
    """By msgpack and by JSON alike: the same state, answers and states after 60 more examples."""
    kind = KINDS[name]
    found = taught(kind, count)
    state = found.snapshot()
    written = encode_row(state), encode_json(state)
    read = (
        msgspec.msgpack.decode(written[0], type=kind.state),
        msgspec.json.decode(written[1], type=kind.state),
    )
    others = [kind.begin() for _ in read]
    for other, plain in zip(others, read, strict=True):
        other.restore(plain)
        assert written[0] == encode_row(other.snapshot())
    lots = [random.Random(8) for _ in range(3)]  # noqa: S311 (a seeded world)
    for _ in range(60):
        for one, own in zip((found, *others), lots, strict=True):
            kind.teach(one, own)

    assert 1 == len({encode_row(one.snapshot()) for one in (found, *others)})
    assert [kind.ask(found)] * 2 == [kind.ask(one) for one in others]


@pytest.mark.parametrize("name", KINDS)
def test_snapshot_is_not_moved_by_what_comes_after(name: str) -> None:
    """Whoever has taken one may keep it: learning on changes no byte of it."""
    kind = KINDS[name]
    found = taught(kind, 450)
    state = found.snapshot()
    before = encode_row(state)
    kind.teach(found, random.Random(9))  # noqa: S311 (a seeded world)

    assert before == encode_row(state)
    assert before != encode_row(found.snapshot())
