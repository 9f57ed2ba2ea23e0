"""The second opinion on learning, by hand: docs/learning.md."""

from math import e, exp, isclose, log, sqrt

import pytest

from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle
from tests.checker.learning_by_hand import (
    AT,
    DAY,
    ONE,
    Said,
    came,
    defined,
    exposed,
    learnt,
    set_to,
    state_of,
)
from tests.checker.learning_cohorts import (
    auc_of,
    bin_of,
    drift_after,
    report_of,
    shift_of,
    tally_of,
)


SGD_STEP = 0.5 * 0.75 * 0.5
"""Rate x weight (1 - p)(1 + p) x (p - y), at p = 1/2 and y = 0."""


def reasons(oracle: LearningOracle) -> list[str]:
    """Return why each snapshot was published, and whether it is withheld."""
    snapshots = [one.snapshot for one in oracle.published]
    return [f"{one['reason']}{' withheld' * one['withheld']}" for one in snapshots]


def test_exposure_moves_weight_and_intercept_by_its_weighted_gradient() -> None:
    """SGD from 0: both go down by 0.5 x 0.75 x 0.5."""
    head = state_of(learnt(defined(), exposed()))["contact"]

    assert (head["intercept"], head["weights"]) == (-SGD_STEP, [-SGD_STEP])
    assert (head["exposure_count"], head["conversion_count"]) == (1, 0)


def test_conversion_moves_them_back_by_one_and_p() -> None:
    """P of z = -0.375; (1 + p)(1 - p) x 0.5 up again."""
    head = state_of(learnt(defined(), exposed(), came(1)))["contact"]
    p = 1 / (1 + exp(0.375))

    assert isclose(head["weights"][0], -SGD_STEP + 0.5 * (1 + p) * (1 - p), rel_tol=1e-12)
    assert (head["exposure_count"], head["conversion_count"]) == (1, 1)


def test_adagrad_divides_by_the_root_of_its_squares() -> None:
    """S = 0.375^2, so the step is the rate but for the epsilon."""
    kind = {"kind": "adagrad", "learning_rate_ppm": 500_000}
    head = state_of(learnt(defined(optimizer=kind), exposed()))["contact"]

    assert head["squares"] == [0.375**2] * 2
    assert isclose(head["weights"][0], -0.5 * 0.375 / sqrt(0.375**2 + 1e-8), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("record", "head", "count"),
    [
        (exposed(verdict="control", arm="control"), "control", (1, 0)),
        (exposed(verdict="held_out", arm="holdout"), "contact", (0, 0)),
        (came(1, arm="control"), "control", (0, 1)),
        (came(1, arm="holdout"), "contact", (0, 0)),
        (came(1, sequence=2), "contact", (0, 1)),
        (came(1, sequence=3), "contact", (0, 0)),
        (came(0), "contact", (0, 0)),
        (came(None), "contact", (0, 0)),
    ],
)
def test_who_teaches_whom(record: Said, head: str, count: tuple[int, int]) -> None:
    """L2: contacts teach their head, the control its own, and nothing twice."""
    found = state_of(learnt(defined(), record))[head]

    assert (found["exposure_count"], found["conversion_count"]) == count


@pytest.mark.parametrize(
    "other",
    [
        {"model_version": 2},
        {"vector": ""},
        {"vector": "AADAfw=="},  # not a number
        {"vector": "AACIQA=="},  # 4.25
        {"vector": ONE.replace("==", "AAAAAA==")},
        {"score_ppm": 0},
    ],
)
def test_unmatched_records_teach_nothing(other: Facts) -> None:
    """L3: another version, another length, what no vector may hold."""
    oracle = learnt(defined(), exposed(**other))

    assert state_of(oracle)["contact"]["exposure_count"] == 0
    assert oracle.counts["unmatched|acme|ranker"] == 1


def test_snapshots_come_after_so_many_examples_or_so_long() -> None:
    """The second example is due by count, the fourth by time; frozen, none is."""
    rule = {"publish_count": 2, "publish_every_ms": DAY}
    records = (exposed(), exposed(), exposed(AT + 1), exposed(AT + DAY))
    oracle = learnt(defined(**rule), *records)

    assert reasons(oracle) == ["defined", "learnt", "learnt"]
    assert [one.place[2] for one in oracle.published] == [0, 2, 4]
    assert [one.at_ms for one in oracle.published] == [AT, AT, AT + DAY]
    assert reasons(learnt(defined(**rule), set_to(frozen=True), *records)) == ["defined"]


