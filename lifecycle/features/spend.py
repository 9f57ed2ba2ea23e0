"""How the customer spends: recency, frequency and amount, over all cards."""

from functools import lru_cache, partial
from math import floor
from typing import Final

from lifecycle.features import recent
from lifecycle.features.context import ABSENT, Context, Feature, days_since
from lifecycle.features.drift import DRIFT_COUNT_MIN, decline_ppm
from lifecycle.features.habits import HABITS
from lifecycle.instants import DAY_MS
from schemas.state import AmountState


DECAYED_MINOR_MAX: Final = 10**18
"""What fits into 64 bits; the sums of the counters stop there too."""


def _recency_days(context: Context) -> int:
    return days_since(context.row.last_spend_at_ms, context.now_ms)


def _spend_count(context: Context) -> int:
    return context.row.spend_count


def currency_of(context: Context) -> str:
    """Return the bill's or journey's currency, else that of most purchases, then the least."""
    if context.statement is not None and context.statement.currency:
        return context.statement.currency
    if context.journey is not None and context.journey.currency:
        return context.journey.currency
    amounts = context.row.amounts
    return min(amounts, key=lambda code: (-amounts[code].spend_count, code), default="")


def amount_30d_minor(context: Context) -> int:
    """Return what is spent in the currency at hand, halved every 30 days, floored."""
    return _decayed(30, context)


def _amount(context: Context) -> AmountState | None:
    return context.row.amounts.get(currency_of(context))


def _decayed(days: int, context: Context) -> int:
    """Return the sum halved every so many days, as of now: floored, within what fits 64 bits."""
    amount = _amount(context)
    if amount is None:
        return 0
    decayed: float = getattr(amount, f"decayed_{days}d_minor")
    later_days = max(0, context.now_ms - amount.decayed_as_of_ms) / DAY_MS
    factor: float = 2.0 ** (-later_days / days)
    return max(-DECAYED_MINOR_MAX, min(DECAYED_MINOR_MAX, floor(decayed * factor)))


def _mean_amount_minor(context: Context) -> int:
    amount = _amount(context)
    if amount is None or amount.spend_count == 0:
        return ABSENT
    return amount.spend_sum_minor // amount.spend_count


def _amount_drift_ppm(context: Context) -> int:
    return _amount_drift_of(context.row.recent_spend, currency_of(context))


@lru_cache(recent.KNOWN_COUNT)
def _amount_drift_of(known: bytes, currency: str) -> int:
    """Return the drift of a row's `recent_spend`: what an entry read, clause and record read."""
    amounts_minor = recent.amounts_minor(known, currency)
    return decline_ppm(amounts_minor) if len(amounts_minor) >= DRIFT_COUNT_MIN else 0


def _reversed_count(context: Context) -> int:
    return sum(amount.reversed_count for amount in context.row.amounts.values())


SPEND: Final = {
    "recency_days": Feature(
        "int", "days", ABSENT, "since the last purchase", _recency_days, behavioural=True
    ),
    "spend_count": Feature("int", "purchases", 0, "purchases ever", _spend_count, behavioural=True),
    "currency": Feature(
        "string",
        "ISO 4217",
        "",
        "of the bill or purchase at hand, else of most purchases",
        currency_of,
        behavioural=True,
    ),
    "mean_amount_minor": Feature(
        "int",
        "minor units",
        ABSENT,
        "of a purchase in that currency",
        _mean_amount_minor,
        behavioural=True,
    ),
    **{
        f"amount_{days}d_minor": Feature(
            "int",
            "minor units",
            0,
            f"spent in that currency, halved every {days} days",
            partial(_decayed, days),
            behavioural=True,
        )
        for days in (7, 30, 90)
    },
    "reversed_count": Feature(
        "int", "purchases", 0, "taken back, wholly or in part", _reversed_count, behavioural=True
    ),
    "amount_drift_ppm": Feature(
        "int",
        "millionths of a standard deviation",
        0,
        "how far amounts in that currency have fallen (CUSUM); needs 8 purchases",
        _amount_drift_ppm,
        behavioural=True,
    ),
    **HABITS,
}
