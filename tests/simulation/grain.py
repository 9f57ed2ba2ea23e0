"""
Cut the work of a story into bites of the seed's size.

Production lets the event loop have a turn after hundreds of records, customers or rows; a story
has fewer than that. With small bites a tick takes several transactions (T8), a restore is cut by
kills, and a slice is folded in pieces.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

import lifecycle.restore
import lifecycle.step
import streams.memory_log
import streams.task


BITES: Final[tuple[tuple[ModuleType, str, tuple[int, ...]], ...]] = (
    (lifecycle.step, "FIRED_COUNT_MAX", (1, 2, 256)),
    (lifecycle.step, "LOOKED_COUNT_MAX", (2, 4_096)),
    (lifecycle.restore, "RESTORED_COUNT_MAX", (1, 3, 1_000)),
    (streams.task, "RECORDS_PER_BITE", (2, 5, 256)),
    (streams.memory_log, "ROWS_PER_READ", (7, 1_000)),
)


@contextmanager
def bites(chance: random.Random) -> Iterator[None]:
    """Let production take bites of sizes that `chance` picks, while the block runs."""
    before = [getattr(module, name) for module, name, _ in BITES]
    for module, name, sizes in BITES:
        setattr(module, name, chance.choice(sizes))
    try:
        yield
    finally:
        for (module, name, _), size in zip(BITES, before, strict=True):
            setattr(module, name, size)
