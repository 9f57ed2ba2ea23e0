"""How far an ingest task says it has read, and that what it said stays true (SEMANTICS T3)."""

from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.ingest import IngestFold
from schemas.records import Applied, Claim, Row
from schemas.routing import SourceBinding
from tests.builders_source import (
    SPEND,
    TIME_MS,
    bound,
    heard,
    journaled,
    progress_of,
    purchase,
    source_record,
)


def opened(
    *bindings: SourceBinding,
    tenants: Sequence[str] = ("bank-a",),
    sources: Iterable[tuple[str, int]] = ((SPEND, 0), (SPEND, 1)),
    task: int = 0,
) -> IngestFold:
    """Return an open task of four."""
    fold = IngestFold(task, 4, bindings=bindings or (bound(),), tenants=tenants)
    fold.open(list(sources))
    return fold


def said(fold: IngestFold, *claims: Claim) -> dict[str, int | None] | None:
    """Close a slice and return the claims of its progress record, None without one."""
    fold.close_slice(claims)
    progress = progress_of(fold.drain())
    assert len(progress) <= 1
    return progress[0].claims if progress else None


def test_ingest_claim_is_the_sample_less_1_ms_less_the_skew() -> None:
    """T3: a record of the very millisecond of the sample may still come, and clocks differ."""
    assert said(opened(), heard(5_000), heard(6_000, 1)) == {"bank-a": 4_999}
    skewed = opened(bound(clock_skew_ms=300))
    assert said(skewed, heard(5_000), heard(6_000, 1)) == {"bank-a": 4_699}


def test_ingest_progress_record_is_these_bytes() -> None:
    """The clock's input: one partition, key = task, tenants ascending, history named."""
    fold = IngestFold(
        3,
        4,
        bindings=(bound(tenant="*"), bound("b.history", "bank-b", time_source="records")),
        tenants=("bank-b", "bank-a"),
    )
    fold.open([(SPEND, 3)])
    fold.close_slice([heard(5_000, 3)])
    drained = fold.drain()
    (output,) = drained.outputs
    assert (output.topic, output.key, output.partition) == ("lifecycle.progress.v1", b"3", 0)
    assert output.value == (
        b'{"v":1,"task":3,"task_count":4,"claims":{"bank-a":4999,"bank-b":4999},'
        b'"tenants":["bank-a","bank-b"],"backfill":["bank-b"]}'
    )
    rows = {row.key: row.value for row in drained.rows}
    assert msgspec.msgpack.decode(rows[b"#claims"] or b"") == {"bank-a": 4_999, "bank-b": 4_999}


def test_ingest_partition_never_heard_from_holds_the_claim() -> None:
    """T3: no claim at all while one partition is silent, however far the others are."""
    fold = opened()
    assert said(fold, heard(9_000)) is None
    assert said(fold, heard(90_000)) is None
    assert said(fold, heard(7_001, 1)) == {"bank-a": 7_000}


def test_ingest_claim_is_published_when_it_moved_by_a_second() -> None:
    """T2: 999 ms are no news, 1,000 ms are, counted from the last that was published."""
    fold = opened(sources=[(SPEND, 0)])
    assert said(fold, heard(5_001)) == {"bank-a": 5_000}
    assert said(fold, heard(5_999)) is None
    assert said(fold, heard(6_000)) is None
    assert said(fold, heard(6_001)) == {"bank-a": 6_000}
    assert said(fold) is None


def test_ingest_claim_never_decreases() -> None:
    """T3: an earlier sample, of a broker whose clock went back, takes nothing back."""
    fold = opened(sources=[(SPEND, 0)])
    assert said(fold, heard(9_001)) == {"bank-a": 9_000}
    assert said(fold, heard(2_001)) is None
    assert said(fold, heard(10_001)) == {"bank-a": 10_000}


