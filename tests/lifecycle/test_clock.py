"""Progress becomes ticks: two clocks a tenant (docs/core.md 2; SEMANTICS T2, T3)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.clock import ClockFold
from schemas.codec import encode_json
from schemas.journal import JournalEnvelope, Progress, SourceCoordinates, Tick
from schemas.records import BROADCAST, Applied, Drained, OutputRecord, Row, StoredRecord
from schemas.routing import PROGRESS_TOPIC
from tests.builders_source import journaled


def opened(rows: Iterable[Row] = ()) -> ClockFold:
    """Return an open clock restored from these rows."""
    fold = ClockFold(0, 1)
    for row in rows:
        fold.restore(row)
    fold.open([(PROGRESS_TOPIC, 0)])
    return fold


def word(
    task: int,
    claims: Mapping[str, int | None],
    *,
    tenants: Sequence[str] | None = None,
    backfill: Sequence[str] = (),
    task_count: int = 2,
    offset: int = 0,
) -> StoredRecord:
    """Return a progress record."""
    progress = Progress(
        task=task,
        task_count=task_count,
        claims=dict(claims),
        tenants=tuple(claims if tenants is None else tenants),
        backfill=tuple(backfill),
    )
    value = encode_json(progress)
    return StoredRecord(PROGRESS_TOPIC, 0, offset, 10**12, str(task).encode(), value)


def told(fold: ClockFold, *records: StoredRecord) -> Drained:
    """Fold one slice."""
    for record in records:
        assert fold.apply(record) is Applied.DONE
    fold.close_slice(())
    return fold.drain()


def ticks(fold: ClockFold, *records: StoredRecord) -> list[tuple[str, int, int]]:
    """Fold one slice and return its ticks as (tenant, now, watermark)."""
    found = []
    for envelope in journaled(told(fold, *records)):
        assert isinstance(envelope.record, Tick)
        clocks = envelope.record
        found.append((envelope.tenant, clocks.now_at_ms, clocks.watermark_at_ms))
    return found


def test_clock_tick_is_this_record_in_every_partition() -> None:
    """T1, T2: the envelope of a tick by hand: now is its journal time, the cause its source."""
    fold = opened()
    drained = told(fold, word(0, {"bank-a": 5_000}), word(1, {"bank-a": 7_000}, offset=9))
    (output,) = drained.outputs
    assert (output.topic, output.key) == ("lifecycle.journal.v1", b"bank-a|")
    assert output.partition == BROADCAST
    assert journaled(drained) == [
        JournalEnvelope(
            tenant="bank-a",
            customer_token="",
            journal_at_ms=7_000,
            occurred_at_ms=7_000,
            event_id="tick-bank-a-7000-5000",
            event_source="cardcue/clock",
            source=SourceCoordinates("lifecycle.progress.v1", 0, 9),
            record=Tick(now_at_ms=7_000, watermark_at_ms=5_000, backfill=False),
        )
    ]
    kept = {row.key: msgspec.msgpack.decode(row.value or b"") for row in drained.rows}
    assert kept == {
        b"#tick|bank-a": [7_000, 5_000, False],
        b"#claims|0": [2, {"bank-a": 5_000}, ["bank-a"], []],
        b"#claims|1": [2, {"bank-a": 7_000}, ["bank-a"], []],
    }


def test_clock_waits_for_every_task() -> None:
    """T3: a task that was never heard from holds the watermark of all its tenants."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": 5_000}, task_count=3)) == []
    assert ticks(fold, word(2, {"bank-a": 9_000}, task_count=3)) == []
    found = ticks(fold, word(1, {"bank-a": 6_000}, task_count=3))
    assert found == [("bank-a", 9_000, 5_000)]


def test_clock_tenant_missing_from_a_claim_is_held() -> None:
    """T3: a bound tenant that a task has not heard all of is missing there, and holds it alone."""
    fold = opened()
    both = ("bank-a", "bank-b")
    first = word(0, {"bank-a": 5_000, "bank-b": 5_000})
    found = ticks(fold, first, word(1, {"bank-b": 6_000}, tenants=both))
    assert found == [("bank-b", 6_000, 5_000)]
    found = ticks(fold, word(1, {"bank-a": 4_000, "bank-b": 6_000}))
    assert found == [("bank-a", 5_000, 4_000)]


