"""
Draw journals: a bank's campaigns, customers who do everything, ticks, switches, repeats.

A world is a list of envelopes in the order of one partition. Times jump, events come late and
out of order, ids repeat or have namesakes, clocks lag: whatever the log may hold.
"""

from itertools import product
from random import Random
from typing import get_args

from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.channels import Channel
from schemas.decisions import Trigger
from schemas.events import (
    AnyEvent,
    CardBlocked,
    CardClosed,
    CardLost,
    Currency,
    ErasureRequested,
    KillSwitchSet,
    PolicyPublished,
    RiskFlagged,
    TenantConfigured,
    TxnPosted,
)
from schemas.journal import Tick
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    issued,
    receipt,
    repaid,
    reversed_spend,
    spend,
    wallet_bound,
    word,
)
from tests.lifecycle.catalogue import HARMLESS, TEXTS, any_event
from tests.lifecycle.channels import answer, grants, heard, stock_of
from tests.lifecycle.told import triggers
from tests.lifecycle.world_campaigns import APPROVED, campaigns


CHANNELS: tuple[Channel, ...] = ("sms", "sms", "push", "voice")
CUSTOMERS = ("ann", "bob", "cyd")
CARDS = ("k1", "k2", "k3")
STATEMENTS = ("s1", "s2", "s3")
SOURCES = ("core", "core", "other")
GAPS_MS = (0, 1, 1_000, HOUR, 3 * HOUR, DAY, 6 * DAY)
AGES_MS = (0, 0, 0, 0, 5, HOUR, 2 * DAY, 20 * DAY, 100 * DAY)
RECEIPTS = ("delivered", "failed", "expired", "submitted", "rejected", "failed", "blocked_optout")
KIND = tuple(one for one in HARMLESS if one not in {CardBlocked, CardLost, CardClosed, RiskFlagged})
"""What leaves a customer who can still be written to."""

FLAG_CLASSES = (*("fraud",) * 9, "deceased")
SOON = ("failed", "failed", "rejected", "blocked_optout", "delivered", "submitted")
RESULTS = ("granted", "refused", "expired", "redeemed")
SUBJECTS = ("application_id", "plan_id", "coupon_token", "attribute", "question_code", "flag_id")


