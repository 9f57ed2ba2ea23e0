"""A history is read at the pace of the clock (SEMANTICS T7; docs/core.md 1, Pace)."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.ingest import IngestFold
from schemas.records import Applied, Drained, Row, StoredRecord
from schemas.routing import SourceBinding
from tests.builders_source import (
    SPEND,
    bound,
    journaled,
    progress_of,
    purchase,
    rejected,
    source_record,
    tick_row,
)


START = datetime(2020, 1, 1, tzinfo=UTC)
START_MS = 1_577_836_800_000
HOUR = 3_600
HISTORY = bound(time_source="records")


def text(seconds: float) -> str:
    """Return the time that many seconds after the start, as upstream writes it."""
    return (START + timedelta(seconds=seconds)).isoformat()


def past(seconds: float, partition: int = 0, offset: int = 0) -> StoredRecord:
    """Return a purchase of that time; its broker's timestamp is of today."""
    body = purchase(occurred_at=text(seconds), id=f"e-{partition}-{offset}")
    return source_record(body, at=(SPEND, partition, offset), timestamp=2**41)


def end(seconds: float, partition: int = 0) -> StoredRecord:
    """Return the marker that ends a partition's history."""
    body = {"id": "end", "type": "history.ended", "occurred_at": text(seconds)}
    return source_record(body, at=(SPEND, partition, 99), timestamp=2**41)


def opened(*bindings: SourceBinding, partition_count: int = 2) -> IngestFold:
    """Return an open task that reads a history."""
    fold = IngestFold(0, 1, bindings=bindings or (HISTORY,), tenants=("bank-a",))
    fold.open([(SPEND, partition) for partition in range(partition_count)])
    return fold


def claim_of(fold: IngestFold) -> int | None:
    """Close a slice and return the claim published, in seconds after the start."""
    fold.close_slice(())
    progress = progress_of(fold.drain())
    if not progress:
        return None
    claim = progress[0].claims["bank-a"]
    assert claim is not None
    return claim - START_MS


def test_ingest_history_claims_its_greatest_event_less_1_ms() -> None:
    """T7: idleness claims nothing; what was read does, and what came out of order takes nothing."""
    fold = opened(partition_count=1)
    for offset, seconds in enumerate((10, 30, 20)):
        assert fold.apply(past(seconds, offset=offset)) is Applied.DONE
    assert claim_of(fold) == 29_999
    assert claim_of(fold) is None


def test_ingest_history_ended_claims_its_own_time() -> None:
    """T7: an end-of-history record completes its partition, also one that never had a record."""
    fold = opened()
    assert fold.apply(past(10)) is Applied.DONE
    assert claim_of(fold) is None  # partition 1 was never heard from
    assert fold.apply(end(500, partition=1)) is Applied.DONE
    assert claim_of(fold) == 9_999
    assert fold.apply(end(500)) is Applied.DONE
    assert claim_of(fold) == 500_000
    late = past(400, offset=7)
    assert fold.apply(late) is Applied.DONE
    assert journaled(fold.drain())[0].journal_at_ms == START_MS + 500_001


def test_ingest_end_on_a_live_topic_claims_nothing() -> None:
    """T3: a live partition's claims are the shell's alone."""
    fold = opened(bound(), partition_count=1)
    assert fold.apply(end(500)) is Applied.DONE
    assert claim_of(fold) is None


def test_ingest_live_claims_do_not_move_a_history() -> None:
    """T7: idleness claims nothing, whatever the shell has sampled of the partition."""
    fold = opened(partition_count=1)
    fold.close_slice([(SPEND, 0, 2**41)])
    assert fold.drain() == Drained((), ())


def test_ingest_history_waits_an_hour_ahead_of_the_clock() -> None:
    """T7: exactly an hour above the watermark goes on, 1 ms more waits, until the clock moves."""
    fold = opened(partition_count=1)
    fold.observe(tick_row("bank-a", START_MS))
    assert fold.apply(past(HOUR)) is Applied.DONE
    ahead = past(HOUR + 0.001, offset=1)
    assert fold.apply(ahead) is Applied.WAIT
    fold.observe(tick_row("bank-b", START_MS + 10**9))
    assert fold.apply(ahead) is Applied.WAIT
    fold.observe(tick_row("bank-a", START_MS + 1))
    assert fold.apply(ahead) is Applied.DONE


