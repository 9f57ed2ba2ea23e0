"""`cardcue effect` reads the changelog of insight, and refuses what cannot be or is not known."""

import json

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Producer

from cli.main import main
from cli.policy_log import CONTROL_TOPIC
from streams.embedded import EmbeddedBroker
from tests.cli.effect_rows import SHARES, bank, campaign, ratio, written


TOPIC = "insight.state.v1"
DOUBTED = {0: ratio(1_000, 8_000, p=0.0009)}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner in whose environment nothing of ours is set."""
    for name in ("CARDCUE_SETTINGS", "CARDCUE_PROFILE", "CARDCUE_BOOTSTRAP"):
        monkeypatch.delenv(name, raising=False)
    return CliRunner()


def effect(run: CliRunner, *words: str) -> Result:
    """Run `cardcue effect ...`."""
    return run.invoke(main, ["effect", *words])


def written_to(broker: EmbeddedBroker, rows: dict[bytes, bytes | None]) -> None:
    """Put rows into insight's changelog."""
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for key, value in rows.items():
        producer.produce(TOPIC, value, key, int(key.split(b"|")[1]))
    assert 0 == producer.flush(30)


def test_command_reads_the_changelog(run: CliRunner) -> None:
    """The newest row of each key counts; another bank's campaign is not told."""
    with EmbeddedBroker() as broker:
        broker.create_topic(TOPIC, 2)
        written_to(broker, written({"0|acme|nudge": campaign(tripped=("harm",))}))
        newest = written(
            {
                "0|acme|nudge": campaign(),
                "1|acme|amount": campaign(stage="grow"),
                "1|acme|": bank(),
                "0|other|theirs": campaign(),
            }
        )
        written_to(broker, newest)
        where = ("--tenant", "acme", "--bootstrap", broker.bootstrap)
        overview = effect(run, *where)
        detail = effect(run, "nudge", *where)
        total = effect(run, "--total", *where)
        as_json = effect(run, "--json", *where)
    names = [line.split(":")[0].strip() for line in overview.stdout.splitlines()]

    assert ["activate", "nudge", "grow", "amount"] == names
    assert detail.stdout.startswith("nudge of acme, stage activate, ")
    assert "guardrail" not in detail.stdout
    assert "for the bank +60,000,000 minor units of CNY" in total.stdout
    read = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert ["amount", "nudge"] == [one["campaign_id"] for one in read]
    assert SHARES == read[0]["versions"][0]["shares_ppm"]


def told_of_rows(run: CliRunner, rows: dict[bytes, bytes | None], *words: str) -> Result:
    """Run `cardcue effect ...` over these rows of insight, where nothing is published."""
    with EmbeddedBroker() as broker:
        broker.create_topic(TOPIC, 2)
        broker.create_topic(CONTROL_TOPIC, 1)
        written_to(broker, rows)
        return effect(run, *words, "--bootstrap", broker.bootstrap)


def test_campaign_that_nobody_knows_is_refused_with_those_that_are_known(run: CliRunner) -> None:
    """Another bank's campaign is none of this bank's."""
    rows = written({"0|acme|nudge": campaign(), "1|acme|": bank(), "0|other|theirs": campaign()})
    refused = told_of_rows(run, rows, "theirs", "--tenant", "acme")

    assert 1 == refused.exit_code
    assert "Error: wanted one of the campaigns of acme, nudge; found theirs\n" == refused.stderr


def test_campaign_that_no_bank_pools_is_refused_with_those_that_are_pooled(run: CliRunner) -> None:
    """N3: of a bank that does not pool no campaign is named."""
    rows = written({"0|acme|amount": campaign(key="default|200000|1"), "0|other|nudge": campaign()})
    refused = told_of_rows(run, rows, "nudge", "--pool")

    assert 1 == refused.exit_code
    assert (
        "Error: wanted one of the campaigns that banks pool, amount; found nudge\n"
        == refused.stderr
    )


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], "wanted --tenant, or CAMPAIGN with --pool; found none of these"),
        (
            ["nudge", "--total", "--tenant", "acme"],
            "without CAMPAIGN, --pool and --policy; found CAMPAIGN, --tenant, --total",
        ),
        (["--pool"], "wanted --pool with CAMPAIGN, without --tenant and --policy; found --pool"),
        (["nudge", "--pool", "--tenant", "acme"], "found CAMPAIGN, --tenant, --pool"),
        (["--tenant", "acme", "--policy", "f"], "--policy with CAMPAIGN; found --tenant, --policy"),
    ],
)
def test_command_line_that_cannot_be_is_refused(
    run: CliRunner, words: list[str], wanted: str
) -> None:
    """A wrong command line ends with 2 before anything is read."""
    found = effect(run, *words)

    assert 2 == found.exit_code
    assert wanted in found.stderr
