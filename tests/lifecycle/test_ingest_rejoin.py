"""A task that joins a tenant again is not misled by what the clock told of the first time."""

import msgspec
import pytest

from lifecycle.ingest import IngestFold
from schemas.codec import decode_progress
from schemas.records import Applied, Drained, Row
from schemas.routing import PROGRESS_TOPIC
from tests.builders_source import SPEND, TIME_MS, bound, heard, journaled, purchase, source_record


FIRST_TICK_MS = TIME_MS + 10_000
LAST_TICK_MS = TIME_MS + 90_000


class Clock:
    """What the clock has written, from its beginning, as nothing has been compacted yet."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.rows: list[Row] = []

    def ticked(self, watermark_at_ms: int) -> None:
        """Write a tick of bank-a."""
        value = msgspec.msgpack.encode([watermark_at_ms, watermark_at_ms, False])
        self.rows.append(Row(b"#tick|bank-a", value))

    def heard_of(self, claims: dict[str, int | None]) -> None:
        """Write what task 2 said."""
        value = msgspec.msgpack.encode([4, claims, list(claims), []])
        self.rows.append(Row(b"#claims|2", value))


class Life:
    """Task 2 of ingest over its restarts; its rows are kept, its folds are not."""

    def __init__(self, clock: Clock) -> None:
        """Start without rows."""
        self.clock = clock
        self.rows: dict[bytes, bytes | None] = {}

    def begin(self, *partitions: int) -> IngestFold:
        """Return the next owner, with these partitions of bank-a's source."""
        fold = IngestFold(2, 4, bindings=(bound(),), tenants=("bank-a",))
        for key, value in self.rows.items():
            fold.restore(Row(key, value))
        fold.open([(SPEND, partition) for partition in partitions])
        return fold

    def committed(self, fold: IngestFold) -> Drained:
        """End a slice, keep the rows, and let the clock hear what was said in it."""
        fold.close_slice([heard(TIME_MS + 200_001, 2)])
        drained = fold.drain()
        self.rows.update(drained.rows)
        for output in drained.outputs:
            if output.topic == PROGRESS_TOPIC:
                self.clock.heard_of(decode_progress(output.value or b"").claims)
        return drained


def joined_once(life: Life, clock: Clock) -> None:
    """Join at the first tick, and lose the partition again."""
    life.committed(life.begin())  # None
    fold = life.begin(2)
    life.committed(fold)  # joining
    clock.ticked(FIRST_TICK_MS)
    for row in clock.rows:
        fold.observe(row)
    life.committed(fold)  # joined
    life.committed(life.begin())  # None again: the binding was taken out
    clock.ticked(LAST_TICK_MS)


@pytest.mark.parametrize("crashes", [False, True])
def test_ingest_joins_again_at_the_newest_tick(crashes: bool) -> None:  # noqa: FBT001 (both cases)
    """T3: at an older one it would claim less than a tick has said, and belie it."""
    clock = Clock()
    life = Life(clock)
    joined_once(life, clock)
    old = source_record(purchase(), at=(SPEND, 2, 0), timestamp=TIME_MS)

    fold = life.begin(2)
    for row in clock.rows:  # the first join is among them
        fold.observe(row)
    assert fold.apply(old) is Applied.WAIT
    life.committed(fold)
    if crashes:
        fold = life.begin(2)
        for row in clock.rows[:-1]:
            fold.observe(row)
        assert fold.apply(old) is Applied.WAIT
    fold.observe(clock.rows[-1])
    assert fold.apply(old) is Applied.DONE

    assert [LAST_TICK_MS + 1] == [sent.journal_at_ms for sent in journaled(fold.drain())]


def test_ingest_says_each_join_with_a_claim_of_its_own() -> None:
    """T3: 0, then -1: none above 0, so that each of them holds the watermark."""
    clock = Clock()
    life = Life(clock)
    joined_once(life, clock)
    life.committed(life.begin(2))
    told = [msgspec.msgpack.decode(row.value or b"")[1] for row in clock.rows if b"#c" in row.key]

    assert [None, 0, None, -1] == [
        claims["bank-a"] for claims in told if (claims["bank-a"] or 0) <= 0
    ]