def test_ingest_tenants_are_held_by_their_own_and_by_shared_partitions() -> None:
    """T2, T3: `*` holds everybody, a bound topic its own tenant, and neither anybody else."""
    fold = opened(
        bound(tenant="*"),
        bound("b.spend", "bank-b", contract=SPEND),
        tenants=("bank-a", "bank-b"),
        sources=[(SPEND, 0), ("b.spend", 0)],
    )
    assert said(fold, heard(9_001)) == {"bank-a": 9_000}
    assert said(fold, heard(4_001, topic="b.spend")) == {"bank-a": 9_000, "bank-b": 4_000}
    assert said(fold, heard(99_001, topic="b.spend")) == {"bank-a": 9_000, "bank-b": 9_000}


def test_ingest_task_without_partitions_says_so() -> None:
    """A tenant with nothing to read in this task has claim None, and does not hold it."""
    assert said(opened(sources=())) == {"bank-a": None}
    receipts = bound("gateway.receipt.v1", holds_watermark=False)
    fold = opened(receipts, sources=[("gateway.receipt.v1", 0)])
    assert said(fold, heard(9_000, topic="gateway.receipt.v1")) == {"bank-a": None}
    assert said(fold, heard(99_000, topic="gateway.receipt.v1")) is None


def test_ingest_growth_keeps_the_claim_until_the_new_partition_is_heard() -> None:
    """T3: a partition that appears holds the claim where it is; its old records are raised."""
    fold = opened(sources=[(SPEND, 0)])
    assert said(fold, heard(TIME_MS + 9_001)) == {"bank-a": TIME_MS + 9_000}
    fold.open([(SPEND, 0), (SPEND, 4)])
    assert said(fold, heard(TIME_MS + 60_001)) is None
    old = source_record(purchase(), at=(SPEND, 4, 0), timestamp=TIME_MS)
    assert fold.apply(old) is Applied.DONE
    assert journaled(fold.drain())[0].journal_at_ms == TIME_MS + 9_001
    assert said(fold, heard(TIME_MS + 30_001, 4)) == {"bank-a": TIME_MS + 30_000}


def test_ingest_claim_of_a_partition_of_somebody_else_is_ignored() -> None:
    """A claim that came before its partition was opened delays, and does no harm."""
    assert said(opened(sources=[(SPEND, 0)]), heard(9_001, 7)) is None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["record", "claim", "slice"]),
        st.sampled_from([SPEND, "b.spend"]),
        st.integers(0, 1),
        st.integers(0, 6_000),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_ingest_no_record_follows_a_claim_that_it_would_belie(
    steps: list[tuple[str, str, int, int]],
) -> None:
    """T3: true by construction: after a published claim only later journal times are written."""
    fold = opened(
        bound(tenant="*"),
        bound("b.spend", "bank-b", contract=SPEND),
        tenants=("bank-a", "bank-b"),
        sources=[(topic, partition) for topic in (SPEND, "b.spend") for partition in (0, 1)],
    )
    claims: list[Claim] = []
    published: dict[str, int] = {}
    for what, topic, partition, at_ms in steps:
        if what == "record":
            tenant = "bank-b" if topic == "b.spend" else ("bank-a", "bank-b")[at_ms % 2]
            body = purchase(tenant=tenant, occurred_at="1970-01-01T00:00:01Z")
            fold.apply(source_record(body, at=(topic, partition, 0), timestamp=600_000 + at_ms))
        elif what == "claim":
            claims.append(Claim(topic, partition, 600_000 + at_ms))
        else:
            fold.close_slice(claims)
            claims.clear()
        drained = fold.drain()
        for envelope in journaled(drained):
            assert envelope.journal_at_ms > published.get(envelope.tenant, 0)
        for progress in progress_of(drained):
            for tenant, claim in progress.claims.items():
                assert claim is not None
                assert claim >= published.get(tenant, 0)
                published[tenant] = claim


def clock_word(task: int, claims: dict[str, int | None]) -> Row:
    """Return the clock's row about an ingest task."""
    value = msgspec.msgpack.encode([4, claims, list(claims), []])
    return Row(f"#claims|{task}".encode(), value)


def clock_tick(watermark_at_ms: int) -> Row:
    """Return the clock's row of bank-a."""
    return Row(b"#tick|bank-a", msgspec.msgpack.encode([watermark_at_ms, watermark_at_ms, False]))


