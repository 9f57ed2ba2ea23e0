"""
Draw journals: a bank's campaigns, customers who do everything, ticks, switches, repeats.

A world is a list of envelopes in the order of one partition. Times jump, events come late and
out of order, ids repeat or have namesakes, clocks lag: whatever the log may hold.
"""

from random import Random
from typing import get_args

from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    Conversion,
    CountEntry,
    DriftEntry,
    EventCondition,
    SequenceEntry,
    Step,
)
from schemas.decisions import Trigger
from schemas.events import (
    AnyEvent,
    Currency,
    ErasureRequested,
    KillSwitchSet,
    PolicyPublished,
    TenantConfigured,
    TxnPosted,
)
from schemas.journal import Tick
from tests.lifecycle.bills import reminder
from tests.lifecycle.builders import (
    CDNOW,
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    cap,
    issued,
    nudge,
    push,
    receipt,
    repaid,
    reversed_spend,
    spend,
    wallet_bound,
    win_back,
    word,
)
from tests.lifecycle.catalogue import TEXTS, any_event


CUSTOMERS = ("ann", "bob", "cyd")
CARDS = ("k1", "k2", "k3")
STATEMENTS = ("s1", "s2", "s3")
SOURCES = ("core", "core", "other")
GAPS_MS = (0, 1, 1_000, HOUR, 3 * HOUR, DAY, 6 * DAY)
AGES_MS = (0, 0, 0, 0, 5, HOUR, 2 * DAY, 20 * DAY, 100 * DAY)
RECEIPTS = ("delivered", "failed", "expired", "submitted", "delivered", "failed", "blocked_optout")
SUBJECTS = ("application_id", "plan_id", "coupon_token", "attribute", "question_code", "flag_id")
SPENDS = Conversion(on="txn.posted", window_ms=5 * DAY, value="amount_minor")
BINDS = Conversion(on="wallet.bound", window_ms=DAY)
TWO_STEPS = (Step(id="now", delay_ms=0), Step(id="later", delay_ms=2 * DAY))


def campaigns(random: Random) -> list[Campaign]:
    """Return campaigns of every kind, class and occurrence, some of them capped."""
    silence = replace(
        CDNOW,
        alive_ppm=random.choice((0, 500_000, 900_000, 1_000_000)),
        rate_ppm_min=random.choice((0, 200_000)),
    )
    unbound = AbsenceEntry(after="card.activated", without="wallet.bound")
    unpaid = AbsenceEntry(after="statement.issued", without="repayment.received")
    return [
        nudge(caps=(cap(1, 7 * DAY), cap(2, 9 * DAY, "all")), conversion=SPENDS),
        nudge(id="bind", entry=unbound, message_class="servicing", exit_on=("txn.posted",)),
        nudge(id="repay", entry=unpaid, occurrence="statement", message_class="servicing"),
        win_back(entry=silence, conversion=SPENDS),
        push(caps=(cap(2, 5 * DAY),), steps=TWO_STEPS, conversion=SPENDS),
        reminder(steps=(Step(id="first", lead_ms=9 * DAY), Step(id="last", lead_ms=DAY))),
        push(
            id="notice",
            occurrence="txn",
            message_class="mandatory",
            steps=TWO_STEPS,
            conversion=BINDS,
        ),
        *_of_many_events(random),
    ]


def _of_many_events(random: Random) -> list[Campaign]:
    """Return campaigns whose entries need more events than one, steps at local hours among them."""
    bought, used = EventCondition(on="txn.posted"), EventCondition(on="card.activated")
    counted = CountEntry(on="txn.posted", count_min=random.choice((2, 4)), window_ms=3 * DAY)
    at_ten = (TWO_STEPS[0], Step(id="ten", delay_ms=HOUR, at_minute=600))
    dates = {"start_at_ms": T0 + random.choice((0, DAY)), "end_at_ms": T0 + 90 * DAY}
    return [
        nudge(id="count", entry=counted, steps=at_ten, exit_on=(used, "wallet.bound")),
        nudge(id="sequence", entry=SequenceEntry(of=(bought, used, bought), within_ms=9 * DAY)),
        nudge(id="drift", entry=DriftEntry(of="either", decline_ppm_min=1), **dates),
    ]


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
        for _ in range(record_count):
            self.at += self.random.choice(GAPS_MS)
            happening = self.random.choices(
                (self._event, self._tick, self._repeat, self._switch, self._publish),
                (80, 12, 5, 3, 2),
            )[0]
            happening()

    def _add(self, record: AnyEvent | Tick, who: str, **changed: object) -> None:
        age_ms = self.random.choice(AGES_MS) if who else 0
        said = self.bank.add(record, who, self.at - age_ms, self.at, "", **changed)
        self.effects += said

    def _event(self) -> None:
        chance = self.random.random()
        if chance < 0.1:
            who, event = self._receipt()
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
            *[word("granted", purpose=purpose)] * 2,
            word(random.choice(("denied", "revoked")), purpose=purpose),
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
        subjects = dict.fromkeys(SUBJECTS, names)
        return who, any_event(random.choice, trigger_id=(trigger_id,), **subjects)

    def _receipt(self) -> tuple[str, AnyEvent]:
        sent = [effect for effect in self.effects if isinstance(effect, Trigger)]
        status = self.random.choice(RECEIPTS)
        if not sent:
            return self.random.choice(CUSTOMERS), receipt("unknown", status)
        trigger = self.random.choice(sent)
        return trigger.customer_token, receipt(trigger.trigger_id, status)

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
        campaign_id = self.random.choice(("", "nudge", "push"))
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
