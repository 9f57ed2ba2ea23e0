"""`cardcue policy`: what it puts into the log is what ingest understands."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Consumer, TopicPartition

from cli.control_topic import ControlTopicError, append
from cli.main import main
from cli.policy import published, switched
from cli.policy_file import policy_hash, read_policy
from schemas.events import KillSwitchSet, PolicyPublished
from schemas.incoming import SourceReader
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import SourceBinding
from streams.embedded import EmbeddedBroker
from streams.settings import Settings


CAMPAIGNS = Path(__file__).parent.parent.parent / "campaigns"
NUDGE = str(CAMPAIGNS / "activation_nudge.yaml")
GIFT = str(CAMPAIGNS.parent / "deploy" / "offers" / "first-spend-gift.yaml")
WIN_BACK = str(CAMPAIGNS / "win_back.yaml")
MODELS = [str(file) for file in sorted((CAMPAIGNS.parent / "deploy/models").glob("*.yaml"))]
CONTROL = "marketing.control.v1"
AT_MS = 1_772_442_900_123


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner in whose environment nothing of ours is set."""
    for name in ("CARDCUE_SETTINGS", "CARDCUE_PROFILE", "CARDCUE_BOOTSTRAP"):
        monkeypatch.delenv(name, raising=False)
    return CliRunner()


def policy(run: CliRunner, *words: str, **environ: str) -> Result:
    """Run `cardcue policy ...`."""
    return run.invoke(main, ["policy", *words], env=environ)


def control_records(bootstrap: str, count: int) -> list[StoredRecord]:
    """Return the first records of the control topic's one partition."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test"})
    consumer.assign([TopicPartition(CONTROL, 0, 0)])
    found = []
    while len(found) < count:
        message = consumer.poll(30)
        assert message is not None
        assert message.error() is None
        found.append(
            StoredRecord(
                CONTROL,
                0,
                message.offset(),
                message.timestamp()[1],
                message.key(),
                message.value(),
                message.headers() or (),
            )
        )
    consumer.close()
    return found


def test_published_policies_and_switches_are_what_ingest_reads(run: CliRunner) -> None:
    """Key, tenant and content arrive; the switch names what it stops."""
    reader = SourceReader(SourceBinding(topic=CONTROL), ["bank-a"])
    with EmbeddedBroker() as broker:
        broker.create_topic(CONTROL, 1)
        where = ("--tenant", "bank-a", "--bootstrap", broker.bootstrap)
        run.invoke(main, ["model", "define", *MODELS, *where], catch_exceptions=False)
        results = [
            policy(run, "publish", NUDGE, WIN_BACK, *where),
            policy(run, "pause", "win_back", *where),
            policy(run, "pause", "--all", *where),
            policy(run, "resume", "win_back", *where),
        ]
        records = control_records(broker.bootstrap, len(MODELS) + 5)[len(MODELS) :]
    read = [reader.read(record) for record in records]
    nudge, win_back = (read_policy(Path(file), tenant="bank-a") for file in (NUDGE, WIN_BACK))

    assert [0, 0, 0, 0] == [result.exit_code for result in results]
    assert [b"bank-a|activation_nudge", b"bank-a|win_back"] == [one.key for one in records[:2]]
    assert [b"bank-a|win_back", b"bank-a|", b"bank-a|win_back"] == [one.key for one in records[2:]]
    assert {"bank-a"} == {one.tenant for one in read}
    wanted = [
        PolicyPublished(campaign=nudge, policy_hash=policy_hash(nudge)),
        PolicyPublished(campaign=win_back, policy_hash=policy_hash(win_back)),
        KillSwitchSet(engaged=True, campaign_id="win_back"),
        KillSwitchSet(engaged=True),
        KillSwitchSet(engaged=False, campaign_id="win_back"),
    ]
    assert wanted == [one.record for one in read]
    assert f"published bank-a activation_nudge version 1 {policy_hash(nudge)}" in results[0].stdout
    assert "paused bank-a every campaign\n" == results[2].stdout


def test_every_campaign_of_the_house_is_published_as_it_is_read(run: CliRunner) -> None:
    """All ten in one go, after the offer and the models that they name: as the files say them."""
    files = sorted(CAMPAIGNS.glob("*.yaml"))
    reader = SourceReader(SourceBinding(topic=CONTROL), ["bank-a"])
    with EmbeddedBroker() as broker:
        broker.create_topic(CONTROL, 1)
        where = ("--tenant", "bank-a", "--bootstrap", broker.bootstrap)
        run.invoke(main, ["tenant", "offer", GIFT, *where], catch_exceptions=False)
        run.invoke(main, ["model", "define", *MODELS, *where], catch_exceptions=False)
        done = policy(run, "publish", *map(str, files), *where)
        records = control_records(broker.bootstrap, len(MODELS) + 11)[len(MODELS) + 1 :]
    wanted = [read_policy(file, tenant="bank-a") for file in files]

    assert [PolicyPublished(campaign=one, policy_hash=policy_hash(one)) for one in wanted] == [
        reader.read(record).record for record in records
    ]
    assert [
        f"published bank-a {one.id} version 1 {policy_hash(one)}" for one in wanted
    ] == done.stdout.splitlines()


def test_unsigned_policy_is_announced_loudly(run: CliRunner) -> None:
    """P3: development settings may publish without approval, and say so on stderr."""
    with EmbeddedBroker() as broker:
        broker.create_topic(CONTROL, 1)
        done = policy(run, "publish", NUDGE, "--tenant", "bank-a", "--bootstrap", broker.bootstrap)

    assert done.stderr.startswith("UNSIGNED: nobody has approved these policies.")


def test_unsigned_policy_is_refused_outside_development(run: CliRunner) -> None:
    """P3: a production profile publishes nothing that nobody has signed."""
    environ = {
        "CARDCUE_PROFILE": "production",
        "CARDCUE_BOOTSTRAP": "127.0.0.1:1",
        "CARDCUE_TENANTS": "bank-a",
        "CARDCUE_INSTANCE_ID": "w1",
    }
    done = policy(run, "publish", NUDGE, "--tenant", "bank-a", **environ)

    assert 1 == done.exit_code
    assert "wanted signed policies in profile production, found unsigned ones" in done.stderr


def test_mistake_in_one_file_publishes_none(run: CliRunner, tmp_path: Path) -> None:
    """All files are read first; each mistake has a line of its own."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: 5\n", encoding="utf-8")
    done = policy(run, "publish", NUDGE, str(bad), str(tmp_path / "none"), "--tenant", "bank-a")

    assert 1 == done.exit_code
    assert f"{bad}:1: id: wanted str, found 5" in done.stderr
    assert f"{tmp_path / 'none'}:1: campaign: wanted a file" in done.stderr
    assert "UNSIGNED" not in done.stderr


