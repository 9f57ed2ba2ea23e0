"""What cannot be acted upon is kept, answered where it can be, and holds up nobody."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from cli.gateway.reading import Reader, Requested
from schemas.codec import encode_json
from schemas.records import StoredRecord
from tests.gateway.world import DAY, SECOND, TENANTS, TOPIC, World, trigger


NUMBER = "13800138000"


def changed(**fields: object) -> bytes:
    """Return the bytes of a trigger with other fields, of any type."""
    return json.dumps({**msgspec.to_builtins(trigger()), **fields}).encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (changed(expires_at_ms="tomorrow"), "UNREADABLE"),
        (changed(variables={"name": None}), "UNREADABLE"),
        (changed(v=2), "UNKNOWN_VERSION"),
        (changed(channel="push"), "WRONG_CHANNEL"),
        (changed(message_class="urgent"), "UNKNOWN_CLASS"),
        (changed(expires_at_ms=2**53 + 1), "BAD_TIME"),
        (changed(not_before_ms=-1), "BAD_TIME"),
        (changed(idempotency_key=""), "BAD_IDENTITY"),
        (changed(idempotency_key="k" * 129), "BAD_IDENTITY"),
    ],
)
def test_trigger_that_says_whose_it_is_is_rejected(world: World, value: bytes, reason: str) -> None:
    """One receipt `rejected` with the reason; the bytes are kept; the next one goes."""
    world.append(value)
    world.send(trigger(2))
    world.run()

    assert ["rejected"] == world.told(1)
    assert reason == world.receipts()[0]["raw_status"]
    assert [(reason, value)] == world.kept()
    assert "delivered" == world.told(2)[-1]
    assert 1.0 == world.meters.read("refused_total", reason=reason)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"trigger_id": "trigger-1"',
        b"[" * 100_000,
        changed(tenant="bank-z"),
        changed(tenant=None),
        changed(customer_token="a|b"),
        changed(customer_token="\u5ba2\u6237"),
        changed(trigger_id="t\n"),
        changed(trigger_id="t" * 129),
        json.dumps({"tenant": "bank-a", "trigger_id": "trigger-1"}).encode(),
    ],
)
def test_record_that_nobody_can_be_told_of_is_kept(world: World, value: bytes | None) -> None:
    """No receipt that ingest would refuse; the next one goes."""
    world.append(value)
    world.send(trigger(2))
    world.run()

    assert {"trigger-2"} == {one["trigger_id"] for one in world.receipts()}
    assert [value] == [kept for _, kept in world.kept()]
    assert "delivered" == world.told(2)[-1]


def test_unknown_type_is_kept_and_not_answered(world: World) -> None:
    """A later version may put other records there: they are no triggers that failed."""
    world.append(encode_json(trigger()), [("ce_type", b"trigger.amended.v1")])
    world.take()
    world.run()

    assert [] == world.receipts()
    assert 1.0 == world.meters.read("refused_total", reason="UNKNOWN_TYPE")


def test_log_of_a_refusal_tells_nothing_of_the_customer(world: World) -> None:
    """Topic, place and reason only."""
    world.append(changed(customer_token=f"c-{NUMBER}", expires_at_ms=NUMBER))
    with capture_logs() as lines:
        world.take()

    assert ["refused a record"] == [line["event"] for line in lines]
    assert NUMBER not in repr(lines)
    assert {"event", "log_level", "topic", "partition", "offset", "reason"} == set(lines[0])


def test_refused_record_that_is_read_again_is_kept_once(world: World) -> None:
    """As after a crash before its offset was committed."""
    world.append(changed(v=2))
    world.take()
    world.taken_count = 0
    world.take()
    world.tell()

    assert ["rejected"] == world.told()
    assert 1.0 == world.meters.read("refused_total", reason="UNKNOWN_VERSION")


def test_refused_record_is_forgotten_after_ninety_days(world: World) -> None:
    """As long as the house keeps what it rejects, and not for ever: nobody has looked into it."""
    world.append(b"?")
    world.take()
    world.now_ms += 90 * DAY
    world.turn()
    kept_count = len(world.kept())
    world.now_ms += 60 * SECOND
    world.turn()

    assert (1, 0) == (kept_count, len(world.kept()))


def test_spoilt_repeat_of_what_was_sent_is_a_duplicate(world: World) -> None:
    """`rejected` would deny a contact that was made, and give its cap back."""
    world.send(trigger())
    world.run()
    world.append(changed(expires_at_ms=None))
    world.take()
    world.tell()

    assert "duplicate_ignored" == world.told()[-1]


def test_rejected_trigger_stays_rejected(world: World) -> None:
    """What the house was told once holds: a later readable repeat is not sent."""
    world.append(changed(expires_at_ms=None))
    world.send(trigger())
    world.run()

    assert ["rejected", "duplicate_ignored"] == world.told()
    assert not world.sent()


def test_cancellation_without_a_trigger_id_is_refused(world: World) -> None:
    """Nobody knows what it takes back."""
    world.append(b"{}", [("ce_type", b"trigger.cancelled.v1")], b"bank-a|c-1")
    world.take()

    assert 1.0 == world.meters.read("refused_total", reason="UNREADABLE")


def test_cancellation_is_read_leniently(world: World) -> None:
    """Whose it is may stand in the record's key alone, and other fields may be there."""
    body = b'{"trigger_id": "trigger-1", "reason_code": 7, "more": []}'
    world.append(body, [("ce_type", b"trigger.cancelled.v1")], b"bank-a|c-1")
    world.take()
    world.tell()

    assert ["cancelled"] == world.told()


def test_unreadable_control_record_is_passed_over(world: World) -> None:
    """The house's ingest refuses it as well; its place moves on."""
    record = StoredRecord("marketing.control.v1", 1, 6, world.now_ms, None, b"{", ())
    world.intake.take_control([record], {("marketing.control.v1", 1): 7})

    assert {("marketing.control.v1", 1): 7} == world.store.switches.positions()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(trigger().__struct_fields__)
HEADERS = st.lists(
    st.tuples(st.sampled_from(("ce_type", "ce_subject", "ce_tenantid")), st.binary(max_size=30)),
    max_size=3,
)


@given(
    st.dictionaries(FIELDS, JSON, max_size=4).map(lambda fields: changed(**fields)) | st.binary(),
    HEADERS | st.just([("ce_type", b"trigger.cancelled.v1")]),
    st.none() | st.binary(max_size=20) | st.just(b"bank-a|c-1"),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_record_blocks_the_partition(
    world: World, value: bytes, headers: list[tuple[str, bytes]], key: bytes | None
) -> None:
    """Whatever fields of whatever type: it is taken, and the gateway goes on."""
    with capture_logs():
        world.append(value, headers, key)
        world.take()
        world.turn()

    assert world.taken_count == len(world.log)


def test_every_field_of_the_trigger_is_read(world: World) -> None:
    """The house's own bytes are understood, `arm` and all."""
    reader = Reader(world.own, TENANTS)
    record = StoredRecord(TOPIC, 0, 0, 0, None, encode_json(trigger(arm="treatment")), ())

    found = reader.read(record)

    assert isinstance(found, Requested)
    assert trigger(arm="treatment") == found.trigger
