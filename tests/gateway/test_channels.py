"""One gateway a channel, whichever it is; the house's choice of signature and of fallback."""

from collections.abc import Callable
from typing import get_args

import pytest

from cli.gateway.provider import Outbound
from cli.gateway.settings import SenderPort, Simulated
from cli.gateway.templates import Templates
from schemas.channels import Channel
from schemas.events import DeliveryReceipt
from schemas.incoming import SourceReader
from schemas.records import StoredRecord
from schemas.routing import SourceBinding
from schemas.template import Template
from tests.gateway.test_once import crash_at
from tests.gateway.world import TENANTS, World, mandatory, trigger


CHANNELS = get_args(Channel)


def in_channel(new_world: Callable[..., World], channel: Channel) -> World:
    """Return a gateway of a channel, with a text for it."""
    world = new_world(channel=channel)
    world.store.close()
    text = Template(id="hello", version=1, channel=channel, text="Hello.")
    world.texts = Templates({("hello", 1): text})
    world.start()
    return world


@pytest.mark.parametrize("channel", CHANNELS)
def test_trigger_of_any_channel_is_sent_and_answered(
    new_world: Callable[..., World], channel: Channel
) -> None:
    """Delivered once, and each receipt is one that ingest takes and names the channel (G1)."""
    world = in_channel(new_world, channel)
    world.send(trigger(channel=channel))
    world.run()
    reader = SourceReader(SourceBinding(topic="gateway.receipt.v1"), TENANTS)
    read = [
        reader.read(StoredRecord(one.topic, 0, 0, world.now_ms, one.key, one.value, one.headers))
        for one in world.produced
    ]

    assert ["accepted", "submitted", "delivered"] == world.told()
    assert {"trigger-1": 1} == world.sent()
    assert [channel] * 3 == [
        one.record.channel for one in read if isinstance(one.record, DeliveryReceipt)
    ]


@pytest.mark.parametrize("channel", CHANNELS)
def test_gateway_takes_no_other_channel_s_trigger(
    new_world: Callable[..., World], channel: Channel
) -> None:
    """It is in the wrong topic: rejected at once, so that the house can try another channel."""
    world = in_channel(new_world, channel)
    others = [other for other in CHANNELS if other != channel]
    world.send(*(trigger(number, channel=other) for number, other in enumerate(others)))

    world.tell()
    assert ["rejected"] * 5 == [one["status"] for one in world.receipts()]
    assert not world.sent()


def profiled() -> tuple[SenderPort, ...]:
    """Return three ports; those of `gold` and `vip` have one for themselves."""
    return (
        SenderPort(name="marketing", message_classes=("marketing",), per_second=9),
        SenderPort(name="service", message_classes=("servicing", "mandatory"), per_second=9),
        SenderPort(name="fine", message_classes=(), per_second=9, sender_profiles=("gold", "vip")),
    )


@pytest.mark.parametrize(
    ("sender_profile", "message_class", "port"),
    [
        ("gold", "marketing", "fine"),
        ("vip", "mandatory", "fine"),
        ("marketing", "marketing", "marketing"),
        ("silver", "mandatory", "service"),
        ("", "servicing", "service"),
    ],
)
def test_sender_profile_chooses_the_port_and_reaches_the_provider(
    new_world: Callable[..., World], sender_profile: str, message_class: str, port: str
) -> None:
    """Where a port has it; else the class does, as for a trigger of before there were profiles."""
    world = new_world(ports=profiled())
    seen: list[Outbound] = []
    world.looks.append(seen.append)
    world.send(trigger(sender_profile=sender_profile, message_class=message_class))
    world.turn()

    assert [(port, sender_profile)] == [(one.port, one.sender_profile) for one in seen]


def test_failure_is_told_at_once_and_inside_expiry(new_world: Callable[..., World]) -> None:
    """C2: the house tries another channel only while the trigger has not expired."""
    world = new_world(simulated=Simulated(failed_ppm=1_000_000, report_delay_ms=100))
    world.send(trigger())
    world.turn()
    world.run(200)

    assert ["accepted", "submitted", "failed"] == world.told()


def test_failure_of_what_was_sent_again_is_unknown(new_world: Callable[..., World]) -> None:
    """C1, C2: the first attempt may be with the customer; a fallback would be a second message."""
    world = new_world(simulated=Simulated(failed_ppm=1_000_000))
    crash_at(world, "after provider", lambda: world.send(mandatory()) or world.run())
    world.restart()
    world.run(60_000)

    assert {"trigger-1": 2} == world.sent()
    assert ["accepted", "submitted", "unknown"] == world.told()


def test_offer_that_is_gone_takes_the_message_back(world: World) -> None:
    """3.13: cancelled before it was sent, with the house's reason; nothing is sent."""
    world.send(trigger())
    world.cancel(trigger(), "NO_INVENTORY")
    world.run()

    assert ["accepted", "cancelled"] == world.told()
    assert "NO_INVENTORY" == world.receipts()[-1]["raw_status"]
    assert not world.sent()
