"""How customers spend is learnt the same by the learning fold and its second opinion."""

import pytest

from tests.world.both_learn import both_learn, printed
from tests.world.chaos_observed import SHAPES, Observed
from tests.world.chaos_outcomes import Outcomes


def test_house_and_checker_learn_the_same_segments(*, full: bool) -> None:
    """L1: same edges, clusters, names, rows to the last bit, and counts, of logs of any kind."""
    names: set[str] = set()
    published_count = 0
    for seed in range(100 if full else 10):
        report, said = both_learn(printed(Observed(seed).records(900)), slice_count=7)
        assert report.passed, f"seed {seed}\n{report}"
        names |= {name for one in said for name in one["clusters"]}
        published_count += len(said)

    assert published_count > 20
    assert any(name.endswith("_2") for name in names)


def test_house_and_checker_let_a_centre_go_on_moving() -> None:
    """Of a bank where all buy the same a centre has 5,000 at most."""
    seed = SHAPES.index("two")
    report, said = both_learn(printed(Observed(seed).records(14_000)), slice_count=500)

    assert report.passed, str(report)
    assert len(said) > 10


@pytest.mark.parametrize("seed", [0, 1])
def test_segments_are_learnt_beside_models(seed: int) -> None:
    """N3: neither says anything of the other."""
    models, customers = Outcomes(seed).records(500), Observed(seed).records(500)
    log = printed(one for both in zip(models, customers, strict=False) for one in both)
    report, said = both_learn(log, slice_count=7)

    assert report.passed, str(report)
    assert {"model.published", "segments.published"} <= {one["event_type"] for one in said}
