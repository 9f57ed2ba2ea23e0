"""
Let messages go at the pace that was agreed, for each tenant and sender port by itself.

A token bucket in whole numbers: a message costs a thousand, and a rate of n a second gives n each
millisecond. Buckets begin with one message, so a gateway that is started again and again sends
no faster than one that is not.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cli.gateway.settings import SenderPort


MESSAGE: Final = 1_000


class Lane(NamedTuple):
    """What is paced by itself: the messages of one tenant at one port."""

    tenant: str
    port: str


class Bucket:
    """The tokens of one lane."""

    __slots__ = ("_at_ms", "_burst", "_held_until_ms", "_per_second", "_tokens")

    def __init__(self, per_second: int, burst_count: int) -> None:
        """Begin with one message."""
        self._per_second = per_second
        self._burst = burst_count * MESSAGE
        self._tokens = MESSAGE
        self._at_ms = 0
        self._held_until_ms = 0

    def has(self, now_ms: int) -> bool:
        """Return whether a message may go now; a clock that was set back gives no tokens."""
        if now_ms > self._at_ms:
            if self._at_ms:
                grown = self._tokens + (now_ms - self._at_ms) * self._per_second
                self._tokens = min(self._burst, grown)
            self._at_ms = now_ms
        return self._tokens >= MESSAGE and now_ms >= self._held_until_ms

    def take(self) -> None:
        """Pay for one message."""
        self._tokens -= MESSAGE

    def hold(self, until_ms: int) -> None:
        """Let nothing go before this time."""
        self._held_until_ms = max(self._held_until_ms, until_ms)


class Pacing:
    """The buckets of all lanes, and whose turn it is."""

    def __init__(self, tenants: Iterable[str], ports: Iterable[SenderPort]) -> None:
        """Prepare a lane for every tenant at every port."""
        self._buckets = {
            Lane(tenant, port.name): Bucket(
                port.tenant_per_second.get(tenant, port.per_second), port.burst_count
            )
            for port in ports
            for tenant in tenants
        }
        self._turns = deque(self._buckets)

    def lanes(self) -> Sequence[Lane]:
        """Return every lane once; the first of this time is the last of the next."""
        lanes = tuple(self._turns)
        self._turns.rotate(-1)
        return lanes

    def bucket(self, lane: Lane) -> Bucket:
        """Return the bucket of a lane."""
        return self._buckets[lane]
