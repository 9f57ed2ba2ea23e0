"""Refused records are given back once, whatever happens to who gives them back."""

import msgspec
import pytest

from cli.rejected.filters import Filter
from cli.rejected.markers import Marker, read_marker
from cli.rejected.record import Coordinates
from cli.rejected.replay import Wish, summary, unfinished
from schemas.records import OutputRecord, StoredRecord
from schemas.rejects import RejectReason
from schemas.routing import REJECTED_TOPIC, REPLAYED_TOPIC, SourceBinding
from streams.port import LogError
from streams.settings import Settings
from tests.builders_source import ISSUE, SPEND, TIME_MS
from tests.cli.rejected_world import (
    CONTROL,
    LOOK,
    SETTINGS,
    YES,
    RejectedWorld,
)


def changed(wish: Wish = YES, **fields: object) -> Wish:
    """Return a wish with other options."""
    return msgspec.structs.replace(wish, **fields)


def at(topic: str, partition: int, offset: int) -> Filter:
    """Return a filter that names one record."""
    return Filter(coordinates=frozenset({Coordinates(topic, partition, offset)}))


async def test_replay_sends_records_back_and_marks_each() -> None:
    """To their topic and partition; the marker says who, when, how often, why and which copy."""
    world = RejectedWorld()
    world.send(b"one", SPEND, 2)
    world.send(b"two", ISSUE, 1)
    world.refuse()
    tally = await world.replay()
    sent = [(one.topic, one.partition, one.value) for one in world.committed(SPEND)[1:]]
    sent += [(one.topic, one.partition, one.value) for one in world.committed(ISSUE)[1:]]
    markers = {one.key: one.value for one in world.committed(REPLAYED_TOPIC)}

    assert [(SPEND, 2, b"one"), (ISSUE, 1, b"two")] == sent
    assert {b"card.spend.v1|2|0", b"card.issue.v1|1|0"} == set(markers)
    marker = read_marker(markers[b"card.spend.v1|2|0"] or b"")
    assert ("ops", 1, "UNKNOWN_TYPE", f"{REJECTED_TOPIC}/2/0") == (
        marker.by,
        marker.replay_count,
        marker.reason,
        marker.kept,
    )
    assert marker.replayed_at_ms > TIME_MS
    assert (2, {SPEND: 1, ISSUE: 1}) == (tally.given_count, tally.by_topic)


async def test_second_replay_sends_nothing() -> None:
    """What has a marker is only counted."""
    world = RejectedWorld()
    world.refused(b"one", b"two")
    await world.replay()
    tally = await world.replay()

    assert (0, 2) == (tally.given_count, tally.known_count)
    assert [b"one", b"two", b"one", b"two"] == world.values()


async def test_look_sends_nothing_and_shuts_nobody_out() -> None:
    """A dry run counts the same; a replay at work goes on beside it."""
    world = RejectedWorld()
    world.refused(b"one", b"two")
    working = world.log().writer()
    await working.fence()
    tally = await world.replay(wish=LOOK)
    told = list(summary(tally, sends=False))

    assert (2, {SPEND: 2}) == (tally.given_count, tally.by_topic)
    assert [b"one", b"two"] == world.values()
    assert [] == world.committed(REPLAYED_TOPIC)
    assert not world.broker._producers["replay-0"].fenced  # noqa: SLF001 (the broker's own word)
    assert [
        "       2 card.spend.v1",
        "       2 would send, 0 replayed before, 0 left",
        "nothing was sent: --yes sends",
    ] == told


async def test_refused_again_may_be_given_back_three_times() -> None:
    """Each time it appears anew, with a count; the fourth time it is left."""
    world = RejectedWorld()
    world.refused(b"bad")
    tallies = []
    for _ in range(5):
        tallies.append(await world.replay())
        world.refuse()

    assert [1, 1, 1, 0, 0] == [tally.given_count for tally in tallies]
    assert [0, 1, 2, 3, 3] == [tally.known_count for tally in tallies]
    assert [0, 0, 0, 1, 1] == [tally.refused_count for tally in tallies]
    assert [b"bad"] * 4 == world.values()
    counts = [dict(one.headers).get("cardcue.replay_count") for one in world.committed(SPEND)]
    assert [None, b"1", b"2", b"3"] == counts
    fourth = await world.replay(wish=changed(max_replays=4))
    assert 1 == fourth.given_count


