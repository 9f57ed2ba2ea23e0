"""
What the shell may rely on, whichever log it meets: transactions, fencing, reading, rows.

One suite for every implementation of `streams.port`; membership and claims have files of their
own beside this one.
"""

import asyncio

import pytest

from schemas.records import BROADCAST, OutputRecord, Row
from streams.partitioner import partition_of
from streams.port import FencedError, OffsetsLostError, SourcePartition, Transaction
from tests.streams.log_worlds import (
    LogWorld,
    append,
    committed,
    plain,
    poll_records,
    values,
)


SILENCE_MS = 300  # how long we listen where nothing may come
ATTEMPTS = 14  # awaits in the longest commit here, and one that gets through


@pytest.mark.logs_errors("aiokafka leaves failed futures of its own behind when it is fenced")
async def test_log_commit_appears_whole_or_not_at_all(log_world: LogWorld) -> None:
    """A commit cut short anywhere leaves outputs, rows and positions all there or all missing."""
    out, rows = await log_world.create_topic("out", 1), await log_world.create_topic("rows", 1)
    source = SourcePartition(await log_world.create_topic("source", 1), 0)
    log = await log_world.client()
    done: list[bytes] = []
    for attempt in range(ATTEMPTS):
        writer = await log_world.writer(log, rows)  # shuts out the last one: its fate is decided
        told = await committed(log, SourcePartition(out, 0))
        assert [(b"", word) for word in done] == [(b"", value) for _, value in told]
        assert [(b"row", word) for word in done] == await committed(log, SourcePartition(rows, 0))
        at = await log_world.group_offsets([source])
        assert at == ({source: int(done[-1])} if done else {})

        word = b"%d" % attempt
        commit = Transaction(plain(out, word), [Row(b"row", word)], {source: attempt})
        await log_world.cut_short(writer.commit(commit), attempt)
        await log_world.writer(log, rows)
        if (word,) in [(value,) for _, value in await committed(log, SourcePartition(out, 0))]:
            done.append(word)
    assert b"0" not in done
    assert done[-1] == b"%d" % (ATTEMPTS - 1)


async def test_log_shows_committed_records_only(log_world: LogWorld) -> None:
    """Records of an open transaction, and what stands behind them, are not read; aborted never."""
    topic = await log_world.create_topic("t", 1)
    log = await log_world.client()
    reader = await log_world.reader(log, {SourcePartition(topic, 0): None})
    await append(log_world, topic, b"before")
    aborted = await log_world.open_transaction()
    await aborted.append(*plain(topic, b"aborted"))
    await append(log_world, topic, b"behind")

    assert [b"before"] == values(await poll_records(reader, 1))
    assert not (await reader.poll(SILENCE_MS, 10)).records
    await aborted.abort()
    assert [b"behind"] == values(await poll_records(reader, 1))

    kept = await log_world.open_transaction()
    await kept.append(*plain(topic, b"kept"))
    await append(log_world, topic, b"last")
    assert not (await reader.poll(SILENCE_MS, 10)).records
    await kept.commit()
    assert [b"kept", b"last"] == values(await poll_records(reader, 2))


async def test_log_reader_resumes_exactly(log_world: LogWorld) -> None:
    """From the offset after any record the next committed record comes, markers or not."""
    topic = await log_world.create_topic("t", 1)
    log = await log_world.client()
    await append(log_world, topic, b"a", b"b")
    for word in (b"c", b"d"):  # each is followed by a marker, which takes an offset
        transaction = await log_world.open_transaction()
        await transaction.append(*plain(topic, word))
        await transaction.commit()
    await append(log_world, topic, b"e")
    place = SourcePartition(topic, 0)
    everything = await poll_records(await log_world.reader(log, {place: None}), 5)
    assert [b"a", b"b", b"c", b"d", b"e"] == values(everything)
    assert [0, 1, 2, 4] == [record.offset for record in everything[:-1]]
    for count, record in enumerate(everything[:-1], start=1):
        reader = await log_world.reader(log, {place: record.offset + 1})
        assert everything[count:] == await poll_records(reader, 5 - count)


