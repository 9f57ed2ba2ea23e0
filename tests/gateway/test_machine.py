"""Whatever happens, in whatever order: a machine that tries it (Hypothesis)."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cli.gateway.provider import Outbound
from cli.gateway.settings import Simulated
from schemas.decisions import Trigger
from tests.gateway.world import DAY, FINAL, HOUR, SECOND, T0, CrashError, World, mandatory, trigger


TROUBLED = Simulated(
    seed=7,
    failed_ppm=100_000,
    busy_ppm=150_000,
    refused_ppm=50_000,
    silent_ppm=100_000,
    stop_ppm=50_000,
    lost_ppm=100_000,
    unreachable_ppm=100_000,
)
CAMPAIGNS = ("activation", "notice", "")
NUMBERS = st.integers(1, 8)
BEFORE = st.integers(1, 30)
"""The step before which the process ends; a turn has about ten."""


def story(number: int) -> Trigger:
    """Return the trigger of that number: two tenants, both classes, windows of several kinds."""
    begin_ms = T0 + (number % 3) * 10 * 60 * SECOND
    chosen = {
        "tenant": "bank-a" if number % 4 else "bank-b",
        "customer_token": f"c-{number % 3}",
        "not_before_ms": begin_ms,
        "expires_at_ms": begin_ms + HOUR,
    }
    return mandatory(number, **chosen) if number % 2 else trigger(number, **chosen)


class GatewayMachine(RuleBasedStateMachine):
    """A gateway, its provider, its house and its misfortunes."""

    @initialize()
    def begin(self) -> None:
        """Start with an empty file."""
        self.folder = Path(tempfile.mkdtemp(prefix="cardcue-gateway-"))
        self.world = World(self.folder, simulated=TROUBLED, report_wait_ms=HOUR)
        self.world.looks.append(self.look)
        self.engaged: set[tuple[str, str]] = set()
        self.cancelled: set[str] = set()
        self.known: set[int] = set()
        self.wrong: list[str] = []

    def look(self, message: Outbound) -> None:
        """Hold every submission against what the house has said, at the moment it is made."""
        number = int(message.key.removeprefix("trigger-"))
        one = story(number)
        if not one.not_before_ms <= self.world.now_ms < one.expires_at_ms:
            self.wrong.append(f"{number} outside of its window")
        if {(one.tenant, ""), (one.tenant, one.campaign_id)} & self.engaged:
            self.wrong.append(f"{number} in spite of the switch")
        if message.key in self.cancelled:
            self.wrong.append(f"{number} in spite of its cancellation")
        if one.on_unknown == "drop" and self.world.sent()[message.key]:
            self.wrong.append(f"{number} a second time")

    @rule(number=NUMBERS, crash=st.none() | BEFORE)
    def deliver(self, number: int, crash: int | None) -> None:
        """Let a trigger come, for the first time or again."""
        self.known.add(number)
        self.unharmed(lambda: self.world.send(story(number)), crash)

    @rule(number=NUMBERS, crash=st.none() | BEFORE)
    def cancel(self, number: int, crash: int | None) -> None:
        """Let the house take a trigger back, which may not have come yet."""
        self.known.add(number)
        self.unharmed(lambda: self.world.cancel(story(number)), crash)
        self.cancelled.add(story(number).idempotency_key)

    @rule(tenant=st.sampled_from(("bank-a", "bank-b")), campaign=st.sampled_from(CAMPAIGNS))
    def engage(self, tenant: str, campaign: str) -> None:
        """Stop a campaign or a tenant."""
        self.world.switch(engaged=True, tenant=tenant, campaign=campaign)
        self.engaged.add((tenant, campaign))

    @rule(tenant=st.sampled_from(("bank-a", "bank-b")), campaign=st.sampled_from(CAMPAIGNS))
    def release(self, tenant: str, campaign: str) -> None:
        """Let it go on."""
        self.world.switch(engaged=False, tenant=tenant, campaign=campaign)
        self.engaged.discard((tenant, campaign))

    @rule(
        for_ms=st.sampled_from((0, 1, SECOND, 5 * SECOND, 9 * 60 * SECOND, HOUR)),
        crash=st.none() | BEFORE,
    )
    def turn(self, for_ms: int, crash: int | None) -> None:
        """Let time go by, and the gateway work."""
        self.world.now_ms += for_ms
        self.unharmed(self.world.turn, crash)

    @rule()
    def restart(self) -> None:
        """Kill it between two turns."""
        self.world.restart()

    @invariant()
    def nothing_was_sent_that_must_not_be(self) -> None:
        """Windows, switches, cancellations, once: at every submission."""
        assert [] == getattr(self, "wrong", [])

    @invariant()
    def nothing_ends_twice(self) -> None:
        """Never two final statuses of one trigger, in what was told so far."""
        if hasattr(self, "world"):
            for number in self.known:
                assert len(self.ends(number)) <= 1

    def teardown(self) -> None:
        """In the end every trigger has ended, and was told."""
        if not hasattr(self, "world"):
            return
        try:
            self.world.run(6 * HOUR, 10 * 60 * SECOND)
            self.world.run(DAY, HOUR)
            for number in self.known:
                assert 1 == len(self.ends(number)), (number, self.world.told(number))
            assert () == self.world.store.unsent(1)
            assert [] == self.wrong
        finally:
            self.world.store.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def ends(self, number: int) -> list[str]:
        """Return the final statuses told of a trigger."""
        return [status for status in self.world.told(number) if status in FINAL]

    def unharmed(self, work: object, crash: int | None) -> None:
        """Do something in which the process may end, and be started again."""
        fuse = self.world.fuse
        fuse.blows_at = None if crash is None else fuse.count + crash
        try:
            work()  # type: ignore[operator]
        except CrashError:
            self.world.restart()
        fuse.blows_at = None


TestGatewayMachine = GatewayMachine.TestCase
TestGatewayMachine.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
