"""It is counted by groups whom a campaign selects, and what its contacts bring."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.fairness.command import count_record
from cli.fairness.groups import (
    Breakdown,
    Group,
    control_share_ppm,
    group_names,
    impact_ratio_ppm,
)
from schemas.codec import encode_json
from schemas.records import StoredRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from tests.cli.campaign_text import GOOD, line_of, mistake
from tests.cli.fairness_records import decision, opened, settled
from tests.cli.treatment_text import read


def test_selected_are_the_winners_whoever_was_kept_back() -> None:
    """Of four candidates three won; a deferral is decided anew, a fallback is no new candidate."""
    known = Breakdown("age_band")
    for verdict in ("sent", "control", "held_out", "suppressed", "deferred", "invalidated"):
        known.consider(decision(verdict, "18-25"), "lift")
    known.consider(decision("sent", "18-25", follows="before"), "lift")
    known.consider(replace(decision("sent", "18-25"), shadow=True), "lift")
    known.consider(decision("sent", "18-25"), "other")

    assert (4, 3) == (
        known.groups["18-25"].candidate_count,
        known.groups["18-25"].selected_count,
    )


def test_groups_are_the_values_of_a_feature() -> None:
    """A list puts a customer into several; what is not known is told as such."""
    assert ["18-25"] == [*group_names("18-25")]
    assert ["a", "b"] == [*group_names(("a", "b"))]
    assert ["yes", "no"] == [*group_names(True), *group_names(False)]  # noqa: FBT003 (its values)
    assert ["(not known)"] == [*group_names("")] == [*group_names(())]
    assert ["7"] == [*group_names(7)]


def test_numbers_are_no_truth_values() -> None:
    """Python has 1 == True; a customer with one card is in group 1, not in "yes"."""
    assert ["1", "0"] == [*group_names(1), *group_names(0)]


def test_scores_are_told_by_group() -> None:
    """Two of three were scored, 1 % and 3 %."""
    known = Breakdown("age_band")
    for score_ppm in (10_000, 30_000):
        known.consider(decision("sent", "a", model="m|1|1", score_ppm=score_ppm), "lift")
    known.consider(decision("sent", "a"), "lift")

    assert (2, 40_000) == (known.groups["a"].scored_count, known.groups["a"].score_sum_ppm)


def test_uplift_is_by_group_and_customer() -> None:
    """Forty contacted who all convert, ten of control of whom none does: +100 % but for luck."""
    known = Breakdown("age_band")
    for number in range(50):
        exposure = opened(number, "a", "control" if number % 5 == 0 else "default")
        known.expose(exposure)
        known.settle(settled(exposure, int(number % 5 > 0)))  # type: ignore[arg-type]
    again = replace(opened(99, "a", "default"), is_first=False)
    known.expose(again)
    known.settle(settled(again, 1))
    lost = opened(98, "a", "default")
    known.expose(lost)
    known.settle(settled(lost, None))

    difference = known.groups["a"].difference
    assert difference is not None
    assert (10, 40) == (difference.tally.control_count, difference.tally.contact_count)
    assert difference.interval(50_000).estimate > 0.8
    assert {} == known.exposures


def test_who_is_compared_with_is_the_campaigns_own_control() -> None:
    """Without it nothing is compared, whatever the bank holds out."""
    assert 200_000 == control_share_ppm(opened(1, "a", "default"))
    alone = replace(opened(1, "a", "default"), shares_ppm={"default": 1_000_000})
    assert 0 == control_share_ppm(alone)
    assert 0 == control_share_ppm(replace(alone, holdout_ppm=50_000))


@pytest.mark.parametrize("shares_ppm", [None, {"default": 1_000_000}])
def test_who_is_held_out_is_compared_with_nobody(shares_ppm: dict[str, int] | None) -> None:
    """Beside a control or without one."""
    known = Breakdown("age_band")
    held = opened(2, "a", "holdout", holdout_ppm=50_000)
    held = replace(held, shares_ppm=shares_ppm or held.shares_ppm)
    known.expose(held)
    known.settle(settled(held, 1))
    assert {} == known.groups


def test_impact_ratio_is_the_least_rate_over_the_greatest() -> None:
    """40 of 100 against 50 of 100 are four fifths, and not below; of nobody nothing is compared."""
    assert 800_000 == impact_ratio_ppm([Group(100, 40), Group(100, 50), Group()])
    assert 799_999 == impact_ratio_ppm([Group(1_000_000, 799_999), Group(7, 7)])
    assert 1_000_000 == impact_ratio_ppm([]) == impact_ratio_ppm([Group(100, 0)])


def test_records_of_others_are_passed_over() -> None:
    """Another bank's, and another campaign's."""
    known = [Breakdown("age_band")]
    mine, other = decision("sent", "a"), replace(decision("sent", "a"), tenant="hill")
    exposure = opened(1, "a", "default")
    said = [
        (DECISIONS_TOPIC, b"decision.recorded.v1", mine),
        (DECISIONS_TOPIC, b"decision.recorded.v1", other),
        (OUTCOMES_TOPIC, b"exposure.opened.v1", exposure),
        (OUTCOMES_TOPIC, b"exposure.opened.v1", replace(exposure, campaign_id="x")),
        (OUTCOMES_TOPIC, b"exposure.settled.v1", settled(exposure, 1)),
    ]
    for topic, kind, record in said:
        stored = StoredRecord(topic, 0, 0, 0, b"k", encode_json(record), (("ce_type", kind),))
        count_record(stored, mine.tenant, "lift", known)

    [group] = known[0].groups.values()
    assert (1, 1) == (group.candidate_count, group.selected_count)
    assert group.difference is not None
    assert 1 == group.difference.tally.contact_count


def test_campaign_may_be_reported_by_what_is_no_behaviour(tmp_path: Path) -> None:
    """Each feature once, declared, and not what customers do."""
    text = GOOD + "report_by: [age_band, region]\n"
    assert ("age_band", "region") == read(tmp_path, text).report_by

    at = line_of(text, "report_by")
    told = mistake(tmp_path, "region]", "spend_count]", text=text)
    assert told.startswith(f"{at}: report_by[1]: wanted one of ")
    told = mistake(tmp_path, "region]", "age_band]", text=text)
    assert told == f"{at}: report_by[1]: wanted age_band once, found it twice"
