"""
Build a bank's journal by hand: one partition, one tenant, time in milliseconds after T0.

`Bank` folds each record as it is added and returns what it led to, but for what only counts in
the funnel; `effects` has all of it.
"""

from datetime import date
from typing import Any

import msgspec

from lifecycle.partition import Given, PartitionState
from lifecycle.records import Effect
from lifecycle.step import step
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    Cap,
    EventEntry,
    LargePurchaseCondition,
    SilenceEntry,
    StatementCondition,
    Step,
    Treatment,
)
from schemas.codec import decode_envelope, encode_json
from schemas.events import (
    AnyEvent,
    CardActivated,
    CardIssued,
    Channel,
    ConsentChanged,
    Currency,
    DeliveryReceipt,
    PolicyPublished,
    RepaymentReceived,
    StatementIssued,
    TenantConfigured,
    TxnPosted,
    TxnReversed,
    WalletBound,
)
from schemas.insight import GuardrailTripped
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.outcomes import CardMoved
from schemas.state import CustomerRow


T0 = 1_700_000_000_000
"""2023-11-14T22:13:20Z."""

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY
TENANT = "bank"


def nudge(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that nudges 72 hours and 7 days after an issue without activation."""
    campaign = Campaign(
        id="nudge",
        version=1,
        tenant=TENANT,
        title="Activate",
        owner="cards",
        stage="activate",
        trigger_type="activation_nudge",
        message_class="marketing",
        purpose="offers",
        entry=AbsenceEntry(after="card.issued", without="card.activated"),
        occurrence="card",
        steps=(Step(id="first", delay_ms=72 * HOUR), Step(id="second", delay_ms=7 * DAY)),
        treatment=Treatment(channel="sms", template_id="nudge", template_version=1),
        priority=60,
    )
    return msgspec.structs.replace(campaign, **changed)


CDNOW = SilenceEntry(
    r=0.243, alpha=4.414, a=0.793, b=2.426, unit_ms=WEEK, alive_ppm=500_000, rate_ppm_min=0
)
"""Fader, Hardie, Lee (2005), table 2: time in weeks; due when P(alive) has fallen to a half."""


def win_back(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that calls when the customer has been silent too long for themselves."""
    campaign = nudge(
        id="win_back",
        stage="win_back",
        trigger_type="win_back_offer",
        entry=CDNOW,
        steps=(Step(id="only", delay_ms=0),),
        priority=40,
    )
    return msgspec.structs.replace(campaign, **changed)


def push(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that offers instalments at once for a large bill or purchase."""
    campaign = nudge(
        id="push",
        stage="instalment",
        trigger_type="instalment_offer",
        entry=EventEntry(
            any_of=(
                StatementCondition(total_due_minor_min=300_000),
                LargePurchaseCondition(
                    amount_minor_min=100_000, own_mean_percent_min=300, spend_count_min=2
                ),
            )
        ),
        occurrence="statement",
        steps=(Step(id="offer", delay_ms=0),),
        exit_on=("repayment.received",),
        priority=50,
    )
    return msgspec.structs.replace(campaign, **changed)


def cap(count: int, window_ms: int, scope: str = "campaign") -> Cap:
    """Return a cap, by default of the campaign itself."""
    return msgspec.convert({"scope": scope, "count": count, "window_ms": window_ms}, Cap)


def issued(card: str = "k1") -> CardIssued:
    """Return that a card was issued."""
    return CardIssued(card_token=card)


def activated(card: str = "k1") -> CardActivated:
    """Return that a card was activated."""
    return CardActivated(card_token=card)


def wallet_bound(card: str = "k1") -> WalletBound:
    """Return that a card was bound to a wallet."""
    return WalletBound(card_token=card)


def repaid(statement: str = "", card: str = "k1") -> RepaymentReceived:
    """Return a repayment, for a statement where the bank knows which."""
    return RepaymentReceived(
        repayment_id="r",
        card_token=card,
        amount_minor=500,
        currency="CNY",
        statement_id=statement,
    )


def reversed_spend(
    amount_minor: int = 1_000, *, card: str = "k1", currency: Currency = "CNY"
) -> TxnReversed:
    """Return that a purchase was taken back."""
    return TxnReversed(txn_id="t", card_token=card, amount_minor=amount_minor, currency=currency)


def receipt(trigger_id: str, status: str) -> DeliveryReceipt:
    """Return what a gateway says about a trigger."""
    said = {"receipt_id": "r", "trigger_id": trigger_id, "channel": "sms", "status": status}
    return msgspec.convert({"event_type": "delivery.receipt", **said}, DeliveryReceipt)


def spend(amount_minor: int = 1_000, *, card: str = "k1", currency: Currency = "CNY") -> TxnPosted:
    """Return a purchase."""
    return TxnPosted(txn_id="t", card_token=card, amount_minor=amount_minor, currency=currency)


def bill(total_due_minor: int, *, statement: str = "s1", card: str = "k1") -> StatementIssued:
    """Return a statement that may be paid in instalments."""
    return StatementIssued(
        statement_id=statement,
        card_token=card,
        total_due_minor=total_due_minor,
        min_due_minor=0,
        currency="CNY",
        due_date=date(2023, 12, 1),
        instalment_eligible=True,
    )


def word(status: str, channel: Channel = "sms", purpose: str = "offers") -> ConsentChanged:
    """Return what a customer says about offers."""
    said = {"purpose": purpose, "channel": channel, "status": status}
    return msgspec.convert({"event_type": "consent.changed", **said}, ConsentChanged)


class Bank:
    """
    One tenant's journal partition and its state.

    Nobody has quiet hours in `zone` until a calendar is published. Publishes the campaigns at T0;
    `ann` allows offers by sms unless `consent` says otherwise.
    """

    def __init__(
        self,
        *campaigns: Campaign,
        consent: str = "granted",
        zone: str = "UTC",
        partition: int = 0,
        partition_count: int = 1,
    ) -> None:
        """Begin the journal."""
        self.state = PartitionState(partition, Given(partition_count=partition_count))
        self.journal: list[JournalEnvelope] = []
        self.effects: list[Effect] = []
        self._opening_count = 0
        if zone:
            self.control(TenantConfigured(time_zone=zone), event_id="zone")
            self._opening_count = 1
        for campaign in campaigns:
            self.control(PolicyPublished(campaign=campaign, policy_hash=f"hash-{campaign.id}"))
        if consent:
            self.say(word(consent), 0, event_id="consent-ann")

    def say(
        self,
        event: AnyEvent,
        at: int,
        *,
        who: str = "ann",
        arrived: int | None = None,
        event_id: str = "",
        **changed: Any,  # noqa: ANN401 (any field of the envelope)
    ) -> list[Effect]:
        """Fold a customer's event that happened `at`, and reached the journal then or `arrived`."""
        return self.add(event, who, at, at if arrived is None else arrived, event_id, **changed)

    def control(
        self, event: AnyEvent | GuardrailTripped, at: int = 0, event_id: str = ""
    ) -> list[Effect]:
        """Fold a record about the whole tenant."""
        return self.add(event, "", at, at, event_id)

    def tick(
        self, at: int, watermark: int | None = None, *, backfill: bool = False
    ) -> list[Effect]:
        """Fold ticks until none is unfinished; the watermark is `at` unless it lags behind."""
        read_to = at if watermark is None else watermark
        tick = Tick(now_at_ms=T0 + at, watermark_at_ms=T0 + read_to, backfill=backfill)
        return self.add(tick, "", at, at, "", backfill=backfill)

    def add(
        self,
        record: AnyEvent | Tick | GuardrailTripped,
        who: str,
        at: int,
        arrived: int,
        event_id: str,
        **changed: Any,  # noqa: ANN401 (any field of the envelope)
    ) -> list[Effect]:
        """Append a record to the journal and fold it."""
        number = len(self.journal) - self._opening_count
        envelope = JournalEnvelope(
            tenant=TENANT,
            customer_token=who,
            journal_at_ms=T0 + arrived,
            occurred_at_ms=T0 + at,
            event_id=event_id or f"e{number}",
            event_source="core",
            source=SourceCoordinates("card.spend.v1", 0, number),
            record=record,
        )
        return self.fold(msgspec.structs.replace(envelope, **changed))

    def fold(self, envelope: JournalEnvelope) -> list[Effect]:
        """Fold an envelope as it would come out of the log, as often as it asks for."""
        self.journal.append(envelope)
        read = decode_envelope(encode_json(envelope))
        effects: list[Effect] = []
        more = True
        while more:
            records, more = step(self.state, read)
            effects += records
        self.effects += effects
        return [effect for effect in effects if not isinstance(effect, CardMoved)]

    @property
    def moved(self) -> list[CardMoved]:
        """Return the cards that have moved in the funnel so far."""
        return [effect for effect in self.effects if isinstance(effect, CardMoved)]

    def row(self, who: str = "ann") -> CustomerRow:
        """Return what is remembered of a customer."""
        return self.state.tenant(TENANT).customer(who)

    def count(self, key: str) -> int:
        """Return one of the partition's counts; `{}` in the key stands for the tenant."""
        return self.state.counts.by_key.get(key.format(TENANT), 0)
