"""Read what an occasion led to, as short lines and as single candidates."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lifecycle.records import Effect
from schemas.codec import encode_json
from schemas.decisions import Considered, Decision, Trigger
from schemas.journal import JournalEnvelope
from schemas.records import StoredRecord
from schemas.routing import JOURNAL_TOPIC


class Told(NamedTuple):
    """One candidate of a decision; what the record says of all of them can be asked for, too."""

    record: Decision
    candidate: Considered

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (any field)
        """Return a field of the candidate, else of the record."""
        return getattr(self.candidate if hasattr(self.candidate, name) else self.record, name)

    @property
    def cap_count(self) -> int:
        """Return the greatest count over its caps before the decision."""
        return max((cap.count_before for cap in self.candidate.caps), default=0)


def story(effects: Iterable[Effect | Told]) -> list[str]:
    """
    Return candidates as `campaign step verdict reason`, and triggers as `-> customer step`.

    A trigger stands before its candidate; one without a candidate, or a candidate sent without a
    trigger, is an error.
    """
    known = list(effects)
    waiting = {one.trigger_id: one for one in known if isinstance(one, Trigger)}
    lines = []
    for told in decisions(known):
        if told.verdict == "sent":
            trigger = waiting.pop(told.trigger_id)
            lines.append(f"-> {trigger.customer_token} {trigger.step}")
        line = f"{told.campaign_id} {told.step} {told.verdict} {told.reason_code}"
        lines.append(line.rstrip())
    assert not waiting
    return lines


def triggers(effects: Iterable[Effect]) -> list[Trigger]:
    """Return the triggers only."""
    return [effect for effect in effects if isinstance(effect, Trigger)]


def decisions(effects: Iterable[Effect | Told]) -> list[Told]:
    """Return the candidates of the decisions; those told already stay as they are."""
    told: list[Told] = []
    for effect in effects:
        if isinstance(effect, Told):
            told.append(effect)
        elif isinstance(effect, Decision):
            told += (Told(effect, candidate) for candidate in effect.candidates)
    return told


def stored(journal: Sequence[JournalEnvelope], partition: int = 0) -> list[StoredRecord]:
    """Return the journal as records of one partition."""
    return [
        StoredRecord(JOURNAL_TOPIC, partition, offset, said.journal_at_ms, None, encode_json(said))
        for offset, said in enumerate(journal)
    ]
