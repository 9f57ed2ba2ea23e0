"""The topics: one table, created once, checked against a real Kafka."""

import time
from collections.abc import Sequence

import msgspec
import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from schemas.routing import (
    INSIGHT_TOPIC,
    REPLAYED_TOPIC,
    SOURCE_TOPICS,
    STATE_TOPICS,
    SourceBinding,
)
from streams.settings import OUR_TOPICS, Settings
from streams.topic_table import QUIET_SOURCES, Topic, topic_table
from streams.topics import Finding, TopicError, check_topics, create_topics


HISTORY = SourceBinding(
    topic="bank.history.v1", contract="card.spend.v1", tenant="demo", time_source="records"
)


def named(settings: Settings) -> dict[str, Topic]:
    """Return the table by name."""
    return {topic.name: topic for topic in topic_table(settings)}


def prefixed(settings: Settings, prefix: str) -> dict[str, Topic]:
    """Return the table by name, with names on the broker that no other test has."""
    return {
        name: msgspec.structs.replace(topic, name=prefix + name)
        for name, topic in named(settings).items()
    }


def alter(bootstrap: str, topic: str, setting: str, value: str) -> None:
    """Change one setting of a topic, as an operator would, and wait until the broker says so."""
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource("topic", topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 4})
    for answer in admin.incremental_alter_configs([resource]).values():
        answer.result(30)
    resource = ConfigResource("topic", topic)
    deadline_s = time.monotonic() + 30
    while admin.describe_configs([resource])[resource].result(30)[setting].value != value:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def texts(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return findings without the topic."""
    return [(finding.severity, finding.text) for finding in findings]


def test_table_has_every_topic_once() -> None:
    """Sources by their bindings, everything that our folds write, and nothing else."""
    names = [topic.name for topic in topic_table(Settings())]

    assert sorted([*SOURCE_TOPICS, *OUR_TOPICS]) == sorted(names)
    assert all(topic.purpose for topic in topic_table(Settings()))


def test_table_spreads_busy_sources_and_keeps_quiet_ones_small() -> None:
    """By default 11 sources of 8 partitions and 8 of 2: 22 or 30 for each of 4 tasks."""
    counts = {t.name: t.partition_count for t in topic_table(Settings()) if not t.ours}
    of_tasks = [sum(len(range(task, count, 4)) for count in counts.values()) for task in range(4)]

    assert (8, 8, 8) == tuple(
        counts[name] for name in ("card.spend.v1", "card.repayment.v1", "customer.behaviour.v1")
    )
    assert (2, 2, 2) == tuple(
        counts[name] for name in ("card.status.v1", "customer.risk.v1", "marketing.control.v1")
    )
    assert [30, 30, 22, 22] == of_tasks


@pytest.mark.parametrize(("chosen", "busy", "quiet"), [(1, 1, 1), (2, 2, 2), (64, 64, 2)])
def test_table_never_gives_a_quiet_source_more_than_a_busy_one(
    chosen: int, busy: int, quiet: int
) -> None:
    """Who wants one partition gets one everywhere; a history comes at once, so it is as busy."""
    limits = SourceBinding(topic="limits.v1", contract="card.limit.v1")
    history = SourceBinding(
        topic="old.v1", contract="card.limit.v1", tenant="demo", time_source="records"
    )
    spend = SourceBinding(topic="card.spend.v1")
    settings = Settings(source_partition_count=chosen, bindings=(spend, limits, history))
    found = {name: topic.partition_count for name, topic in named(settings).items()}

    assert (busy, quiet, busy) == (found["card.spend.v1"], found["limits.v1"], found["old.v1"])


def test_quiet_sources_are_sources() -> None:
    """A source that is renamed does not become a busy one unseen."""
    assert set(SOURCE_TOPICS) > QUIET_SOURCES


def test_table_gives_each_task_a_changelog_partition() -> None:
    """The partition count of a changelog is the number of tasks, and cannot be anything else."""
    settings = Settings(
        ingest_task_count=3,
        lifecycle_task_count=5,
        learning_task_count=6,
        insight_task_count=7,
        journal_partition_count=20,
    )
    table = named(settings)

    found = [
        (table[name].partition_count, table[name].partition_count_fixed, table[name].must)
        for name in STATE_TOPICS.values()
    ]
    compacted = {"cleanup.policy": "compact"}
    assert [(count, True, compacted) for count in (3, 1, 5, 6, 7)] == found
    assert (20, True) == (
        table["lifecycle.journal.v1"].partition_count,
        table["lifecycle.journal.v1"].partition_count_fixed,
    )


def test_table_keeps_a_models_records_in_one_partition() -> None:
    """L1: the outcomes keep their partition count, or a model's key would move; others may grow."""
    table = named(Settings(output_partition_count=5))

    outputs = [name for name, topic in table.items() if topic.partition_count == 5]
    fixed = [name for name in outputs if table[name].partition_count_fixed]
    assert ["lifecycle.outcomes.v1"] == fixed
    assert len(outputs) > 3


def test_table_wants_broker_time_of_live_sources_only() -> None:
    """T1, T7: live sources are timed by the broker; a history keeps its own times, for ever."""
    table = named(Settings(bindings=(SourceBinding(topic="card.issue.v1"), HISTORY)))

    live, history = table["card.issue.v1"].must, table["bank.history.v1"].must
    assert "LogAppendTime" == live["message.timestamp.type"]
    assert "message.timestamp.type" not in history
    assert ("-1", "-1") == (history["retention.ms"], history["retention.bytes"])
    assert "CreateTime" == table["bank.history.v1"].prefers["message.timestamp.type"]


def test_table_keeps_journal_and_decisions_for_ever() -> None:
    """B4: replay starts from the beginning of the journal; the audit is kept as long."""
    table = named(Settings())

    kept = {name: topic.prefers.get("retention.ms") for name, topic in table.items()}
    assert "-1" == kept["lifecycle.journal.v1"] == kept["lifecycle.decisions.v1"]
    assert "-1" == kept["marketing.control.v1"]  # who signed what is active
    assert "604800000" == kept["card.issue.v1"]  # 7 days
    assert "7776000000" == kept["card.events.rejected.v1"]  # 90 days
    compacted = {*STATE_TOPICS.values(), INSIGHT_TOPIC, REPLAYED_TOPIC}
    for name, topic in table.items():
        assert ("compact" if name in compacted else "delete") == topic.must["cleanup.policy"]


@pytest.mark.kafka
def test_topics_are_created_once_and_then_as_wanted(kafka: str, topic_prefix: str) -> None:
    """Creating twice is creating once; what we create passes our own check without a remark."""
    settings = Settings(bootstrap=kafka, bindings=(SourceBinding(topic="card.issue.v1"), HISTORY))
    topics = list(prefixed(settings, topic_prefix).values())

    assert [("error", "wanted the topic, found none")] * len(topics) == texts(
        check_topics(settings, topics)
    )
    assert [topic.name for topic in topics] == create_topics(settings, topics)
    assert [] == create_topics(settings, topics)
    assert [] == check_topics(settings, topics)


@pytest.mark.kafka
def test_check_refuses_a_live_source_timed_by_its_producer(kafka: str, topic_prefix: str) -> None:
    """T1: with CreateTime a claim may be false, so an absence may be concluded wrongly."""
    settings = Settings(bootstrap=kafka)
    topic = prefixed(settings, topic_prefix)["card.activation.v1"]
    create_topics(settings, [topic])
    alter(kafka, topic.name, "message.timestamp.type", "CreateTime")

    assert [
        Finding(
            "error",
            topic.name,
            "wanted message.timestamp.type=LogAppendTime, found CreateTime",
        )
    ] == check_topics(settings, [topic])


@pytest.mark.kafka
def test_check_refuses_a_history_that_would_be_deleted(kafka: str, topic_prefix: str) -> None:
    """T7: old record timestamps are past any retention, so a history must have none."""
    settings = Settings(bootstrap=kafka, bindings=(HISTORY,))
    topic = prefixed(settings, topic_prefix)[HISTORY.topic]
    create_topics(settings, [topic])
    alter(kafka, topic.name, "retention.ms", "604800000")

    assert [("error", "wanted retention.ms=-1, found 604800000")] == texts(
        check_topics(settings, [topic])
    )


@pytest.mark.kafka
def test_check_refuses_a_changelog_of_another_task_count(kafka: str, topic_prefix: str) -> None:
    """Created for 4 tasks, started with 3: rows of the fourth would have no owner."""
    created = Settings(bootstrap=kafka, lifecycle_task_count=4)
    create_topics(created, [prefixed(created, topic_prefix)["lifecycle.state.v1"]])
    started = Settings(bootstrap=kafka, lifecycle_task_count=3)
    topic = prefixed(started, topic_prefix)["lifecycle.state.v1"]

    assert [("error", "wanted 3 partitions, found 4")] == texts(check_topics(started, [topic]))


@pytest.mark.kafka
def test_check_refuses_a_journal_that_compacts(kafka: str, topic_prefix: str) -> None:
    """A compacted journal forgets all events of a customer but one; a deleting changelog, rows."""
    settings = Settings(bootstrap=kafka)
    table = prefixed(settings, topic_prefix)
    topics = [table["lifecycle.journal.v1"], table["lifecycle.state.v1"]]
    create_topics(settings, topics)
    alter(kafka, topics[0].name, "cleanup.policy", "compact")
    alter(kafka, topics[1].name, "cleanup.policy", "compact,delete")

    assert [
        ("error", "wanted cleanup.policy=delete, found compact"),
        ("error", "wanted cleanup.policy=compact, found compact,delete"),
    ] == texts(check_topics(settings, topics))


@pytest.mark.kafka
def test_check_only_notes_what_the_bank_may_decide(kafka: str, topic_prefix: str) -> None:
    """A producer's partition count and the years of the audit are not ours to refuse."""
    created = Settings(bootstrap=kafka, source_partition_count=3)
    table = prefixed(created, topic_prefix)
    create_topics(created, [table["card.spend.v1"], table["lifecycle.decisions.v1"]])
    alter(kafka, table["lifecycle.decisions.v1"].name, "retention.ms", "94608000000")
    settings = Settings(bootstrap=kafka, source_partition_count=8)
    table = prefixed(settings, topic_prefix)

    assert [
        ("note", "wanted 8 partitions, found 3"),
        ("note", "wanted retention.ms=-1, found 94608000000"),
    ] == texts(check_topics(settings, [table["card.spend.v1"], table["lifecycle.decisions.v1"]]))


@pytest.mark.kafka
def test_check_refuses_too_few_replicas_of_ours(kafka: str, topic_prefix: str) -> None:
    """With one replica where three are asked for, a lost disk loses decisions."""
    created = Settings(bootstrap=kafka)
    create_topics(created, [prefixed(created, topic_prefix)["lifecycle.journal.v1"]])
    asked = Settings(bootstrap=kafka, replication_factor=3)
    topic = prefixed(asked, topic_prefix)["lifecycle.journal.v1"]

    assert [
        ("error", "wanted 3 replicas, found 1"),
        ("note", "wanted min.insync.replicas=2, found 1"),
    ] == texts(check_topics(asked, [topic]))


@pytest.mark.kafka
def test_create_says_which_topic_kafka_refused(kafka: str, topic_prefix: str) -> None:
    """One broker cannot keep three replicas; the message names the topic and Kafka's reason."""
    settings = Settings(bootstrap=kafka, replication_factor=3)
    topic = prefixed(settings, topic_prefix)["card.issue.v1"]

    with pytest.raises(TopicError, match=rf"could not create topic {topic.name}: .*eplication"):
        create_topics(settings, [topic])


def test_check_says_why_kafka_cannot_be_reached(capfd: pytest.CaptureFixture[str]) -> None:
    """One message with the address and the cause, instead of a screen of attempts."""
    settings = Settings(bootstrap="127.0.0.1:9")  # discard: nobody listens there

    with pytest.raises(TopicError, match=r"could not list the topics: .*127\.0\.0\.1:9"):
        check_topics(settings, timeout_s=1)
    assert "" == capfd.readouterr().err
