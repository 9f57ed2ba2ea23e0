"""`cardcue model freeze | unfreeze | rollback`: what goes into the log, and what does not."""

from pathlib import Path

import pytest

from schemas.events import ModelSet
from tests.cli.control_plane import ControlPlane
from tests.cli.learning_bank import OF, begun, control_events, learning_bank
from tests.learning.outcome_log import OutcomeLog


def words(bank: ControlPlane) -> list[ModelSet]:
    """Return what was said of models, in the order of the log."""
    return [one for one in control_events(bank.bootstrap) if isinstance(one, ModelSet)]


def test_freeze_and_unfreeze_are_what_workers_read(tmp_path: Path) -> None:
    """Model, state and reason arrive; nothing is gone back to."""
    with learning_bank(tmp_path) as bank:
        told = [
            bank.told("model", "freeze", "bind", *OF, "--reason", "campaign under review"),
            bank.told("model", "unfreeze", "bind", *OF),
        ]
        found = words(bank)

    assert ["frozen bank-a bind\n", "unfrozen bank-a bind\n"] == told
    assert [
        ModelSet(model_id="bind", frozen=True, reason="campaign under review"),
        ModelSet(model_id="bind", frozen=False),
    ] == found


@pytest.mark.parametrize("command", ["freeze", "unfreeze"])
def test_model_that_nobody_has_defined_is_not_held(tmp_path: Path, command: str) -> None:
    """A slip of the pen is told; learning would have counted it unmatched."""
    with learning_bank(tmp_path) as bank:
        refused = bank.refused("model", command, "bond", *OF)
        found = words(bank)

    assert "wanted one of the models bind, found bond" in refused
    assert [] == found


def test_word_that_ingest_would_refuse_is_not_sent(tmp_path: Path) -> None:
    """A card number in the reason: told, not quoted, and not in the log."""
    with learning_bank(tmp_path) as bank:
        card = bank.refused("model", "freeze", "bind", *OF, "--reason", "of 4111111111111111")
        long = bank.refused("model", "unfreeze", "bind", *OF, "--reason", "x" * 65_536)
        found = words(bank)

    assert "bind: wanted tokens only, found the number of a card or of a person" in card
    assert "PII_FORBIDDEN" in card
    assert "4111" not in card
    assert "bind: wanted up to 65536 bytes, found " in long
    assert [] == found


def cohort(folder: Path) -> OutcomeLog:
    """Return a log in which the first snapshot, and the 13th, began a cohort."""
    log = begun(folder)
    log.cohort(0, 5)
    log.open(100)
    return log


def test_rollback_names_a_kept_snapshot(tmp_path: Path) -> None:
    """The sequence that `report` lists; a model that is not frozen stays so."""
    with learning_bank(tmp_path, cohort(tmp_path)) as bank:
        told = bank.told("model", "rollback", "bind", "13", *OF, "--reason", "odd week")
        found = words(bank)

    assert "rolled back bank-a bind to what it was at 13\n" == told
    assert [
        ModelSet(model_id="bind", frozen=False, rollback_sequence=13, reason="odd week")
    ] == found


def test_rollback_leaves_a_model_as_frozen_as_the_log_has_it(tmp_path: Path) -> None:
    """Learning has not read yet that it was frozen a moment ago; it is not let go by that."""
    with learning_bank(tmp_path, cohort(tmp_path)) as bank:
        bank.told("model", "freeze", "bind", *OF)
        bank.told("model", "rollback", "bind", "1", *OF)
        bank.told("model", "unfreeze", "bind", *OF)
        bank.told("model", "rollback", "bind", "13", *OF)
        found = words(bank)

    assert [(True, 0), (True, 1), (False, 0), (False, 13)] == [
        (one.frozen, one.rollback_sequence) for one in found
    ]


def test_rollback_to_what_is_not_kept_is_refused(tmp_path: Path) -> None:
    """The last one published is not kept by that; learning would have ignored it (`NOT_KEPT`)."""
    with learning_bank(tmp_path, cohort(tmp_path)) as bank:
        refused = bank.refused("model", "rollback", "bind", "14", *OF)
        zero = bank.run("model", "rollback", "bind", "0", *OF)
        found = words(bank)

    assert "wanted a kept snapshot, 1, 13; found 14" in refused
    assert 2 == zero.exit_code
    assert [] == found


def test_rollback_of_what_is_not_learnt_is_refused(tmp_path: Path) -> None:
    """Defined, and learning's changelog is empty."""
    with learning_bank(tmp_path) as bank:
        refused = bank.refused("model", "rollback", "bind", "1", *OF)

    assert "wanted one of the models that bank-a has learnt, none; found bind" in refused
