"""The second opinion on what options bring, by hand: docs/learning.md §6."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle
from tests.checker.learning_by_hand import AT, DAY, learnt
from tests.checker.learning_check import envelope_of
from tests.checker.learning_choices import SETTLED, rates_ppm, row_of_choice


HOUR = 3_600_000
Said = tuple[str, Facts]


def settled(option: str, label: int | None, at: int = AT, **other: Any) -> Said:  # noqa: ANN401
    """Return what a contact of the campaign `lift` has come to."""
    said = {"tenant": "acme", "campaign_id": "lift", "arm": "default", "model_id": ""}
    about = {"option": option, "label": label, "settled_at_ms": at, "decided_at_ms": at - DAY}
    return SETTLED, said | about | other


def published(oracle: LearningOracle) -> list[tuple[int, Facts]]:
    """Return sequence and rates of what was published."""
    return [(one.snapshot["sequence"], one.snapshot["rates_ppm"]) for one in oracle.published]


def test_oracle_publishes_the_first_at_once() -> None:
    """By hand: pool (1 + 1) / (1 + 20), rate (1 + 20 x 2/21) / 21 = 61/441 = 0.1383219..."""
    oracle = learnt(settled("plain", 1))

    assert published(oracle) == [(1, {"plain": 138_321})]
    assert row_of_choice(oracle.choices["acme", "lift"]) == [{"plain": [1.0, 1.0]}, 1, AT, 0]
    assert oracle.counts == {"chosen|acme|lift": 1, "published|acme|lift|choice": 1}
    envelope = envelope_of(oracle.published[0])
    names = ("event_id", "journal_at_ms", "occurred_at_ms", "customer_token", "source")
    place = ["lifecycle.outcomes.v1", 0, 0]
    assert [envelope[name] for name in names] == ["choice-lift-1", AT, AT, "", place]
    assert envelope["record"] == {
        "event_type": "choice.published",
        "campaign_id": "lift",
        "sequence": 1,
        "rates_ppm": {"plain": 138_321},
    }


def test_oracle_lets_every_option_fade_with_each_exposure() -> None:
    """Whatever its option: 1 becomes 0.999, then 0.999 x 0.999; the newest weighs 1."""
    oracle = learnt(settled("plain", 1), settled("rich", 0), settled("plain", 0))

    counts = oracle.choices["acme", "lift"]["counts"]
    assert counts == {"plain": [0.999 * 0.999 + 1, 0.999 * 0.999], "rich": [0.999, 0.0]}
    assert list(counts) == ["plain", "rich"]


def test_rates_are_drawn_to_that_of_all_and_held() -> None:
    """By hand: pool (6 + 1) / (80 + 20) = 0.07; (6 + 1.4) / 60 and (0 + 1.4) / 60 floored."""
    found = rates_ppm({"plain": [40.0, 6.0], "rich": [40.0, 0.0]})

    assert found == {"plain": 123_333, "rich": 23_333}
    assert rates_ppm({"plain": [10**9, 0.0]}) == {"plain": 1}


@pytest.mark.parametrize(("count", "sequences"), [(50, [1]), (51, [1, 2]), (101, [1, 2, 3])])
def test_oracle_publishes_after_fifty(count: int, sequences: list[int]) -> None:
    """The first at once, then each fiftieth since, within one millisecond."""
    oracle = learnt(*(settled("plain", 0) for _ in range(count)))

    assert [sequence for sequence, _ in published(oracle)] == sequences


def test_oracle_publishes_after_an_hour_of_the_last() -> None:
    """By the time of the record, earlier ones move nothing; from the last published on."""
    times = (AT, AT + HOUR - 1, AT - HOUR, AT + HOUR, AT + 2 * HOUR - 1, AT + 2 * HOUR)
    oracle = learnt(*(settled("plain", 0, at) for at in times))

    assert [one.at_ms for one in oracle.published] == [AT, AT + HOUR, AT + 2 * HOUR]
    assert row_of_choice(oracle.choices["acme", "lift"])[2:] == [AT + 2 * HOUR, 0]


@pytest.mark.parametrize(
    "other",
    [
        {"option": ""},
        {"model_id": "ranker"},
        {"arm": "control"},
        {"arm": "holdout"},
        {"label": None},
    ],
)
def test_oracle_counts_only_what_counts_chose(other: Facts) -> None:
    """Anything else is passed: no option, a model's, another arm, a label that nobody knows."""
    oracle = learnt((SETTLED, settled("plain", 1)[1] | other))

    assert (oracle.counts, oracle.choices) == ({"passed|acme": 1}, {})


def test_oracle_keeps_campaigns_apart() -> None:
    """Each of a tenant and a campaign has its own counts and its own sequence."""
    evil = settled("plain", 1, tenant="evil")
    oracle = learnt(settled("plain", 1), evil, settled("plain", 0, campaign_id="save"))

    assert {one.snapshot["sequence"] for one in oracle.published} == {1}
    assert set(oracle.choices) == {("acme", "lift"), ("evil", "lift"), ("acme", "save")}
