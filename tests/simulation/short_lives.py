"""
Make up two banks whose few customers do everything within seconds.

Events come late, out of order and twice, some are spoilt, some are of long ago (T6), and a
customer may do more than a ring of ids can remember (B2). Seeded: the same chance, the same lives.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from tests.checker.identity import occurrence_key, trigger_id
from tests.proof.forms import Fields, Upstream, rfc3339
from tests.simulation.answers import answers


GAP_S_MEAN: Final = 0.15
LATE_RATIO: Final = 0.12
LATE_S_MAX: Final = 2.5
AGES_AGO_RATIO: Final = 0.02
AGES_MS: Final = 100 * 86_400_000
REPEATED_RATIO: Final = 0.04
NAMESAKE_RATIO: Final = 0.01
SPOILT_RATIO: Final = 0.02
HOT_RATIO: Final = 0.15
"""How many stories have a customer who does as much as all the others."""
HOT_COUNT: Final = 36
ANSWERING_S: Final = 0.8
"""For so long gateways go on answering after the last customer has done anything."""

LINGERS_S: Final = (0.0, 0.1, 0.25, 0.5)
TOPICS: Final = (
    "card.issue.v1",
    "card.activation.v1",
    "card.bind.v1",
    "card.spend.v1",
    "card.repayment.v1",
    "customer.profile.v1",
    "gateway.receipt.v1",
    "gateway.response.v1",
)
"""All that these banks publish."""


class Told(NamedTuple):
    """A record, and the second at which its producer sends it."""

    at_s: float
    record: Upstream


def lives(
    chance: random.Random, tenants: Sequence[str], *, epoch_ms: int, feed_s: float
) -> list[Told]:
    """Return what all customers of the banks do within `feed_s`, in the order of sending."""
    hot = chance.random() < HOT_RATIO
    told: list[Told] = []
    for number in range(chance.randint(1, 3) if hot else chance.randint(3, 8)):
        tenant = tenants[number % len(tenants)]
        token = f"c{number // len(tenants)}"  # the banks have customers of the same tokens (N2)
        count = HOT_COUNT if hot and not number else int(chance.expovariate(1 / 4))
        pace = Pace(
            chance.uniform(0, 0.6 * feed_s), min(GAP_S_MEAN, feed_s / (2 * count + 1)), feed_s
        )
        for at_s, record in Teller(chance, tenant, token, epoch_ms, pace).life(count):
            told += _sent(chance, min(at_s, feed_s), record)
        # a chance of their own, so that without answers the rest of the world would be the same
        answering = random.Random(f"{chance.getstate()[1][0]} {number}")  # noqa: S311
        for at_s, record in answers(answering, tenant, token, epoch_ms, pace.begin_s):
            told.append(Told(min(at_s, feed_s + ANSWERING_S), record))
    linger_s = chance.choice(LINGERS_S)
    return sorted((_batched(one, linger_s) for one in told), key=lambda one: one.at_s)


def _batched(told: Told, linger_s: float) -> Told:
    """Return a record as a producer sends it who waits for company."""
    return told._replace(at_s=math.ceil(told.at_s / linger_s) * linger_s) if linger_s else told


def _sent(chance: random.Random, at_s: float, record: Upstream) -> Iterator[Told]:
    """Yield a record, at times twice, at times with something spoilt beside it."""
    yield Told(at_s, record)
    if chance.random() < REPEATED_RATIO:
        yield Told(at_s + chance.uniform(0, 1), record)
    if chance.random() < SPOILT_RATIO:
        value = chance.choice((None, b"{half", b"\xff\xfe", b'{"type":"card.vanished"}'))
        yield Told(at_s, Upstream("card.issue.v1", record.key, value))


class Pace(NamedTuple):
    """When a customer's life begins, how far apart its events are, and when the last one is."""

    begin_s: float
    gap_s_mean: float
    end_s: float


