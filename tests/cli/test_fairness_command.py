"""`cardcue fairness`: what is counted by groups, in lines and as JSON."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.fairness import command
from cli.fairness.command import breakdown_lines
from cli.fairness.groups import (
    Breakdown,
    Group,
)
from cli.fairness.report import BreakdownReport, breakdown_report, fairness_report
from cli.log import TopicLog
from cli.main import main
from cli.policy_log import ControlView
from lifecycle.policies import active
from schemas.codec import encode_json
from schemas.examples import DECISION
from schemas.records import OutputRecord
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from streams.memory_broker import MemoryBroker
from streams.settings import Settings
from tests.cli.campaign_text import GOOD
from tests.cli.fairness_records import decision, opened, settled
from tests.cli.memory_log import MemoryTopicLog
from tests.cli.treatment_text import read


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
