"""The agreed pace, for each tenant and port by itself."""

from collections import Counter
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from cli.gateway.pacing import Bucket
from cli.gateway.provider import Accepted, Answer, Busy, Outbound, Report
from cli.gateway.settings import SenderPort
from tests.gateway.world import SECOND, T0, World, mandatory, trigger


def slow(**chosen: object) -> tuple[SenderPort, ...]:
    """Return ports of two messages a second; marketing as chosen."""
    marketing = {"name": "marketing", "message_classes": ("marketing",), "per_second": 2, **chosen}
    return (
        SenderPort(**marketing),  # type: ignore[arg-type]
        SenderPort(name="service", message_classes=("servicing", "mandatory"), per_second=2),
    )


@given(
    st.integers(1, 50),
    st.integers(1, 20),
    st.lists(st.integers(0, 3_000), min_size=1, max_size=60),
)
def test_bucket_never_exceeds_its_rate(per_second: int, burst: int, steps: list[int]) -> None:
    """In any span: burst + rate x time, whatever the moments at which one asks."""
    bucket, now_ms, gone = Bucket(per_second, burst), T0, []
    for step in steps:
        now_ms += step
        while bucket.has(now_ms):
            bucket.take()
            gone.append(now_ms)

    for begin in range(len(gone)):
        for end in range(begin, len(gone)):
            allowed = burst * 1_000 + (gone[end] - gone[begin]) * per_second
            assert (end - begin + 1) * 1_000 <= allowed


def test_tokens_are_exact(new_world: Callable[..., World]) -> None:
    """Two a second: one at once, the next 500 ms later and not a millisecond before."""
    world = new_world(ports=slow())
    world.send(*(trigger(number) for number in range(10)))
    counts = []
    for at_ms in (0, 499, 500, 999, 1_000):
        world.now_ms = T0 + at_ms
        world.turn()
        counts.append(world.sent().total())

    assert [1, 1, 2, 2, 3] == counts


def test_burst_of_one_tenant_delays_no_other(new_world: Callable[..., World]) -> None:
    """A thousand of bank-a before one of bank-b: that one goes in the first turn."""
    world = new_world(ports=slow())
    world.send(*(trigger(number) for number in range(1_000)))
    world.send(trigger(5_000, tenant="bank-b"))
    world.turn()

    assert {"bank-a": 1, "bank-b": 1} == Counter(one.tenant for one in world.simulated.taken)


def test_turn_is_shared_where_it_is_what_is_scarce(new_world: Callable[..., World]) -> None:
    """Both have tokens for more than a turn sends: they take turns, half each."""
    world = new_world()
    world.desk.switches_read(T0)
    world.desk.turn()
    world.send(*(trigger(number) for number in range(200)))
    world.send(*(trigger(1_000 + number, tenant="bank-b") for number in range(200)))
    world.now_ms += SECOND
    world.turn()
    counts = Counter(one.tenant for one in world.simulated.taken)

    assert counts["bank-a"] == counts["bank-b"] >= 20


def test_marketing_does_not_delay_service(new_world: Callable[..., World]) -> None:
    """They have ports of their own."""
    world = new_world(ports=slow())
    world.send(*(trigger(number) for number in range(100)), mandatory(500))
    world.turn()

    assert 1 == world.sent()["trigger-500"]


def test_tenant_may_have_a_rate_of_its_own(new_world: Callable[..., World]) -> None:
    """bank-b has a contract for ten a second, bank-a for two: after two seconds 21 and 5."""
    world = new_world(ports=slow(tenant_per_second={"bank-b": 10}))
    world.send(*(trigger(number) for number in range(50)))
    world.send(*(trigger(1_000 + number, tenant="bank-b") for number in range(50)))
    world.turn()
    world.run(2 * SECOND, 100)

    assert {"bank-a": 5, "bank-b": 21} == Counter(one.tenant for one in world.simulated.taken)


class BusyForOne:
    """Wants nothing of bank-a until a moment, and takes everything else."""

    def __init__(self, world: World) -> None:
        """Keep the world."""
        self.world = world
        self.asked: list[tuple[str, int]] = []

    def submit(self, message: Outbound) -> Answer:
        """Answer."""
        self.asked.append((message.tenant, self.world.now_ms - T0))
        if message.tenant == "bank-a" and self.world.now_ms < T0 + SECOND:
            return Busy(SECOND)
        return Accepted(f"{message.tenant}-{message.key}")

    def reports(self) -> tuple[Report, ...]:
        """Say nothing."""
        return ()

    def confirm(self, reports: object) -> None:
        """Take note of nothing."""


def test_busy_holds_one_lane_and_loses_nothing(new_world: Callable[..., World]) -> None:
    """Asked once, let alone for as long as it said, asked again; the neighbour goes on."""
    world = new_world()
    world.store.close()
    provider = BusyForOne(world)
    world.provider = provider
    world.start()
    world.send(trigger(1), trigger(2, tenant="bank-b"), trigger(3, tenant="bank-b"))
    world.turn()
    world.run(SECOND, 100)

    assert [0, SECOND] == [at_ms for tenant, at_ms in provider.asked if tenant == "bank-a"]
    assert [0, 100] == [at_ms for tenant, at_ms in provider.asked if tenant == "bank-b"]
    assert ["accepted", "submitted"] == world.told(1)
