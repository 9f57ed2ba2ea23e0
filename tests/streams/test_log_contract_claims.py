"""What a reader of the log claims about time (T3), holds, and does when a topic grows."""

import asyncio

from streams.port import Polled, Reader, SourcePartition
from tests.streams.log_worlds import LogWorld, append, plain, poll_records, values


CLAIM_S_MAX = 60


async def poll(world: LogWorld, reader: Reader, record_count_max: int = 100) -> Polled:
    """Poll once, after a little while."""
    await world.elapse()
    return await reader.poll(300, record_count_max)


def claim_of(polled: Polled, place: SourcePartition) -> int:
    """Return the claim for a partition, 0 for none; there is never more than one."""
    claims = [at_ms for *where, at_ms in polled.claims if (*where,) == place]
    assert len(claims) <= 1
    return claims[0] if claims else 0


async def test_claims_stay_below_what_is_not_yet_read(log_world: LogWorld) -> None:
    """T3: while a transaction is open upstream, no claim is above the time of its records."""
    place = SourcePartition(await log_world.create_topic("t", 1), 0)
    reader = await log_world.reader(await log_world.client(), {place: None})
    await append(log_world, place.topic, b"read")
    first = (await poll_records(reader, 1))[0]
    claims = [claim_of(await poll(log_world, reader), place) for _ in range(3)]
    await log_world.elapse()
    transaction = await log_world.open_transaction()
    await transaction.append(*plain(place.topic, b"unread"))
    await log_world.elapse()
    await append(log_world, place.topic, b"behind")
    claims += [claim_of(await poll(log_world, reader), place) for _ in range(5)]
    await transaction.commit()
    unread = (await poll_records(reader, 2))[0]

    assert b"unread" == unread.value
    assert first.timestamp < max(claims) <= unread.timestamp


async def test_claims_advance_when_idle(log_world: LogWorld) -> None:
    """T3: at the end of a partition time is claimed without records, later and later."""
    place = SourcePartition(await log_world.create_topic("t", 1), 0)
    reader = await log_world.reader(await log_world.client(), {place: None})
    await append(log_world, place.topic, b"last")
    last = (await poll_records(reader, 1))[0]
    rising = [last.timestamp]
    async with asyncio.timeout(CLAIM_S_MAX):
        while len(rising) < 4:
            polled = await poll(log_world, reader)
            assert not polled.records
            if (claim := claim_of(polled, place)) > rising[-1]:
                rising.append(claim)


async def test_claims_advance_on_a_partition_that_never_had_a_record(log_world: LogWorld) -> None:
    """T3: an empty partition is heard from as well; it must not hold the watermark for ever."""
    place = SourcePartition(await log_world.create_topic("t", 1), 0)
    reader = await log_world.reader(await log_world.client(), {place: None})
    async with asyncio.timeout(CLAIM_S_MAX):
        claims = [claim_of(await poll(log_world, reader), place)]
        while not claims[0] < claims[-1]:
            claims.append(claim_of(await poll(log_world, reader), place))
    await log_world.elapse()
    await append(log_world, place.topic, b"first")
    assert claims[-1] <= (await poll_records(reader, 1))[0].timestamp


async def test_claims_follow_the_last_record_when_behind(log_world: LogWorld) -> None:
    """T3: with more to read, the claim is the timestamp of the last record returned."""
    place = SourcePartition(await log_world.create_topic("t", 1), 0)
    for word in (b"a", b"b", b"c", b"d"):
        await append(log_world, place.topic, word)
        await log_world.elapse()
    reader = await log_world.reader(await log_world.client(), {place: None})
    seen = 0
    async with asyncio.timeout(CLAIM_S_MAX):
        while seen < 3:
            polled = await poll(log_world, reader, record_count_max=1)
            for record in polled.records:
                seen += 1
                assert record.timestamp == claim_of(polled, place)
                assert {place: 4 - seen} == reader.lag_counts()


async def test_reader_of_nothing_waits_and_can_be_given_more(log_world: LogWorld) -> None:
    """A task without a source partition (there are more tasks than partitions) polls in peace."""
    topic = await log_world.create_topic("t", 1)
    await append(log_world, topic, b"a")
    reader = await log_world.reader(await log_world.client(), {})
    assert ([], []) == tuple(map(list, await poll(log_world, reader)))
    reader.hold([])
    await reader.assign({SourcePartition(topic, 0): None})
    assert [b"a"] == values(await poll_records(reader, 1))


async def test_growth_is_noticed_and_keeps_positions(log_world: LogWorld) -> None:
    """A grown topic shows its new count; assigned again, old partitions go on where they are."""
    topic = await log_world.create_topic("t", 1)
    log = await log_world.client()
    missing = log_world.prefix + "missing"
    assert {topic: 1, missing: 0} == await log.partition_counts([topic, missing])
    reader = await log_world.reader(log, {SourcePartition(topic, 0): None})
    await append(log_world, topic, b"a", b"b")
    assert [b"a", b"b"] == values(await poll_records(reader, 2))

    await log_world.grow_topic(topic, 3)
    async with asyncio.timeout(CLAIM_S_MAX):
        while await log.partition_counts([topic]) != {topic: 3}:
            await log_world.elapse()
    await append(log_world, topic, b"c")
    await append(log_world, topic, b"x", b"y", partition=2)
    stale = {SourcePartition(topic, 0): 0}
    await reader.assign({**stale, SourcePartition(topic, 1): None, SourcePartition(topic, 2): 1})
    assert {b"c", b"y"} == set(values(await poll_records(reader, 2)))


async def test_hold_returns_nothing_and_loses_nothing(log_world: LogWorld) -> None:
    """A held partition is silent, even with records fetched ahead; released, it misses none."""
    topic = await log_world.create_topic("t", 2)
    held, other = SourcePartition(topic, 0), SourcePartition(topic, 1)
    words = {held: [b"0-%d" % n for n in range(6)], other: [b"1-%d" % n for n in range(6)]}
    reader = await log_world.reader(await log_world.client(), {held: None, other: None})
    for place in (held, other):
        await append(log_world, topic, *words[place][:4], partition=place.partition)
    records = list((await poll(log_world, reader, record_count_max=1)).records)

    reader.hold([held])
    before = [record for record in records if record.partition == held.partition]
    for place in (held, other):
        await append(log_world, topic, *words[place][4:], partition=place.partition)
    while len(records) < len(before) + 6:
        records += (await poll(log_world, reader, record_count_max=2)).records
    records += (await poll(log_world, reader)).records
    assert before == [record for record in records if record.partition == held.partition]
    reader.hold([])
    while len(records) < 12:
        records += (await poll(log_world, reader, record_count_max=2)).records
    for place in (held, other):
        assert words[place] == [r.value for r in records if r.partition == place.partition]


async def test_claims_of_a_held_partition_stand_still(log_world: LogWorld) -> None:
    """T3: what is not fetched is not heard from: no claim passes a record that comes meanwhile."""
    topic = await log_world.create_topic("t", 2)
    held, other = SourcePartition(topic, 0), SourcePartition(topic, 1)
    reader = await log_world.reader(await log_world.client(), {held: None, other: None})
    async with asyncio.timeout(CLAIM_S_MAX):
        while not claim_of(await poll(log_world, reader), held):
            pass
    reader.hold([held])
    await log_world.elapse()
    await append(log_world, topic, b"unread")
    claims = [claim_of(await poll(log_world, reader), held) for _ in range(5)]
    reader.hold([])
    assert max(claims) <= (await poll_records(reader, 1))[0].timestamp
