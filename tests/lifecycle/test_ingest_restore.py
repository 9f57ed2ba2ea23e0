"""A successor restored from the rows goes on exactly where its predecessor was cut off (T3, I4)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.ingest import IngestFold
from schemas.records import Applied, Claim, OutputRecord, Row, StoredRecord
from tests.builders_source import SPEND, TIME_MS, bound, purchase, source_record, tick_row


HISTORY = "b.history"
BINDINGS = (
    bound(tenant="*"),
    bound(HISTORY, "bank-b", contract=SPEND, time_source="records"),
)
LIVE_SOURCES = ((SPEND, 0), (SPEND, 1))
SOURCES = (*LIVE_SOURCES, (HISTORY, 0), (HISTORY, 1))


class Slice(NamedTuple):
    """What the shell hands to the fold between two commits."""

    records: Sequence[StoredRecord]
    claims: Sequence[Claim]
    observed: Sequence[Row]


class Committed(NamedTuple):
    """What one commit made visible, and what is left to read."""

    outputs: Sequence[OutputRecord]
    rows: Sequence[Row]
    waiting: Sequence[StoredRecord]


def run(
    fold: IngestFold, slices: Iterable[Slice], waiting: Sequence[StoredRecord]
) -> list[Committed]:
    """Feed slices as the shell does: heads that wait are offered again, partitions keep order."""
    commits = []
    for part in slices:
        for row in part.observed:
            fold.observe(row)
        held: list[StoredRecord] = []
        for record in (*waiting, *part.records):
            place = (record.topic, record.partition)
            behind = any(place == (other.topic, other.partition) for other in held)
            if behind or fold.apply(record) is Applied.WAIT:
                held.append(record)
        fold.close_slice(part.claims)
        waiting = held
        drained = fold.drain()
        commits.append(Committed(drained.outputs, drained.rows, waiting))
    return commits


def fresh(rows: Iterable[Row] = ()) -> IngestFold:
    """Return a fold restored from these rows and open."""
    fold = IngestFold(0, 1, bindings=BINDINGS, tenants=("bank-a", "bank-b"), backfill_lead_ms=5_000)
    for row in rows:
        fold.restore(row)
    fold.open(SOURCES)
    return fold


def compacted(commits: Iterable[Committed]) -> dict[bytes, bytes | None]:
    """Return what the changelog holds after these commits."""
    return {row.key: row.value for commit in commits for row in commit.rows}


@st.composite
def records(draw: st.DrawFn) -> tuple[tuple[str, int], bytes | dict[str, object], int]:
    """Draw a record: good, bad, or the end of a history; offsets are given later."""
    place = draw(st.sampled_from(SOURCES))
    second = draw(st.integers(0, 20))
    time = f"2026-03-02T09:15:{second:02d}.{draw(st.sampled_from(['000', '4', '999']))}Z"
    kind = draw(st.sampled_from(["purchase", "purchase", "purchase", "garbage", "end"]))
    body: bytes | dict[str, object]
    if kind == "garbage":
        body = draw(st.binary(max_size=4))
    elif kind == "end":
        body = {"id": "end", "type": "history.ended", "occurred_at": time, "tenant": "bank-b"}
    else:
        tenant = "bank-b" if place[0] == HISTORY else draw(st.sampled_from(["bank-a", "bank-b"]))
        body = purchase(occurred_at=time, tenant=tenant)
    return place, body, TIME_MS + draw(st.integers(0, 20_000))


@st.composite
def programs(draw: st.DrawFn) -> list[Slice]:
    """Draw slices: records, claims of all live partitions (each poll has them), clock rows."""
    offset = 0
    slices = []
    claimed_at_ms = dict.fromkeys(LIVE_SOURCES, TIME_MS)
    for drawn in draw(st.lists(st.lists(records(), max_size=5), min_size=1, max_size=8)):
        part = []
        for (topic, partition), body, timestamp in drawn:
            part.append(source_record(body, at=(topic, partition, offset), timestamp=timestamp))
            offset += 1
        for place in LIVE_SOURCES:
            claimed_at_ms[place] += draw(st.sampled_from([0, 1, 400, 999, 1_000, 1_001, 7_000]))
        claims = [Claim(*place, at_ms) for place, at_ms in claimed_at_ms.items()]
        ticks = draw(st.lists(st.integers(0, 20_000), max_size=1))
        slices.append(Slice(part, claims, [tick_row("bank-b", TIME_MS + at_ms) for at_ms in ticks]))
    return slices


@settings(max_examples=300, deadline=None)
@given(programs())
def test_ingest_successor_continues_byte_by_byte(program: list[Slice]) -> None:
    """I2, I4: cut after any commit, restored from its rows: same outputs, same rows ever after."""
    whole = run(fresh(), program, ())
    for cut, commit in enumerate(whole[:-1], start=1):
        if not commit.rows:
            continue  # nothing was committed: a successor starts from the commit before
        before = compacted(whole[:cut])
        heir = fresh(Row(key, value) for key, value in before.items())
        for part in program[:cut]:
            for row in part.observed:
                heir.observe(row)
        rest = run(heir, program[cut:], commit.waiting)
        assert [part.outputs for part in rest] == [part.outputs for part in whole[cut:]]
        assert before | compacted(rest) == compacted(whole)


@settings(max_examples=100, deadline=None)
@given(programs())
def test_ingest_every_record_ends_in_one_place(program: list[Slice]) -> None:
    """I1: forwarded, marker, rejected or still waiting: each record once, and counted so."""
    fold = fresh()
    commits = run(fold, program, ())
    counts = fold.counts()
    read_kinds = ("forwarded", "marker", "rejected")
    ended_count = sum(counts[key] for key in counts if key.partition("|")[0] in read_kinds)
    read_count = sum(len(part.records) for part in program)
    assert ended_count + len(commits[-1].waiting) == read_count
    written_count = sum(
        output.topic != "lifecycle.progress.v1" for commit in commits for output in commit.outputs
    )
    assert written_count == ended_count - counts.get("marker||history.ended", 0)


def test_ingest_row_that_was_deleted_is_not_restored() -> None:
    """A row of None deletes its key: the partition begins anew."""
    fold = IngestFold(0, 1, bindings=BINDINGS, tenants=("bank-a", "bank-b"))
    before = compacted(
        run(fresh(), [Slice([source_record(purchase(tenant="bank-a"))], (), ())], ())
    )
    key = b"#source|card.spend.v1|0"
    assert before[key] is not None
    fold.restore(Row(key, before[key]))
    fold.restore(Row(key, None))
    fold.open(SOURCES)
    assert fold.counts() == {}


def test_ingest_counts_go_on_after_a_restore() -> None:
    """I1: counts are rows, so they survive a kill and add up over owners."""
    part = Slice([source_record(purchase(tenant="bank-a")), source_record(b"")], (), ())
    before = compacted(run(fresh(), [part], ()))
    heir = fresh(Row(key, value) for key, value in before.items())
    run(heir, [part], ())
    assert heir.counts() == {"forwarded|bank-a|txn.posted": 2, "rejected||NOT_JSON": 2}
