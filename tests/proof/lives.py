"""Tell what one customer does within seconds: cards, purchases, bills, now and then the rest."""

import random
from collections.abc import Iterator
from typing import Any, Final

from tests.checker.catalogue import forms
from tests.checker.identity import occurrence_key, trigger_id, uuid8
from tests.proof.asides import ASIDES, Aside
from tests.proof.forms import Fields, Happening, calendar_day, source_of


HUNDRED_DAYS_MS: Final = 8_640_000_000
DAY_MS: Final = 86_400_000
ASIDE_RATIO: Final = 0.7
"""Of customers to whom something happens that the catalogue has besides cards and money."""

ANSWERS: Final = (
    *("delivery.receipt",) * 6,
    *("response.recorded",) * 3,
    "offer.result",
)
STATUSES: Final = ("delivered", "failed", "expired", "submitted", "blocked_optout")
REPLIES: Final = ("click", "open", "reply", "complaint", "optout")


class Teller:
    """Tells what one customer does, event by event; sent not quite in the order of happening."""

    def __init__(self, rng: random.Random, token: str, *, order: float, at_ms: int) -> None:
        """Begin at a moment; `order` is the place in the order of sending."""
        self.rng, self.token, self.at_ms = rng, token, at_ms
        self._order = order

    def tell(self, topic: str, event_type: str, name: str, **fields: Any) -> Happening:  # noqa: ANN401 (any JSON)
        """Return the next event; some are sent after younger ones, some occurred long ago."""
        rng = self.rng
        self.at_ms += int(rng.expovariate(1 / 1_500))
        self._order += rng.expovariate(1 / 400)
        late = rng.random() * 4_000 if rng.random() < 0.05 else 0
        occurred_at_ms = self.at_ms - (HUNDRED_DAYS_MS if rng.random() < 0.004 else 0)
        event_id = f"{self.token}-{name}"
        return Happening(self._order + late, topic, event_type, event_id, occurred_at_ms, fields)


def life(teller: Teller, tenant: str) -> Iterator[Happening]:
    """Yield what one customer does, from consent to receipt."""
    rng, token = teller.rng, teller.token
    if rng.random() < 0.9:
        yield from _words(teller, rng.choices(("granted", "denied"), (19, 1))[0])
    cards = [f"{token}-k{number}" for number in range(1 + (rng.random() < 0.1))]
    for card in cards:
        yield from _card(teller, card)
    if rng.random() < 0.04:
        new = f"{cards[0]}r"
        said = {"card_token": cards[0], "new_card_token": new}
        yield teller.tell("card.status.v1", "card.replaced", "replaced", **said)
        cards[0] = rng.choice((new, cards[0]))
    yield from _purchases(teller, cards)
    if rng.random() < 0.4:
        yield from _bill(teller, cards[0])
    if rng.random() < ASIDE_RATIO:
        yield from _aside(teller, rng.choice(ASIDES), cards[0])
    if rng.random() < 0.12:
        yield _answer(teller, tenant, f"{token}-k0")
    if rng.random() < 0.05:
        yield from _words(teller, "revoked")


def _card(teller: Teller, card: str) -> Iterator[Happening]:
    """Yield a card's way from issue to wallet, which stops anywhere."""
    rng = teller.rng
    yield teller.tell("card.issue.v1", "card.issued", f"iss-{card}", card_token=card)
    if rng.random() < 0.1:
        yield teller.tell("card.issue.v1", "card.delivered", f"del-{card}", card_token=card)
    if rng.random() < 0.5:
        yield teller.tell("card.activation.v1", "card.activated", f"act-{card}", card_token=card)
    if rng.random() < 0.3:
        yield teller.tell("card.bind.v1", "wallet.bound", f"bind-{card}", card_token=card)


def _words(teller: Teller, status: str) -> Iterator[Happening]:
    """Yield what the customer says about being contacted."""
    for channel in ("sms", "push"):
        said = {"purpose": "card_marketing", "channel": channel, "status": status}
        if teller.rng.random() < 0.02:
            said["effective_at"] = "2030-01-01T00:00:00+08:00"
        name = f"{status}-{channel}"
        yield teller.tell("customer.profile.v1", "consent.changed", name, **said)


