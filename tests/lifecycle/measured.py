"""Read what came of exposures: the records of a bank, as short lines."""

from collections.abc import Iterable

from lifecycle.records import Effect
from schemas.campaign import Conversion, Experiment
from schemas.decisions import TriggerCancelled
from schemas.outcomes import (
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    OutcomeRecorded,
)
from tests.lifecycle.builders import DAY, Bank, bill, push


PURCHASE = Conversion(on="txn.posted", window_ms=7 * DAY, value="amount_minor")
WEEK_OF_MONEY = Conversion(
    on="txn.posted",
    window_ms=7 * DAY,
    value="amount_minor",
    value_cap_minor=10_000,
    currency="CNY",
)
ALL_CONTROL = Experiment(salt="s", control_bp=10_000)


def exposed(**changed: object) -> Bank:
    """Return a bank whose customer was offered instalments at T0; purchases in a week count."""
    bank = Bank(push(**{"conversion": WEEK_OF_MONEY, **changed}))
    bank.say(bill(300_000), 0)
    return bank


def opened(effects: Iterable[Effect]) -> list[ExposureOpened]:
    """Return the exposures that decisions have opened."""
    found = [effect for effect in effects if isinstance(effect, ExposureOpened)]
    return [effect for effect in found if effect.verdict != "assigned"]


def assigned(effects: Iterable[Effect]) -> list[ExposureOpened]:
    """Return the exposures to a tenant's holdout that were opened."""
    found = [effect for effect in effects if isinstance(effect, ExposureOpened)]
    return [effect for effect in found if effect.verdict == "assigned"]


def settled(effects: Iterable[Effect]) -> list[ExposureSettled]:
    """Return what exposures have come to."""
    return [effect for effect in effects if isinstance(effect, ExposureSettled)]


def followed(effects: Iterable[Effect]) -> list[ExposureFollowed]:
    """Return whether customers were still active."""
    return [effect for effect in effects if isinstance(effect, ExposureFollowed)]


def objected(effects: Iterable[Effect]) -> list[str]:
    """Return objections as `campaign kind`."""
    found = [effect for effect in effects if isinstance(effect, ExposureObjected)]
    return [f"{one.campaign_id} {one.objection}" for one in found]


def outcomes(effects: Iterable[Effect]) -> list[OutcomeRecorded]:
    """Return what came of exposures."""
    return [effect for effect in effects if isinstance(effect, OutcomeRecorded)]


def fates(effects: Iterable[Effect]) -> list[str]:
    """Return outcomes as `sequence label reason`."""
    return [f"{one.sequence} {one.label} {one.reason}" for one in outcomes(effects)]


def cancelled(effects: Iterable[Effect]) -> list[str]:
    """Return why triggers were taken back."""
    return [effect.reason_code for effect in effects if isinstance(effect, TriggerCancelled)]
