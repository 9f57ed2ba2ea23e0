"""Once the cause is mended and all is given back, customers are as if nothing had been refused."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

import msgspec
import pytest

from agents.specs import fold_specs
from cli.rejected.filters import Filter
from cli.rejected.replay import give_back
from lifecycle.fold import LifecycleFold
from lifecycle.ingest import IngestFold
from schemas import incoming
from schemas.codec import decode_customer_row, to_builtins
from schemas.examples import EVENTS
from schemas.records import OutputRecord, Row, StoredRecord
from schemas.routing import (
    JOURNAL_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    REPLAYED_TOPIC,
    ROUTE_BY_TYPE,
    SOURCE_TOPICS,
)
from schemas.state import AmountState, CustomerRow
from schemas.wire import event_kinds
from streams.memory_broker import MemoryBroker
from streams.port import SourcePartition
from streams.replay import replay
from streams.settings import Settings
from tests.builders_source import TIME_MS
from tests.cli.memory_log import MemoryTopicLog
from tests.cli.rejected_world import EVERYTHING, YES
from tests.proof.forms import Happening, Upstream, written


TENANTS: Final = ("bank-a", "bank-b")
WELL: Final = Settings(tenants=TENANTS)
CUSTOMER_COUNT: Final = 4
EVENT_COUNT_MAX: Final = 30
"""The ring of a customer has 32 places: whoever comes after them moves no counter (T6)."""

HOUR_MS: Final = 3_600_000
SPAN_MS: Final = 60 * 24 * HOUR_MS
"""Events are up to 60 days old: younger than the 90 days within which they count."""

NOT_OF_A_HISTORY: Final = frozenset({"erasure.requested", "identity.merged", "history.ended"})
TOLD: Final = tuple(
    event_type
    for event_type in EVENTS
    if ROUTE_BY_TYPE[event_type].concerns == "customer" and event_type not in NOT_OF_A_HISTORY
)
MANY: Final = ("txn.posted", "txn.reversed", "repayment.received", "statement.issued")
"""Told more often, with amounts of their own: these are what counters and sums are made of."""

NOT_KNOWN: Final = ("card.activated", "consent.changed", "statement.issued", "txn.posted")
PARTITION_COUNT: Final = 2


class House:
    """Ingest and lifecycle over a broker in memory, each as one task."""

    def __init__(self) -> None:
        """Make the topics."""
        self.now_ms = TIME_MS
        self.broker = MemoryBroker(lambda: self.now_ms)
        for topic in (*SOURCE_TOPICS, REJECTED_TOPIC, JOURNAL_TOPIC):
            self.broker.create_topic(topic, PARTITION_COUNT)
        for topic in (PROGRESS_TOPIC, REPLAYED_TOPIC):
            self.broker.create_topic(topic, 1)
        self._rows: dict[bytes, bytes] = {}
        self._read_to = dict.fromkeys(_places(SOURCE_TOPICS), 0)

    def send(self, records: Iterator[Upstream]) -> None:
        """Put records into their source topics."""
        for number, record in enumerate(records):
            partition = number % PARTITION_COUNT
            self.broker.append(record_of(record, partition))

    def ingest(self, settings: Settings) -> None:
        """Let a worker that has these settings read what nobody has read yet."""
        fold = fold_specs(settings)["ingest"].make(0, 1)
        assert isinstance(fold, IngestFold)
        rows = [Row(*row) for row in self._rows.items()]
        replayed = replay(fold, self._unread(), sources=_places(SOURCE_TOPICS), rows=rows)
        self._rows = replayed.rows
        for output in replayed.outputs:
            self.broker.append(output)

    async def replay(self, chosen: Filter = EVERYTHING) -> int:
        """Run `cardcue rejected replay --yes`; return how many it gave back."""
        self.now_ms += HOUR_MS
        tally = await give_back(MemoryTopicLog(self.broker), WELL, chosen, YES)
        return tally.given_count

    def customers(self) -> dict[bytes, CustomerRow]:
        """Return every customer's row after the journal as it is."""
        journal = _places((JOURNAL_TOPIC,))
        records = (one for place in journal for one in self.committed(*place))
        rows = replay(LifecycleFold(0, 1), records, sources=journal).rows
        customers = {key: value for key, value in rows.items() if not key.startswith(b"#")}
        return {key: decode_customer_row(value) for key, value in customers.items()}

    def committed(self, topic: str, partition: int) -> list[StoredRecord]:
        """Return the committed records of a partition."""
        return self.broker.partition(SourcePartition(topic, partition)).read(0, 100_000)[0]

    def _unread(self) -> Iterator[StoredRecord]:
        for place, offset in self._read_to.items():
            partition = self.broker.partition(SourcePartition(*place))
            records, self._read_to[place] = partition.read(offset, 100_000)
            yield from records


def _places(topics: tuple[str, ...]) -> list[tuple[str, int]]:
    return [(topic, number) for topic in topics for number in range(PARTITION_COUNT)]


def record_of(record: Upstream, partition: int) -> OutputRecord:
    """Return a record as its producer appends it."""
    return OutputRecord(record.topic, record.key, record.value, record.headers, partition)