def test_ingest_first_partition_of_a_tenant_joins_before_it_is_read() -> None:
    """T3: growth gives a task its first partition, and nothing in it belies a tick made before."""
    fold = opened(sources=(), task=2)
    assert said(fold) == {"bank-a": None}
    fold.open([(SPEND, 2)])
    old = source_record(purchase(), at=(SPEND, 2, 0), timestamp=TIME_MS)
    assert fold.apply(old) is Applied.WAIT
    assert said(fold, heard(TIME_MS + 60_001, 2)) == {"bank-a": 0}  # holds the watermark
    fold.observe(clock_tick(TIME_MS + 20_000))  # made before the clock heard of it
    fold.observe(clock_word(2, {"bank-a": None}))
    fold.observe(clock_word(1, {"bank-a": 0}))  # another task's
    assert fold.apply(old) is Applied.WAIT
    assert said(fold) is None
    fold.observe(clock_tick(TIME_MS + 30_000))
    fold.observe(clock_word(2, {"bank-a": 0}))
    assert fold.apply(old) is Applied.DONE
    assert journaled(fold.drain())[0].journal_at_ms == TIME_MS + 30_001
    assert said(fold) == {"bank-a": TIME_MS + 30_000}
    assert said(fold, heard(TIME_MS + 60_001, 2)) == {"bank-a": TIME_MS + 60_000}


def test_ingest_empty_partition_joins_too() -> None:
    """T3: what is still to come may be older than a tick, so silence joins no sooner."""
    fold = opened(sources=(), task=2)
    assert said(fold) == {"bank-a": None}
    fold.open([(SPEND, 2)])
    assert said(fold, heard(5_001, 2)) == {"bank-a": 0}
    assert said(fold, heard(15_001, 2)) is None
    fold.observe(clock_tick(30_000))
    fold.observe(clock_word(2, {"bank-a": 0}))
    assert said(fold, heard(25_001, 2)) == {"bank-a": 30_000}
    assert said(fold, heard(31_001, 2)) == {"bank-a": 31_000}


def test_ingest_tenant_bound_elsewhere_holds_no_more() -> None:
    """A binding that was taken away takes the claim with it: None, once."""
    fold = IngestFold(0, 4, bindings=(bound(),), tenants=("bank-a",))
    fold.restore(Row(b"#claims", msgspec.msgpack.encode({"bank-a": 5_000, "bank-z": 6_000})))
    fold.open(())
    assert said(fold) == {"bank-a": None}
    assert said(fold) is None


def test_ingest_record_that_waits_keeps_back_its_partitions_claim() -> None:
    """T3: what was read and not yet folded is unread: no claim may pass it."""
    fold = opened(sources=(), task=2)
    assert said(fold) == {"bank-a": None}
    fold.open([(SPEND, 2)])
    waiting = source_record(purchase(), at=(SPEND, 2, 0), timestamp=TIME_MS)
    assert fold.apply(waiting) is Applied.WAIT
    assert said(fold, heard(TIME_MS + 60_001, 2)) == {"bank-a": 0}
    fold.observe(clock_word(2, {"bank-a": 0}))
    assert said(fold, heard(TIME_MS + 61_001, 2)) == {"bank-a": 1}
    assert fold.apply(waiting) is Applied.DONE
    assert journaled(fold.drain())[0].journal_at_ms == TIME_MS


@pytest.mark.parametrize("heard_of", [False, True])
def test_ingest_successor_goes_on_joining(heard_of: bool) -> None:  # noqa: FBT001 (both cases)
    """T3: a task that dies while it joins leaves a claim of 0, and its successor waits as well."""
    fold = IngestFold(2, 4, bindings=(bound(),), tenants=("bank-a",))
    fold.restore(Row(b"#claims", msgspec.msgpack.encode({"bank-a": 0})))
    fold.open([(SPEND, 2)])
    fold.observe(clock_tick(TIME_MS + 30_000))
    if heard_of:
        fold.observe(clock_word(2, {"bank-a": 0}))
    applied = fold.apply(source_record(purchase(), at=(SPEND, 2, 0), timestamp=TIME_MS))
    assert applied is (Applied.DONE if heard_of else Applied.WAIT)
