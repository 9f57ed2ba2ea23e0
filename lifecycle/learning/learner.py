"""
Hold what is known of one model, and publish it (docs/learning.md 4, 5).

The heads rest as River's models while a task owns them, and become numbers when a snapshot is
published or a row is drained.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from lifecycle.learning.vectors import VectorReader
from lifecycle.model_shape import has_evidence
from lifecycle.models.drift import Drift
from lifecycle.models.logistic import LogisticModel
from schemas.codec import encode_row
from schemas.learning import Head, ModelPublished, PublishReason
from schemas.learning_rows import KeptState, LearnerRow
from schemas.records import Row


SNAPSHOTS_MAX: Final = 16
"""Kept at the beginnings of cohorts, beside the one published last."""


class Learner:
    """
    One model of one tenant, as it learns.

    `snapshots` are by their sequence those that are kept, and the one published last. `published`
    and `counted` are what a record has led to; whoever gave it takes them away.
    """

    __slots__ = (
        "_fresh",
        "_gone",
        "contact",
        "control",
        "counted",
        "loss_drift",
        "published",
        "reader",
        "row",
        "score_drift",
        "snapshots",
    )

    def __init__(self, row: LearnerRow, snapshots: Sequence[ModelPublished] = ()) -> None:
        """
        Go on where a row was written, with the snapshots it names.

        Raises:
            ValueError: a head does not fit the model.

        """
        self._begin(row)
        self.snapshots = {snapshot.sequence: snapshot for snapshot in snapshots}
        self.published: list[ModelPublished] = []
        self.counted: list[str] = []
        self._fresh: set[int] = set()
        self._gone: set[int] = set()

    def publish(self, reason: PublishReason) -> None:
        """Publish what has been learnt."""
        contact, control = self.contact.snapshot(), self.control.snapshot()
        self._publish(reason, contact, control)

    def republish(self) -> None:
        """Publish what was published last once more: it is withheld now, or no more."""
        last = self.snapshots[self.row.sequence]
        self._publish("fallen_back", last.contact, last.control)

    def go_back(self, sequence: int, reason: PublishReason) -> None:
        """Learn on from a snapshot that is kept, and publish it under a sequence of its own."""
        snapshot = self.snapshots[sequence]
        self.contact.restore(snapshot.contact)
        self.control.restore(snapshot.control)
        self.publish(reason)

    def keeps(self, sequence: int) -> bool:
        """Return whether a snapshot can be gone back to."""
        return any(kept.sequence == sequence for kept in self.row.kept)

    def keep_last(self) -> None:
        """Keep what was published last; over sixteen the oldest goes."""
        kept = self.row.kept
        if not self.keeps(self.row.sequence):
            kept.append(KeptState(self.row.sequence))
        if len(kept) > SNAPSHOTS_MAX:
            self._forget(kept.pop(0).sequence)

    def begin_anew(self, row: LearnerRow) -> None:
        """
        Become a version whose weights are others; every snapshot goes.

        Raises:
            ValueError: a head does not fit the model.

        """
        for sequence in list(self.snapshots):
            self._forget(sequence)
        self._begin(row)

    def drain(self, key: str) -> list[Row]:
        """Return what has changed since the last time as rows; `key` is the model's."""
        rows = [Row(f"{key}|{sequence}".encode(), None) for sequence in sorted(self._gone)]
        for sequence in sorted(self._fresh):
            value = encode_row(self.snapshots[sequence])
            rows.append(Row(f"{key}|{sequence}".encode(), value))
        self._gone.clear()
        self._fresh.clear()
        row = replace(
            self.row,
            contact=self.contact.snapshot(),
            control=self.control.snapshot(),
            score_drift=self.score_drift.state(),
            loss_drift=self.loss_drift.state(),
        )
        rows.append(Row(key.encode(), encode_row(row)))
        return rows

    def _begin(self, row: LearnerRow) -> None:
        """Wake up what a row has at rest."""
        self.row = row
        row.weights_since_version = row.weights_since_version or row.model.version
        self.contact = LogisticModel(row.model, row.contact)
        self.control = LogisticModel(row.model, row.control)
        self.score_drift = Drift(row.score_drift)
        self.loss_drift = Drift(row.loss_drift)
        self.reader = VectorReader(row.model)

    def _publish(self, reason: PublishReason, contact: Head, control: Head) -> None:
        """Publish two heads under the next sequence, and remember them instead of the last."""
        row = self.row
        if not self.keeps(row.sequence):
            self._forget(row.sequence)
        row.sequence += 1
        row.published_at_ms = row.at_ms
        row.example_count = 0
        row.is_proven = row.is_proven or has_evidence(contact, row.model)
        snapshot = ModelPublished(
            model=row.model,
            sequence=row.sequence,
            reason=reason,
            withheld=row.is_withheld,
            contact=contact,
            control=control,
        )
        self.snapshots[row.sequence] = snapshot
        self._fresh.add(row.sequence)
        self.published.append(snapshot)
        self.counted.append(f"published|{reason}")

    def _forget(self, sequence: int) -> None:
        """Let a snapshot go, and its row."""
        if self.snapshots.pop(sequence, None) is not None:
            self._fresh.discard(sequence)
            self._gone.add(sequence)
