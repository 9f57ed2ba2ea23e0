"""
Damage to the tiny world, each kind once, and what the checker must call it.

What is lost between source and journal also never came out, nor into the state: one damage may
have several names.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.checker import tiny_world as world
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.tiny_world import packed


Topics = dict[str, Topic]
JOURNAL = "t.lifecycle.journal.v1"
SMS = "t.marketing.triggers.sms.v1"
DECISIONS = "t.lifecycle.decisions.v1"
REJECTED = "t.card.events.rejected.v1"
ROWS = "t.lifecycle.state.v1"


def again(records: list[LogRecord], at: int, **other: Any) -> None:  # noqa: ANN401
    """Append a copy of a record, changed or not."""
    records.append(records[at]._replace(offset=records[-1].offset + 1, **other))


def edit(records: list[LogRecord], at: int, **fields: Any) -> None:  # noqa: ANN401
    """Change fields of a JSON record in place; a value that is a dict changes the inner fields."""
    body = json.loads(records[at].value or b"")
    for name, value in fields.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) else value
    text = json.dumps(body, separators=(",", ":")).encode()
    records[at] = records[at]._replace(value=text)


def row(topics: Topics, name: str, partition: int, key: bytes, value: Any) -> None:  # noqa: ANN401
    """Append a row to a changelog."""
    bytes_ = None if value is None else packed(value)
    topics[name][partition].append(LogRecord(name, partition, 99, 0, key, bytes_))


def _lose_trigger(topics: Topics) -> None:
    topics[SMS][0].clear()


def _double_trigger(topics: Topics) -> None:
    again(topics[SMS][0], 0)


def _double_trigger_with_other_bytes(topics: Topics) -> None:
    again(topics[SMS][0], 0)
    edit(topics[SMS][0], 1, priority=51)


def _change_trigger(topics: Topics) -> None:
    edit(topics[SMS][0], 0, issued_at_ms=world.DECIDED + 1)


def _change_trigger_header(topics: Topics) -> None:
    record = topics[SMS][0][0]
    topics[SMS][0][0] = record._replace(headers=record.headers[1:])


def _send_by_the_wrong_channel(topics: Topics) -> None:
    topics["t.marketing.triggers.push.v1"][0] = topics[SMS][0]
    topics[SMS][0] = []


def _put_trigger_in_other_partition(topics: Topics) -> None:
    topics[SMS][1].append(topics[SMS][0].pop()._replace(partition=1))


def _give_trigger_another_key(topics: Topics) -> None:
    topics[SMS][0][0] = topics[SMS][0][0]._replace(key=b"evil|c0")


def _invent_decision(topics: Topics) -> None:
    again(topics[DECISIONS][0], 0)
    edit(topics[DECISIONS][0], 1, decision_id="00000000-0000-8000-8000-000000000000")


def _change_decision(topics: Topics) -> None:
    edit(topics[DECISIONS][1], 0, reason_code="OPTED_OUT")


def _lose_journal_record(topics: Topics) -> None:
    del topics[JOURNAL][1][1]


def _lose_rejected_record(topics: Topics) -> None:
    topics[REJECTED][0].clear()


def _lose_control_record_in_one_partition(topics: Topics) -> None:
    del topics[JOURNAL][1][0]


def _double_journal_record(topics: Topics) -> None:
    again(topics[JOURNAL][0], 2)
    row(topics, ROWS, 0, b"#offsets", {JOURNAL: {0: 6}})


def _double_control_record(topics: Topics) -> None:
    again(topics[JOURNAL][0], 0)


def _forward_what_was_rejected(topics: Topics) -> None:
    again(topics[REJECTED][0], 0)


def _reject_what_was_forwarded(topics: Topics) -> None:
    again(topics[REJECTED][0], 0)
    headers = [
        (name, b"0" if name.endswith("offset") else value)
        for name, value in topics[REJECTED][0][1].headers
    ]
    topics[REJECTED][0][1] = topics[REJECTED][0][1]._replace(headers=headers)


def _alter_rejected_bytes(topics: Topics) -> None:
    topics[REJECTED][0][0] = topics[REJECTED][0][0]._replace(value=b"{broken ")


def _alter_rejected_header(topics: Topics) -> None:
    record = topics[REJECTED][0][0]
    headers = [("trace", b"2"), *record.headers[1:]]
    topics[REJECTED][0][0] = record._replace(headers=headers)


def _reject_into_another_partition(topics: Topics) -> None:
    topics[REJECTED][1].append(topics[REJECTED][0].pop()._replace(partition=1))


def _forget_rejected_header(topics: Topics) -> None:
    record = topics[REJECTED][0][0]
    topics[REJECTED][0][0] = record._replace(headers=record.headers[:-1])


def _forward_into_another_partition(topics: Topics) -> None:
    moved = topics[JOURNAL][1].pop(1)
    topics[JOURNAL][0].insert(3, moved._replace(partition=0))


def _alter_forwarded_words(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 2, record={"product_code": "silver"})


def _alter_forwarded_tenant(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 1, key_id="x", tenant="acme2")


def _invent_journal_record(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 1, source=["t.customer.profile.v1", 0, 99])


def _date_journal_before_the_broker(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 2, journal_at_ms=world.ISSUED + 99)


def _change_state(topics: Topics) -> None:
    changed = [*world.CUSTOMER_ROW[:7], 1, *world.CUSTOMER_ROW[8:]]
    row(topics, ROWS, 0, b"acme|c0", changed)


def _change_last_purchase(topics: Topics) -> None:
    changed = [*world.CUSTOMER_ROW[:-1], 1]
    row(topics, ROWS, 0, b"acme|c0", changed)


def _lose_state(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c0", None)


def _invent_state(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c9", world.CUSTOMER_ROW)


def _keep_state_in_two_partitions(topics: Topics) -> None:
    row(topics, ROWS, 1, b"acme|c0", world.CUSTOMER_ROW)


def _change_lifecycle_count(topics: Topics) -> None:
    row(topics, ROWS, 1, b"#counts|1", {})


def _change_ingest_count(topics: Topics) -> None:
    counts = {"forwarded|acme|consent.changed": 2}
    key = b"#source|t.customer.profile.v1|0"
    row(topics, "t.ingest.state.v1", 0, key, [0, counts, 0])


def _stop_before_the_end_of_a_source(topics: Topics) -> None:
    row(topics, "t.ingest.state.v1", 1, b"#offsets", {"t.card.issue.v1": {1: 1}})


def _stop_before_the_end_of_the_journal(topics: Topics) -> None:
    row(topics, ROWS, 0, b"#offsets", {JOURNAL: {0: 4}})


def _tick_above_a_later_event(topics: Topics) -> None:
    for partition, at in ((0, 3), (1, 2)):
        early = topics[JOURNAL][partition].pop(at)
        topics[JOURNAL][partition].insert(1, early)


def _tick_backwards(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        edit(records, -1, record={"now_at_ms": world.ISSUED})


def _tick_too_soon(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        edit(records, -2, record={"watermark_at_ms": world.DUE - 999})


def _lose_tick_in_one_partition(topics: Topics) -> None:
    del topics[JOURNAL][1][2]


def _publish_another_policy(topics: Topics) -> None:
    source = topics["t.marketing.control.v1"][0]
    edit(source, 0, campaign={"title": "Activate now"})
    for records in topics[JOURNAL]:
        edit(records, 0, record={"campaign": {**world.CAMPAIGN, "title": "Activate now"}})


def _publish_an_unknown_version(topics: Topics) -> None:
    source = topics["t.marketing.control.v1"][0]
    edit(source, 0, campaign={"version": 2, "title": "x"})
    for records in topics[JOURNAL]:
        edit(records, 0, record={"campaign": {**world.CAMPAIGN, "version": 2, "title": "x"}})


DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    (_lose_trigger, {"MISSING"}),
    (_double_trigger, {"DUP_SAME"}),
    (_double_trigger_with_other_bytes, {"DUP_DIFFERENT"}),
    (_change_trigger, {"DIFFERENT"}),
    (_change_trigger_header, {"DIFFERENT"}),
    (_send_by_the_wrong_channel, {"MISSING", "UNEXPECTED"}),
    (_put_trigger_in_other_partition, {"WRONG_PARTITION"}),
    (_give_trigger_another_key, {"DIFFERENT", "WRONG_PARTITION"}),
    (_invent_decision, {"UNEXPECTED"}),
    (_change_decision, {"DIFFERENT"}),
    # what is lost between source and journal also never came out, nor into the state
    (_lose_journal_record, {"SOURCE_MISSING", "UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"}),
    (_lose_rejected_record, {"SOURCE_MISSING", "COUNT_DIFF"}),
    (
        _lose_control_record_in_one_partition,
        {"SOURCE_MISSING", "UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"},
    ),
    (_double_journal_record, {"SOURCE_DOUBLED", "COUNT_DIFF", "TICK_ABOVE_EVENT"}),
    (_double_control_record, {"SOURCE_DOUBLED", "UNREAD"}),
    (_forward_what_was_rejected, {"SOURCE_DOUBLED", "COUNT_DIFF"}),
    (_reject_what_was_forwarded, {"SOURCE_DOUBLED", "SOURCE_ALTERED", "COUNT_DIFF"}),
    (_alter_rejected_bytes, {"SOURCE_ALTERED"}),
    (_alter_rejected_header, {"SOURCE_ALTERED"}),
    (_reject_into_another_partition, {"WRONG_PARTITION"}),
    (_forget_rejected_header, {"SOURCE_INVENTED", "SOURCE_MISSING", "COUNT_DIFF"}),
    (_alter_forwarded_words, {"SOURCE_ALTERED"}),
    (_invent_journal_record, {"SOURCE_INVENTED", "SOURCE_MISSING"}),
    (_forward_into_another_partition, {"WRONG_PARTITION", "STATE_DIFF", "COUNT_DIFF"}),
    (
        _alter_forwarded_tenant,
        {
            "SOURCE_ALTERED",
            "WRONG_PARTITION",
            "UNEXPECTED",
            "DIFFERENT",
            "STATE_DIFF",
            "COUNT_DIFF",
        },
    ),
    (_date_journal_before_the_broker, {"SOURCE_ALTERED"}),
    (_change_state, {"STATE_DIFF"}),
    (_change_last_purchase, {"STATE_DIFF"}),
    (_lose_state, {"STATE_DIFF"}),
    (_invent_state, {"STATE_DIFF"}),
    (_keep_state_in_two_partitions, {"STATE_DIFF"}),
    (_change_lifecycle_count, {"COUNT_DIFF"}),
    (_change_ingest_count, {"COUNT_DIFF"}),
    (_stop_before_the_end_of_a_source, {"UNREAD", "COUNT_DIFF"}),
    (_stop_before_the_end_of_the_journal, {"UNREAD", "UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"}),
    (_tick_above_a_later_event, {"TICK_ABOVE_EVENT"}),
    (_tick_backwards, {"TICK_BACKWARDS"}),
    (_tick_too_soon, {"TICK_TOO_SOON"}),
    (_lose_tick_in_one_partition, {"TICK_UNEVEN"}),
    (_publish_another_policy, {"POLICY_DIFF"}),
    (_publish_an_unknown_version, {"POLICY_DIFF", "DIFFERENT", "STATE_DIFF"}),
]
