"""
Take the records of one model in the order of its log (docs/learning.md 2 to 4).

Each first moves the model's time and finds its cohort, then cohorts that are over are judged, and
only then it teaches: what a fall-back puts back learns on from this very record.
"""

from collections.abc import Mapping
from typing import Final, Literal

from lifecycle.experiment import CONTROL, KEPT_BACK
from lifecycle.features.context import PPM
from lifecycle.learning import cohorts, fake_negatives
from lifecycle.learning.judging import judge
from lifecycle.learning.learner import Learner
from lifecycle.models.logistic import LogisticModel, untaught
from schemas.events.control import ModelDefined, ModelSet
from schemas.learning_rows import LearnerRow
from schemas.outcomes import ExposureOpened, OutcomeRecorded


TEACHING_SEQUENCE_MAX: Final = 2
"""Of outcomes: a conversion after a reversal (the third, at the earliest) was learnt before."""


def exposure(learner: Learner, said: ExposureOpened) -> None:
    """Take an exposure: who was contacted, and the control, teach that nothing has come of it."""
    _advance(learner, said.decided_at_ms)
    x = _matched(learner, said)
    if x is not None and said.verdict == "sent":
        cohorts.join(learner, said)
    judge(learner)
    if x is None or said.verdict == "held_out":
        return
    head = learner.contact if said.verdict == "sent" else learner.control
    _taught(learner, "learnt", is_taken=fake_negatives.open_exposure(head, x))


def outcome(learner: Learner, said: OutcomeRecorded) -> None:
    """Take an outcome: a conversion teaches, once for each exposure; the rest is for judging."""
    _advance(learner, said.closed_at_ms)
    x = _matched(learner, said)
    if x is not None:
        if said.sequence > 1:
            learner.counted.append("corrected")
        cohorts.conclude(learner, said, x)
    judge(learner)
    if x is None or not said.label or said.sequence > TEACHING_SEQUENCE_MAX:
        return
    head = _head_of(learner, said.arm)
    if head is not None:
        _taught(learner, "converted", is_taken=fake_negatives.convert(head, x))


def definition(learner: Learner, said: ModelDefined, told_at_ms: int) -> bool:
    """Take a version above the known one; False: it is none, and changes nothing."""
    _advance(learner, told_at_ms)
    judge(learner)
    row = learner.row
    if said.model.version <= row.model.version:
        return False
    if _keeps_weights(row, said):
        row.model = said.model
    else:
        learner.begin_anew(begun(said, row))
    learner.publish("defined")
    return True


def setting(learner: Learner, said: ModelSet, told_at_ms: int) -> bool:
    """Hold the model or let it learn on; False: what it was to go back to is not kept."""
    _advance(learner, told_at_ms)
    judge(learner)
    learner.row.is_frozen = said.frozen
    if not said.rollback_sequence:
        return True
    is_kept = learner.keeps(said.rollback_sequence)
    if is_kept:
        learner.go_back(said.rollback_sequence, "rolled_back")
    return is_kept


def begun(said: ModelDefined, row: LearnerRow | None = None) -> LearnerRow:
    """Return the row of a model that begins; of `row`, its last version's, its place in time."""
    model = said.model
    return LearnerRow(
        model=model,
        contact=said.contact or untaught(model),
        control=said.control or untaught(model),
        label_average=model.base_rate_ppm / PPM,
        weights_since_version=model.version,
        sequence=row.sequence if row else 0,
        at_ms=row.at_ms if row else 0,
        is_frozen=row.is_frozen if row else False,
    )


def _advance(learner: Learner, at_ms: int) -> None:
    """Move the model's time; it never runs back."""
    learner.row.at_ms = max(learner.row.at_ms, at_ms)


def _matched(
    learner: Learner, said: ExposureOpened | OutcomeRecorded
) -> Mapping[int, float] | None:
    """Return what the model looked at, None if that was another model."""
    row, x = learner.row, None
    is_of_weights = row.weights_since_version <= said.model_version <= row.model.version
    if is_of_weights and 0 < said.score_ppm < PPM:
        x = learner.reader.read(said.vector)
    if x is None:
        learner.counted.append("unmatched")
    return x


def _head_of(learner: Learner, arm: str) -> LogisticModel | None:
    """Return what a conversion in this arm teaches: nobody was contacted in those kept back."""
    if arm == CONTROL:
        return learner.control
    return None if arm in KEPT_BACK else learner.contact


def _taught(learner: Learner, what: Literal["learnt", "converted"], *, is_taken: bool) -> None:
    """Count an example, and publish what is new since the last snapshot, if that is enough."""
    if not is_taken:
        learner.counted.append("refused")
        return
    learner.counted.append(what)
    row, model = learner.row, learner.row.model
    row.example_count += 1
    is_due = row.at_ms - row.published_at_ms >= model.publish_every_ms
    if not row.is_frozen and (is_due or row.example_count >= model.publish_count):
        learner.publish("learnt")


def _keeps_weights(row: LearnerRow, said: ModelDefined) -> bool:
    """Return whether a version has no more to say of the weights than the last one had."""
    was = row.model
    same = said.model.inputs == was.inputs and said.model.optimizer == was.optimizer
    return same and said.contact is None and said.control is None
