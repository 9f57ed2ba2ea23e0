"""What the checker reads with: partitions, ids, YAML, whole topics of a real Kafka."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.checker import tiny_world as world
from tests.checker.__main__ import main
from tests.checker.campaign_files import duration_ms, in_ms, read_campaigns, with_defaults
from tests.checker.identity import event_hash, occurrence_key, trigger_id
from tests.checker.log_reader import LogRecord, Topic, read_topics
from tests.checker.murmur import murmur2, partition_of
from tests.checker.source_forms import agrees, said_by, to_ms
from tests.checker.tiny_topics import tiny_topics


# From Kafka's own UtilsTest.testMurmur2 (Java prints them signed).
JAVA_VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


HOUSE = {"schemas", "lifecycle", "streams", "agents", "cli"}


def test_checker_knows_nothing_of_the_house() -> None:
    """The judge must not share a line with the judged: no module of tests/checker imports ours."""
    folder = Path(__file__).parent
    imported: dict[str, set[str]] = {}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                whole = getattr(node, "module", None) or ""
                names = {whole, *(alias.name for alias in node.names)}
                imported.setdefault(path.name, set()).update(n.split(".")[0] for n in names)

    assert len(imported) > 15
    assert {name: found & HOUSE for name, found in imported.items() if found & HOUSE} == {}


@pytest.mark.parametrize(("key", "hashed"), JAVA_VECTORS.items())
def test_murmur_agrees_with_java(key: bytes, hashed: int) -> None:
    """A key's partition is the one that Java's default partitioner gives it."""
    assert murmur2(key) == hashed % 2**32
    assert partition_of(key, 7) == (hashed & 0x7FFFFFFF) % 7


def test_ids_are_digits_of_sha256() -> None:
    """B1: two ways to the same id, and none of the parts may run into the next."""
    by_hand = world.by_hand_uuid("acme", "c0", "c", "k|i", "s", "0")

    assert trigger_id("acme|c0", "c", "k|i", "s") == by_hand
    assert by_hand[14] == "8"
    assert trigger_id("acm|ec0", "c", "k|i", "s") != by_hand
    assert trigger_id("acme|c", "0c", "k|i", "s") != by_hand
    assert event_hash("/core", "i0") == world.by_hand_hash("/core", "i0")


def test_occurrence_key_has_sixteen_digits() -> None:
    """ADR 7: the event's hash as `b2sum -l 64` prints it, leading zeros and all."""
    # printf '\0\0\0\5/core\0\0\0\1a' | b2sum -l 64
    assert occurrence_key("k0", "/core", "a") == "k0|08d04c3783a5c993"
    assert occurrence_key("k0", "/core", "i0") == world.KEY


@pytest.mark.parametrize(
    ("text", "ms"), [("72h", 259_200_000), ("7d", 604_800_000), ("1d12h", 129_600_000), (5, 5)]
)
def test_durations_are_text_or_milliseconds(text: str | int, ms: int) -> None:
    """Durations in YAML are text such as 72h."""
    assert duration_ms(text) == ms
    with pytest.raises(ValueError, match="wanted a duration"):
        duration_ms("soon")


def test_campaign_yaml_reads_as_the_published_policy(tmp_path: Path) -> None:
    """The YAML of the tiny world is the campaign of its journal, defaults spelled out."""
    (tmp_path / "one.yaml").write_text(world.YAML)

    read = read_campaigns(tmp_path)["activation_nudge", 1]
    steps = [{**step, "lead_ms": 0, "at_minute": None} for step in world.CAMPAIGN["steps"]]
    entry = {**world.CAMPAIGN["entry"], "if": None}
    dates = {"start_at_ms": 0, "end_at_ms": 0}
    treatment = {**world.CAMPAIGN["treatment"], "sender_profile": "", "variables": {}}
    later = {"treatment": treatment, "fallbacks": [], "offer": "", "budget_minor": 0}
    later |= {"model": "", "guardrails": None, "choice": None, "report_by": []}
    wanted = {**world.CAMPAIGN, **dates, **later, "steps": steps, "entry": entry}
    del wanted["tenant"]
    assert read == wanted
    short = {"entry": {"kind": "event", "any_of": [{"on": "txn.posted"}]}}
    assert with_defaults(short)["entry"]["any_of"][0]["own_mean_percent_min"] == 100
    due = in_ms({"entry": {"kind": "due_date"}, "steps": [{"id": "s", "lead": "3d"}]})
    assert with_defaults(due)["entry"]["total_due_minor_min"] == 1
    step = {"id": "s", "delay_ms": 0, "lead_ms": 259_200_000, "at_minute": None}
    assert with_defaults(due)["steps"] == [step]


def test_treatments_in_yaml_have_defaults_and_names_of_their_own() -> None:
    """3.14: a variable may be called like a duration, and is none."""
    second = {"channel": "sms", "template_id": "t", "template_version": 1}
    arm = {"id": "a", "share_bp": 1, "treatment": second, "fallbacks": [second]}
    told = {"treatment": second | {"variables": {"window": "top_scene"}}, "fallbacks": [second]}
    told |= {"entry": {"kind": "drift"}, "experiment": {"salt": "x", "arms": [arm]}}

    read = with_defaults(in_ms(told))

    whole = second | {"sender_profile": "", "variables": {}}
    after = whole | {"after": ["failed", "rejected"]}
    assert read["treatment"] == whole | {"variables": {"window": "top_scene"}}
    assert read["fallbacks"] == [after]
    assert read["experiment"]["arms"] == [arm | {"treatment": whole, "fallbacks": [after]}]


