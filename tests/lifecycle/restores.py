"""Replay a journal whole, and again through a restore at every record (SEMANTICS B4)."""

from lifecycle.fold import LifecycleFold
from schemas.records import Row
from schemas.routing import JOURNAL_TOPIC
from streams.replay import Replayed, replay
from tests.lifecycle.builders import Bank
from tests.lifecycle.told import stored


SOURCES = [(JOURNAL_TOPIC, 0)]


def restored_at_every_record(bank: Bank) -> Replayed:
    """Return what one fold makes of the journal; a new one may take over anywhere, or it fails."""
    journal = stored(bank.journal)
    whole = replay(LifecycleFold(0, 1), journal, sources=SOURCES)
    for cut in range(len(journal)):
        before = replay(LifecycleFold(0, 1), journal[:cut], sources=SOURCES)
        kept = [Row(*row) for row in before.rows.items()]
        after = replay(LifecycleFold(0, 1), journal[cut:], sources=SOURCES, rows=kept)
        assert list(whole.outputs) == [*before.outputs, *after.outputs]
        assert whole.rows == after.rows
    return whole
