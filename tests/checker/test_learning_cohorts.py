"""Who is judged together where many are waited for, by the second opinion: docs/learning.md 3."""

from math import isclose, log

from tests.checker.learning_by_hand import AT, came, defined, exposed, learnt, state_of


def test_no_cohort_begins_while_64_are_open() -> None:
    """Section 3: the newest grows; what found no room is judged there, with all of its labels."""
    opened = [exposed(AT + n) for n in range(66 * 20)]
    first = (defined(), *opened, came(1))
    cohorts = state_of(learnt(*first))["cohorts"]
    assert [one["exposure_count"] for one in cohorts] == [20] * 63 + [60]
    later = [came(int(n >= 64 * 20), AT + n) for n in range(1, 66 * 20)]
    state = state_of(learnt(*first, *later[:19], exposed(AT + 1320), *later[19:]))
    assert [one["from_ms"] for one in state["cohorts"]] == [AT + 1320]
    from_ms, _, _, exposure_count, _, figures = state["reports"][-1]
    assert (from_ms, exposure_count, *figures[:2]) == (AT + 1260, 60, 60, 40)


def test_champion_that_is_kept_no_more_is_not_compared() -> None:
    """Section 3: it was kept when the first one converted; 17 cohorts later it is not."""
    opened = [exposed(AT + n) for n in range(18 * 20 + 1)]
    ends = [came(0, AT + n) for n in range(1, 20)]
    records = (*opened[:20], came(1), *opened[20:], *ends)
    few = state_of(learnt(defined(publish_count=1), *records))["reports"]
    one = state_of(learnt(defined(), *records))["reports"]

    assert (few[0][-1][0], few[0][-1][4]) == (20, None)
    assert isclose(one[0][-1][4], log(2))