def history(seed: int) -> Iterator[Upstream]:
    """Yield all that customers of two banks do, every kind of event, in no order at all."""
    random = Random(seed)  # noqa: S311 (a made-up history, no secret)
    told = []
    for number in range(CUSTOMER_COUNT):
        for place in range(EVENT_COUNT_MAX):
            event_type = random.choice((*TOLD, *MANY * 8))
            happening = _happening(random, event_type, f"e-{number}-{place}")
            told.append(written(TENANTS[number % 2], f"c-{number // 2}", happening))
    random.shuffle(told)
    yield from told


def _happening(random: Random, event_type: str, event_id: str) -> Happening:
    """Return an event like the worked example, at a time and of an amount of its own."""
    at_ms = TIME_MS - random.randrange(SPAN_MS)
    fields: dict[str, Any] = to_builtins(EVENTS[event_type].content)
    fields.pop("event_type", None)
    if "amount_minor" in fields:
        fields["amount_minor"] = random.randrange(1, 1_000_000)
    return Happening(0, ROUTE_BY_TYPE[event_type].topic, event_type, event_id, at_ms, fields)


def plain(row: CustomerRow) -> dict[str, Any]:
    """Return what must be equal, whatever the order of arrival; sums that decay apart."""
    facts: dict[str, Any] = msgspec.structs.asdict(row)
    for name in ("journeys", "contacts"):
        del facts[name]
    for name in ("cards", "consents", "words", "statements"):
        facts[name] = sorted(map(msgspec.structs.astuple, facts[name]))
    facts["amounts"] = {
        currency: (one.spend_count, one.spend_sum_minor, one.reversed_count, one.reversed_sum_minor)
        for currency, one in row.amounts.items()
    }
    return facts


def decayed(amounts: Mapping[str, AmountState]) -> list[float]:
    """Return the sums that decay, in the order of their currencies."""
    return [
        value
        for _, one in sorted(amounts.items())
        for value in (one.decayed_7d_minor, one.decayed_30d_minor, one.decayed_90d_minor)
    ]


def assert_same(wanted: Mapping[bytes, CustomerRow], found: Mapping[bytes, CustomerRow]) -> None:
    """Compare customers: everything exactly, decayed sums within 1e-9."""
    assert {key: plain(row) for key, row in wanted.items()} == {
        key: plain(row) for key, row in found.items()
    }
    for key, row in wanted.items():
        assert decayed(row.amounts) == pytest.approx(decayed(found[key].amounts), rel=1e-9)


def without(*event_types: str) -> Mapping[str, Any]:
    """Return the event kinds of a decoder that does not know these."""
    names = {*event_types, *(f"{event_type}.v1" for event_type in event_types)}
    return {name: kind for name, kind in event_kinds().items() if name not in names}


@pytest.mark.parametrize("seed", range(3))
async def test_replay_after_the_decoder_is_mended_makes_up_for_all(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four event types unknown for a day; then known, and what was refused is given back."""
    never_broken, mended = House(), House()
    never_broken.send(history(seed))
    never_broken.ingest(WELL)
    mended.send(history(seed))
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "event_kinds", lambda: without(*NOT_KNOWN))
        mended.ingest(WELL)
    before = mended.customers()
    given_count = await mended.replay()
    mended.ingest(WELL)

    assert given_count > 10
    assert before != mended.customers()
    assert_same(never_broken.customers(), mended.customers())


async def test_replay_after_a_bank_is_configured_makes_up_for_all() -> None:
    """The second bank was missing from the settings; its neighbour's rows never change."""
    never_broken, mended = House(), House()
    never_broken.send(history(9))
    never_broken.ingest(WELL)
    mended.send(history(9))
    mended.ingest(Settings(tenants=TENANTS[:1]))
    before = mended.customers()
    given_count = await mended.replay(Filter(reasons=frozenset({"TENANT_UNKNOWN"})))
    mended.ingest(WELL)
    after = mended.customers()

    assert CUSTOMER_COUNT // 2 * EVENT_COUNT_MAX == given_count
    assert {b"bank-a|c-0", b"bank-a|c-1"} == set(before)
    assert before == {key: row for key, row in after.items() if key in before}
    assert_same(never_broken.customers(), after)


async def test_replay_twice_changes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run gives nothing back, and the journal stays as long as it was."""
    house = House()
    house.send(history(5))
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "event_kinds", lambda: without(*NOT_KNOWN))
        house.ingest(WELL)
    await house.replay()
    house.ingest(WELL)
    journal = [house.committed(*place) for place in _places((JOURNAL_TOPIC,))]
    rows = house.customers()
    given_count = await house.replay()
    house.ingest(WELL)

    assert 0 == given_count
    assert journal == [house.committed(*place) for place in _places((JOURNAL_TOPIC,))]
    assert rows == house.customers()


async def test_replay_before_the_decoder_is_mended_is_made_up_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given back too early, a record is refused anew; the replay after the mending counts."""
    never_broken, mended = House(), House()
    never_broken.send(history(7))
    never_broken.ingest(WELL)
    mended.send(history(7))
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "event_kinds", lambda: without(*NOT_KNOWN))
        mended.ingest(WELL)
        too_early_count = await mended.replay()
        mended.ingest(WELL)
    given_count = await mended.replay()
    mended.ingest(WELL)

    assert too_early_count == given_count > 10
    assert_same(never_broken.customers(), mended.customers())