class Teller:
    """Tells what one customer does, event by event."""

    def __init__(
        self, chance: random.Random, tenant: str, token: str, epoch_ms: int, pace: Pace
    ) -> None:
        """Begin the life of a customer."""
        self._chance, self._tenant, self._token = chance, tenant, token
        self._epoch_ms, self._pace, self._at_s = epoch_ms, pace, pace.begin_s
        self._source = f"/{tenant}/core"

    def life(self, purchase_count: int) -> Iterator[tuple[float, Upstream]]:
        """Yield what the customer does, from consent to the last word, with the second of each."""
        chance, token = self._chance, self._token
        if chance.random() < 0.9:
            yield from self._words(chance.choice(("granted",) * 9 + ("denied",)))
        for number in range(1 + (chance.random() < 0.15)):
            yield from self._card(f"{token}-k{number}")
        yield from self._purchases(purchase_count, f"{token}-k0")
        if chance.random() < 0.4:
            yield from self._bill(f"{token}-k0")
        if chance.random() < 0.3:
            yield self._receipt(f"{token}-k0")
        if chance.random() < 0.1:
            yield from self._words("revoked")

    def _card(self, card: str) -> Iterator[tuple[float, Upstream]]:
        """Yield how a card comes into use, as far as it does."""
        chance = self._chance
        yield self._event("card.issue.v1", "card.issued", f"iss-{card}", card_token=card)
        if chance.random() < 0.6:
            if chance.random() < 0.5:
                self._at_s += chance.uniform(0.5, 2)
            name = f"act-{card}"
            yield self._event("card.activation.v1", "card.activated", name, card_token=card)
        if chance.random() < 0.3:
            yield self._event("card.bind.v1", "wallet.bound", f"bind-{card}", card_token=card)

    def _words(self, status: str) -> Iterator[tuple[float, Upstream]]:
        """Yield what the customer says about being contacted."""
        for channel in ("sms", "push"):
            said = {"purpose": "card_marketing", "channel": channel, "status": status}
            name = f"{status}-{channel}"
            yield self._event("customer.profile.v1", "consent.changed", name, **said)

    def _purchases(self, count: int, card: str) -> Iterator[tuple[float, Upstream]]:
        """Yield purchases, some large, some in other money, some taken back."""
        chance = self._chance
        for number in range(count):
            name = f"{self._token}-t{number}"
            currency = chance.choice(("USD", "EUR")) if chance.random() < 0.05 else "CNY"
            amount = int(chance.lognormvariate(8, 1)) + 40_000 * (chance.random() < 0.1)
            money: Fields = {"txn_id": name, "card_token": card, "currency": currency}
            money["amount_minor"] = amount
            yield self._event("card.spend.v1", "txn.posted", f"txn{number}", **money)
            if chance.random() < 0.06:
                yield self._event("card.spend.v1", "txn.reversed", f"rev{number}", **money)

    def _bill(self, card: str) -> Iterator[tuple[float, Upstream]]:
        """Yield a statement, and at times its repayment."""
        chance = self._chance
        due = int(chance.lognormvariate(10, 1))
        bill: Fields = {"statement_id": f"{self._token}-s", "card_token": card, "currency": "CNY"}
        terms: Fields = {
            "total_due_minor": due,
            "min_due_minor": due // 10,
            "due_date": "2030-01-31",
            "instalment_eligible": chance.random() < 0.7,
        }
        yield self._event("card.repayment.v1", "statement.issued", "bill", **bill, **terms)
        if chance.random() < 0.4:
            self._at_s += chance.uniform(0, 1)
            paid: Fields = {"repayment_id": f"{self._token}-p", **bill, "amount_minor": due}
            yield self._event("card.repayment.v1", "repayment.received", "paid", **paid)

    def _receipt(self, card: str) -> tuple[float, Upstream]:
        """Return what a gateway says of a nudge, which may or may not have been sent."""
        step = self._chance.choice(("first", "second", "third"))  # there is no third
        event_id = f"{self._token}-iss-{card}"
        occurrence = occurrence_key(card, self._source, event_id)
        nudged = trigger_id(f"{self._tenant}|{self._token}", "activation_nudge", occurrence, step)
        return self._event(
            "gateway.receipt.v1",
            "delivery.receipt",
            "receipt",
            receipt_id=f"{self._token}-r",
            trigger_id=nudged,
            channel="sms",
            status=self._chance.choice(("delivered", "failed", "expired", "submitted")),
        )

    def _event(
        self, topic: str, event_type: str, name: str, **fields: str | int
    ) -> tuple[float, Upstream]:
        """Return the next event; some are sent late, some occurred ages ago."""
        chance = self._chance
        pace = self._pace
        self._at_s = min(pace.end_s, self._at_s + chance.expovariate(1 / pace.gap_s_mean))
        late_s = chance.uniform(0, LATE_S_MAX) if chance.random() < LATE_RATIO else 0
        ages_ms = AGES_MS if chance.random() < AGES_AGO_RATIO else 0
        occurred_at_ms = self._epoch_ms + int(self._at_s * 1000) - ages_ms
        source = self._source
        if chance.random() < NAMESAKE_RATIO:
            source = f"/{self._tenant}/namesake"
        attributes = {
            "specversion": "1.0",
            "id": f"{self._token}-{name}",
            "source": source,
            "type": event_type,
            "time": rfc3339(occurred_at_ms),
            "subject": self._token,
            "tenantid": self._tenant,
        }
        return self._at_s + late_s, _written(topic, attributes, fields)


def _written(topic: str, attributes: dict[str, str], fields: Fields) -> Upstream:
    """Return an event in one of the three forms that ingest accepts, always in the same."""
    key, event_id = attributes["subject"].encode(), attributes["id"]
    if topic == "card.spend.v1" and len(event_id) % 3:
        plain = {
            "id": event_id,
            "type": attributes["type"],
            "occurred_at": attributes["time"],
            "customer_token": attributes["subject"],
            "tenant": attributes["tenantid"],
        }
        return Upstream(topic, key, msgspec.json.encode({**plain, **fields}))
    if len(event_id) % 2:
        value = msgspec.json.encode({**attributes, "data": fields})
        return Upstream(topic, key, value)
    headers = tuple((f"ce_{name}", text.encode()) for name, text in attributes.items())
    return Upstream(topic, key, msgspec.json.encode(fields), headers)
