"""Nothing goes before its hour, nothing at or after its end (SEMANTICS O6)."""

from collections.abc import Callable

from cli.gateway.provider import Accepted, Answer, Outbound, Report
from tests.gateway.world import HOUR, SECOND, T0, World, mandatory, trigger


def test_trigger_waits_for_its_hour(world: World) -> None:
    """A millisecond before `not_before_ms` nothing is sent, at it the message goes."""
    world.send(trigger(not_before_ms=T0 + HOUR, expires_at_ms=T0 + 2 * HOUR))
    world.run(HOUR - 1, HOUR)
    early = world.sent().total()
    world.now_ms += 1
    world.turn()

    assert (0, 1) == (early, world.sent().total())


def test_waiting_trigger_survives_a_restart(world: World) -> None:
    """What waits is in the store, not in memory; it needs not come again."""
    world.send(trigger(not_before_ms=T0 + HOUR, expires_at_ms=T0 + 2 * HOUR))
    world.restart()
    world.run(HOUR + SECOND, HOUR // 2)
    world.run()

    assert ["accepted", "submitted", "delivered"] == world.told()


def test_expired_trigger_is_not_sent(world: World) -> None:
    """At `expires_at_ms` it is over, whether it came late or waited too long; mandatory too."""
    world.send(trigger(1, not_before_ms=T0 + 30 * SECOND, expires_at_ms=T0 + 30 * SECOND))
    world.run(30 * SECOND, SECOND)
    world.send(mandatory(2, expires_at_ms=T0 + 30 * SECOND))
    world.run()

    assert ["accepted", "expired"] == world.told(1)
    assert ["expired"] == world.told(2)
    assert not world.sent()


def test_millisecond_before_its_end_is_in_time(world: World) -> None:
    """The window is half open."""
    world.send(trigger(expires_at_ms=T0 + HOUR))
    world.now_ms = T0 + HOUR - 1
    world.turn()

    assert {"trigger-1": 1} == world.sent()


def test_slow_disk_does_not_carry_a_message_over_its_end(world: World) -> None:
    """The clock is looked at again after `submitting` is stored: known not to be sent."""
    world.send(trigger(expires_at_ms=T0 + HOUR))
    world.now_ms = T0 + HOUR - 1
    passing = world.fuse.pass_by

    def slow(step: str) -> None:
        passing(step)
        world.now_ms += step == "before commit" and bool(world.store.submitting())

    world.fuse.pass_by = slow  # type: ignore[method-assign]
    world.turn()

    assert ["accepted", "expired"] == world.told()
    assert not world.sent()


def test_provider_is_told_when_the_message_is_over(new_world: Callable[..., World]) -> None:
    """It must not deliver from its queue at night either."""
    world = new_world()
    seen: list[Outbound] = []
    world.looks.append(seen.append)
    world.send(trigger())
    world.turn()

    assert [T0 + HOUR] == [one.expires_at_ms for one in seen]


class TurnedBackProvider:
    """Takes everything, and is where the machine's clock is set back."""

    def __init__(self, world: World) -> None:
        """Keep the world."""
        self._world = world

    def submit(self, message: Outbound) -> Answer:
        """Take a message."""
        self._world.now_ms -= HOUR
        return Accepted(f"id-{message.key}")

    def reports(self) -> tuple[Report, ...]:
        """Say nothing."""
        return ()

    def confirm(self, reports: object) -> None:
        """Take note of nothing."""


def test_clock_that_is_set_back_sends_nothing_twice(world: World) -> None:
    """State decides whether a message was sent, not time."""
    world.store.close()
    world.provider = TurnedBackProvider(world)
    world.start()
    world.send(trigger())
    world.turn()
    world.run(2 * HOUR - 1, 60 * SECOND)

    assert ["accepted", "submitted"] == world.told()
