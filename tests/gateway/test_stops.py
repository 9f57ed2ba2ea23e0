"""Kill switch, cancellation, STOP: what is not sent is not sent any more (SEMANTICS O6, O7)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.gateway.provider import Answer, Outbound, Refused, Report
from cli.gateway.settings import Simulated
from tests.gateway.world import HOUR, SECOND, T0, CrashError, World, mandatory, trigger


LATER = {"not_before_ms": T0 + HOUR, "expires_at_ms": T0 + 2 * HOUR}


def test_kill_switch_cancels_what_waits(world: World) -> None:
    """Of one campaign: answered in the same turn, the others go on."""
    world.send(trigger(1, **LATER), trigger(2, campaign_id="bind", **LATER))
    world.send(trigger(3, tenant="bank-b", **LATER))
    world.switch(engaged=True, campaign="activation")
    world.tell()
    at_once = world.told(1)
    world.run(HOUR + 3 * SECOND, HOUR)
    world.run()

    assert ["accepted", "cancelled"] == at_once
    assert ["accepted", "cancelled"] == world.told(1)
    assert "delivered" == world.told(2)[-1]
    assert "delivered" == world.told(3)[-1]


def test_kill_switch_of_a_tenant_stops_every_class(world: World) -> None:
    """Mandatory too (SEMANTICS O3, tenant stop), what waits and what comes; not the neighbour."""
    world.send(trigger(1, **LATER))
    world.switch(engaged=True)
    world.send(mandatory(2), trigger(3, tenant="bank-b"))
    world.run()

    assert ["accepted", "cancelled"] == world.told(1)
    assert ["cancelled"] == world.told(2)
    assert {"trigger-3": 1} == world.sent()


def test_kill_switch_holds_over_a_restart(world: World) -> None:
    """It is in the store: the control topic may have forgotten it by then."""
    world.switch(engaged=True)
    world.restart()
    world.send(trigger())
    world.run()

    assert ["cancelled"] == world.told()
    assert {("marketing.control.v1", 0): 2} == world.store.switches.positions()


def test_released_switch_lets_new_triggers_through(world: World) -> None:
    """And only new ones; a campaign's own switch stays where the tenant's is released."""
    world.switch(engaged=True)
    world.switch(engaged=True, campaign="bind")
    world.send(trigger(1))
    world.switch(engaged=False)
    world.send(trigger(1), trigger(2), trigger(3, campaign_id="bind"))
    world.run()

    assert {"trigger-2": 1} == world.sent()
    assert ["cancelled"] == world.told(3)


def test_repeated_switch_does_not_engage_again(world: World) -> None:
    """A producer's retry of an old event, after the release (SEMANTICS B2)."""
    world.switch(engaged=True, event_id="one")
    world.switch(engaged=False, event_id="two")
    world.switch(engaged=True, event_id="one")
    world.send(trigger())
    world.run()

    assert "delivered" == world.told()[-1]


def test_crash_while_a_switch_is_taken_leaves_nothing_half_done(world: World) -> None:
    """Switch, cancelled messages and position are one write, in memory as well."""
    world.send(trigger(**LATER))
    world.fuse.blows_at = world.fuse.count + 1
    with pytest.raises(CrashError):
        world.switch(engaged=True)
    told = world.told()

    assert not world.store.switches.stop("bank-a", "activation")
    assert {} == world.store.switches.positions()
    assert [] == told


def test_nothing_is_sent_while_the_switch_cannot_be_read(world: World) -> None:
    """Read five seconds ago: held. Read again: sent."""
    world.send(trigger())
    world.desk.switches_read(world.now_ms)
    world.now_ms += 5 * SECOND
    world.desk.turn()
    held = world.sent().total()
    world.turn()

    assert (0, 1) == (held, world.sent().total())


def test_gateway_sends_nothing_before_it_has_read_the_switches(world: World) -> None:
    """As after every start."""
    world.send(trigger())
    world.desk.turn()

    assert not world.sent()


def test_cancellation_stops_what_is_not_sent(world: World) -> None:
    """`cancelled`, with the house's reason; told twice it is the same receipt."""
    one = trigger(**LATER)
    world.send(one)
    world.cancel(one)
    world.cancel(one)
    world.run(2 * HOUR, HOUR)

    assert ["accepted", "cancelled"] == world.told()
    assert "OPTED_OUT" == world.receipts()[-1]["raw_status"]
    assert not world.sent()