def test_clock_tasks_with_nothing_to_read_do_not_count() -> None:
    """A claim of None holds nothing; where all are None there is no clock."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": None}), word(1, {"bank-a": None})) == []
    assert ticks(fold, word(1, {"bank-a": 6_000})) == [("bank-a", 6_000, 6_000)]


def test_clock_task_that_joins_holds_the_watermark() -> None:
    """T3: claim 0 says that a task has just got its first partition: nothing moves until it has."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": 5_000}), word(1, {"bank-a": None})) == [
        ("bank-a", 5_000, 5_000)
    ]
    assert ticks(fold, word(1, {"bank-a": 0}), word(0, {"bank-a": 9_000})) == []
    assert ticks(fold, word(1, {"bank-a": 5_000})) == []
    assert ticks(fold, word(1, {"bank-a": 8_000})) == [("bank-a", 9_000, 8_000)]
    assert ticks(opened(), word(0, {"bank-a": 0}, task_count=1)) == []


def test_clock_ticks_come_before_words_in_the_rows() -> None:
    """T3: who reads its own word in the rows has read every tick that was made without it."""
    fold = opened()
    assert fold.apply(word(0, {"bank-a": 5_000}, task_count=1)) is Applied.DONE
    fold.close_slice(())
    assert fold.apply(word(0, {"bank-a": 0}, task_count=1)) is Applied.DONE
    fold.close_slice(())
    assert [row.key for row in fold.drain().rows] == [b"#tick|bank-a", b"#claims|0"]


def test_clock_ticks_when_the_watermark_moved_by_a_second() -> None:
    """T2: 999 ms are no tick, 1,000 ms are, counted from the last tick; now alone is none."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": 5_000}), word(1, {"bank-a": 5_000})) != []
    assert ticks(fold, word(0, {"bank-a": 50_000})) == []
    assert ticks(fold, word(1, {"bank-a": 5_999})) == []
    assert ticks(fold, word(1, {"bank-a": 6_000})) == [("bank-a", 50_000, 6_000)]


def test_clock_catch_up_gives_one_tick() -> None:
    """T2: what a catch-up would repeat is skipped: one tick for all that a slice has read."""
    fold = opened()
    words = [
        word(task, {"bank-a": at_ms + task}, offset=at_ms + task)
        for at_ms in range(1_000, 60_000, 1_000)
        for task in (0, 1)
    ]
    assert ticks(fold, *words) == [("bank-a", 59_001, 59_000)]


def test_clock_tenants_tick_in_ascending_order_each_for_itself() -> None:
    """T2: kept per tenant: one bank's outage never moves another's clock."""
    fold = opened()
    names = ("bank-c", "bank-a", "bank-b")
    claims = {name: 1_000 * (1 + at) for at, name in enumerate(names)}
    found = ticks(fold, word(0, claims, task_count=1))
    assert found == [("bank-a", 2_000, 2_000), ("bank-b", 3_000, 3_000), ("bank-c", 1_000, 1_000)]
    found = ticks(fold, word(0, claims | {"bank-b": 9_000}, task_count=1))
    assert found == [("bank-b", 9_000, 9_000)]


def test_clock_now_is_the_watermark_while_a_history_loads() -> None:
    """T7: backfill: both clocks are how far every source was read."""
    fold = opened()
    first = word(0, {"bank-a": 5_000}, backfill=["bank-a"])
    drained = told(fold, first, word(1, {"bank-a": 90_000}, backfill=["bank-a"]))
    assert journaled(drained)[0].record == Tick(
        now_at_ms=5_000, watermark_at_ms=5_000, backfill=True
    )
    assert journaled(drained)[0].backfill
    assert ticks(fold, word(0, {"bank-a": 8_000})) == [("bank-a", 8_000, 8_000)]
    # the history is loaded, and no task reads one any more
    assert ticks(fold, word(1, {"bank-a": 91_000})) == []
    assert ticks(fold, word(0, {"bank-a": 9_000})) == [("bank-a", 91_000, 9_000)]


def test_clock_newest_word_of_a_task_counts_also_a_lower_one() -> None:
    """T2: both clocks never decrease, whatever a task says later."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": 5_000}), word(1, {"bank-a": 9_000})) == [
        ("bank-a", 9_000, 5_000)
    ]
    assert ticks(fold, word(0, {"bank-a": 2_000}), word(1, {"bank-a": 3_000})) == []
    assert ticks(fold, word(0, {"bank-a": 6_000}), word(1, {"bank-a": 6_000})) == [
        ("bank-a", 9_000, 6_000)
    ]


