"""Make up cards that are issued and mostly never activated, for partitions that somebody reads."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from tests.checker.murmur import partition_of
from tests.proof.forms import Upstream
from tests.proof.world import TENANTS, plain


DELAY_MS: Final = 1_000
"""As in tests/proof/timers/reminder.yaml."""
ACTIVATED_COUNT: Final = 50
SPREAD_MS: Final = 1_500
"""Event times are up to so much ahead, so that no two customers' timers are due together."""


def key_of(token: str) -> bytes:
    """Return the key of a customer's journal records and outputs."""
    return f"{TENANTS[0]}|{token}".encode()


class SilentCards:
    """
    Customers with one card each.

    Attributes:
        due_ms: when the timer of each who never activates is due, by customer token; `arrived`
            must be told first, as no timer is due before its event was read (T5).
        unread: customers whose activation goes where nobody reads.
        read: customers whose activation is read.
        last_due_ms: when the last timer is due.
    """

    def __init__(self, count: int, *, owned: Sequence[int], ownerless: Sequence[int]) -> None:
        """Plan `count` timers; `owned` and `ownerless` are partitions of every source topic."""
        self.due_ms: dict[str, int] = {}
        self.unread = {f"unread-{number}" for number in range(ACTIVATED_COUNT)}
        self.read = {f"read-{number}" for number in range(ACTIVATED_COUNT)}
        self.last_due_ms = 0
        self._silent = [f"silent-{number}" for number in range(count)]
        self._owned, self._ownerless = owned, ownerless

    @property
    def read_count(self) -> int:
        """How many records lie where somebody reads."""
        return len(self._silent) + len(self.unread) + 2 * len(self.read)

    def records(self, at_ms: int) -> Iterator[Upstream]:
        """Yield issues, then activations; the event times are from `at_ms` on."""
        rng = random.Random(at_ms)  # noqa: S311 (a world, no secret)
        for token in (*sorted(self.unread), *sorted(self.read), *self._silent):
            issued_at_ms = at_ms + rng.randrange(SPREAD_MS)
            where = rng.choice(self._owned)
            yield plain("card.issue.v1", "card.issued", token, issued_at_ms, partition=where)
            if token.startswith("silent"):
                self.due_ms[token] = issued_at_ms + DELAY_MS
        self.last_due_ms = at_ms + SPREAD_MS + DELAY_MS
        for tokens, partitions in ((self.unread, self._ownerless), (self.read, self._owned)):
            for token in sorted(tokens):
                where = rng.choice(partitions)
                yield plain("card.activation.v1", "card.activated", token, at_ms, partition=where)

    def arrived(self, journal_at_ms: Mapping[str, int]) -> None:
        """Take note of when each card's issue came: on a slow box later than its timer was due."""
        for token, due_ms in self.due_ms.items():
            self.due_ms[token] = max(due_ms, journal_at_ms[token])

    def in_order(self, tokens: Iterable[str], partition_count: int) -> bool:
        """Whether customers stand in the order of due times within each journal partition (T8)."""
        reached: dict[int, tuple[int, str]] = {}
        for token in tokens:
            partition = partition_of(key_of(token), partition_count)
            place = (self.due_ms[token], token)
            if place < reached.get(partition, (0, "")):
                return False
            reached[partition] = place
        return True

    def split_partitions(self, fired: Collection[str], partition_count: int) -> int:
        """Return in how many journal partitions some customers have fired and some have not."""
        kinds: dict[int, set[bool]] = defaultdict(set)
        for token in self.due_ms:
            kinds[partition_of(key_of(token), partition_count)].add(token in fired)
        return sum(len(kind) == 2 for kind in kinds.values())
