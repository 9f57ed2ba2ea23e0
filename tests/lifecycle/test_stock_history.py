"""Gifts and money through `step` against brute force: never more than is there (SEMANTICS C3)."""

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.records import Effect
from schemas.campaign import Campaign
from schemas.decisions import Considered, Decision, OfferGrantRequested, Trigger
from schemas.events import PolicyPublished
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, spend
from tests.lifecycle.channels import agree, answer, by, grants, heard, stock_of, then
from tests.lifecycle.contacts import offer


CUSTOMERS = ("ann", "bob", "cyd", "dan")
GAPS_MS = (0, 1, HOUR, HOUR, DAY)
FAILED = ("failed", "rejected", "cancelled")
RECEIPTS = (*FAILED, "failed", "delivered", "submitted")
RESULTS = ("granted", "refused", "expired", "redeemed")
COST_MINOR, UNIT_COST_MINOR, BUDGET_MINOR = 3, 5, 100


class Promise:
    """What one decision has taken: a unit where it was `asked` for, and money of its campaign."""

    def __init__(self, trigger: Trigger, asked: OfferGrantRequested | None) -> None:
        """Begin with the contact of the decision; no receipt, no result."""
        self.trigger, self.asked = trigger, asked
        self.words: list[tuple[int, str]] = []
        self.released = self.delivered = self.late = False

    @property
    def returned(self) -> bool:
        """Return whether the newest word is that the unit is not gone."""
        return bool(self.words) and max(self.words)[1] in {"refused", "expired"}

    @property
    def spent_minor(self) -> int:
        """Return what it costs of a budget: the unit unless returned, the contact unless failed."""
        unit_minor = UNIT_COST_MINOR if self.asked and not self.returned else 0
        return unit_minor + (0 if self.released else COST_MINOR)

    def hear(self, status: str) -> None:
        """Take a receipt about its newest contact."""
        self.late = self.late or (self.released and status == "delivered")
        self.delivered = self.delivered or status == "delivered"
        self.released = not self.delivered and (self.released or status in FAILED)


class Shop:
    """Customers who buy, gateways that fail, an offer system that grants, refuses, and corrects."""

    def __init__(self, random: Random) -> None:
        """Begin with one of a few partitions, some gifts, and two budgets."""
        self.random, self.at, self.version = random, 0, 0
        self.partition_count = random.choice((1, 3))
        self.partition = random.randrange(self.partition_count)
        self.bank = Bank(
            consent="", partition=self.partition, partition_count=self.partition_count
        )
        self.inventory_count = 0
        self.more()
        for campaign in self.campaigns():
            self.bank.control(PolicyPublished(campaign=campaign, policy_hash="h"))
        for who in CUSTOMERS:
            agree(self.bank, "push", "sms", "voice", who=who)
        self.promises: list[Promise] = []
        self.by_trigger: dict[str, Promise] = {}
        self.corrected = False

    def campaigns(self) -> list[Campaign]:
        """Return one with gift and budget, one with a gift, one with a budget."""
        costs = {"contact_cost_minor": COST_MINOR, "base_rate_ppm": 10**6, "value_minor": 9}
        either = {"treatment": by("push"), "fallbacks": (then("sms"), then("voice")), **costs}
        budget = {"budget_minor": BUDGET_MINOR}
        first = self.random.sample((40, 50, 60), 3)
        return [
            offer("a", offer="gift", priority=first[0], **either, **budget),
            offer("b", offer="gift", priority=first[1], **either),
            offer("c", priority=first[2], **either, **budget),
        ]

    def live(self, step_count: int) -> Iterator[Promise | None]:
        """Let so many things happen; yield what is promised anew, None for nothing."""
        deeds = (self.buy, self.report, self.result, self.more)
        for deed in self.random.choices(deeds, (30, 30, 20, 2), k=step_count):
            self.at += self.random.choice(GAPS_MS)
            yield deed()

    def buy(self) -> Promise | None:
        """Let somebody buy; who has had many contacts is left alone, so that none is forgotten."""
        who = self.random.choice(CUSTOMERS)
        if len(self.bank.row(who).contacts) > 24:
            return None
        effects = self.bank.say(spend(), self.at, who=who)
        sent = [effect for effect in effects if isinstance(effect, Trigger)]
        if not sent:
            return None
        promise = Promise(sent[0], next(iter(grants(effects)), None))
        self.promises.append(promise)
        self.by_trigger[sent[0].trigger_id] = promise
        return promise

    def report(self) -> None:
        """Say something of any trigger; where another channel is tried, the promise is there."""
        if not self.promises:
            return
        promise = self.random.choice(self.promises[-4:])
        trigger, status = promise.trigger, self.random.choice(RECEIPTS)
        said = heard(trigger.trigger_id, status, trigger.channel)
        effects = self.bank.say(said, self.at, who=trigger.customer_token)
        promise.hear(status)
        for effect in effects:
            if isinstance(effect, Trigger):
                promise.trigger, promise.released = effect, False

    def result(self) -> None:
        """Let the offer system say something, now or a while ago, of what it was asked for."""
        asked = [promise for promise in self.promises if promise.asked]
        if not asked:
            return
        promise = self.random.choice(asked[-6:])
        status, ago_ms = self.random.choice(RESULTS), self.random.choice((0, 0, 1, HOUR))
        at = max(0, self.at - ago_ms)
        event = answer(promise.asked, status)
        before = promise.returned
        self.bank.say(event, at, arrived=self.at, who=promise.trigger.customer_token)
        promise.words.append((at, status))
        self.corrected = self.corrected or (before and not promise.returned)

    def more(self) -> None:
        """Let there be some more gifts."""
        self.version += 1
        self.inventory_count += self.random.choice((0, 2, 7))
        gifts = stock_of(
            self.inventory_count, version=self.version, unit_cost_minor=UNIT_COST_MINOR
        )
        self.bank.control(gifts, self.at)

    def share(self, total: int) -> int:
        """Return what this partition has of a total: every n-th unit, dealt out one by one."""
        return len(range(self.partition, total, self.partition_count))

    def taken_count(self) -> int:
        """Return the gifts that are gone, by brute force."""
        return sum(promise.asked is not None and not promise.returned for promise in self.promises)

    def spent_minor(self, campaign_id: str) -> int:
        """Return what a campaign has spent, by brute force."""
        theirs = (one for one in self.promises if one.trigger.campaign_id == campaign_id)
        return sum(one.spent_minor for one in theirs)