def test_time_is_floored_milliseconds() -> None:
    """RFC 3339 with any offset and any number of digits."""
    assert to_ms("1970-01-01T01:00:00.0019+01:00") == 1
    assert to_ms("2023-11-14T22:13:20z") == world.BASE


def test_agreement_is_where_both_speak() -> None:
    """Defaults may be added and unknown fields dropped, but nothing said may change."""
    assert agrees({"a": 1, "unknown": 2}, {"a": 1, "default": 3})
    assert agrees({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]})
    assert not agrees({"a": [{"b": 1}]}, {"a": [{"b": 2}]})
    assert not agrees({"a": [1, 2]}, {"a": [1]})


def test_source_that_says_nothing_readable_is_none() -> None:
    """A tombstone, broken JSON and a missing time are no reading at all."""
    for value in (None, b"{", b"[]", b'{"id":"1","type":"t","occurred_at":"soon"}'):
        assert said_by(LogRecord("t", 0, 0, 0, None, value), "t") is None


def create(bootstrap: str, names: list[str]) -> None:
    """Create topics of two partitions."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    made = admin.create_topics([NewTopic(name, 2, 1) for name in names])
    for future in made.values():
        future.result(60)


def send(producer: Producer, record: LogRecord) -> None:
    """Send a record as it stands, into its partition."""
    producer.produce(
        record.topic,
        record.value,
        record.key,
        record.partition,
        timestamp=record.timestamp,
        headers=list(record.headers),
    )


def test_reader_sees_what_was_committed_and_nothing_else(kafka: str, topic_prefix: str) -> None:
    """read_committed: aborted records are skipped, every partition is read to its end."""
    lines, empty = f"{topic_prefix}lines", f"{topic_prefix}empty"
    create(kafka, [lines, empty])
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": lines})
    producer.init_transactions(60)
    for number in range(3):
        producer.begin_transaction()
        for count in range(1_000):
            where = count % 2
            name = f"{number}.{count}".encode()
            send(producer, LogRecord(lines, where, 0, 1_234 + count, name, name, [("h", b"1")]))
        producer.flush(60)  # so that there is something to abort
        (producer.abort_transaction if number == 1 else producer.commit_transaction)(60)

    read = read_topics(kafka, [lines, empty])

    assert read[empty] == [[], []]
    for where, records in enumerate(read[lines]):
        wanted = [f"{number}.{n}".encode() for number in (0, 2) for n in range(where, 1_000, 2)]
        assert [record.value for record in records] == wanted
        assert records[1] == LogRecord(
            lines, where, 1, 1_234 + 2 + where, wanted[1], wanted[1], [("h", b"1")]
        )
        assert records[500].offset == 1_002  # two markers and what was aborted lie between
    with pytest.raises(LookupError, match="wanted topic"):
        read_topics(kafka, [f"{topic_prefix}absent"])


def renamed(topics: dict[str, Topic], prefix: str) -> list[LogRecord]:
    """Return all records with `prefix` instead of the tiny world's, in names and in bodies."""

    def name(text: str) -> str:
        return prefix + text.removeprefix("t.")

    def retold(record: LogRecord) -> LogRecord:
        return record._replace(
            topic=name(record.topic),
            key=record.key and record.key.replace(b"|t.", f"|{prefix}".encode()),
            value=_value(record, prefix),
            headers=[
                (n, v.replace(b"t.card", f"{prefix}card".encode())) for n, v in record.headers
            ],
        )

    return [retold(record) for topic in topics.values() for part in topic for record in part]


def _value(record: LogRecord, prefix: str) -> bytes | None:
    """Return a value with the prefix in source coordinates and offsets rows."""
    if "journal" in record.topic:
        body: dict[str, Any] = json.loads(record.value or b"")
        body["source"][0] = prefix + body["source"][0].removeprefix("t.")
        return json.dumps(body).encode()
    if record.key == b"#offsets":
        rows = world.unpacked(record.value or b"")
        return world.packed({prefix + name.removeprefix("t."): at for name, at in rows.items()})
    return record.value


def test_command_line_judges_a_run_on_kafka(
    kafka: str, topic_prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tiny world on a real broker: exit code 0; with one trigger twice: 1, DUP_SAME named."""
    (tmp_path / "one.yaml").write_text(world.YAML)
    topics = tiny_topics()
    create(kafka, [topic_prefix + name.removeprefix("t.") for name in topics])
    producer = Producer({"bootstrap.servers": kafka})
    records = renamed(topics, topic_prefix)
    for record in records:
        send(producer, record)
    producer.flush(60)
    arguments = ["--bootstrap", kafka, "--topics-prefix", topic_prefix]
    (tmp_path / "secrets").write_text("acme: s3cret")
    arguments += ["--campaigns", str(tmp_path), "--erasure-secrets", str(tmp_path / "secrets")]
    arguments += ["--tenant", "acme"]

    code = main(arguments)
    out = capsys.readouterr().out
    assert code == 0, out
    assert "PASS" in out

    trigger = next(record for record in records if "triggers" in record.topic)
    send(producer, trigger)
    producer.flush(60)
    assert main(arguments) == 1
    assert "DUP_SAME: 1" in capsys.readouterr().out