def _answer(teller: Teller, tenant: str, card: str) -> Happening:
    """Return what comes back for a nudge, which may or may not have been sent."""
    rng, token = teller.rng, teller.token
    step = rng.choice(("first", "second", "third"))  # there is no third: UNKNOWN_TRIGGER
    event_id = f"{token}-iss-{card}"
    occurrence = occurrence_key(card, source_of(tenant, "card.issue.v1", event_id), event_id)
    about = trigger_id(f"{tenant}|{token}", "activation_nudge", occurrence, step)
    kind = rng.choice(ANSWERS)
    said: Fields = {"trigger_id": about, "channel": "sms"}
    if kind == "delivery.receipt":
        said |= {"receipt_id": f"{token}-r", "status": rng.choice(STATUSES)}
        return teller.tell("gateway.receipt.v1", kind, "receipt", **said)
    if kind == "response.recorded":
        said |= {"response_id": f"{token}-r", "kind": rng.choice(REPLIES)}
    else:
        status = ("refused", "expired", "redeemed")[len(token) % 3]
        said = {"trigger_id": about, "reservation_id": uuid8("reservation", about)}
        said["status"] = status
    return teller.tell("gateway.response.v1", kind, "reply", **said)


def _purchases(teller: Teller, cards: list[str]) -> Iterator[Happening]:
    """Yield purchases, some of them large, some in other money, some taken back."""
    rng, token = teller.rng, teller.token
    for number in range(int(rng.expovariate(1 / 4))):
        said = {"txn_id": f"{token}-t{number}", "card_token": rng.choice(cards), "currency": "CNY"}
        if rng.random() < 0.05:
            said["currency"] = rng.choice(("USD", "EUR", "JPY", "GBP", "CHF"))
        large = 40_000 if rng.random() < 0.08 else 0
        money = {**said, "amount_minor": int(rng.lognormvariate(8, 1)) + large}
        yield teller.tell("card.spend.v1", "txn.posted", f"txn{number}", **money)
        if rng.random() < 0.05:
            yield teller.tell("card.spend.v1", "txn.reversed", f"rev{number}", **money)


def _bill(teller: Teller, card: str) -> Iterator[Happening]:
    """Yield a statement, and at times its repayment, in whole, in part, or as money on the card."""
    rng, token = teller.rng, teller.token
    bill = {"statement_id": f"{token}-s", "card_token": card, "currency": "CNY"}
    due = int(rng.lognormvariate(10, 1))
    terms = {
        "total_due_minor": due,
        "min_due_minor": due // 10,
        "due_date": calendar_day(teller.at_ms + rng.choice((-1, 1, 1, 1, 2, 5)) * DAY_MS),
        "instalment_eligible": rng.random() < 0.7,
    }
    yield teller.tell("card.repayment.v1", "statement.issued", "bill", **bill, **terms)
    if rng.random() < 0.1:
        said = {"card_token": card, "status": "active"}
        yield teller.tell("card.repayment.v1", "autopay.changed", "auto", **said)
    if rng.random() < 0.5:
        paid: Fields = {"repayment_id": f"{token}-p", **bill, "amount_minor": due}
        dice = rng.random()
        if dice < 0.2:
            paid["amount_minor"] = due // 2
        elif dice < 0.4:
            del paid["statement_id"]
        yield teller.tell("card.repayment.v1", "repayment.received", "paid", **paid)
    elif rng.random() < 0.1:
        said = {"statement_id": f"{token}-s", "card_token": card}
        yield teller.tell("card.repayment.v1", "repayment.overdue", "over", days_past_due=3, **said)
        if rng.random() < 0.5:
            yield teller.tell("card.repayment.v1", "repayment.cured", "cured", **said)


def _aside(teller: Teller, aside: Aside, card: str) -> Iterator[Happening]:
    """Yield one of the many other things, and often what follows it."""
    for number, (event_type, fields) in enumerate(aside):
        if number and teller.rng.random() < 0.3:
            return
        said = {
            name: value.format(token=teller.token, card=card) if isinstance(value, str) else value
            for name, value in fields.items()
        }
        topic = forms()[event_type].topic
        yield teller.tell(topic, event_type, f"aside{number}", **said)