def test_definitions_below_are_stale_and_alike_ones_keep_their_weights() -> None:
    """Another optimizer, or a head, begins anew."""
    first = (defined(), exposed())
    assert learnt(*first, defined()).counts["ignored|acme|STALE_VERSION"] == 1
    kept = state_of(learnt(*first, defined(version=2)))
    assert kept["contact"]["exposure_count"] == 1
    assert kept["sequence"] == 2
    fast = {"kind": "sgd", "learning_rate_ppm": 1}
    assert state_of(learnt(*first, defined(version=2, optimizer=fast)))["cohorts"] == []
    head = {"intercept": 1.0, "weights": [2.0], "squares": [], "exposure_count": 7}
    brought = state_of(learnt(*first, defined(version=2, control=head)))
    assert (brought["contact"]["exposure_count"], brought["control"]["exposure_count"]) == (0, 7)


def test_version_that_keeps_the_weights_answers_for_those_before() -> None:
    """Sections 2 and 4: since version 1; a head that is brought begins anew, so does its since."""
    kept = learnt(defined(), exposed(), defined(version=2), came(1))
    assert state_of(kept)["weights_since"] == 1
    assert state_of(kept)["contact"]["conversion_count"] == 1
    assert kept.counts["unmatched|acme|ranker"] == 0
    head = {"intercept": 1.0, "weights": [2.0], "squares": [], "exposure_count": 7}
    anew = learnt(defined(), exposed(), defined(version=2, contact=head), came(1))
    assert state_of(anew)["weights_since"] == 2
    assert anew.counts["unmatched|acme|ranker"] == 1


def cohort(at: int, label_of: int, count: int = 20) -> list[Said]:
    """Return contacts with scores of 0.9, the first decided at this moment, and what came."""
    opened = [exposed(at + n, score_ppm=900_000) for n in range(count)]
    return [*opened, *(came(label_of, at + n, score_ppm=900_000) for n in range(count))]


def test_cohort_is_judged_once_another_has_begun() -> None:
    """Loss and average by hand: -ln 0.9 against -ln 0.5, all of them converted."""
    oracle = learnt(defined(), *cohort(AT, 1), exposed(AT + DAY))
    ((from_ms, judged_at, champion, exposures, shift, figures),) = state_of(oracle)["reports"]

    assert (from_ms, judged_at, champion, exposures, shift) == (AT, AT + DAY, 1, 20, 0.0)
    n, k, loss, average_loss, _, auc, top_ppm, ece, delay_ms = figures
    assert (n, k, auc, delay_ms) == (20, 20, None, 3_600_000)
    assert isclose(loss, -log(0.9))
    assert isclose(average_loss, log(2))
    assert isclose(ece, 0.1)
    assert top_ppm == 500_000
    assert isclose(state_of(oracle)["average"], 0.5 * 0.995**20 + (1 - 0.995**20))
    assert [one["exposure_count"] for one in state_of(oracle)["cohorts"]] == [1]


def test_cohort_without_all_outcomes_waits_for_its_windows() -> None:
    """It is judged when the model's time is a day above its last window's end; then all is late."""
    opened = [exposed(AT + n) for n in range(20)]
    first = (defined(), *opened, came(0), exposed(AT + 20))
    end = AT + 19 + 2 * DAY

    assert state_of(learnt(*first, exposed(end)))["reports"] == []
    oracle = learnt(*first, exposed(end + 1), came(0, AT + 1))
    assert len(state_of(oracle)["reports"]) == 1
    assert oracle.counts["late|acme|ranker"] == 1


def test_two_worse_cohorts_withhold_and_a_good_one_lets_go() -> None:
    """With no good snapshot what was published last is told again, withheld, with no new weight."""
    bad = (*cohort(AT, 0), *cohort(AT + DAY, 0))
    begun = (defined(), exposed(AT - 1, verdict="control"), came(1, AT - 2, sequence=2))
    told_so = (set_to(frozen=True), *bad, exposed(AT + 3 * DAY))
    few = {"publish_count": 1}
    oracle = learnt(defined(**few), *begun[1:], exposed(AT - 1), *told_so)
    last, again = oracle.published[-2:]

    assert reasons(oracle)[-1] == "fallen_back withheld"
    assert again.snapshot["contact"] == last.snapshot["contact"]
    assert state_of(oracle)["contact"] != last.snapshot["contact"]
    assert oracle.counts["alarm|acme|ranker|WORSE"] == 2
    good = (*cohort(AT + 4 * DAY, 1, 19), *cohort(AT + 5 * DAY, 1), exposed(AT + 9 * DAY))
    assert reasons(learnt(defined(**few), *begun[1:], exposed(AT - 1), *told_so, *good))[-1] == (
        "fallen_back"
    )