async def test_log_none_means_from_the_beginning(log_world: LogWorld) -> None:
    """Without a position a partition is read from the first record that still exists."""
    topic = await log_world.create_topic("t", 2)
    await append(log_world, topic, b"a", b"b", b"c")
    await append(log_world, topic, b"x", partition=1)
    await log_world.delete_before(SourcePartition(topic, 0), 2)
    places = {SourcePartition(topic, 0): None, SourcePartition(topic, 1): None}
    reader = await log_world.reader(await log_world.client(), places)
    assert {b"c", b"x"} == set(values(await poll_records(reader, 2)))


@pytest.mark.parametrize("lost", [1, 4], ids=["deleted", "beyond the end"])
async def test_log_lost_position_raises_and_skips_nothing(log_world: LogWorld, lost: int) -> None:
    """A position that does not exist is an error, never a jump to one that does."""
    topic = await log_world.create_topic("t", 1)
    place = SourcePartition(topic, 0)
    await append(log_world, topic, b"a", b"b", b"c")
    await log_world.delete_before(place, 2)
    log = await log_world.client()
    for good, words in ((2, [b"c"]), (3, [])):
        reader = await log_world.reader(log, {place: good})
        assert words == values(await poll_records(reader, len(words)))
    reader = await log_world.reader(log, {place: lost})
    with pytest.raises(OffsetsLostError):
        await poll_records(reader, 1)


@pytest.mark.logs_errors("aiokafka leaves failed futures of its own behind when it is fenced")
async def test_log_fenced_writer_commits_nothing(log_world: LogWorld) -> None:
    """A zombie's commit raises, and nothing of it is visible, not even a position."""
    out, rows = await log_world.create_topic("out", 1), await log_world.create_topic("rows", 2)
    place = SourcePartition(out, 0)
    first, second = await log_world.client(), await log_world.client("second")
    zombie = await log_world.writer(first, rows, task=1)
    await zombie.commit(Transaction(plain(out, b"1"), [Row(b"k", b"1")], {place: 1}))
    successor = await log_world.writer(second, rows, task=1)
    with pytest.raises(FencedError):
        await zombie.commit(Transaction(plain(out, b"2"), [Row(b"k", b"2")], {place: 2}))
    await successor.commit(Transaction(plain(out, b"3"), [Row(b"k", b"3")], {}))

    await log_world.writer(second, rows, task=1)
    assert [(b"k", b"1"), (b"k", b"3")] == await committed(second, SourcePartition(rows, 1))
    assert [b"1", b"3"] == [value for _, value in await committed(second, place)]
    assert {place: 1} == await log_world.group_offsets([place])


async def test_log_tasks_do_not_fence_each_other(log_world: LogWorld) -> None:
    """Fencing is by fold and task: neighbours commit side by side."""
    rows = await log_world.create_topic("rows", 2)
    log = await log_world.client()
    writers = [await log_world.writer(log, rows, task) for task in (0, 1)]
    for word in (b"1", b"2"):
        await asyncio.gather(*(w.commit(Transaction((), [Row(b"k", word)], {})) for w in writers))
    for task in (0, 1):
        await log_world.writer(log, rows, task)
        assert [(b"k", b"1"), (b"k", b"2")] == await committed(log, SourcePartition(rows, task))


async def test_log_fence_ends_what_a_predecessor_left_open(log_world: LogWorld) -> None:
    """Readers go on once a successor has fenced: the dead writer's records never appear."""
    out, rows = await log_world.create_topic("out", 1), await log_world.create_topic("rows", 1)
    log = await log_world.client()
    reader = await log_world.reader(log, {SourcePartition(out, 0): None})
    dead = await log_world.open_transaction(log_world.id_of_task(0))
    await dead.append(*plain(out, b"half"))
    await append(log_world, out, b"behind")
    assert not (await reader.poll(SILENCE_MS, 10)).records
    await log_world.writer(log, rows)
    assert [b"behind"] == values(await poll_records(reader, 1))


