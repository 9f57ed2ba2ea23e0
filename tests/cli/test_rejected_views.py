"""What is listed and shown of refused records: where, when and why, never what they say."""

import json
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.main import main
from cli.rejected.filters import Filter
from cli.rejected.ls import find, json_lines, summary, table
from cli.rejected.record import Coordinates, Rejected
from cli.rejected.show import described, find_one, write_value
from schemas.records import OutputRecord
from schemas.routing import REJECTED_TOPIC, REPLAYED_TOPIC
from streams.port import LogError
from tests.builders_source import ISSUE, SPEND, TIME_MS, json_bytes, purchase
from tests.cli.rejected_world import EVERYTHING, LOOK, RejectedWorld


SECRETS = ("c-1", "t-1", "k-1", "1999", "Zhang", "as-upstream-likes")


def world_of_four() -> RejectedWorld:
    """Return a world with four refused records, one of them given back, one that cannot be."""
    world = RejectedWorld()
    world.send(json_bytes(purchase()), headers=[("zhang", b"Zhang San")])
    world.refuse("FUTURE")
    world.now_ms += 1_000
    world.send(json_bytes(purchase(type="Zhang San")), ISSUE, 1)
    world.refuse("UNKNOWN_TYPE", "")
    world.now_ms += 1_000
    world.send(json_bytes(purchase(amount_minor="Zhang")), SPEND, 2)
    world.refuse("SCHEMA")
    world.now_ms += 1_000
    world.send(json_bytes(purchase(note="x" * 900_000)))
    world.refuse("TOO_LARGE")
    return world


async def one_of(world: RejectedWorld, *at: object) -> tuple[Rejected, object]:
    """Return what is shown of one record."""
    chosen = Filter(coordinates=frozenset({Coordinates(*at)}))  # type: ignore[arg-type]
    found = await find_one(world.log(), chosen)
    assert found is not None
    return found


async def test_list_has_coordinates_times_reasons_and_what_was_replayed() -> None:
    """One line each, oldest first; a type that is not ours and an unknown tenant are `?`."""
    world = world_of_four()
    await world.replay(Filter(reasons=frozenset({"SCHEMA"})))
    found = await find(world.log(), EVERYTHING, 100)
    heading, *rows = table(found.lines)
    cells = [row.split() for row in rows]

    assert ["rejected", "at", "tenant", "reason"] == heading.split()[:4]
    assert [
        ["2026-03-02T09:15:00.000Z", "bank-a", "FUTURE", "txn.posted", f"{SPEND}/0/0", "0/0", "no"],
        ["2026-03-02T09:15:01.000Z", "?", "UNKNOWN_TYPE", "?", f"{ISSUE}/1/0", "1/0", "no"],
    ] == cells[:2]
    assert ["SCHEMA", "txn.posted", f"{SPEND}/2/0", "2/0"] == cells[2][2:6]
    assert ["by", "ops"] == cells[2][-2:]
    assert ["TOO_LARGE", "?", f"{SPEND}/0/1", "0/1", "cannot", "be"] == cells[3][2:]


async def test_list_counts_by_reason_beyond_what_it_shows() -> None:
    """The newest so many are shown; the counts are of all that was meant."""
    world = world_of_four()
    await world.replay(Filter(reasons=frozenset({"SCHEMA"})))
    world.broker.append(OutputRecord(REJECTED_TOPIC, b"key", b"a stranger's", (), 0))
    found = await find(world.log(), EVERYTHING, 2)

    assert ["SCHEMA", "TOO_LARGE"] == [line.reason for line in found.lines]
    assert {
        "1 FUTURE, 0 replayed",
        "1 UNKNOWN_TYPE, 0 replayed",
        "1 SCHEMA, 1 replayed",
        "1 TOO_LARGE, 0 replayed, 1 cannot be",
        "4 rejected, 2 shown",
        "1 without the headers of ingest, left out",
    } == {line.strip() for line in summary(found)}
    assert [] == (await find(world.log(), EVERYTHING, 0)).lines


