"""A restore of any size: in bites, complete before the first record, the same as in one go (T8)."""

import pytest

from lifecycle import restore
from lifecycle.fold import LifecycleFold
from schemas.records import Applied, Row, StoredRecord
from schemas.routing import JOURNAL_TOPIC
from streams.replay import replay
from tests.lifecycle.builders import DAY, HOUR, Bank, issued, nudge
from tests.lifecycle.told import stored


SOURCES = [(JOURNAL_TOPIC, 0)]
CUSTOMER_COUNT = 25
BITE = 10


@pytest.fixture(autouse=True)
def _small_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten customers be put back at a time."""
    monkeypatch.setattr(restore, "RESTORED_COUNT_MAX", BITE)


def journal() -> list[StoredRecord]:
    """Return the journal of a bank with a nudge that is due to each customer at the last tick."""
    bank = Bank(nudge())
    for number in range(CUSTOMER_COUNT):
        bank.say(issued(), number * HOUR, who=f"c{number}")
    bank.tick(9 * DAY)
    return stored(bank.journal)


def restored(rows: dict[bytes, bytes]) -> LifecycleFold:
    """Return a fold that was given the rows and is open."""
    fold = LifecycleFold(0, 1)
    for key, value in rows.items():
        fold.restore(Row(key, value))
    fold.open(SOURCES)
    return fold


def test_restore_of_many_customers_is_done_in_bites_before_the_first_record() -> None:
    """The loop turns between two bites; nothing is folded, and nothing written, before the end."""
    records = journal()
    rows = replay(LifecycleFold(0, 1), records[:-1], sources=SOURCES).rows
    fold = restored(rows)
    counts = dict(fold.counts())
    answers = []
    for _ in range(2):
        answers.append(fold.apply(records[-1]))
        assert ([], []) == fold.drain()
    assert [Applied.AGAIN, Applied.AGAIN] == answers  # 10 at once, 10, 5
    assert counts == fold.counts()
    assert CUSTOMER_COUNT == counts["applied|bank|card.issued"]

    assert Applied.DONE is fold.apply(records[-1])
    drained = fold.drain()
    assert CUSTOMER_COUNT == sum(row.key.startswith(b"bank|c") for row in drained.rows)


def test_restore_in_bites_leads_to_the_same_bytes() -> None:
    """I2, B4: who was put back in which bite makes no difference to outputs and rows."""
    records = journal()
    whole = replay(LifecycleFold(0, 1), records, sources=SOURCES)
    half = replay(LifecycleFold(0, 1), records[:-1], sources=SOURCES)
    kept = [Row(*row) for row in half.rows.items()]
    rest = replay(LifecycleFold(0, 1), records[-1:], sources=SOURCES, rows=kept)

    assert CUSTOMER_COUNT <= len(rest.outputs)
    assert [*half.outputs, *rest.outputs] == list(whole.outputs)
    assert whole.rows == rest.rows


def test_topic_may_grow_while_a_restore_goes_on() -> None:
    """Opened again in the middle, the fold loses nobody."""
    records = journal()
    rows = replay(LifecycleFold(0, 1), records[:-1], sources=SOURCES).rows
    fold = restored(rows)
    assert Applied.AGAIN is fold.apply(records[-1])
    fold.open([*SOURCES, (JOURNAL_TOPIC, 1)])
    while fold.apply(records[-1]) is Applied.AGAIN:
        pass

    assert CUSTOMER_COUNT == sum(row.key.startswith(b"bank|c") for row in fold.drain().rows)
