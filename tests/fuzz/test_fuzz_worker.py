"""The whole corpus through a real worker on a real Kafka, good traffic in its midst (I1)."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from schemas.routing import JOURNAL_TOPIC, REJECTED_TOPIC
from tests.agents.house import ALL_TASKS, TENANT, House, LoneWorker
from tests.checker.log_reader import LogRecord
from tests.fuzz.cases import NAMED, Case, Headers, Pen, as_bytes
from tests.fuzz.corpus import SEED
from tests.fuzz.kafka_story import Story
from tests.fuzz.odd_names import NAME_AS_READ, write_with_odd_name
from tests.fuzz.verdict import (
    Kept,
    Place,
    Sent,
    check_kept,
    forwarded_places,
    ignored_counts,
    is_rejected,
    rejected_by_place,
)
from tests.kafka_server import KafkaServer, missing_tool
from tests.proof.pages import Page


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

DELAY_MS_MAX = 10_000
"""Ten times what is asked for: the next good record is folded within a second of a bad one."""

SPEND = "card.spend.v1"


class Ended(NamedTuple):
    """What the log and the worker say after the last burst."""

    sent: list[Sent]
    rejected: Mapping[Place, Kept]
    journal: list[LogRecord]
    delays_ms: list[int]
    page: Page
    pids: set[int]
    exit_code: int


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Yield the end of one worker that read everything."""
    if why := missing_tool():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("fuzz")
    with KafkaServer() as server, House(server.bootstrap, folder) as house:
        worker = house.worker("only")
        worker.await_ready()
        worker.await_tasks(*ALL_TASKS)
        yield read_all(house, worker)


def read_all(house: House, worker: LoneWorker) -> Ended:
    """Send every burst, wait for each to be folded, and see what there is in the end."""
    story = Story(house, SEED)
    pids = {worker.pid}
    for _ in story.bursts():
        house.await_folded(worker)
        pids.add(worker.pid)
    odd = send_odd_names(house)
    house.await_folded(worker)
    page = worker.page()
    assert page is not None
    assert worker.running
    journal = [record for record in house.records(JOURNAL_TOPIC) if is_event(record)]
    rejected = [
        Kept(record.key, record.value, record.headers, record.partition)
        for record in house.records(REJECTED_TOPIC)
    ]
    return Ended(
        story.sent + odd,
        rejected_by_place(rejected),
        journal,
        delays_ms(story.behind, journal),
        page,
        pids,
        worker.stop(),
    )


def send_odd_names(house: House) -> list[Sent]:
    """Send good and bad records among which one has a header whose name is no UTF-8."""
    _, body = Pen(1, 1_790_000_000_000).plain("card.issued")
    good = [
        as_bytes(body | {"id": f"odd-{number}", "customer_token": "odd"}) for number in range(3)
    ]
    values = [good[0], good[1], b"bad, and named oddly", good[2]]
    sent = []
    for odd in (1, 2):
        place = ("card.issue.v1", 0)
        headers: Headers = NAMED
        first = asyncio.run(
            write_with_odd_name(house.bootstrap, place, values, odd, [("ce_tenantid", b"bank-a")])
        )
        house.sent_count += len(values)
        for number, value in enumerate(values):
            named: Headers = ((NAME_AS_READ, b"1"), *headers) if number == odd else headers
            is_bad = value.startswith(b"bad")
            outcome = "NOT_JSON" if is_bad else "applied" if odd == 1 else "DUPLICATE"
            case = Case(outcome, place[0], value, named, b"k", "" if is_bad else TENANT)
            sent.append(Sent("odd names", case, (*place, first + number)))
    return sent


def is_event(record: LogRecord) -> bool:
    """Return whether a record of the journal came from a source, as ticks do not."""
    return b'"event_type":"tick"' not in (record.value or b"")


def delays_ms(behind: Mapping[Place, int], journal: list[LogRecord]) -> list[int]:
    """Return how long after the broker had them the good records behind bursts were written on."""
    written_ms = {}
    for record in journal:
        topic, partition, offset = json.loads(record.value or b"")["source"]
        written_ms[topic, partition, offset] = record.timestamp
    return sorted(written_ms[place] - at_ms for place, at_ms in behind.items())


def test_fuzz_worker_ends_every_record_in_its_one_place(ended: Ended) -> None:
    """I1: the journal once, or the rejected topic once with bytes, reason and coordinates."""
    forwarded = forwarded_places(record.value for record in ended.journal)
    for one in ended.sent:
        if is_rejected(one.case):
            check_kept(one, ended.rejected[one.place], 2)
            assert 0 == forwarded[one.place]
        else:
            assert 1 == forwarded[one.place], one
    assert len(ended.sent) == forwarded.total() + len(ended.rejected)
    bad = [one for one in ended.sent if is_rejected(one.case)]
    assert len(bad) == len(ended.rejected) >= 2_000


def test_fuzz_worker_goes_on_within_a_second(ended: Ended) -> None:
    """The next good record behind bad ones is folded at once; the figure is printed."""
    delays = ended.delays_ms
    median, worst = delays[len(delays) // 2], delays[-1]
    sys.stdout.write(f"{len(delays)} good records behind bursts: {median} ms, at most {worst} ms\n")
    assert len(delays) > 100
    assert worst < DELAY_MS_MAX


def test_fuzz_worker_does_not_restart(ended: Ended) -> None:
    """No input ends the process: one pid from the first record to the last, and a clean end."""
    assert 1 == len(ended.pids)
    assert 0 == ended.exit_code


def test_fuzz_worker_counts_what_is_in_the_log(ended: Ended) -> None:
    """I1: /metrics, the rejected topic and the corpus agree, by reason and by tenant."""
    kept = Counter(
        tuple(dict(record.headers)[f"cardcue.{name}"] for name in ("reason", "tenant"))
        for record in ended.rejected.values()
    )
    shown: Counter[tuple[bytes | None, ...]] = Counter()  # over the tasks
    for sample in ended.page.select("cardcue_records_rejected_total"):
        shown[sample.labels["reason"].encode(), sample.labels["tenant"].encode()] += int(
            sample.value
        )
    assert kept == shown
    ignored: Counter[str] = Counter()
    for sample in ended.page.select("cardcue_records_ignored_total"):
        ignored[sample.labels["reason"]] += int(sample.value)
    assert ignored_counts(ended.sent) == ignored
    applied = ended.page.total("cardcue_records_applied_total")
    assert len(ended.sent) == applied + sum(ignored.values()) + sum(kept.values())
    assert len(ended.sent) == ended.page.total("cardcue_records_in_total")
