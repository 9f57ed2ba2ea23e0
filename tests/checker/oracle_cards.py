"""Say what an event makes of a customer's cards: core.md §3.2 (4) and §3.8 (cards)."""

from typing import Any

from tests.checker.identity import Facts


CARDS_MAX = 16
SUCCESSIONS_MAX = 16
MILESTONES = {
    "card.issued": "issued",
    "card.activated": "activated",
    "wallet.bound": "bound",
    "txn.posted": "first_spend",
    "card.delivered": "delivered",
    "txn.authorised": "authorised",
}
COUNTED_MILESTONES = {"issued", "activated", "bound", "first_spend"}
STATUS = {
    "card.blocked": "blocked",
    "card.unblocked": "",
    "card.lost": "lost",
    "card.closed": "closed",
}


def take_card(customer: Facts, event: Facts, at: int) -> str | None:
    """
    Take a milestone, a status or a replacement.

    Returns:
        The milestone that the event's own card reached just now, "" for none, None where the
        card has no room.
    """
    kind = event["event_type"]
    if kind not in MILESTONES and kind not in STATUS and kind != "card.replaced":
        return ""
    tokens = [event["card_token"]]
    if kind == "card.replaced":
        tokens.append(event["new_card_token"])
    if not _make_room(customer["cards"], tokens):
        return None
    if kind == "card.replaced":
        _replace(customer["cards"], *tokens)
        return ""
    card = customer["cards"][tokens[0]]
    if kind in STATUS:
        word = (at, STATUS[kind])
        card["status_at"], card["status"] = max((card["status_at"], card["status"]), word)
        return ""
    name = MILESTONES[kind]
    is_new = not card[name]
    for token in _way(customer["cards"], tokens[0]):
        _merge(customer["cards"][token], name, at)
    return name if is_new else ""


def as_now(customer: Facts, token: str) -> str:
    """Return the token under which a card goes on; one that is not known is itself."""
    return _way(customer["cards"], token)[-1]


def is_same_card(customer: Facts, event: Facts, token: str) -> bool:
    """Return whether the event is about this card; one without a card is about none."""
    mine: str = event.get("card_token") or ""
    return bool(mine) and as_now(customer, mine) == as_now(customer, token)


def is_out_of_use(customer: Facts, token: str) -> bool:
    """Return whether the card, as it is now, is known to be blocked, lost or closed."""
    card = customer["cards"].get(as_now(customer, token), {})
    return bool(card.get("status"))


def _make_room(cards: dict[str, Any], tokens: list[str]) -> bool:
    """Create the cards that are not there, all of them or none; False where they do not fit."""
    missing = {token for token in tokens if token not in cards}
    if len(cards) + len(missing) > CARDS_MAX:
        return False
    for token in tokens:
        fresh: Facts = dict.fromkeys(MILESTONES.values(), 0)
        cards.setdefault(token, fresh | {"status": "", "status_at": 0, "replaced_by": ""})
    return True


def _replace(cards: dict[str, Facts], old: str, new: str) -> None:
    """Let `new` continue `old`: of two successors the lesser stays; milestones go along."""
    kept = cards[old]["replaced_by"]
    if not kept or kept > new:
        cards[old]["replaced_by"] = new
    for token in _way(cards, new):
        for name in MILESTONES.values():
            _merge(cards[token], name, cards[old][name])


def _way(cards: dict[str, Facts], token: str) -> list[str]:
    """Return a card and those that continue it, the newest last."""
    way = [token]
    while len(way) <= SUCCESSIONS_MAX and (after := cards.get(way[-1], {}).get("replaced_by")):
        way.append(after)
    return way


def _merge(card: Facts, name: str, at: int) -> None:
    known = [time for time in (card[name], at) if time]
    card[name] = min(known, default=0)
