"""Every rule that a finished house is judged by can be broken: a sound one is damaged for each."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from schemas.codec import decode_customer_row, encode_row
from schemas.records import StoredRecord
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, OFFERS_TOPIC, STATE_TOPICS
from tests.checker.report import KINDS
from tests.simulation.house_world import HouseWorld
from tests.simulation.judge import RULES, judge
from tests.simulation.simulated_log import SimulatedBroker
from tests.simulation.story import Telling, Variant
from tests.simulation.worlds import SETTINGS


Topic = list[list[StoredRecord]]
HEARD = b'"record":{"event_type":"consent.changed"'
Damage = Callable[[HouseWorld, "Doctored"], None]


class Doctored:
    """A broker as it would be read if some of its topics held something else."""

    def __init__(self, broker: SimulatedBroker) -> None:
        """Begin with everything as it is."""
        self._broker = broker
        self.topics: dict[str, Topic] = {}
        self.written_in = dict(broker.written_in)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the broker has)
        """Return what the broker has."""
        return getattr(self._broker, name)

    def committed(self, topic: str) -> Topic:
        """Return a topic as it is, or as it was doctored."""
        return self.topics.get(topic) or self._broker.committed(topic)

    def change(
        self, topic: str, change: Callable[[StoredRecord], Sequence[StoredRecord] | None]
    ) -> None:
        """Put other records in place of the first one that `change` does not leave alone (None)."""
        partitions = self.committed(topic)
        for partition in partitions:
            for place, record in enumerate(partition):
                if (others := change(record)) is not None:
                    partition[place : place + 1] = others
                    self.topics[topic] = partitions
                    return
        pytest.fail(f"wanted a record of {topic} to damage, found none")


@pytest.fixture(scope="module")
def world() -> HouseWorld:
    """Return a finished house in which there is enough to damage."""
    for seed in range(1, 400):
        telling = Telling(Variant(seed), SETTINGS["brief"])
        telling.tell()
        found = telling.world
        assert isinstance(found, HouseWorld)
        if not found.with_history and _is_rich(found):
            assert [] == found.faults()
            return found
    pytest.fail("wanted a house with triggers of an absence, found none")


def _is_rich(world: HouseWorld) -> bool:
    """Return whether an absence led to a promise, in a partition of several decisions."""
    decided = world.cluster.broker.committed(DECISIONS_TOPIC)
    sent = [one for one in _all(decided) if b'"waited_ms"' in one.value and b'"sent"' in one.value]
    is_promised = any(map(bool, world.cluster.broker.committed(OFFERS_TOPIC)))
    is_shared = any(len({one.key for one in records}) > 1 for records in decided)
    return bool(sent) and is_promised and is_shared


def _all(topic: Topic) -> Iterator[Any]:
    return (record for records in topic for record in records)


def _said(record: StoredRecord) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.json.decode(record.value or b"")
    return said


def _saying(record: StoredRecord, **other: object) -> StoredRecord:
    """Return a JSON record that says something else."""
    return record._replace(value=msgspec.json.encode(_said(record) | other))


def lose_a_journal_record(_world: HouseWorld, log: Doctored) -> None:
    """A source record that came to nothing."""
    log.change(JOURNAL_TOPIC, lambda one: [] if HEARD in (one.value or b"") else None)


def change_a_decision(_world: HouseWorld, log: Doctored) -> None:
    """One byte."""
    log.change(DECISIONS_TOPIC, lambda one: [_saying(one, v=77)])


def forget_a_row(_world: HouseWorld, log: Doctored) -> None:
    """A row that no longer is what the journal gives."""
    rows = STATE_TOPICS["lifecycle"]
    records = [list(reversed(records)) for records in log.committed(rows)]
    log.topics[rows] = records
    log.change(rows, lambda one: [] if b"|c" in (one.key or b"") else None)
    log.topics[rows] = [list(reversed(records)) for records in log.topics[rows]]


def lose_a_decision(_world: HouseWorld, log: Doctored) -> None:
    """An output that the journal calls for."""
    log.change(DECISIONS_TOPIC, lambda _: [])


def repeat_a_decision(_world: HouseWorld, log: Doctored) -> None:
    """An output twice."""
    log.change(DECISIONS_TOPIC, lambda one: [one, one._replace(offset=one.offset + 1_000)])


def append_a_source_record_early(world: HouseWorld, log: Doctored) -> None:
    """A record that the broker had before a tick said that everything was read."""
    place = next(
        tuple(envelope["source"])
        for envelope in reversed([_said(one) for one in _all(log.committed(JOURNAL_TOPIC))])
        if envelope["customer_token"]
        and envelope["source"][1] < world.known_count.get(envelope["source"][0], 0)
        and _follows_a_tick(log, envelope)
    )
    log.change(
        place[0],
        lambda one: [one._replace(timestamp=1)] if one[:3] == place else None,
    )


def _follows_a_tick(log: Doctored, envelope: dict[str, Any]) -> bool:
    """Return whether a tick of the tenant stands before this record in its partition."""
    for records in log.committed(JOURNAL_TOPIC):
        said = [_said(one) for one in records]
        if envelope in said:
            before = said[: said.index(envelope)]
            tenant = envelope["tenant"]
            return any(b["tenant"] == tenant and not b["customer_token"] for b in before) and any(
                b["record"]["event_type"] == "tick" and b["tenant"] == tenant for b in before
            )
    return False


def be_late_by_an_hour(_world: HouseWorld, log: Doctored) -> None:
    """Sources that declare more lateness than was waited for."""
    log.topics[JOURNAL_TOPIC] = [
        [_saying(one, lateness_ms=3_600_000) for one in records]
        for records in log.committed(JOURNAL_TOPIC)
    ]


def move_a_milestone(_world: HouseWorld, log: Doctored) -> None:
    """A card that was issued later than an event says."""
    rows = STATE_TOPICS["lifecycle"]

    def later(record: StoredRecord) -> list[StoredRecord] | None:
        if record.key is None or record.key.startswith(b"#") or record.value is None:
            return None
        row = decode_customer_row(record.value)
        for card in row.cards:
            card.issued_at_ms += 1
        return [record._replace(value=encode_row(row))]

    log.topics[rows] = [
        [other for one in records for other in later(one) or [one]]
        for records in log.committed(rows)
    ]


def turn_decisions_around(_world: HouseWorld, log: Doctored) -> None:
    """Customers who fire in another order than that of their timers."""
    log.topics[DECISIONS_TOPIC] = [
        [
            last._replace(offset=first.offset)
            for first, last in zip(records, reversed(records), strict=True)
        ]
        for records in log.committed(DECISIONS_TOPIC)
    ]


def tear_an_occasion(_world: HouseWorld, log: Doctored) -> None:
    """A decision in another transaction than the customer's row."""
    record = next(_all(log.committed(DECISIONS_TOPIC)))
    del log.written_in[record[:3]]