async def test_log_rows_come_back_in_order_to_the_end(log_world: LogWorld) -> None:
    """What was committed is restored whole and in order; what died open is not."""
    rows = await log_world.create_topic("rows", 2)
    log = await log_world.client()
    writer = await log_world.writer(log, rows, task=1)
    wanted = [Row(b"%d" % (n % 7), None if n % 5 == 0 else b"%d" % n) for n in range(3000)]
    for start in range(0, 3000, 1000):
        await writer.commit(Transaction((), wanted[start : start + 1000], {}))
    dead = await log_world.open_transaction(log_world.id_of_task(1))
    await dead.append(OutputRecord(rows, b"0", b"half", (), 1))

    await log_world.writer(log, rows, task=1)
    assert [tuple(row) for row in wanted] == await committed(log, SourcePartition(rows, 1))
    assert [] == await committed(log, SourcePartition(rows, 0))


async def test_log_outputs_go_where_they_are_sent(log_world: LogWorld) -> None:
    """Broadcast reaches every partition, a number is taken modulo, a key goes by murmur2."""
    out, rows = await log_world.create_topic("out", 3), await log_world.create_topic("rows", 1)
    log = await log_world.client()
    keys = [b"bank-a|%d" % n for n in range(20)]
    outputs = [OutputRecord(out, key, b"by key") for key in keys]
    outputs += [*plain(out, b"to all", partition=BROADCAST), *plain(out, b"to 7", partition=7)]
    writer = await log_world.writer(log, rows)
    await writer.commit(Transaction(outputs, (), {}))

    reader = await log_world.reader(log, {SourcePartition(out, n): None for n in range(3)})
    records = await poll_records(reader, 24)
    assert 24 == len(records)
    assert {0, 1, 2} == {r.partition for r in records if r.value == b"to all"}
    assert [1] == [r.partition for r in records if r.value == b"to 7"]
    for key in keys:
        assert [partition_of(key, 3)] == [r.partition for r in records if r.key == key]
        assert (out, partition_of(key, 3)) == await log_world.append(OutputRecord(out, key, b""))


async def test_log_keeps_nothing_and_emptiness_apart(log_world: LogWorld) -> None:
    """A missing key or value, an empty one, no headers and repeated ones come back as written."""
    out, rows = await log_world.create_topic("out", 1), await log_world.create_topic("rows", 1)
    log = await log_world.client()
    headers = (("ce_type", b"card.issued"), ("x", b""), ("ce_type", b"again"))
    written = [
        (None, b"v", ()),
        (b"k", None, ()),
        (b"", b"", ()),
        (b"k", b"v", headers),
        (None, None, headers),
    ]
    writer = await log_world.writer(log, rows)
    outputs = [OutputRecord(out, key, value, kept, 0) for key, value, kept in written]
    await writer.commit(Transaction(outputs, (), {}))
    reader = await log_world.reader(log, {SourcePartition(out, 0): None})
    records = await poll_records(reader, 5)
    assert written == [(r.key, r.value, r.headers) for r in records]


async def test_log_carries_900_kilobytes(log_world: LogWorld) -> None:
    """Records of nearly 900 kB pass, many in one transaction, as outputs and as rows."""
    out, rows = await log_world.create_topic("out", 2), await log_world.create_topic("rows", 1)
    log = await log_world.client()
    large = [bytes([letter]) * 899_000 for letter in b"abcd"]
    writer = await log_world.writer(log, rows)
    transaction = Transaction(
        [OutputRecord(out, None, value, (), n) for n, value in enumerate(large)],
        [Row(b"%d" % n, value) for n, value in enumerate(large)],
        {},
    )
    await writer.commit(transaction)
    reader = await log_world.reader(log, {SourcePartition(out, n): None for n in (0, 1)})
    assert set(large) == set(values(await poll_records(reader, 4)))
    await log_world.writer(log, rows)
    restored = await committed(log, SourcePartition(rows, 0))
    assert [(row.key, row.value) for row in transaction.rows] == restored
