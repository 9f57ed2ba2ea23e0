"""
Fold decisions and outcomes into what campaigns have caused, and hold those that do harm.

The front door (docs/insight.md): what a record is, whose it is, and what it has led to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lifecycle.counts import Counts, total
from lifecycle.insight import decisions, gauges, reports, taking
from lifecycle.insight.due import is_due
from lifecycle.insight.effects import Effect
from lifecycle.insight.funnel import Funnel
from lifecycle.insight.taking import OfExposure
from schemas.codec import (
    decode_counts_row,
    decode_effect_row,
    decode_exposure,
    decode_followed,
    decode_funnel_row,
    decode_moved,
    decode_objected,
    decode_settled,
)
from schemas.insight import GuardrailTripped
from schemas.insight_rows import EffectRow, FunnelRow
from schemas.journal import SourceCoordinates
from schemas.outcomes import CardMoved, ExposureOpened
from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord
from schemas.state import OFFSETS_KEY


DECISION: Final = b"decision.recorded.v1"

READERS: Final[Mapping[bytes, Callable[[bytes], OfExposure | CardMoved]]] = {
    b"exposure.opened.v1": decode_exposure,
    b"exposure.settled.v1": decode_settled,
    b"exposure.followed.v1": decode_followed,
    b"exposure.objected.v1": decode_objected,
    b"card.moved.v1": decode_moved,
}
"""What insight reads beside decisions, by the header `ce_type`."""


class InsightFold:
    """The insight fold of one task (port: `streams.fold.Fold`); partitions share nothing."""

    def __init__(self, task: int, task_count: int) -> None:
        """Begin with nothing restored."""
        self.task = task
        self.task_count = task_count
        self._restored: dict[bytes, bytes] = {}
        self._effects: dict[tuple[int, str, str], Effect] = {}
        self._funnels: dict[tuple[int, str], Funnel] = {}
        self._changed: dict[Effect | Funnel, None] = {}
        self._counts: dict[int, Counts] = {}
        self._shown: dict[Effect | Funnel, Mapping[str, int]] = {}
        self._outputs: list[OutputRecord] = []

    def restore(self, row: Row) -> None:
        """Take one row of `insight.state.v1`."""
        if row.value is None:
            self._restored.pop(row.key, None)
        else:
            self._restored[row.key] = row.value

    def open(self, sources: Sequence[tuple[str, int]]) -> None:  # noqa: ARG002 (rows name theirs)
        """
        Put back what was restored.

        Raises:
            ValueError: a key of no known form; the changelog is not ours, the process must stop.

        """
        for key, value in self._restored.items():
            match key.decode().split("|"):
                case ["#counts", number, *place]:
                    counts = self._counts_of(int(number))
                    counts.restore(int(place[0]) if place else 0, decode_counts_row(value))
                case ["#effect", number, tenant, campaign_id]:
                    where = int(number), tenant, campaign_id
                    effect = self._effects[where] = Effect(*where, decode_effect_row(value))
                    self._shown[effect] = gauges.of_effect(effect)
                case ["#funnel", number, tenant]:
                    at = int(number), tenant
                    funnel = self._funnels[at] = Funnel(*at, decode_funnel_row(value))
                    self._shown[funnel] = gauges.of_funnel(funnel)
                case [kind, *_] if key != OFFSETS_KEY:
                    raise ValueError(f"wanted a row of the insight fold, found one of {kind}")
        self._restored = {}

    def observe(self, row: Row) -> None:
        """Ignore: a row's time is in its records."""

    def apply(self, record: SourceRecord) -> Applied:
        """
        Fold one record of `lifecycle.decisions.v1` or `lifecycle.outcomes.v1`.

        Raises:
            ValueError: a tombstone where a decision, an exposure or a card is wanted.

        """
        kind = next((value for name, value in record.headers if name == "ce_type"), b"")
        counts = self._counts_of(record.partition)
        read = READERS.get(kind)
        if read is None and kind != DECISION:
            counts.add(f"passed|{(record.key or b'').decode().partition('|')[0]}")
        elif record.value is None:
            raise ValueError(f"wanted a record to count at {record.offset}, found a tombstone")
        elif read is None:
            decisions.count(record.value, counts)
        else:
            self._take(read(record.value), record, counts)
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Do nothing: a slice ends nothing here."""

    def drain(self) -> Drained:
        """Return changed rows, each once, and new outputs since the last drain, as bytes."""
        rows = [one.drain() for one in self._changed]
        self._changed.clear()
        for number, counts in self._counts.items():
            counts.drain(number, rows)
        outputs, self._outputs = self._outputs, []
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return the running counts over all partitions of the task, and what is shown of rows."""
        found = total(self._counts.values())
        for shown in self._shown.values():
            for key, number in shown.items():
                found[key] = found.get(key, 0) + number
        return found

    def _take(self, said: OfExposure | CardMoved, record: SourceRecord, counts: Counts) -> None:
        """Give a record to its row, and report where that is due."""
        if isinstance(said, CardMoved):
            counts.add(f"moved|{said.tenant}")
            funnel = self._funnel(record.partition, said)
            funnel.take(said)
            self._changed[funnel] = None
            if is_due(funnel.row):
                self._outputs.append(reports.funnel(funnel))
                self._shown[funnel] = gauges.of_funnel(funnel)
            return
        effect = self._effect(record.partition, said, counts)
        if effect is None:
            counts.add(f"unmatched|{said.tenant}|{said.campaign_id}")
            return
        counts.add(f"effect|{effect.name}")
        self._changed[effect] = None
        tripped = taking.take(effect, said)
        if tripped is not None:
            source = SourceCoordinates(record.topic, record.partition, record.offset)
            self._hold(effect, tripped, source, counts)
        if is_due(effect.row):
            self._outputs.append(reports.effect(effect))
            self._shown[effect] = gauges.of_effect(effect)

    def _hold(
        self, effect: Effect, tripped: GuardrailTripped, source: SourceCoordinates, counts: Counts
    ) -> None:
        """Hold a campaign, and say so."""
        counts.add(f"tripped|{effect.name}|{tripped.kind}")
        self._outputs.append(reports.holding(effect, tripped, source))
        self._outputs.append(reports.guardrail(effect, tripped))
        self._shown[effect] = gauges.of_effect(effect)

    def _effect(self, partition: int, said: OfExposure, counts: Counts) -> Effect | None:
        """Return the effect of a record's campaign, None where its version is not known."""
        where = partition, said.tenant, said.campaign_id
        effect = self._effects.get(where)
        if effect is not None and said.policy_version in effect.row.versions:
            return effect
        if not isinstance(said, ExposureOpened):
            return None
        if effect is None:
            effect = self._effects[where] = Effect(*where, EffectRow())
        if effect.begin(said):
            counts.add(f"forgotten|{effect.name}")
        return effect

    def _funnel(self, partition: int, said: CardMoved) -> Funnel:
        """Return the funnel of a record's tenant."""
        where = partition, said.tenant
        funnel = self._funnels.get(where)
        if funnel is None:
            funnel = self._funnels[where] = Funnel(*where, FunnelRow())
        return funnel

    def _counts_of(self, partition: int) -> Counts:
        """Return the counts of a partition, new ones for one never heard of."""
        counts = self._counts.get(partition)
        if counts is None:
            counts = self._counts[partition] = Counts()
        return counts