def lose_a_grant(_world: HouseWorld, log: Doctored) -> None:
    """A gift that a trigger promises, and that nobody was asked for."""
    log.change(OFFERS_TOPIC, lambda _: [])


def define_no_gift(_world: HouseWorld, log: Doctored) -> None:
    """Gifts that were promised although there was none."""
    _retell(log, "offer.defined", "offer", inventory_count=0)


def grant_no_money(_world: HouseWorld, log: Doctored) -> None:
    """Contacts that have cost more than there was to spend."""
    _retell(log, "policy.published", "campaign", budget_minor=1)


def _retell(log: Doctored, event_type: str, name: str, **other: object) -> None:
    """Let the journal's records of a type say something else."""

    def changed(record: StoredRecord) -> StoredRecord:
        told = _said(record)["record"]
        if told["event_type"] != event_type:
            return record
        said = _said(record) | {"record": told | {name: told[name] | other}}
        return record._replace(value=msgspec.json.encode(said))

    log.topics[JOURNAL_TOPIC] = [
        [changed(one) for one in records] for records in log.committed(JOURNAL_TOPIC)
    ]


DAMAGES: tuple[tuple[str, Damage], ...] = (
    ("I1 SOURCE_MISSING", lose_a_journal_record),
    ("I2: what journal partition", change_a_decision),
    ("I2: rows of lifecycle", forget_a_row),
    ("I4 DIFFERENT", change_a_decision),
    ("I4 MISSING", lose_a_decision),
    ("I4 DUP_SAME", repeat_a_decision),
    ("T3: the watermark was", append_a_source_record_early),
    ("T5: an absence was concluded", be_late_by_an_hour),
    ("T6 STATE_DIFF", move_a_milestone),
    ("T6: wanted issued_at_ms", move_a_milestone),
    ("T8 ORDER", turn_decisions_around),
    ("T8: an occasion", tear_an_occasion),
    ("C3 UNPAIRED", lose_a_grant),
    ("C3 OVERSOLD", define_no_gift),
    ("C3 OVERSPENT", grant_no_money),
)


@pytest.mark.parametrize(
    ("finding", "damage"), DAMAGES, ids=lambda one: one if isinstance(one, str) else one.__name__
)
def test_judge_finds_the_broken_rule(world: HouseWorld, finding: str, damage: Damage) -> None:
    """I1, I2, I4, T3, T5, T6, T8, C3: a house that breaks a rule is told so by its name."""
    log: Any = Doctored(world.cluster.broker)
    damage(world, log)
    found = judge(log, world.settings, world.contracts, world.known_count)
    assert any(one.startswith(finding) for one in found), found


def test_judge_names_the_rule_of_every_finding() -> None:
    """What the checker can find is put down to a rule, also what it learns to find later."""
    assert KINDS.keys() == RULES.keys()