def test_clock_words_of_another_task_count_do_not_count() -> None:
    """The newest word says how many tasks there are; who counted otherwise must say it again."""
    fold = opened()
    assert ticks(fold, word(0, {"bank-a": 5_000}, task_count=2)) == []
    assert ticks(fold, word(1, {"bank-a": 9_000}, task_count=1)) == []
    assert ticks(fold, word(0, {"bank-a": 8_000}, task_count=1)) == [("bank-a", 8_000, 8_000)]


@pytest.mark.parametrize("value", [None, b""])
def test_clock_empty_records_say_nothing(value: bytes | None) -> None:
    """A record without a value changes nothing and causes nothing."""
    fold = opened()
    assert told(fold, StoredRecord(PROGRESS_TOPIC, 0, 0, 1, b"0", value)) == Drained([], [])
    assert told(fold) == Drained([], [])


def test_clock_is_one_task() -> None:
    """Two clocks would tick each for itself."""
    with pytest.raises(ValueError, match="wanted clock task 0 of 1, found 1 of 2"):
        ClockFold(1, 2)


def test_clock_rows_that_were_deleted_are_forgotten() -> None:
    """A row of None deletes its key; rows of others are none of its business."""
    before = told(opened(), word(0, {"bank-a": 5_000}, task_count=1)).rows
    gone = [Row(row.key, None) for row in before]
    fold = opened([*before, *gone, Row(b"#offsets", b"\x80")])
    assert ticks(fold, word(0, {"bank-a": 3_000}, task_count=1)) == [("bank-a", 3_000, 3_000)]


CLAIMS = st.dictionaries(
    st.sampled_from(["bank-a", "bank-b"]), st.none() | st.integers(0, 9_000), max_size=2
)
WORDS = st.builds(
    word,
    st.integers(0, 1),
    CLAIMS,
    tenants=st.just(("bank-a", "bank-b")),
    backfill=st.sampled_from([(), ("bank-b",)]),
)
MOVED = st.builds(word, st.integers(0, 1), CLAIMS, task_count=st.integers(1, 2))
"""Words of before and after a change of the task count."""


def slices_of(
    words: st.SearchStrategy[StoredRecord],
) -> st.SearchStrategy[list[list[StoredRecord]]]:
    """Return slices of such words."""
    return st.lists(st.lists(words, max_size=4), min_size=1, max_size=8)


def last_of_each_key(slices: Iterable[Drained]) -> list[Row]:
    """Return what compaction leaves: of each key the last row, in the order written."""
    kept: dict[bytes, Row] = {}
    for drained in slices:
        for row in drained.rows:
            kept.pop(row.key, None)
            kept[row.key] = row
    return list(kept.values())


@settings(max_examples=300, deadline=None)
@given(slices_of(WORDS | MOVED))
def test_clock_successor_continues_byte_by_byte(slices: list[list[StoredRecord]]) -> None:
    """I2, I4: cut after any commit, restored from its compacted rows: the same ticks and rows."""
    fold = opened()
    whole = [told(fold, *part) for part in slices]
    for cut in range(1, len(slices)):
        heir = opened(last_of_each_key(whole[:cut]))
        rest = [told(heir, *part) for part in slices[cut:]]
        assert rest == whole[cut:]


@settings(max_examples=300, deadline=None)
@given(slices_of(WORDS))
def test_clock_never_goes_back_and_never_ahead_of_a_claim(slices: list[list[StoredRecord]]) -> None:
    """T2, T3: watermarks rise by a second or more, now never falls, now is at or above it."""
    fold = opened()
    last: dict[str, tuple[int, int]] = {}
    said: dict[int, Progress] = {}
    for part in slices:
        for record in part:
            progress = msgspec.json.decode(record.value or b"", type=Progress)
            said[progress.task] = progress
        for tenant, now_at_ms, watermark_at_ms in ticks(fold, *part):
            before_now, before_watermark = last.get(tenant, (0, -1_000))
            assert watermark_at_ms >= before_watermark + 1_000
            assert now_at_ms >= max(before_now, watermark_at_ms)
            last[tenant] = (now_at_ms, watermark_at_ms)
            for task in (0, 1):
                claim = said[task].claims[tenant]
                assert claim is None or claim >= watermark_at_ms


def test_clock_outputs_are_for_the_journal_only() -> None:
    """The clock writes ticks and nothing else."""
    drained = told(opened(), word(0, {"bank-a": 5_000, "bank-b": 6_000}, task_count=1))
    assert {(type(output), output.topic) for output in drained.outputs} == {
        (OutputRecord, "lifecycle.journal.v1")
    }
