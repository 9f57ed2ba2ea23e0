"""
Bring a customer as the oracle knows them and a changelog row into one comparable shape.

Fields of a row are known by their place; lists whose order says nothing become mappings.
"""

from typing import Any

from tests.checker.identity import Facts, event_hash
from tests.checker.oracle_cards import MILESTONES
from tests.checker.oracle_habits import packed_habits
from tests.checker.oracle_recent import packed


CARD = (*MILESTONES.values(), "status", "status_at", "replaced_by")
CONSENT = ("status", "at", "event_id", "effective", "withdrawn", "evidence")
JOURNEY = (
    *("campaign_id", "policy_version", "occurrence_key", "card_token", "entry_event_id"),
    *("entered_at_ms", "waits_on", "due", "amount_minor", "currency", "fired"),
)
STATEMENT = ("card_token", "issued_at", "due_at", "total", "min", "currency", "paid")
MARKED = ("converted", "reversed")
"""Fields of an exposure that are eight bytes for each event."""

NOT_REACHED = (-1, -1)
ROW = (
    *("v", "partition", "cards", "consents", "journeys", "contacts", "amounts"),
    *("spend_count", "first_spend_at_ms", "last_spend_at_ms", "last_spend_event_id"),
    *("last_spend_card_token", "ring_at", "ring_hash", "floor", "last_spend_hash", "ring_content"),
    *("words", "statements", "preference", "profile", "recent_spend"),
    *("forgotten", "kept_back", "memories", "exposures", "experiments", "scene_habits"),
)


def of_oracle(partition: int, customer: Facts) -> Facts:
    """Return the comparable shape of what the oracle knows."""
    source, event_id = customer["last_event"]
    return {
        "v": 1,
        "partition": partition,
        "cards": {t: [card[name] for name in CARD] for t, card in customer["cards"].items()},
        "consents": {
            place: [kept[name] for name in CONSENT] for place, kept in customer["consents"].items()
        },
        "journeys": sorted(_journey(journey) for journey in customer["journeys"]),
        "contacts": {one["trigger_id"]: _contact(one)[1:] for one in customer["contacts"]},
        "amounts": {
            currency: [*list(money.values())[:5], *money["decayed"]]
            for currency, money in customer["amounts"].items()
        },
        "spend_count": customer["spends"],
        "first_spend_at_ms": customer["first"],
        "last_spend_at_ms": customer["last"],
        "last_spend_event_id": event_id,
        "last_spend_card_token": customer["last_card"],
        "floor": customer["floor"],
        "last_spend_hash": event_hash(source, event_id) if event_id else 0,
        "words": {place: list(said) for place, said in customer["words"].items()},
        "statements": {
            name: [one[field] for field in STATEMENT]
            for name, one in customer["statements"].items()
        },
        "preference": _listed(customer["preference"]),
        "profile": _listed(customer["profile"]),
        "recent_spend": packed(customer["recent"]),
        "memories": _memories(customer),
        "forgotten": customer["forgotten"],
        "kept_back": customer["kept_back"],
        "exposures": [_exposure(one) for one in customer["exposures"]],
        "experiments": b"".join(customer["experiments"]),
        "scene_habits": packed_habits(customer["habits"]),
    } | _ring(customer["ring"])


def _ring(ring: list[tuple[int, int, int]]) -> Facts:
    return {
        "ring_at": b"".join(at.to_bytes(6, "big") for at, _, _ in ring),
        "ring_hash": b"".join(name.to_bytes(8, "big") for _, name, _ in ring),
        "ring_content": bytes(content for _, _, content in ring),
    }


def _memories(customer: Facts) -> Facts:
    return {
        name: [one["times"], [list(way or NOT_REACHED) for way in one["ways"]]]
        for name, one in customer["memories"].items()
    }


def of_row(row: list[Any]) -> Facts:
    """
    Return the comparable shape of a changelog row.

    Raises:
        ValueError: the row has more or fewer fields than are known.
    """
    shape = dict(zip(ROW, row, strict=True))
    return shape | {
        "cards": {token: facts for token, *facts in shape["cards"]},
        "consents": {
            (purpose, channel): [status, *facts]
            for purpose, channel, status, *facts in shape["consents"]
        },
        "journeys": sorted([*j[:7], sorted(j[7]), *j[8:]] for j in shape["journeys"]),
        "contacts": {trigger_id: facts for trigger_id, *facts in shape["contacts"]},
        "words": {(kind, subject): facts for kind, subject, *facts in shape["words"]},
        "statements": {name: facts for name, *facts in shape["statements"]},
        "memories": {name: facts for name, *facts in shape["memories"]},
    }


def _journey(journey: Facts) -> list[Any]:
    due = sorted(journey["due"])
    return [due if name == "due" else journey[name] for name in JOURNEY]


def _contact(one: Facts) -> list[Any]:
    """Return its fields, in the order in which the oracle has them too."""
    parts = one.values()
    return [list(part.values()) if isinstance(part, dict) else part for part in parts]


def _exposure(one: Facts) -> list[Any]:
    """Return its fields, in the order in which the oracle has them too."""
    return [
        b"".join(mark.to_bytes(8, "big") for mark in field) if name in MARKED else field
        for name, field in one.items()
    ]


def _listed(value: Any) -> Any:  # noqa: ANN401 (any field)
    """Return tuples as lists, which is what a row has."""
    return [_listed(part) for part in value] if isinstance(value, tuple) else value
