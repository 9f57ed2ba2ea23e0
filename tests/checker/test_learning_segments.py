"""The second opinion on how customers spend, by hand: docs/learning.md §7."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle
from tests.checker.learning_by_hand import AT, DAY, learnt
from tests.checker.learning_segments import begun, bin_of, edge, greatest_of, learn, new_segments
from tests.checker.oracle_recent import SCENES


LABELS = [label for label, _ in SCENES]


def seen(spend: int = 0, scene: str = "dining", at: int = AT, **other: Any) -> tuple[str, Facts]:  # noqa: ANN401
    """Return a customer of acme who spends so much, all on one scene."""
    said = {"tenant": "acme", "currency": "CNY", "spend_minor": spend, "observed_at_ms": at}
    return "customer.observed.v1", said | {"scene_share_ppm": {scene: 10**6}} | other


def sequences(oracle: LearningOracle) -> list[int]:
    """Return what was published."""
    return [one.snapshot["sequence"] for one in oracle.published]


@pytest.mark.parametrize(
    ("spend", "place"), [(0, 0), (1, 1), (2, 9), (1_023, 80), (1_024, 81), (2**60, 399)]
)
def test_oracle_bins_are_an_eighth_of_a_doubling(spend: int, place: int) -> None:
    """1,023 is a little below 2^10, with which bin 81 begins; 2^49.75 and all above is in 399."""
    assert bin_of(spend) == place


def test_oracle_edge_is_the_greatest_of_its_bin() -> None:
    """Bin 1 is 1 alone, 2^(1/8) = 1.09; bin 80 ends below 1,024; half of ten is reached by five."""
    assert [greatest_of(b) for b in (0, 1, 9, 80)] == [0, 1, 2, 1_023]
    bins = [5.0, 3.0, *[0.0] * 78, 2.0, *[0.0] * 319]
    assert [edge(bins, q) for q in (0.5, 0.8, 0.95)] == [0, 1, 1_023]


def test_oracle_forgets_customers_slowly() -> None:
    """After the second one the first counts 0.9995; a fifth currency is passed over."""
    known = new_segments()
    for currency in ("CNY", "CNY", "USD", "EUR", "JPY", "GBP"):
        learn(known, seen(spend=1, currency=currency)[1])

    assert known["tiers"]["CNY"]["bins"][1] == 1.9995
    assert [*known["tiers"]] == ["CNY", "USD", "EUR", "JPY"]


def test_oracle_names_a_centre_by_what_stands_out() -> None:
    """Three scenes, four centres: the fourth is where another is, and has nobody (n = 0)."""
    points = []
    for count, label in ((100, "travel"), (60, "dining"), (40, "home")):
        points += [[float(label == one) for one in LABELS]] * count
    centres = {one["name"]: (one["n"], one["at"]) for one in begun("acme", points)}

    for name, count in (("travel", 100), ("dining", 60), ("home", 40)):
        assert centres[name] == (count, [float(name == one) for one in LABELS])
    (fourth,) = centres.keys() - {"travel", "dining", "home"}
    assert fourth.endswith("_2")
    assert centres[fourth][0] == 0


def test_oracle_moves_a_centre_and_keeps_its_name() -> None:
    """All 200 dine: the first centre moves by 1/201 to travel, and is called as before."""
    oracle = learnt(*[seen()] * 200, seen(scene="travel"))
    names = [one["name"] for one in oracle.segments["acme"]["centres"]]
    moved = oracle.segments["acme"]["centres"][0]

    # nothing stands out above the mean of all, so each is called by the first scene
    assert names == ["other", "other_2", "other_3", "other_4"]
    assert (moved["n"], moved["at"][LABELS.index("travel")]) == (201, 1 / 201)


def test_oracle_publishes_with_the_200th_then_after_500_or_a_day() -> None:
    """199 are too few; 499 more are, a day after the last is time, 1 ms less is not."""
    first = [seen(spend=7)] * 200
    assert sequences(learnt(*first[:-1])) == []
    assert sequences(learnt(*first, *[seen()] * 499)) == [1]
    assert sequences(learnt(*first, *[seen()] * 500)) == [1, 2]
    assert sequences(learnt(*first, seen(at=AT + DAY - 1))) == [1]
    assert sequences(learnt(*first, seen(at=AT + DAY))) == [1, 2]


def test_oracle_publishes_edges_of_currencies_with_200() -> None:
    """199 in dollars are too few; 7 is in bin 23, which ends at 2^(23/8) = 7.3."""
    dollars = [seen(currency="USD")] * 199
    both = learnt(*dollars, *[seen(spend=7)] * 501).published

    assert [one.snapshot["edges_minor"] for one in both] == [{}, {"CNY": [7, 7, 7]}]