class World:
    """Lives a bank's life with a seeded generator, and folds it on the way to know its triggers."""

    def __init__(self, random: Random) -> None:
        """Begin with no campaign and no customer."""
        self.random = random
        self.bank = Bank(consent="")
        self.effects: list[Effect] = []
        self.at = 0
        self.watermark = 0
        self.version = 0

    def live(self, record_count: int) -> None:
        """Publish campaigns, then let so many things happen."""
        for _ in range(5):
            self._publish()
        self._define()
        for approved in APPROVED if self.random.random() < 0.3 else ():
            self._add(approved, "")
        for who, channel in product(CUSTOMERS, CHANNELS):
            if self.random.random() < 0.5:
                self._add(word("granted", channel), who)
        for _ in range(record_count):
            self.at += self.random.choice(GAPS_MS)
            happening = self.random.choices(
                (self._event, self._tick, self._repeat, self._switch, self._publish, self._define),
                (80, 12, 5, 3, 2, 1),
            )[0]
            before = len(self.effects)
            happening()
            self._report(self.effects[before:])

    def _add(self, record: AnyEvent | Tick, who: str, **changed: object) -> None:
        age_ms = self.random.choice(AGES_MS) if who else 0
        said = self.bank.add(record, who, self.at - age_ms, self.at, "", **changed)
        self.effects += said

    def _event(self) -> None:
        chance = self.random.random()
        if chance < 0.12:
            who, event = self._receipt()
        elif chance < 0.15:
            who, event = self._result()
        elif chance < 0.55:
            who, event = self._any()
        else:
            who, event = self._own()
        lateness_ms = self.random.choice((0, 0, HOUR))
        backfill = self.random.random() < 0.02
        self._add(event, who, lateness_ms=lateness_ms, backfill=backfill)

    def _own(self) -> tuple[str, AnyEvent]:
        random = self.random
        card = random.choice(CARDS) if random.random() < 0.97 else f"k{random.randrange(40)}"
        statement = random.choice(STATEMENTS)
        odd: Currency = random.choice(get_args(Currency))
        currency = random.choice(("CNY", "USD", odd)) if random.random() < 0.2 else "CNY"
        amount_minor = random.choice((0, 100, 5_000, 150_000))
        purpose = "offers" if random.random() < 0.9 else f"p{random.randrange(50)}"
        events: list[AnyEvent] = [
            issued(card),
            activated(card),
            wallet_bound(card),
            *[spend(amount_minor, card=card, currency=currency)] * 4,
            reversed_spend(50, card=card, currency=currency),
            bill(random.choice((0, 500_000)), statement=statement, card=card),
            repaid(random.choice(("", statement)), card),
            *[word("granted", random.choice(CHANNELS), purpose)] * 3,
            word(random.choice(("denied", "revoked")), random.choice(CHANNELS), purpose),
        ]
        return random.choice(CUSTOMERS), random.choice(events)

    def _any(self) -> tuple[str, AnyEvent]:
        random = self.random
        if random.random() < 0.002:
            return random.choice(CUSTOMERS), ErasureRequested(request_id="r")
        sent = [effect for effect in self.effects if isinstance(effect, Trigger)]
        trigger = random.choice(sent) if sent and random.random() < 0.5 else None
        who = trigger.customer_token if trigger else random.choice(CUSTOMERS)
        trigger_id = trigger.trigger_id if trigger else "unknown"
        names = (*TEXTS, f"n{random.randrange(90)}")  # enough to fill a row, now and then
        subjects = {**dict.fromkeys(SUBJECTS, names), "flag_class": FLAG_CLASSES}
        shapes = HARMLESS if random.random() < 0.3 else KIND
        return who, any_event(random.choice, shapes, trigger_id=(trigger_id,), **subjects)

    def _receipt(self) -> tuple[str, AnyEvent]:
        sent = [effect for effect in self.effects if isinstance(effect, Trigger)]
        status = self.random.choice(RECEIPTS)
        if not sent:
            return self.random.choice(CUSTOMERS), receipt("unknown", status)
        trigger = self.random.choice(sent[-3:] if self.random.random() < 0.7 else sent)
        return trigger.customer_token, heard(trigger.trigger_id, status, trigger.channel)

    def _report(self, effects: list[Effect]) -> None:
        """Let gateways, and the offer system, say at once what became of some of the triggers."""
        for trigger in triggers(effects):
            if trigger.reservation_id and self.random.random() < 0.4:
                self._add(answer(trigger, self.random.choice(RESULTS)), trigger.customer_token)
            if self.random.random() < 0.5:
                status = self.random.choice(SOON)
                said = heard(trigger.trigger_id, status, trigger.channel)
                self._add(said, trigger.customer_token)

    def _result(self) -> tuple[str, AnyEvent]:
        asked = grants(self.effects)
        if not asked:
            return self._own()
        grant = self.random.choice(asked)
        return grant.customer_token, answer(grant, self.random.choice(RESULTS))

    def _define(self) -> None:
        self.version += 1
        inventory_count = self.random.choice((1, 2, 9))
        unit_cost_minor = self.random.choice((0, 4))
        offer = stock_of(inventory_count, version=self.version, unit_cost_minor=unit_cost_minor)
        self._add(offer if self.random.random() < 0.7 else self.random.choice(APPROVED), "")

    def _tick(self) -> None:
        lag_ms = self.random.choice((0, HOUR, 3 * DAY))
        self.watermark = max(self.watermark, self.at - lag_ms)
        backfill = self.random.random() < 0.05
        self.effects += self.bank.tick(self.at, self.watermark, backfill=backfill)

    def _repeat(self) -> None:
        envelope = self.random.choice(self.bank.journal)
        if not isinstance(envelope.record, Tick):
            source = self.random.choice(SOURCES)  # another one makes a namesake of a repeat
            again = replace(envelope, journal_at_ms=T0 + self.at, event_source=source)
            self.effects += self.bank.fold(again)

    def _switch(self) -> None:
        campaign_id = self.random.choice(("", "nudge", "push", "notice"))
        stop = KillSwitchSet(engaged=self.random.random() < 0.25, campaign_id=campaign_id)
        live = TenantConfigured(
            live_from_ms=T0 + self.random.choice((0, 10 * DAY)), time_zone="UTC"
        )
        self._add(stop if self.random.random() < 0.9 else live, "")

    def _publish(self) -> None:
        self.version += 1
        version = self.version if self.random.random() < 0.8 else 1
        priority = self.random.randrange(5)
        campaign = self.random.choice(campaigns(self.random))
        campaign = replace(campaign, version=version, priority=priority)
        self._add(PolicyPublished(campaign=campaign, policy_hash=f"h{self.version}"), "")


@st.composite
def worlds(draw: st.DrawFn, record_count_max: int = 200) -> World:
    """Draw a world that has been lived; by its seed, for Hypothesis' own numbers hardly vary."""
    world = World(Random(draw(st.integers(0, 2**32))))  # noqa: S311 (a seeded world)
    world.live(draw(st.integers(20, record_count_max)))
    return world


@st.composite
def purchases(draw: st.DrawFn) -> list[tuple[TxnPosted | AnyEvent, int]]:
    """Draw events of one customer with their times: few enough for the ring, within 60 days."""
    event = st.one_of(
        st.builds(spend, st.integers(0, 10**6), card=st.sampled_from(CARDS)),
        st.builds(reversed_spend, st.integers(0, 10**4), currency=st.sampled_from(["CNY", "JPY"])),
        st.builds(issued, st.sampled_from(CARDS)),
        st.builds(activated, st.sampled_from(CARDS)),
        st.builds(wallet_bound, st.sampled_from(CARDS)),
    )
    return draw(st.lists(st.tuples(event, st.integers(0, 60 * DAY)), min_size=1, max_size=30))
