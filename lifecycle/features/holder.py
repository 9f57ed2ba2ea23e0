"""Who the customer is to the bank: cards, tenure, stage, and what the profile says."""

from functools import partial
from typing import Final

from lifecycle import cards, consents, milestones
from lifecycle.features.context import ABSENT, Context, Feature, days_since
from schemas.events import ProfileAttributes
from schemas.state import CardState


PROFILING: Final = "profiling"
"""The purpose for which a customer lets the bank read what describes them (PIPL 13, 24)."""

_ATTRIBUTES: Final = ProfileAttributes.__struct_fields__


def _tenure_days(context: Context) -> int:
    issued = [card.issued_at_ms for card in context.row.cards if card.issued_at_ms]
    return days_since(min(issued, default=0), context.now_ms)


def _card(context: Context) -> CardState | None:
    return cards.find(context.row, context.card_token)


def _stage(context: Context) -> str:
    card = _card(context)
    return (card and milestones.stage(card)) or ""


def _stage_days(context: Context) -> int:
    card = _card(context)
    if card is None:
        return ABSENT
    reached = [getattr(card, name) for name in cards.MILESTONE_FIELDS]
    return days_since(max(reached), context.now_ms)


def _card_count(context: Context) -> int:
    row = context.row
    current = {cards.current(row, card.card_token) for card in row.cards}
    return sum(not cards.unusable(row, token) for token in current)


def _segments(context: Context) -> tuple[str, ...]:
    profile = context.row.profile
    return () if profile is None else tuple(profile.segment_codes)


def _region(context: Context) -> str:
    profile = context.row.profile
    return "" if profile is None else profile.region_code


def _staff(context: Context) -> bool:
    profile = context.row.profile
    return profile is not None and profile.staff


def _attribute(name: str, context: Context) -> str:
    """Return an attribute of the allow-list while the customer lets it be read, else ""."""
    profile = context.row.profile
    consent = consents.find(context.row, PROFILING, consents.DATA)
    if profile is None or consent is None or consent.status != "granted":
        return ""
    if consent.effective_at_ms > context.now_ms:
        return ""
    return profile.attributes[_ATTRIBUTES.index(name)]


HOLDER: Final = {
    "tenure_days": Feature("int", "days", ABSENT, "since the first card was issued", _tenure_days),
    "stage": Feature("string", "", "", "furthest milestone of the card", _stage),
    "stage_days": Feature("int", "days", ABSENT, "since that milestone", _stage_days),
    "card_count": Feature("int", "cards", 0, "cards that may be used", _card_count),
    "segments": Feature("strings", "", (), "segment codes of the profile", _segments),
    "region": Feature("string", "", "", "region code of the profile", _region),
    "staff": Feature("bool", "", absent=False, meaning="works for the bank", read=_staff),
    "city": Feature("string", "", "", "city code; needs consent", partial(_attribute, "city_code")),
    "wealth_band": Feature(
        "string",
        "",
        "",
        "band of wealth; needs consent",
        partial(_attribute, "wealth_band"),
    ),
    "age_band": Feature(
        "string", "", "", "band of age; needs consent", partial(_attribute, "age_band")
    ),
    "occupation_band": Feature(
        "string",
        "",
        "",
        "kind of occupation; needs consent",
        partial(_attribute, "occupation_band"),
    ),
}