def test_check_reads_without_a_tenant_and_without_a_log(run: CliRunner) -> None:
    """`check` is for editors and CI."""
    done = policy(run, "check", NUDGE, WIN_BACK)

    assert (0, "activation_nudge version 1: good\nwin_back version 1: good\n") == (
        done.exit_code,
        done.stdout,
    )


@pytest.mark.parametrize("words", [(), ("nudge", "--all")], ids=["neither", "both"])
def test_switch_wants_exactly_one_target(run: CliRunner, words: tuple[str, ...]) -> None:
    """Nobody stops a whole bank by leaving out a word."""
    done = policy(run, "pause", *words, "--tenant", "bank-a")

    assert 2 == done.exit_code
    assert "wanted a campaign or --all, found both or none" in done.stderr


def test_log_that_does_not_answer_is_told() -> None:
    """A stop that is not known to be stored is not a stop."""
    record = switched("bank-a", "", AT_MS, engaged=True)
    with pytest.raises(ControlTopicError, match="wanted 1 records stored, found "):
        append([record], Settings(bootstrap="127.0.0.1:1"), patience_s=1)


def test_client_that_cannot_be_made_is_told(run: CliRunner) -> None:
    """Settings that librdkafka refuses end in a sentence, not in a traceback."""
    environ = {"CARDCUE_SECURITY_PROTOCOL": "SSL", "CARDCUE_SSL_CA_FILE": __file__}
    done = policy(run, "pause", "--all", "--tenant", "bank-a", **environ)

    assert 1 == done.exit_code
    assert "wanted a Kafka client, found" in done.stderr


def test_republished_file_is_the_same_event() -> None:
    """B2: the id is of the content, so publishing twice is a repeat; a switch is of its moment."""
    campaign = read_policy(Path(NUDGE), tenant="bank-a")
    reader = SourceReader(SourceBinding(topic=CONTROL), ["bank-a"])

    def event_id(output: OutputRecord, offset: int) -> str:
        record = StoredRecord(
            output.topic, 0, offset, AT_MS + 9, output.key, output.value, output.headers
        )
        return reader.read(record).event_id

    assert event_id(published(campaign, AT_MS), 0) == event_id(published(campaign, AT_MS + 5), 1)
    first = event_id(switched("bank-a", "", AT_MS, engaged=True), 2)
    assert first != event_id(switched("bank-a", "", AT_MS + 1, engaged=True), 3)
