"""
Stand in for the bank's offer system: grant each unit once, and say so.

Nearly all are granted at once, which changes no decision. Who is refused hears of it when the
histories are over, as of failures (`cli.demo.gateway`): a unit that is given back can be promised
to somebody else, and who that is must not depend on the machine.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from confluent_kafka import Message

from cli.demo.echo import Said, echo
from cli.demo.loader import Outgoing
from schemas.codec import decode_grant
from schemas.decisions import OfferGrantRequested
from schemas.routing import OFFERS_TOPIC


REFUSED_PERCENT: Final = 3
SECONDS_TO_GRANT: Final = 1


class OfferSystem:
    """What the offer system knows: the reservations that it has seen, and whom it will refuse."""

    def __init__(self) -> None:
        """Start without a request."""
        self.granted: Counter[tuple[str, str]] = Counter()
        """Units granted, by tenant and offer."""
        self.refused: Counter[tuple[str, str]] = Counter()
        """Requests that were told no, likewise."""
        self.repeated_count = 0
        """Requests for a reservation seen before: none, unless a decision was doubled."""
        self._seen: set[str] = set()
        self._waiting: list[OfferGrantRequested] = []

    @property
    def held(self) -> Counter[tuple[str, str]]:
        """Return how many units are somebody's, or asked for, by tenant and offer."""
        return self.granted + Counter((one.tenant, one.offer_id) for one in self._waiting)

    def take(self, messages: Iterable[Message]) -> Iterator[Outgoing]:
        """Yield the answer to each new request that is granted."""
        for message in messages:
            value = message.value()
            if value is None or message.topic() != OFFERS_TOPIC:
                continue
            request = decode_grant(value)
            if request.reservation_id in self._seen:
                self.repeated_count += 1
                continue
            self._seen.add(request.reservation_id)
            if refused(request):
                self._waiting.append(request)
            else:
                self.granted[request.tenant, request.offer_id] += 1
                yield _result(request, "granted")

    def refuse(self) -> Iterator[Outgoing]:
        """Yield the answer to each request that is refused, and forget it."""
        while self._waiting:
            request = self._waiting.pop()
            self.refused[request.tenant, request.offer_id] += 1
            yield _result(request, "refused")


def refused(request: OfferGrantRequested) -> bool:
    """Return whether this customer cannot have the offer: the same for the same reservation."""
    return int(request.reservation_id[-4:], 16) % 100 < REFUSED_PERCENT


def _result(request: OfferGrantRequested, status: str) -> Outgoing:
    """Return what became of a request; without its trigger nobody could tell whose it is."""
    said = Said(
        "offer.result",
        f"offer-{request.reservation_id}",
        "/offer-system",
        request.requested_at_ms + SECONDS_TO_GRANT * 1_000,
    )
    body = {
        "reservation_id": request.reservation_id,
        "trigger_id": request.trigger_id,
        "status": status,
        "reason": "" if status == "granted" else "not_eligible",
    }
    return echo(said, request.tenant, request.customer_token, body)