async def test_list_as_json_has_one_object_a_line() -> None:
    """For `jq`: coordinates, time, reason, sizes, and the marker of a replay."""
    world = world_of_four()
    await world.replay(Filter(reasons=frozenset({"SCHEMA"})))
    found = await find(world.log(), Filter(topics=frozenset({SPEND})), 100)
    first, second, third = map(json.loads, json_lines(found.lines))

    assert {
        "rejected_at_ms": TIME_MS,
        "tenant": "bank-a",
        "reason": "FUTURE",
        "event_type": "txn.posted",
        "original": "card.spend.v1/0/0",
        "kept": "card.events.rejected.v1/0/0",
        "value_bytes": len(json_bytes(purchase())),
        "replay_count": 0,
        "replayable": True,
        "replayed": None,
    } == first
    assert ("ops", 1) == (second["replayed"]["by"], second["replayed"]["replay_count"])
    assert not third["replayable"]


async def test_nothing_that_is_listed_or_told_is_of_a_customer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No key, value or header value, whatever stands in them (names of headers apart)."""
    world = world_of_four()
    found = await find(world.log(), EVERYTHING, 100)
    await world.replay(wish=LOOK)
    told = [*table(found.lines), *summary(found), *json_lines(found.lines)]
    for line in found.lines:
        topic, partition, offset = line.original.split("/")
        told += described(*await one_of(world, topic, int(partition), int(offset)))  # type: ignore[arg-type]
    said = "\n".join(told) + capsys.readouterr().out

    assert 4 == len(found.lines)
    assert [] == [secret for secret in SECRETS if secret in said]


async def test_show_tells_sizes_and_names() -> None:
    """What an operator needs to see whose contract is broken, without the record's content."""
    world = world_of_four()
    lines = list(described(*await one_of(world, SPEND, 0, 0)))  # type: ignore[arg-type]

    assert [
        "original  card.spend.v1/0/0",
        "rejected  card.events.rejected.v1/0/0 at 2026-03-02T09:15:00.000Z",
        "tenant    bank-a",
        "reason    FUTURE",
        "message   wanted one thing, found another",
        "event     txn.posted",
        "key       3 bytes",
        f"value     {len(json_bytes(purchase()))} bytes",
        "header    zhang 9 bytes",
        "replayed  no",
    ] == lines


async def test_show_tells_of_replays_before_and_after() -> None:
    """A record refused again says which replay it was; one given back says when and by whom."""
    world = RejectedWorld()
    world.refused(b"bad")
    world.now_ms += 1_000
    await world.replay()
    world.refuse()
    first = list(described(*await one_of(world, SPEND, 0, 0)))  # type: ignore[arg-type]
    second = list(described(*await one_of(world, SPEND, 0, 1)))  # type: ignore[arg-type]

    assert first[-1].endswith(" by ops")
    assert ["before    replay 1 of card.spend.v1/0/0", "replayed  no"] == second[-2:]


async def test_show_does_not_fill_the_screen_with_headers() -> None:
    """The first fifty, each name cut to 64 characters and without control characters."""
    world = RejectedWorld()
    world.send(b"{}", headers=[("\x1b[31m" + "n" * 100, None)] * 60)
    world.refuse()
    lines = list(described(*await one_of(world, SPEND, 0, 0)))  # type: ignore[arg-type]
    headers = [line for line in lines if line.startswith("header")]

    assert 51 == len(headers)
    assert "header    ?[31m" + "n" * 59 + " none" == headers[0]
    assert "header    and 10 more" == headers[-1]


async def test_show_takes_the_coordinates_of_the_copy_too() -> None:
    """Whoever found it in the rejected topic need not know where it came from."""
    world = world_of_four()
    rejected, _ = await one_of(world, REJECTED_TOPIC, 2, 0)

    assert Coordinates(SPEND, 2, 0) == rejected.original
    assert await find_one(world.log(), Filter(coordinates=frozenset({("x", 0, 0)}))) is None  # type: ignore[arg-type]


