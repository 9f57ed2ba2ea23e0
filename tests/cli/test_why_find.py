"""Decisions are found by customer in one partition, by trigger in all; newest last."""

import pytest
from msgspec.structs import replace

from cli.why.find import Wanted, find, followed, is_about
from schemas.codec import customer_key, encode_json
from schemas.decisions import Decision
from schemas.examples import DECISION
from schemas.records import OutputRecord
from schemas.routing import DECISIONS_TOPIC
from streams.memory_broker import MemoryBroker
from streams.port import LogError
from tests.cli.memory_log import MemoryTopicLog


PARTITIONS = 4
CUSTOMERS = ("c-1", "c-2", "c-3", "c-4", "c-5")


def decided(customer: str, at_ms: int) -> Decision:
    """Return the example's decision about another customer, at another time."""
    return replace(DECISION, customer_token=customer, decided_at_ms=at_ms, decision_id=f"{at_ms}")


def filled(*records: Decision, strange: bytes = b"") -> MemoryTopicLog:
    """Return a log with these decisions, each in its customer's partition."""
    broker = MemoryBroker(lambda: 0)
    broker.create_topic(DECISIONS_TOPIC, PARTITIONS)
    for record in records:
        key = customer_key(record.tenant, record.customer_token)
        for value in (encode_json(record), strange):
            if value:
                broker.append(OutputRecord(DECISIONS_TOPIC, key, value, ()))
    return MemoryTopicLog(broker)


def wanted(customer: str = "", *, limit: int = 10) -> Wanted:
    """Return that everything of a customer is meant, or of all."""
    return Wanted("demo", customer, lambda _: True, limit)


async def test_decisions_of_a_customer_are_only_theirs() -> None:
    """Whatever else lies in the same partition."""
    log = filled(*(decided(customer, n) for n, customer in enumerate(CUSTOMERS * 2)))

    assert [2, 7] == [one.decided_at_ms for one in await find(log, wanted("c-3"))]


async def test_newest_are_kept_oldest_first() -> None:
    """Three of five."""
    log = filled(*(decided("c-1", at) for at in range(5)))

    assert [2, 3, 4] == [one.decided_at_ms for one in await find(log, wanted("c-1", limit=3))]


async def test_everybody_is_looked_through_for_a_trigger() -> None:
    """All partitions, in the order of time."""
    log = filled(*(decided(customer, n) for n, customer in enumerate(CUSTOMERS)))

    assert [0, 1, 2, 3, 4] == [one.decided_at_ms for one in await find(log, wanted())]


@pytest.mark.parametrize("strange", [b'{"v":1,"decision_id":"d"}', b"\xff", b"null"])
async def test_record_of_another_version_is_left_out(strange: bytes) -> None:
    """What was written before is still in the topic; nobody stumbles over it."""
    assert 1 == len(await find(filled(decided("c-1", 7), strange=strange), wanted("c-1")))


async def test_topic_that_is_not_there_is_said() -> None:
    """The command ends with what was wanted."""
    with pytest.raises(LogError, match=r"wanted topic lifecycle\.decisions\.v1, found none"):
        await find(MemoryTopicLog(MemoryBroker(lambda: 0)), wanted("c-1"))


def with_trigger(
    record: Decision, trigger_id: str, follows: str = "", channel: str = "sms"
) -> Decision:
    """Return a record about a trigger, which was sent."""
    candidate = replace(
        DECISION.candidates[0], trigger_id=trigger_id, follows=follows, channel=channel
    )
    return replace(record, chosen=(trigger_id,), candidates=(candidate,))


FIRST = with_trigger(decided("c-3", 1), "t-1", channel="push")
CORRECTED = replace(FIRST, decided_at_ms=2, chosen=())
SECOND = with_trigger(decided("c-3", 3), "t-2", "t-1", "sms")
THIRD = with_trigger(decided("c-3", 4), "t-3", "t-2", "email")


async def test_records_that_a_fallback_follows_are_found() -> None:
    """C2: those with a decision to send, each once, and none that is at hand already."""
    log = filled(FIRST, CORRECTED, SECOND, decided("c-1", 3), THIRD)

    assert [] == await followed(log, [FIRST])
    assert [FIRST] == await followed(log, [SECOND])
    assert [SECOND] == await followed(log, [THIRD])
    assert [FIRST] == await followed(log, [SECOND, THIRD])


def test_trigger_s_records_are_those_of_its_fallback_too() -> None:
    """Who asks why for a message that failed hears what was tried then, and no more."""
    about = [record for record in (FIRST, SECOND, THIRD) if is_about(record, "t-1")]

    assert [FIRST, SECOND] == about
