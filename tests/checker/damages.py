"""
Damage to the tiny world, each kind once, and what the checker must call it.

What is lost between source and journal also never came out, nor into the state: one damage may
have several names.
"""

import json
from collections.abc import Callable

from tests.checker import tiny_world as world
from tests.checker.spoiling import DECISIONS, JOURNAL, ROWS, SMS, Topics, again, edit, row


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
    del topics[JOURNAL][1][2]


def _lose_control_record_in_one_partition(topics: Topics) -> None:
    del topics[JOURNAL][1][0]


def _double_journal_record(topics: Topics) -> None:
    again(topics[JOURNAL][0], 3)
    row(topics, ROWS, 0, b"#offsets", {JOURNAL: {0: 9}})


def _double_control_record(topics: Topics) -> None:
    again(topics[JOURNAL][0], 0)


def _forward_into_another_partition(topics: Topics) -> None:
    moved = topics[JOURNAL][1].pop(2)
    topics[JOURNAL][0].insert(4, moved._replace(partition=0))


def _alter_forwarded_words(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 3, record={"product_code": "silver"})


def _drop_forwarded_word(topics: Topics) -> None:
    records = topics[JOURNAL][1]
    body = json.loads(records[-3].value or b"")
    del body["record"]["staff"]  # what c3's profile says by default
    text = json.dumps(body, separators=(",", ":")).encode()
    records[-3] = records[-3]._replace(value=text)


def _alter_forwarded_tenant(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 2, key_id="x", tenant="acme2")


def _invent_journal_record(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 2, source=["t.customer.profile.v1", 0, 99])


def _date_journal_before_the_broker(topics: Topics) -> None:
    edit(topics[JOURNAL][0], 3, journal_at_ms=world.ISSUED + 99)


def _tick_above_a_later_event(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        records.insert(1, records.pop(-2))


def _tick_backwards(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        edit(records, -1, record={"now_at_ms": world.ISSUED})


def _tick_too_soon(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        edit(records, -2, record={"watermark_at_ms": world.DUE - 999})


def _lose_tick_in_one_partition(topics: Topics) -> None:
    del topics[JOURNAL][1][-2]


def _forward_what_must_be_rejected(topics: Topics) -> None:
    issues = topics["t.card.issue.v1"][0]
    issues[0] = issues[0]._replace(timestamp=world.ISSUED - 700_000)  # more than ten minutes early


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
    (
        _lose_control_record_in_one_partition,
        {"SOURCE_MISSING", "UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"},
    ),
    (_double_journal_record, {"SOURCE_DOUBLED", "COUNT_DIFF", "TICK_ABOVE_EVENT"}),
    (_double_control_record, {"SOURCE_DOUBLED", "UNREAD"}),
    (_alter_forwarded_words, {"SOURCE_ALTERED", "STATE_DIFF"}),
    (_drop_forwarded_word, {"SOURCE_ALTERED", "STATE_DIFF"}),
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
    (_forward_what_must_be_rejected, {"SOURCE_MISJUDGED"}),
    # the clock of the journal is what a card's move says too
    (_date_journal_before_the_broker, {"SOURCE_ALTERED", "DIFFERENT"}),
    (_tick_above_a_later_event, {"TICK_ABOVE_EVENT", "DIFFERENT"}),
    (_tick_backwards, {"TICK_BACKWARDS"}),
    (_tick_too_soon, {"TICK_TOO_SOON"}),
    (_lose_tick_in_one_partition, {"TICK_UNEVEN"}),
    (_publish_another_policy, {"POLICY_DIFF"}),
    (_publish_an_unknown_version, {"POLICY_DIFF", "DIFFERENT", "STATE_DIFF"}),
]