def test_cancellation_finds_a_trigger_by_its_id(world: World) -> None:
    """Before it comes and after, also where its idempotency key is another."""
    first, second = (trigger(number, idempotency_key=f"k-{number}", **LATER) for number in (1, 2))
    world.send(first)
    world.cancel(first)
    world.cancel(second)
    world.send(second)
    world.run(2 * HOUR, HOUR)

    assert ["accepted", "cancelled"] == world.told(1)
    assert ["cancelled", "duplicate_ignored"] == world.told(2)


def test_cancellation_of_what_was_sent_is_too_late(world: World) -> None:
    """While the report is out, and after it; the message's own end stays what it was."""
    one = trigger()
    world.send(one)
    world.turn()
    world.cancel(one)
    world.run()
    world.cancel(one)
    world.run()

    assert ["accepted", "submitted", "too_late", "delivered"] == world.told()


def test_cancellation_of_what_may_have_been_sent_is_too_late(
    new_world: Callable[..., World],
) -> None:
    """`cancelled` would say that the customer was not reached, and nobody knows."""
    world = new_world(simulated=Simulated(lost_ppm=1_000_000))
    world.send(trigger(1), mandatory(2))
    world.turn()
    world.cancel(trigger(1))
    world.cancel(mandatory(2))
    world.tell()

    assert ["accepted", "unknown", "too_late"] == world.told(1)
    assert ["accepted", "unknown"] == world.told(2)


def test_cancellation_that_comes_first_wins(world: World) -> None:
    """A trigger read after its cancellation is never sent."""
    world.cancel(trigger())
    world.send(trigger())
    world.run()

    assert ["cancelled", "duplicate_ignored"] == world.told()
    assert not world.sent()


def test_stop_reply_is_an_opt_out_and_ends_what_waits(new_world: Callable[..., World]) -> None:
    """The reply is told, and what was decided without it is blocked; mandatory goes."""
    world = new_world(simulated=Simulated(stop_ppm=1_000_000, report_delay_ms=SECOND))
    whose = {"customer_token": "c-1"}
    world.send(trigger(1), trigger(2, **whose, **LATER), mandatory(3, **whose, **LATER))
    world.send(trigger(4, tenant="bank-b", **whose, **LATER))
    world.run(3 * SECOND)
    world.send(trigger(5, **whose))
    world.run(HOUR, HOUR)
    first = world.responses()[0]

    assert ("trigger-1", "optout", "sms") == (first["trigger_id"], first["kind"], first["channel"])
    assert ["accepted", "blocked_optout"] == world.told(2)
    assert ["blocked_optout"] == world.told(5)
    assert {"trigger-1", "trigger-3", "trigger-4"} == set(world.sent())


def test_trigger_decided_after_the_opt_out_goes(new_world: Callable[..., World]) -> None:
    """A minute later the house knew: it has a newer consent, or it would not have decided so."""
    world = new_world(simulated=Simulated(stop_ppm=1_000_000))
    world.send(trigger(1))
    world.run(3 * SECOND)
    said_ms = world.store.opted_out_at_ms("bank-a", "c-1")
    whose, minute_ms = {"customer_token": "c-1"}, 60 * SECOND
    world.send(trigger(2, **whose, issued_at_ms=said_ms + minute_ms))
    world.send(trigger(3, **whose, issued_at_ms=said_ms + minute_ms + 1))
    world.turn()

    assert ["blocked_optout"] == world.told(2)
    assert {"trigger-1", "trigger-3"} == set(world.sent())


class BlockingProvider:
    """Has a customer on its list of those who want nothing, and never gets an answer twice."""

    def submit(self, _message: Outbound) -> Answer:
        """Refuse."""
        return Refused("BLOCKLIST", opted_out=True)

    def reports(self) -> tuple[Report, ...]:
        """Say nothing."""
        return ()

    def confirm(self, reports: object) -> None:
        """Take note of nothing."""


def test_customer_on_the_provider_s_list_is_an_opt_out(tmp_path: Path) -> None:
    """`blocked_optout`, which the house takes for an opt-out, and a response that says so."""
    world = World(tmp_path)
    world.store.close()
    world.provider = BlockingProvider()
    world.start()
    world.send(trigger())
    world.turn()
    world.store.close()

    assert ["accepted", "blocked_optout"] == world.told()
    assert ["optout"] == [one["kind"] for one in world.responses()]