def test_two_worse_cohorts_fall_back_to_what_was_good() -> None:
    """The snapshot with which a cohort began that went well; its weights are learnt on from."""
    few = {"publish_count": 1}
    taught = (defined(**few), exposed(AT - 1, verdict="control"), came(1, AT - 2, sequence=2))
    days = (cohort(AT + n * DAY, int(n == 0)) for n in range(3))
    oracle = learnt(*taught, *(one for day in days for one in day), exposed(AT + 3 * DAY))
    fallen = next(one for one in oracle.published if one.snapshot["reason"] == "fallen_back")
    good = oracle.published[2]

    assert fallen.snapshot["contact"] == good.snapshot["contact"]
    assert state_of(oracle)["fallen_to"] == good.snapshot["sequence"]
    assert reasons(oracle).count("fallen_back") == 1


def test_rollback_goes_to_what_is_kept_only() -> None:
    """When the first cohort began the definition was kept, under its sequence."""
    records = (defined(), exposed(), came(1))
    oracle = learnt(*records, set_to(back=1), set_to(back=2))

    assert reasons(oracle) == ["defined", "rolled_back"]
    assert state_of(oracle)["contact"]["exposure_count"] == 0
    assert oracle.counts["ignored|acme|NOT_KEPT"] == 1


def outcomes(*said: tuple[int, int]) -> Facts:
    """Return the sums of a cohort of (score, label)."""
    each = [
        {"score_ppm": score, "label": label, "champion_ppm": None, "delay_ms": 0}
        for score, label in said
    ]
    return tally_of({"outcomes": each, "average": 0.5})


def test_auc_and_top_share_count_ties_half() -> None:
    """Of four pairs three are won, one tied; the better half has the one and half of the tie."""
    tally = outcomes((200_000, 0), (500_000, 1), (500_000, 0), (800_000, 1))

    assert auc_of(tally) == (2 + 1 + 0.5) / 4
    assert report_of(tally)["top_ppm"] == 750_000
    assert auc_of(outcomes((1, 1))) is None
    assert report_of(outcomes((1, 0)))["top_ppm"] is None


def test_bins_are_of_log_odds() -> None:
    """A half is in the middle, the ends are held."""
    assert [bin_of(score) for score in (1, 500_000, 999_999)] == [0, 100, 199]
    assert bin_of(round(10**6 / (1 + e))) == 87  # -1 is at 7 x 12.5 = 87.5


def test_shift_is_nothing_where_nothing_moved() -> None:
    """PSI by hand of one outcome that moved from one bin to another: twice the same term."""
    one, other = outcomes((500_000, 0)), outcomes((999_000, 0))

    assert shift_of(one, one) == 0.0
    assert shift_of(one, outcomes()) == 0.0
    assert isclose(shift_of(one, other), 2 * (1 / 11) * log(1.5 / 0.5))


def test_drift_is_found_once_the_sum_has_gone_fifty() -> None:
    """A hundred values of 0, then of 1: the mean lags, and 50 is passed once; then anew."""
    state, found = drift_after([0.0] * 100 + [1.0] * 100)

    assert found == 1
    assert drift_after([0.0] * 100)[1] == 0
    assert state.count < 200


def test_other_records_of_the_log_are_passed_over() -> None:
    """Section 5: they may name the model; neither its time nor what it knows moves."""
    kinds = ("exposure.settled.v1", "exposure.followed.v1", "exposure.objected.v1")
    late = {"tenant": "acme", "model_id": "ranker", "decided_at_ms": AT + DAY}
    oracle = learnt(defined(), exposed(), *((kind, late) for kind in kinds))
    oracle.see("card.moved.v1", {"tenant": "acme"}, ("lifecycle.outcomes.v1", 0, 9))

    assert state_of(oracle)["time"] == AT
    assert oracle.counts == {
        "passed|acme": 4,
        "learnt|acme|ranker": 1,
        "published|acme|ranker|defined": 1,
    }
