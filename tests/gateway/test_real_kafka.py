"""The gateway as a process on a real Kafka, killed in the middle of its work."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from schemas.decisions import Trigger
from streams.clock import wall_clock_ms
from tests.checker.log_reader import read_topics
from tests.gateway.stand import CONTROL, Bank, Running
from tests.gateway.world import HOUR, TENANTS, mandatory, trigger
from tests.kafka_server import KafkaServer
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

COUNT: Final = 240
LOAD_COUNT: Final = 1_500
"""At 40 a second more than half a minute's work."""


@pytest.fixture
def bank(own_kafka: KafkaServer, tmp_path: Path) -> Bank:
    """Return topics with their real names on a broker of their own."""
    return Bank(own_kafka.bootstrap, tmp_path)


def story() -> list[Trigger]:
    """Return marketing and mandatory of two tenants, every tenth of them twice."""
    now_ms = wall_clock_ms()
    told = []
    for number in range(COUNT):
        chosen = {
            "tenant": TENANTS[number % 2],
            "customer_token": f"c-{number % 17}",
            "issued_at_ms": now_ms,
            "not_before_ms": now_ms,
            "expires_at_ms": now_ms + HOUR,
        }
        make = trigger if number % 4 < 2 else mandatory
        told += [make(number, **chosen)] * (2 if number % 10 == 0 else 1)
    return told


def test_killed_gateway_sends_marketing_once_and_ends_everything_once(bank: Bank) -> None:
    """
    Killed (-9) at a quarter and at a half of its work, and started again over the same store.

    By the provider's own ledger no marketing message was submitted twice; by the receipts in the
    log every trigger has ended once; unknown are at most as many as there were kills.
    """
    bank.send(*story())
    for count in (COUNT // 4, COUNT // 2):
        with Running(bank) as running:
            running.await_taken(count)
            running.kill()
    with Running(bank) as running:
        await_true(lambda: len(bank.ends()) == COUNT, f"{COUNT} triggers ended")
        page = running.page("/metrics")[1]
        assert (200, "ready\n") == running.page("/readyz")
        assert 0 == running.stop()
        keys = Counter(one.key for one in running.taken())
    ends = bank.ends()

    marketing = {f"trigger-{number}" for number in range(COUNT) if number % 4 < 2}
    assert max(keys[key] for key in marketing) == 1
    assert all(len(found) == 1 for found in ends.values())
    assert {"delivered"} == set().union(*(ends[k] for k in ends.keys() - marketing))
    assert 2 >= sum(found == {"unknown"} for found in ends.values())
    assert "cardcue_gateway_waiting 0.0" in page


def test_kill_switch_is_answered_within_five_seconds(bank: Bank) -> None:
    """From the switch in the log to `cancelled` in the log, by the broker's own clock (O6)."""
    now_ms = wall_clock_ms()
    late = {"not_before_ms": now_ms + HOUR, "expires_at_ms": now_ms + 2 * HOUR}
    bank.send(*(trigger(number, issued_at_ms=now_ms, **late) for number in range(100)))
    with Running(bank) as running:
        await_true(lambda: len(bank.receipts()) == 100, "100 accepted")
        bank.engage("bank-a")
        await_true(lambda: len(bank.ends()) == 100, "100 cancelled")
        assert 0 == running.stop()
    switched_ms = max(
        one.timestamp for part in read_topics(bank.bootstrap, [CONTROL])[CONTROL] for one in part
    )
    cancelled = [record for record, one in bank.receipts() if one.status == "cancelled"]

    assert 100 == len(cancelled)
    assert max(record.timestamp for record in cancelled) - switched_ms <= 5_000


def test_what_waits_is_cancelled_within_five_seconds_under_load(bank: Bank) -> None:
    """
    O7: opt-out, risk flag and kill switch, while the port of another tenant has a backlog.

    From cancellation or switch in the log to `cancelled` in the log, by the broker's own clock.
    """
    now_ms = wall_clock_ms()
    due = {"issued_at_ms": now_ms, "not_before_ms": now_ms, "expires_at_ms": now_ms + HOUR}
    late = {**due, "not_before_ms": now_ms + HOUR, "expires_at_ms": now_ms + 2 * HOUR}
    stopped, busy = TENANTS[:2]
    load = [trigger(number, tenant=busy, **due) for number in range(LOAD_COUNT)]
    switched = [trigger(LOAD_COUNT + n, tenant=stopped, **late) for n in range(50)]
    taken_back = [trigger(LOAD_COUNT + 50 + n, tenant=busy, **late) for n in range(50)]
    bank.send(*load, *switched, *taken_back)
    with Running(bank) as running:
        await_true(lambda: running.received() == LOAD_COUNT + 100, "every trigger received")
        for number, one in enumerate(taken_back):
            bank.cancel(one, "OPTED_OUT" if number % 2 else "RISK_FLAG")
        bank.engage(stopped)
        await_true(lambda: len(bank.cancelled_at_ms()) == 100, "100 cancelled")
        sent_count = len(running.taken())
        assert 0 == running.stop()
    answered_at_ms, asked_at_ms = bank.cancelled_at_ms(), bank.asked_at_ms()

    assert sent_count < LOAD_COUNT  # the backlog was there all the time
    for one in taken_back:
        assert answered_at_ms[one.trigger_id] - asked_at_ms[one.trigger_id] <= 5_000
    for one in switched:
        assert answered_at_ms[one.trigger_id] - asked_at_ms[CONTROL] <= 5_000


def test_two_gateways_in_one_group_take_nothing(bank: Bank) -> None:
    """
    Each has half of the topic and a store of its own: both wait, and say for what.

    When one has left, the other takes every record: the first has taken none.
    """
    records = story()
    with Running(bank) as one, Running(bank, "other") as other:
        await_true(one.halved, "a halved topic")
        await_true(other.halved, "a halved topic")
        bank.send(*records)
        assert 0 == other.stop()
        await_true(lambda: one.received() == len(records), f"{len(records)} records received")
        assert 0 == one.stop()
