"""Say where a customer's cards are counted in the funnel, and that one moves: core.md §3.18."""

from collections.abc import Iterator, Mapping

import msgspec

from tests.checker.identity import Facts, event_hash, uuid8
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


COUNTED = ("issued", "activated", "bound", "first_spend")
AFTER = {"activated": "issued", "bound": "activated", "first_spend": "activated"}
GONE = ("lost", "closed")


def counted_as(customer: Facts) -> dict[str, str]:
    """Return where each card is counted, in the order in which the customer has got them."""
    return {token: _name(card) for token, card in customer["cards"].items()}


def _name(card: Facts) -> str:
    if card["replaced_by"]:
        return ""
    gone = "|gone" if card["status"] in GONE else ""
    return "+".join(name for name in COUNTED if card[name]) + gone


def moves(
    customer: Facts, before: Mapping[str, str], reached: str, moment: Moment
) -> Iterator[Output]:
    """
    Yield of each card that is counted elsewhere now where that is.

    Args:
        customer: as the event that is the moment's cause has left the cards.
        before: where they were counted before it.
        reached: the milestone that the event's own card has reached by it, "" for none.
        moment: of the event.
    """
    for token, after in counted_as(customer).items():
        was = before.get(token, "")
        if after != was:
            is_its = moment.cause["record"].get("card_token") == token
            name = reached if is_its and reached in COUNTED else ""
            waited = _waited_ms(customer["cards"][token], name, moment.cause["occurred_at_ms"])
            yield _moved(token, (was, after), (name, waited), moment)


def erased(before: Mapping[str, str], moment: Moment) -> Iterator[Output]:
    """Yield that each card that was counted is counted no more."""
    for token, was in before.items():
        if was:
            yield _moved(token, (was, ""), ("", -1), moment)


def _waited_ms(card: Facts, reached: str, at: int) -> int:
    since = card[AFTER[reached]] if reached in AFTER else 0
    return max(0, at - since) if since else -1


def _moved(
    token: str, counted: tuple[str, str], reached: tuple[str, int], moment: Moment
) -> Output:
    cause = moment.cause
    event = event_hash(cause["event_source"], cause["event_id"])
    whose = (moment.tenant, moment.customer_token)
    name = uuid8("moved", *whose, f"{event:016x}", token, counted[1])
    record = {
        "v": 1,
        "moved_id": name,
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "before": counted[0],
        "after": counted[1],
        "reached": reached[0],
        "waited_ms": reached[1],
        "occurred_at_ms": cause["occurred_at_ms"],
        "moved_at_ms": moment.now_ms,
    }
    return Output("outcomes", name, msgspec.json.encode(record), "card.moved.v1")