@pytest.mark.parametrize(
    ("reason", "value", "settings", "why"),
    [
        ("TOO_LARGE", b"x" * 900_000, SETTINGS, "found it cut, of 900003 bytes"),
        ("PII_FORBIDDEN", b"x", SETTINGS, "found them withheld as personal data"),
        (
            "SCHEMA",
            b"x",
            Settings(tenants=("bank-a",), bindings=(SourceBinding(topic=ISSUE),)),
            "wanted a source topic of the settings, found another",
        ),
    ],
    ids=["cut", "withheld", "not bound"],
)
async def test_record_that_cannot_be_given_back_is_left_and_said(
    reason: RejectReason,
    value: bytes,
    settings: Settings,
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A run that could do nothing else has failed; beside others it is only said."""
    world = RejectedWorld()
    world.send(value)
    world.refuse(reason)
    tally = await world.replay(settings=settings)
    said = capsys.readouterr().out

    assert said.startswith(f"left card.spend.v1/0/0 {reason}: ")
    assert why in said
    assert [value] == world.values()
    assert "wanted a record that can be given back, found 1 that cannot" == unfinished(tally)
    world.send(b"good", ISSUE)
    world.refuse()
    assert "" == unfinished(await world.replay(settings=settings))


async def test_record_of_a_partition_that_is_gone_is_left() -> None:
    """A topic made anew with fewer partitions: its key's partition is another now."""
    world = RejectedWorld()
    world.send(b"one", SPEND, 2)
    world.refuse()
    smaller = RejectedWorld()
    smaller.broker._topics[SPEND].pop()  # noqa: SLF001 (no broker takes a partition away)
    for record in world.committed(REJECTED_TOPIC):
        smaller.broker.append(_as_output(record))
    tally = await smaller.replay()

    assert (0, 1) == (tally.given_count, tally.refused_count)
    assert [] == smaller.values()


async def test_control_record_is_given_back_only_by_name() -> None:
    """It counts in the order of the journal: an old resume would undo a newer stop."""
    world = RejectedWorld()
    world.refused(b"resume", topic=CONTROL)
    swept = await world.replay()
    named = await world.replay(at(CONTROL, 0, 0))

    assert (0, 1) == (swept.given_count, swept.refused_count)
    assert 1 == named.given_count
    assert [b"resume", b"resume"] == world.values(CONTROL)


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        (Filter(reasons=frozenset({"SCHEMA"})), [b"schema"]),
        (Filter(tenants=frozenset({"bank-b"})), [b"schema"]),
        (Filter(topics=frozenset({SPEND})), [b"type"]),
        (Filter(since_at_ms=TIME_MS + 1_000), [b"schema"]),
        (Filter(until_at_ms=TIME_MS + 1_000), [b"type"]),
        (Filter(until_at_ms=TIME_MS), []),
        (Filter(since_at_ms=TIME_MS, until_at_ms=TIME_MS + 1_001), [b"type", b"schema"]),
        (Filter(reasons=frozenset({"SCHEMA"}), tenants=frozenset({"bank-a"})), []),
        (at(SPEND, 0, 0), [b"type"]),
        (at(REJECTED_TOPIC, 0, 1), [b"schema"]),
    ],
)
async def test_replay_takes_what_is_meant(chosen: Filter, sent: list[bytes]) -> None:
    """Every filter holds; coordinates may be those of the source record or of its copy."""
    world = RejectedWorld()
    world.refused(b"type")
    world.now_ms += 1_000
    world.send(b"schema", ISSUE)
    world.refuse("SCHEMA", "bank-b")
    await world.replay(chosen)

    assert sent == [*world.values(SPEND)[1:], *world.values(ISSUE)[1:]]


async def test_replay_stops_at_its_limit() -> None:
    """The first so many that may be given back, in the order of the log; the rest next time."""
    world = RejectedWorld()
    world.refused(b"one", b"two", b"three")
    first = await world.replay(wish=changed(limit=2))
    second = await world.replay(wish=changed(limit=2))

    assert [(2, 0), (1, 2)] == [(one.given_count, one.known_count) for one in (first, second)]
    assert [b"one", b"two", b"three"] * 2 == world.values()


async def test_coordinates_that_are_not_there_are_a_failure() -> None:
    """Somebody asked for this one by name."""
    world = RejectedWorld()
    world.refused(b"one")
    tally = await world.replay(at(SPEND, 0, 7))

    assert "wanted a rejected record card.spend.v1/0/7, found none" == unfinished(tally)


async def test_marker_taken_away_lets_its_record_go_once_more() -> None:
    """A tombstone under the marker's key is how an operator says: again."""
    world = RejectedWorld()
    world.refused(b"one")
    await world.replay()
    (marker,) = world.committed(REPLAYED_TOPIC)
    world.broker.append(_as_output(marker._replace(value=None)))

    assert 1 == (await world.replay()).given_count


async def test_replay_without_the_topic_of_markers_sends_nothing() -> None:
    """Without markers nobody would know what was sent."""
    world = RejectedWorld()
    world.refused(b"one")
    del world.broker._topics[REPLAYED_TOPIC]  # noqa: SLF001 (no broker forgets a topic)

    with pytest.raises(LogError, match=r"wanted topic card\.events\.replayed\.v1, found none"):
        await world.replay()
    assert [b"one"] == world.values()


def test_marker_is_read_by_name_and_says_nothing_of_a_customer() -> None:
    """JSON with these fields; older readers skip what they do not know."""
    written = (
        b'{"v":1,"replayed_at_ms":5,"by":"ops","replay_count":1,"reason":"SCHEMA",'
        b'"kept":"t/0/1","new":1}'
    )

    assert Marker(
        replayed_at_ms=5, by="ops", replay_count=1, reason="SCHEMA", kept="t/0/1"
    ) == read_marker(written)


def _as_output(record: StoredRecord) -> OutputRecord:
    """Return a stored record as it was appended."""
    topic, partition, _, _, key, value, headers = record
    return OutputRecord(topic, key, value, headers, partition)
