"""`cardcue rejected` on a real Kafka, with a real worker and as an operator types it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest
import yaml
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from lifecycle.rejected import rejected_record
from schemas.codec import decode_customer_row
from schemas.records import OutputRecord, StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import (
    JOURNAL_TOPIC,
    REJECTED_TOPIC,
    REPLAYED_TOPIC,
    SOURCE_TOPICS,
    STATE_TOPICS,
)
from schemas.state import CustomerRow
from tests.agents.house import TENANT, House, clean_environment
from tests.agents.upstream import PROFILE, SPEND, consent, purchase
from tests.builders_source import ISSUE
from tests.kafka_server import ROOT, KafkaServer, missing_tool


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LIMIT = "card.limit.v1"
BENEFIT = "card.benefit.v1"
FLUSH_S_MAX = 60
REFUSAL = RejectedError("UNKNOWN_TYPE", "wanted a declared event type, found another", TENANT)

Headers = Sequence[tuple[str, bytes | None]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield a house on a broker of its own: its topics have their real names."""
    if why := missing_tool():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("house")
    with KafkaServer() as server, House(server.bootstrap, folder) as house:
        yield house


def rejected(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `cardcue rejected ...` to its end."""
    return house.run("cli.main", "rejected", *words)


def misbound() -> str:
    """Return bindings by which purchases come on a topic of another contract."""
    bindings = [{"topic": topic, "tenant": TENANT} for topic in SOURCE_TOPICS]
    wrong = {"topic": SPEND, "tenant": TENANT, "contract": ISSUE}
    return yaml.safe_dump([wrong if one["topic"] == SPEND else one for one in bindings])


def append(house: House, *outputs: OutputRecord) -> None:
    """Put records into the log, without a transaction."""
    producer = Producer({"bootstrap.servers": house.bootstrap, "log_level": 0})
    for topic, key, value, headers, partition in outputs:
        producer.produce(topic, value, key, partition or 0, headers=list(headers))
    assert 0 == producer.flush(FLUSH_S_MAX)


def refuse(
    house: House, topic: str, *values: bytes | None, key: bytes | None, headers: Headers = ()
) -> None:
    """Put records into partition 1 of a source topic, and what ingest would make of them."""
    begin = len([one for one in house.records(topic) if one.partition == 1])
    for offset, value in enumerate(values, begin):
        source = StoredRecord(topic, 1, offset, 0, key, value, headers)  # type: ignore[arg-type]
        append(house, OutputRecord(topic, key, value, headers, 1))  # type: ignore[arg-type]
        append(house, rejected_record(source, REFUSAL))


def shrink(bootstrap: str, topic: str) -> None:
    """Let a topic take messages of 60 kB and less, as its owner may."""
    entry = ConfigEntry("max.message.bytes", "60000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource("topic", topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for answer in admin.incremental_alter_configs([resource]).values():
        answer.result(FLUSH_S_MAX)


def customer(house: House, token: str) -> CustomerRow:
    """Return a customer's newest row."""
    key = f"{TENANT}|{token}".encode()
    rows = [one.value for one in house.records(STATE_TOPICS["lifecycle"]) if one.key == key]
    return decode_customer_row(rows[-1] or b"")


class Refused(NamedTuple):
    """Where in their source topics the refused records of customer r-1 stand."""

    purchases: list[str]
    no_json: str


@pytest.fixture(scope="module")
def refused(house: House) -> Refused:
    """Return what a worker has refused: three purchases, wrongly bound, and what is no JSON."""
    broken = house.worker("broken", CARDCUE_BINDINGS=misbound())
    broken.await_ready()
    house.send(PROFILE, consent("r-1"))
    places = [house.send(SPEND, purchase("r-1", number)) for number in range(3)]
    bad = house.send(PROFILE, b"no JSON of r-1")
    house.await_folded(broken)
    assert 0 == broken.stop(), broken.last_words()
    purchases = [f"{SPEND}/{place.partition}/{place.offset}" for place in places]
    return Refused(purchases, f"{PROFILE}/{bad.partition}/{bad.offset}")


def test_refused_records_are_listed_and_shown_without_their_content(
    house: House, refused: Refused
) -> None:
    """Coordinates, reasons and sizes; the bytes only with --payload, and only on stdout."""
    purchases = rejected(house, "ls", "--reason", "wrong_topic", "--json")
    no_json = rejected(house, "ls", "--topic", PROFILE)
    shown = rejected(house, "show", refused.purchases[0])
    paid = rejected(house, "show", refused.purchases[0], "--payload")

    assert [0, 0, 0, 0] == [one.returncode for one in (purchases, no_json, shown, paid)]
    lines = [json.loads(line) for line in purchases.stdout.splitlines()]
    assert set(refused.purchases) == {line["original"] for line in lines}
    assert {"txn.posted"} == {line["event_type"] for line in lines}
    assert "       3 rejected, 3 shown\n" in purchases.stderr
    assert f"  {TENANT}  NOT_JSON  ?      {refused.no_json} " in no_json.stdout
    assert "reason    WRONG_TOPIC\n" in shown.stdout
    assert shown.stdout in paid.stderr
    assert "spend-r-1-0" == json.loads(paid.stdout)["id"]
    said = (purchases.stdout, no_json.stdout, shown.stdout, paid.stderr)
    assert "r-1" not in "".join(said)


def test_refused_purchases_are_made_up_for_once_the_binding_is_right(
    house: House, refused: Refused
) -> None:
    """A look sends nothing; given back, the customer's row has all; given back twice, no more."""
    looked = rejected(house, "replay", *refused.purchases)
    sent = rejected(house, "replay", "--reason", "WRONG_TOPIC", "--yes", "--by", "ops")
    mended = house.worker("mended")
    house.sent_count += 3
    mended.await_ready()
    house.await_folded(mended)
    row, journal = customer(house, "r-1"), house.records(JOURNAL_TOPIC)
    again = rejected(house, "replay", "--topic", SPEND, "--yes")
    house.await_folded(mended)
    assert 0 == mended.stop(), mended.last_words()

    assert "       3 would send, 0 replayed before, 0 left\n" in looked.stdout
    assert "       3 sent, 0 replayed before, 0 left\n" in sent.stdout
    assert "       0 sent, 3 replayed before, 0 left\n" in again.stdout
    assert (3, 1_000 + 1_001 + 1_002) == (row.spend_count, row.amounts["CNY"].spend_sum_minor)
    assert row == customer(house, "r-1")
    purchases = [one for one in journal if b"txn.posted" in (one.value or b"")]
    assert 3 == len(purchases)
    assert not any(b"replay" in (one.value or b"") for one in purchases)


def test_record_is_given_back_byte_for_byte(house: House) -> None:
    """A null key, a null header, a repeated one and 700 kB come back as they were, and our two."""
    headers = [("a", b"1"), ("null", None), ("a", b"2"), ("empty", b"")]
    large = bytes(range(256)) * 2_800
    refuse(house, ISSUE, large, b"", None, key=None, headers=headers)
    done = rejected(house, "replay", "--topic", ISSUE, "--yes")
    records = [one for one in house.records(ISSUE) if one.partition == 1]
    markers = [one.key for one in house.records(REPLAYED_TOPIC)]

    assert 0 == done.returncode, done.stderr
    assert [(None, large), (None, b""), (None, None)] == [(r.key, r.value) for r in records[3:]]
    for number, record in enumerate(records[3:]):
        assert [
            *headers,
            ("cardcue.replay_of", f"{ISSUE}/1/{number}".encode()),
            ("cardcue.replay_count", b"1"),
        ] == list(record.headers)
    assert {f"{ISSUE}|1|{number}".encode() for number in range(3)} <= set(markers)


def test_newer_replay_goes_on_where_the_older_is_shut_out(house: House) -> None:
    """One transactional id for all: the older ends with exit code 1, each record is sent once."""
    values = [b"%d" % number for number in range(20)]
    refuse(house, LIMIT, *values, key=b"k")
    words = ["-u", "-m", "cli.main", "rejected", "replay", "--topic", LIMIT, "--yes"]
    with subprocess.Popen(
        [sys.executable, *words, "--rate", "1"],
        cwd=ROOT,
        env={**clean_environment(), "CARDCUE_SETTINGS": str(house.settings_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as older:
        assert older.stdout is not None
        assert older.stdout.readline().startswith(f"sent {LIMIT}/1/0 ")
        newer = rejected(house, "replay", "--topic", LIMIT, "--yes", "--rate", "1000")
        _, complaint = older.communicate(timeout=60)
    records = [one.value for one in house.records(LIMIT) if one.partition == 1]

    assert (0, 1) == (newer.returncode, older.returncode)
    assert "Error: wanted to go on, found a newer replay at work in our place\n" == complaint
    assert [*values, *values] == records


def test_record_that_its_topic_refuses_is_named(house: House) -> None:
    """Kafka's word, where it began, and that it is safe to run it again."""
    over = rejected_record(
        StoredRecord(BENEFIT, 1, 0, 0, b"k", b"x", [("h", b"y" * 70_000)]), REFUSAL
    )
    append(house, over)
    shrink(house.bootstrap, BENEFIT)
    done = rejected(house, "replay", f"{BENEFIT}/1/0", "--yes")

    assert 1 == done.returncode
    assert (
        "Error: wanted to commit, found MessageSizeTooLargeError, among 1 from card.benefit.v1/1/0 "
        "on; run it again, what was sent is marked\n"
    ) == done.stderr
    assert b"card.benefit.v1|1|0" not in [one.key for one in house.records(REPLAYED_TOPIC)]


def test_every_rejected_record_of_the_house_is_ours(house: House) -> None:
    """The whole list at the end: nothing is left out, and every line has its place."""
    listed = rejected(house, "ls", "--limit", "1000", "--json")
    count = len(house.records(REJECTED_TOPIC))

    assert 0 == listed.returncode
    assert count == len(listed.stdout.splitlines())
    assert f"{count:>8} rejected, {count} shown" == listed.stderr.splitlines()[-1]