async def test_payload_is_written_byte_for_byte_for_its_owner_only(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """To stdout, or into a new file that nobody else may read; stderr says whose it is."""
    world = RejectedWorld()
    world.refused(b"\xff\x00\r\n no JSON")
    rejected, _ = await one_of(world, SPEND, 0, 0)
    write_value(rejected, None)
    to_stdout = capsysbinary.readouterr()
    write_value(rejected, tmp_path / "new")

    assert (b"\xff\x00\r\n no JSON", b"customers' data: 12 bytes to stdout\n") == to_stdout
    assert b"\xff\x00\r\n no JSON" == (tmp_path / "new").read_bytes()
    assert 0o600 == stat.S_IMODE((tmp_path / "new").stat().st_mode)
    with pytest.raises(click.ClickException, match="found File exists"):
        write_value(rejected, tmp_path / "new")


@pytest.mark.parametrize(
    ("reason", "value", "found"),
    [("PII_FORBIDDEN", b"x", "them withheld"), ("TOMBSTONE_UNEXPECTED", None, "a tombstone")],
)
async def test_payload_that_is_not_there_is_a_failure(
    reason: str, value: bytes | None, found: str
) -> None:
    """An empty file would look like an empty record."""
    world = RejectedWorld()
    world.send(value)
    world.refuse(reason)  # type: ignore[arg-type]
    rejected, _ = await one_of(world, SPEND, 0, 0)

    with pytest.raises(click.ClickException, match=f"of card.spend.v1/0/0, found {found}"):
        write_value(rejected, None)


async def test_cut_payload_says_that_it_is_cut(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Nobody shall take the first half for the whole."""
    world = RejectedWorld()
    world.refused(b"x" * 900_000)
    write_value((await one_of(world, SPEND, 0, 0))[0], None)

    said = capsysbinary.readouterr()
    assert b"customers' data: first 524288 of 900003 bytes to stdout\n" == said.err
    assert 524_288 == len(said.out)


async def test_list_without_the_topic_of_markers_says_how_it_is_made() -> None:
    """An older deployment has no such topic yet."""
    world = RejectedWorld()
    del world.broker._topics[REPLAYED_TOPIC]  # noqa: SLF001 (no broker forgets a topic)

    with pytest.raises(LogError, match=r"found none \(`cardcue topics create`"):
        await find(world.log(), EVERYTHING, 10)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ls", "--reason", "NO_SUCH"], "'NO_SUCH' is not one of"),
        (["ls", "--since", "yesterday"], "--since: wanted RFC 3339 time with offset, or a dura"),
        (["ls", "--until", "2026-03-02T09:15:00"], "--until: wanted RFC 3339 time with offset"),
        (["show", "card.spend.v1"], "wanted topic/partition/offset, found 'card.spend.v1'"),
        (["show", "card.spend.v1/0/0", "--out", "file"], "wanted --payload with --out, found none"),
        (["replay", "0/0"], "wanted topic/partition/offset, found '0/0'"),
        (["replay", "--rate", "0"], "0 is not in the range"),
    ],
)
def test_wrong_command_line_is_told(words: list[str], said: str) -> None:
    """Exit code 2, before anything is read or sent."""
    done = CliRunner().invoke(main, ["rejected", *words])

    assert 2 == done.exit_code
    assert said in done.output


@pytest.mark.parametrize("words", [["ls"], ["show", "t/0/0"], ["replay"], ["replay", "--yes"]])
def test_kafka_that_is_not_there_is_one_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 and where it was looked for, not a traceback."""
    monkeypatch.delenv("CARDCUE_SETTINGS", raising=False)
    env = {"CARDCUE_BOOTSTRAP": "127.0.0.1:9"}  # discard: nobody listens there
    done = CliRunner().invoke(main, ["rejected", *words], env=env)

    assert 1 == done.exit_code
    assert ["Error: wanted the Kafka at 127.0.0.1:9, found KafkaConnectionError"] == (
        done.output.splitlines()
    )
