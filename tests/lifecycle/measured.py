"""Read what came of exposures: the records of a bank, as short lines."""

from collections.abc import Iterable

from lifecycle.records import Effect
from schemas.campaign import Conversion, Experiment
from schemas.decisions import TriggerCancelled
from schemas.outcomes import ExposureOpened, OutcomeRecorded
from tests.lifecycle.builders import DAY


PURCHASE = Conversion(on="txn.posted", window_ms=7 * DAY, value="amount_minor")
ALL_CONTROL = Experiment(salt="s", control_bp=10_000)


def opened(effects: Iterable[Effect]) -> list[ExposureOpened]:
    """Return the exposures that were opened."""
    return [effect for effect in effects if isinstance(effect, ExposureOpened)]


def outcomes(effects: Iterable[Effect]) -> list[OutcomeRecorded]:
    """Return what came of exposures."""
    return [effect for effect in effects if isinstance(effect, OutcomeRecorded)]


def fates(effects: Iterable[Effect]) -> list[str]:
    """Return outcomes as `sequence label reason`."""
    return [f"{one.sequence} {one.label} {one.reason}" for one in outcomes(effects)]


def cancelled(effects: Iterable[Effect]) -> list[str]:
    """Return why triggers were taken back."""
    return [effect.reason_code for effect in effects if isinstance(effect, TriggerCancelled)]
