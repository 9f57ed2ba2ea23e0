"""It is told by groups whom a campaign selects, and what its contacts bring."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from cli.fairness import command
from cli.fairness.command import breakdown_lines, count_record
from cli.fairness.groups import (
    Breakdown,
    Group,
    control_share_ppm,
    group_names,
    impact_ratio_ppm,
)
from cli.fairness.report import BreakdownReport, breakdown_report, fairness_report
from cli.log import TopicLog
from cli.main import main
from cli.policy_log import ControlView
from lifecycle.policies import active
from schemas.codec import encode_json
from schemas.decisions import Decision, Verdict
from schemas.examples import DECISION, EXPOSURE
from schemas.outcomes import ExposureOpened, ExposureSettled
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from streams.memory_broker import MemoryBroker
from streams.settings import Settings
from tests.cli.campaign_text import GOOD, line_of, mistake
from tests.cli.memory_log import MemoryTopicLog
from tests.cli.treatment_text import read


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
        shares_ppm={"control": 200_000, "default": 800_000},
        features={"age_band": band},
        **changed,
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


def test_who_is_kept_back_is_control_else_the_holdout() -> None:
    """Without either nothing is compared; of a holdout beside a control nothing is fed."""
    assert 200_000 == control_share_ppm(opened(1, "a", "default"))
    alone = replace(opened(1, "a", "default"), shares_ppm={"default": 1_000_000}, holdout_ppm=0)
    assert 0 == control_share_ppm(alone)
    assert 50_000 == control_share_ppm(replace(alone, holdout_ppm=50_000))

    known = Breakdown("age_band")
    held = opened(2, "a", "holdout", holdout_ppm=50_000)
    known.expose(held)
    known.settle(settled(held, 1))
    assert {} == known.groups


def three_groups() -> Breakdown:
    """Return 50 of 100, 30 of 100, and three of whom nothing is told."""
    return Breakdown(
        "age_band",
        {
            "b": Group(100, 30),
            "a": Group(100, 50, scored_count=50, score_sum_ppm=1_000_000),
            "c": Group(3, 3),
        },
    )


def test_lines_tell_the_most_selected_first_and_what_to_look_into() -> None:
    """30 % is .6 of 50 %, below four fifths; candidates are counted, and so they are called."""
    assert [
        "by age_band:",
        "  c: 3 candidates, too few to tell",
        "  a: 100 candidates, 50 selected (50.0 %), mean score 2.00 %",
        "  b: 100 candidates, 30 selected (30.0 %)",
        (
            "  the least selected group has 60.0 % of the rate of the most selected, below 80.0 %:"
            " say why, or look into it"
        ),
    ] == list(breakdown_lines(breakdown_report(three_groups())))


def test_impact_ratio_is_the_least_rate_over_the_greatest() -> None:
    """40 of 100 against 50 of 100 are four fifths, and not below; of nobody nothing is compared."""
    assert 800_000 == impact_ratio_ppm([Group(100, 40), Group(100, 50), Group()])
    assert 799_999 == impact_ratio_ppm([Group(1_000_000, 799_999), Group(7, 7)])
    assert 1_000_000 == impact_ratio_ppm([]) == impact_ratio_ppm([Group(100, 0)])


def followed() -> BreakdownReport:
    """Return a group of 50 customers, ten of them control: all who were contacted converted."""
    breakdown = three_groups()
    for number in range(50):
        exposure = opened(number, "a", "control" if number % 5 == 0 else "default")
        breakdown.expose(exposure)
        breakdown.settle(settled(exposure, int(number % 5 > 0)))  # type: ignore[arg-type]
    return breakdown_report(breakdown)


def test_lines_tell_what_contact_brings_the_customers_of_a_group() -> None:
    """In the words of `cardcue effect`, and of customers: these were candidates more than once."""
    (line,) = (one for one in breakdown_lines(followed()) if one.startswith("  a: "))

    assert "; of its customers, 40 contacted, 10 kept back: " in line
    assert "of 1,000 contacted, " in line


def test_json_says_what_the_lines_say() -> None:
    """Rates in parts per million; of a group with few candidates only how many."""
    found = json.loads(encode_json(fairness_report("acme", "lift", [three_groups()])))
    (breakdown,) = found["breakdowns"]

    assert ("acme", "lift") == (found["tenant"], found["campaign_id"])
    assert ("age_band", 600_000) == (breakdown["feature"], breakdown["impact_ratio_ppm"])
    nothing = {
        "selected_count": None,
        "selected_ppm": None,
        "mean_score_ppm": None,
        "customers": None,
    }
    assert {
        "c": {"candidate_count": 3, **nothing},
        "a": {
            "candidate_count": 100,
            "selected_count": 50,
            "selected_ppm": 500_000,
            "mean_score_ppm": 20_000,
            "customers": None,
        },
        "b": {**nothing, "candidate_count": 100, "selected_count": 30, "selected_ppm": 300_000},
    } == breakdown["groups"]


def test_json_tells_customers_with_the_interval() -> None:
    """40 contacted, 10 kept back; from low to high, in parts per million of customers."""
    customers = followed().groups["a"].customers

    assert customers is not None
    assert (40, 10) == (customers.contact_count, customers.kept_back_count)
    found = customers.difference_ppm
    assert -1_000_000 <= found.low < found.estimate <= 1_100_000
    assert found.low < found.high <= 1_000_000


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Return the command of a bank with one campaign, and a log of one decision."""
    campaign = read(tmp_path, GOOD + "report_by: [age_band, region]\n")
    view = ControlView(DECISION.tenant, unsigned_allowed=True)
    view.state.activate(active(campaign, "hash"))
    broker = MemoryBroker(lambda: 0)
    for topic in (DECISIONS_TOPIC, OUTCOMES_TOPIC):
        broker.create_topic(topic, 1)
    said = encode_json(decision("sent", "18-25", campaign_id=campaign.id))
    headers = (("ce_type", b"decision.recorded.v1"),)
    broker.append(OutputRecord(DECISIONS_TOPIC, b"k", said, headers, 0))

    def run(work: Callable[[TopicLog, Settings], Awaitable[object]], _: Settings) -> object:
        return asyncio.run(work(MemoryTopicLog(broker), Settings(tenants=("demo",))))

    monkeypatch.setattr(command, "on_kafka", run)
    monkeypatch.setattr(command, "control_view", lambda *_: view)

    def invoke(named: str, *words: str) -> Result:
        where = ("--tenant", DECISION.tenant)
        return CliRunner().invoke(main, ["fairness", named or campaign.id, *where, *words])

    return invoke


def test_command_tells_one_json_document(ask: Callable[..., Result]) -> None:
    """Every feature of `report_by` in one object."""
    found = json.loads(ask("", "--json").stdout)

    assert ["age_band", "region"] == [one["feature"] for one in found["breakdowns"]]
    assert 1 == found["breakdowns"][0]["groups"]["18-25"]["candidate_count"]


def test_campaign_that_nobody_knows_is_refused(ask: Callable[..., Result]) -> None:
    """With the campaigns that there are, and exit code 1."""
    refused = ask("other")
    wanted = f"Error: wanted one of the campaigns of {DECISION.tenant}, "

    assert 1 == refused.exit_code
    assert refused.stderr.startswith(wanted)
    assert refused.stderr.endswith("; found other\n")


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