def test_ingest_what_waits_is_not_written_and_claims_its_own_time() -> None:
    """T7: the record at the head claims its time less 1 ms meanwhile, or nobody would move."""
    fold = opened(partition_count=1)
    fold.observe(tick_row("bank-a", START_MS))
    assert fold.apply(past(10 * HOUR)) is Applied.WAIT
    fold.close_slice(())
    drained = fold.drain()
    assert journaled(drained) == []
    assert progress_of(drained)[0].claims == {"bank-a": START_MS + 10 * HOUR * 1_000 - 1}
    assert fold.counts() == {}


def test_ingest_other_partitions_go_on_and_bad_records_never_wait() -> None:
    """T7: a partition waits for itself only; what cannot be read has no time to wait for."""
    fold = opened()
    fold.observe(tick_row("bank-a", START_MS))
    assert fold.apply(past(10 * HOUR, partition=0)) is Applied.WAIT
    assert fold.apply(past(60, partition=1)) is Applied.DONE
    assert fold.apply(source_record(b"garbage", at=(SPEND, 1, 1))) is Applied.DONE
    drained = fold.drain()
    assert (len(journaled(drained)), len(rejected(drained))) == (1, 1)


def test_ingest_before_the_first_tick_the_least_head_is_the_watermark() -> None:
    """T7: while no tick is known, the least event time seen less 1 ms counts as the watermark."""
    fold = opened()
    assert fold.apply(past(0)) is Applied.DONE
    assert fold.apply(past(HOUR - 0.001, offset=1)) is Applied.DONE
    assert fold.apply(past(HOUR, offset=2)) is Applied.WAIT
    assert fold.apply(past(-10, partition=1)) is Applied.DONE  # history begins 10 s earlier
    assert fold.apply(past(HOUR - 5, partition=1, offset=1)) is Applied.WAIT
    fold.observe(tick_row("bank-a", START_MS + 5))
    assert fold.apply(past(HOUR, offset=2)) is Applied.DONE


def test_ingest_source_beside_the_history_sets_no_pace() -> None:
    """T7: what does not hold the watermark is no part of the history, and waits for it like all."""
    receipts = bound("b", contract=SPEND, time_source="records", holds_watermark=False)
    fold = opened(HISTORY, receipts, partition_count=1)
    fold.open([(SPEND, 0), ("b", 0)])
    ahead = past(10 * HOUR)._replace(topic="b")
    assert fold.apply(ahead) is Applied.DONE  # no history known: nothing to keep pace with
    assert fold.apply(past(20 * HOUR)) is Applied.DONE
    assert fold.apply(past(21 * HOUR)._replace(topic="b", offset=1)) is Applied.WAIT
    assert claim_of(fold) == 20 * HOUR * 1_000 - 1  # and holds nothing


def test_ingest_live_records_do_not_wait() -> None:
    """T7 is about `time_source = records`: a live record goes on, whatever the clock says."""
    fold = opened(bound(), partition_count=1)
    fold.observe(tick_row("bank-a", START_MS))
    live = source_record(purchase(occurred_at=text(90 * HOUR)), timestamp=2**41)
    assert fold.apply(live) is Applied.DONE


def test_ingest_clocks_rows_that_are_gone_or_older_change_nothing() -> None:
    """T2: a watermark never decreases, also not in what is observed."""
    fold = opened(partition_count=1)
    fold.observe(tick_row("bank-a", START_MS))
    fold.observe(tick_row("bank-a", START_MS - 10**9))
    fold.observe(Row(b"#tick|bank-a", None))
    fold.observe(Row(b"#offsets", b"\x80"))
    assert fold.apply(past(HOUR)) is Applied.DONE


@pytest.mark.parametrize("lead_ms", [2_000, 60_000])
def test_ingest_lead_is_a_setting(lead_ms: int) -> None:
    """`backfill_lead_ms` above the watermark waits no more and no less than it says."""
    fold = IngestFold(0, 1, bindings=(HISTORY,), tenants=("bank-a",), backfill_lead_ms=lead_ms)
    fold.open([(SPEND, 0)])
    fold.observe(tick_row("bank-a", START_MS))
    assert fold.apply(past(lead_ms / 1_000)) is Applied.DONE
    assert fold.apply(past(lead_ms / 1_000 + 0.001, offset=1)) is Applied.WAIT


def test_ingest_lead_below_two_steps_is_refused() -> None:
    """T2, T7: a head may be a step above its claim and a step above its tick, and must not wait."""
    with pytest.raises(ValueError, match="wanted a lead of 2000 ms or more, found 1999"):
        IngestFold(0, 1, bindings=(HISTORY,), tenants=("bank-a",), backfill_lead_ms=1_999)
