"""Define what a customer's row remembers for entries that need more events than one."""

from typing import Final

from msgspec import Struct, field


MEMORIES_MAX: Final = 16
"""Of a customer, one a campaign."""

NOT_REACHED: Final = (-1, -1)
"""The way to a step of a sequence that no event has reached yet."""


class EntryMemory(Struct, array_like=True):
    """
    What a count or sequence campaign has seen of a customer since it was last complete.

    `times` are event times for each condition, ascending, epoch milliseconds UTC. `ways` are, for
    each step of a sequence but the last, the first and the last time of the newest way to it.
    """

    campaign_id: str
    times: list[list[int]]
    ways: list[tuple[int, int]] = field(default_factory=list)
