"""It is told by groups whom a campaign selects, and what its contacts bring."""

from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from cli.fairness.command import lines, take
from cli.fairness.groups import Campaign, Group, control_share_ppm, group_names, least_favoured
from schemas.codec import encode_json
from schemas.decisions import Decision, Verdict
from schemas.examples import DECISION, EXPOSURE
from schemas.outcomes import ExposureOpened, ExposureSettled
from schemas.records import StoredRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from tests.cli.campaign_text import GOOD, line_of, mistake
from tests.cli.treatment_text import read


SHARES = {"control": 200_000, "default": 800_000}


def decision(verdict: Verdict, band: str, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a decision about a customer of an age band."""
    said = {"campaign_id": "lift", "verdict": verdict, "features": {"age_band": band}, **changed}
    return replace(DECISION, candidates=(replace(DECISION.candidates[0], **said),))


def opened(number: int, band: str, arm: str, **changed: Any) -> ExposureOpened:  # noqa: ANN401
    """Return a first exposure, one in five of them control."""
    return replace(
        EXPOSURE,
        exposure_id=f"e{number}",
        campaign_id="lift",
        arm=arm,
        is_first=True,
        features={"age_band": band},
        **{"shares_ppm": SHARES, **changed},
    )


def settled(exposure: ExposureOpened, label: Literal[0, 1] | None) -> ExposureSettled:
    """Return what it has come to."""
    return ExposureSettled(
        settled_id="s",
        exposure_id=exposure.exposure_id,
        tenant=exposure.tenant,
        customer_token="c",
        trigger_id="t",
        campaign_id="lift",
        policy_version=1,
        arm=exposure.arm,
        arm_ppm=1,
        is_first=True,
        pools=False,
        holdout_ppm=0,
        label=label,
        delivery="delivered",
        value_minor=0,
        currency="",
        decided_at_ms=1,
        closes_at_ms=2,
        settled_at_ms=3,
    )


def test_selected_are_the_winners_whoever_was_kept_back() -> None:
    """Of four considered three won; a deferral is decided anew, a fallback is no new candidate."""
    known = Campaign("age_band")
    for verdict in ("sent", "control", "held_out", "suppressed", "deferred", "invalidated"):
        known.consider(decision(verdict, "18-25"), "lift")
    known.consider(decision("sent", "18-25", follows="before"), "lift")
    known.consider(replace(decision("sent", "18-25"), shadow=True), "lift")
    known.consider(decision("sent", "18-25"), "other")

    assert (4, 3) == (
        known.groups["18-25"].considered_count,
        known.groups["18-25"].selected_count,
    )


def test_groups_are_the_values_of_a_feature() -> None:
    """A list puts a customer into several; what is not known is told as such."""
    assert ["18-25"] == [*group_names("18-25")]
    assert ["a", "b"] == [*group_names(("a", "b"))]
    assert ["yes"] == [*group_names(True)]  # noqa: FBT003 (a feature's value)
    assert ["(not known)"] == [*group_names("")] == [*group_names(())]
    assert ["7"] == [*group_names(7)]


def test_scores_are_told_by_group() -> None:
    """Two of three were scored, 1 % and 3 %."""
    known = Campaign("age_band")
    for score_ppm in (10_000, 30_000):
        known.consider(decision("sent", "a", model="m|1|1", score_ppm=score_ppm), "lift")
    known.consider(decision("sent", "a"), "lift")

    assert (2, 40_000) == (known.groups["a"].scored_count, known.groups["a"].score_sum_ppm)


def test_uplift_is_by_group_and_customer() -> None:
    """Forty contacted who all convert, ten of control of whom none does: +100 % but for luck."""
    known = Campaign("age_band")
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


@pytest.mark.parametrize("shares_ppm", [SHARES, {"default": 1_000_000}])
def test_who_is_held_out_is_compared_with_nobody(shares_ppm: dict[str, int]) -> None:
    """Beside a control or without one."""
    known = Campaign("age_band")
    held = opened(2, "a", "holdout", holdout_ppm=50_000, shares_ppm=shares_ppm)
    known.expose(held)
    known.settle(settled(held, 1))
    assert {} == known.groups


def test_lines_tell_the_most_selected_first_and_what_to_look_into() -> None:
    """50 of 100, 30 of 100, and three of whom nothing is told: .6 of the rate, below .8."""
    known = Campaign("age_band")
    known.groups = {
        "b": Group(100, 30),
        "a": Group(100, 50, scored_count=50, score_sum_ppm=1_000_000),
        "c": Group(3, 3),
    }

    assert [
        "by age_band:",
        "  c: 3 considered, too few to tell",
        "  a: 100 considered, 50 selected (50.0%), mean score 2.00 %",
        "  b: 100 considered, 30 selected (30.0%)",
        (
            "  the least selected group has 0.60 of the rate of the most selected, below 0.8: say"
            " why, or look into it"
        ),
    ] == list(lines(known))
    assert 1.0 == least_favoured([])


def test_records_of_others_are_passed_over() -> None:
    """Another bank's, and another campaign's."""
    known = [Campaign("age_band")]
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
        take(stored, mine.tenant, "lift", known)

    [group] = known[0].groups.values()
    assert (1, 1) == (group.considered_count, group.selected_count)
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
