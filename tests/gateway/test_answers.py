"""What the gateway says is what the house reads."""

from collections.abc import Callable

import pytest

from cli.gateway import answers
from cli.gateway.settings import Simulated
from schemas.events import DeliveryReceipt, ResponseRecorded
from schemas.incoming import Incoming, SourceReader
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import SourceBinding
from tests.gateway.world import SECOND, T0, TENANTS, World, trigger


def read(output: OutputRecord) -> Incoming:
    """Return an answer as the house's ingest reads it."""
    reader = SourceReader(SourceBinding(topic=output.topic), TENANTS)
    record = StoredRecord(output.topic, 0, 0, T0, output.key, output.value, output.headers)
    return reader.read(record)


def test_receipts_are_read_by_ingest(world: World) -> None:
    """Tenant, customer token and trigger id are echoed (SEMANTICS G1), in the key as well."""
    world.send(trigger())
    world.run()
    events = [read(one) for one in world.produced]
    receipts = [event.record for event in events]

    assert {"gateway.receipt.v1"} == {one.topic for one in world.produced}
    assert {b"bank-a|c-1"} == {one.key for one in world.produced}
    assert {("bank-a", "c-1")} == {(event.tenant, event.customer_token) for event in events}
    assert all(isinstance(one, DeliveryReceipt) for one in receipts)
    assert [
        ("trigger-1", "sms", "accepted", 0, ""),
        ("trigger-1", "sms", "submitted", 1, ""),
        ("trigger-1", "sms", "delivered", 1, "DELIVRD"),
    ] == [
        (one.trigger_id, one.channel, one.status, one.attempt, one.raw_status)
        for one in receipts
        if isinstance(one, DeliveryReceipt)
    ]


def test_receipt_has_the_time_of_what_it_tells(world: World) -> None:
    """Of a delivery it is the provider's time, one second after T0 + 100 ms, not when it came."""
    world.send(trigger())
    world.run(100)
    world.now_ms += 30 * SECOND
    world.turn()

    assert [T0, T0 + 100, T0 + 1_100] == [read(one).occurred_at_ms for one in world.produced]


def test_opt_out_is_read_by_ingest(new_world: Callable[..., World]) -> None:
    """It travels on the topic of responses."""
    world = new_world(simulated=Simulated(stop_ppm=1_000_000))
    world.send(trigger())
    world.run(5 * SECOND)
    output = world.produced[-1]
    event = read(output)

    assert ("gateway.response.v1", b"bank-a|c-1") == (output.topic, output.key)
    assert isinstance(event.record, ResponseRecorded)
    assert ("trigger-1", "optout") == (event.record.trigger_id, event.record.kind)


def test_receipt_id_follows_from_key_attempt_and_status(world: World) -> None:
    """Another part, another id; the same parts, the same id."""
    world.send(trigger())
    message = world.store.seen("bank-a", "trigger-1", "")
    assert message is not None
    told = answers.Told("accepted", T0)
    others = [
        answers.receipt(message._replace(**change), "sms", told, 0)  # type: ignore[arg-type]
        for change in ({"tenant": "bank-b"}, {"key": "k"}, {"attempt": 2})
    ]
    others.append(answers.receipt(message, "sms", answers.Told("unknown", T0), 0))
    same = answers.receipt(message, "sms", answers.Told("accepted", T0 + 1, "raw"), 0)

    assert same.record_id == answers.receipt(message, "sms", told, 0).record_id
    assert 5 == len({same.record_id, *(one.record_id for one in others)})


@pytest.mark.parametrize("text", ["UNDELIV\n", "x" * 500, "\u200b\x00ok"])
def test_provider_s_word_never_makes_a_receipt_unreadable(world: World, text: str) -> None:
    """Its status and ids are cut to what ingest takes."""
    world.send(trigger())
    message = world.store.seen("bank-a", "trigger-1", "")
    assert message is not None
    odd = message._replace(gateway_msg_id=text)
    outgoing = answers.receipt(odd, "sms", answers.Told("failed", T0, text), 0)
    receipt = read(answers.record(outgoing, "sms")).record

    assert isinstance(receipt, DeliveryReceipt)
    assert receipt.raw_status == answers.label(text)


def test_metrics_count_what_was_done(world: World) -> None:
    """Received with repeats, submitted by tenant, receipts by status, seconds, waiting."""
    later = {"not_before_ms": T0 + 60 * SECOND}
    world.send(trigger(1), trigger(1), trigger(2, **later))
    world.run(100)
    waiting = world.meters.read("waiting")
    world.run(62 * SECOND, SECOND)

    assert (3.0, 1.0, 0.0) == (
        world.meters.read("received_total"),
        waiting,
        world.meters.read("waiting"),
    )
    assert 2.0 == world.meters.read("submitted_total", tenant="bank-a")
    assert 2.0 == world.meters.read("receipts_total", status="delivered")
    assert 1.0 == world.meters.read("receipts_total", status="duplicate_ignored")
    assert 2.0 == world.meters.read("trigger_to_submit_seconds_count")
    assert 60.2 == pytest.approx(world.meters.read("trigger_to_submit_seconds_sum"), abs=1.0)
    assert 0.0 == world.meters.read("reports_unmatched_total")


def test_report_about_nothing_open_is_counted(new_world: Callable[..., World]) -> None:
    """The provider has a message whose answer was lost: its report names an id of its own."""
    world = new_world(simulated=Simulated(lost_ppm=1_000_000))
    world.send(trigger())
    world.run()

    assert ["accepted", "unknown"] == world.told()
    assert 1.0 == world.meters.read("reports_unmatched_total")
