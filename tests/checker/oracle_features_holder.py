"""Say who a customer is and what they prefer: core.md §3.9, groups base and preference."""

from typing import Any

from tests.checker.oracle_cards import MILESTONES, as_now
from tests.checker.oracle_subject import DAY_MS, Subject, may_read, since


STAGES = ("issued", "delivered", "activated", "bound", "authorised", "first_spend")
PROFILE = ("at", "time_zone", "region", "segments", "staff", "attributes")
ATTRIBUTES = ("city", "wealth_band", "age_band", "occupation_band")
PREFERENCE = ("at", "personalisation_off", "channel_order", "quiet_hours", "language")


def tenure_days(subject: Subject) -> int:
    """Return how long ago the first card was issued."""
    issued = [one["issued"] for one in subject.customer["cards"].values() if one["issued"]]
    return since(min(issued, default=0), subject.now, DAY_MS)


def stage(subject: Subject) -> str:
    """Return the last of the stages that the card has reached."""
    card = subject.customer["cards"].get(subject.card, {})
    return ([""] + [name for name in STAGES if card.get(name)])[-1]


def stage_days(subject: Subject) -> int:
    """Return how long ago the card reached its greatest milestone."""
    card = subject.customer["cards"].get(subject.card, {})
    reached = [card.get(name, 0) for name in MILESTONES.values()]
    return since(max(reached), subject.now, DAY_MS)


def card_count(subject: Subject) -> int:
    """Return how many cards, as they are now, may be used."""
    customer = subject.customer
    now = {as_now(customer, token) for token in customer["cards"]}
    return sum(not customer["cards"].get(token, {}).get("status") for token in now)


def profile(subject: Subject, name: str, absent: Any) -> Any:  # noqa: ANN401 (any field)
    """Return a field of the profile."""
    kept = subject.customer["profile"]
    return absent if kept is None else kept[PROFILE.index(name)]


def attribute(subject: Subject, name: str) -> str:
    """Return what the bank knows beside, "" without consent to profiling."""
    known = profile(subject, "attributes", ())
    if not known or not may_read(subject, "profiling"):
        return ""
    return str(known[ATTRIBUTES.index(name)])


def preference(subject: Subject, name: str, absent: Any) -> Any:  # noqa: ANN401 (any field)
    """Return a field of the preference."""
    kept = subject.customer["preference"]
    return absent if kept is None else kept[PREFERENCE.index(name)]


HOLDER = {
    "tenure_days": ("int", tenure_days),
    "stage": ("string", stage),
    "stage_days": ("int", stage_days),
    "card_count": ("int", card_count),
    "segments": ("strings", lambda one: list(profile(one, "segments", ()))),
    "region": ("string", lambda one: profile(one, "region", "")),
    "staff": ("bool", lambda one: profile(one, "staff", absent=False)),
    "city": ("string", lambda one: attribute(one, "city")),
    "wealth_band": ("string", lambda one: attribute(one, "wealth_band")),
    "age_band": ("string", lambda one: attribute(one, "age_band")),
    "occupation_band": ("string", lambda one: attribute(one, "occupation_band")),
}
PREFERENCES = {
    "personalisation_off": (
        "bool",
        lambda one: preference(one, "personalisation_off", absent=False),
    ),
    "language": ("string", lambda one: preference(one, "language", "")),
    "channel_order": ("strings", lambda one: list(preference(one, "channel_order", ()))),
    "wishes_quiet": ("bool", lambda one: preference(one, "quiet_hours", "") != ""),
}
