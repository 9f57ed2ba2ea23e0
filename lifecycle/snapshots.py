"""
Keep a tenant's models in one journal partition: of each the newest snapshot, ready to score (L1).

A snapshot decides from where it stands in the journal; what was defined is only looked at and
told to learning.
"""

from msgspec.structs import replace

from lifecycle.model_shape import fits, is_sound
from lifecycle.rules import RuleError
from lifecycle.scoring import ActiveModel, active, readers
from schemas.codec import encode_row
from schemas.events import ModelDefined
from schemas.learning import Head, ModelPublished
from schemas.model import MODELS_MAX, Model
from schemas.records import Row
from schemas.rejects import IgnoreReason


class Snapshots:
    """The snapshots in force, by the id of their model."""

    __slots__ = ("_changed", "in_force")

    def __init__(self) -> None:
        """Begin without any."""
        self.in_force: dict[str, ActiveModel] = {}
        self._changed: dict[str, ModelPublished] = {}

    def refusal(self, event: ModelDefined) -> IgnoreReason | None:
        """Return why a definition is not passed on, None where it is."""
        model = event.model
        if not _is_whole(model, event.contact, event.control):
            return "BAD_RULE"
        try:
            readers(model)
        except RuleError:
            return "BAD_RULE"
        full = model.id not in self.in_force and len(self.in_force) >= MODELS_MAX
        return "STATE_FULL" if full else None

    def adopt(self, snapshot: ModelPublished) -> IgnoreReason | None:
        """Let a snapshot decide from now on; return why it does not (SEMANTICS L1, L3)."""
        model = snapshot.model
        before = self.in_force.get(model.id)
        if before is not None and snapshot.sequence <= before.snapshot.sequence:
            return "STALE_VERSION"
        if not _is_whole(model, snapshot.contact, snapshot.control):
            return "BAD_RULE"
        kept = _without_squares(snapshot)
        try:
            self.in_force[model.id] = active(kept, before)
        except RuleError:
            return "BAD_RULE"
        self._changed[model.id] = kept
        return None

    def restore(self, snapshot: ModelPublished) -> None:
        """Take a snapshot back from its row."""
        self.in_force[snapshot.model.id] = active(snapshot)

    def drain(self, where: str, rows: list[Row]) -> None:
        """Append what has changed since the last time; `where` is `partition|tenant`."""
        for model_id, snapshot in self._changed.items():
            rows.append(Row(f"#model|{where}|{model_id}".encode(), encode_row(snapshot)))
        self._changed.clear()


def _is_whole(model: Model, *heads: Head | None) -> bool:
    """Return whether a model is sound, and fits whatever it brings."""
    return is_sound(model) and all(fits(head, model) for head in heads if head is not None)


def _without_squares(snapshot: ModelPublished) -> ModelPublished:
    """Return a snapshot without what only learning needs."""
    return replace(
        snapshot,
        contact=replace(snapshot.contact, squares=()),
        control=replace(snapshot.control, squares=()),
    )
