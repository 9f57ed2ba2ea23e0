"""Live a customer's contacts with caps that change, and count them by brute force."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.campaign import Campaign, Cap
from schemas.channels import Channel
from schemas.contact_policy import ContactCap
from schemas.decisions import Considered, Decision, Trigger
from schemas.events import PolicyPublished
from tests.lifecycle.builders import T0, Bank, cap, spend, word
from tests.lifecycle.channels import by, heard, then
from tests.lifecycle.contacts import any_purchase, bank_policy, limit, offer, profile


CLASSES = {"a": "marketing", "b": "marketing", "c": "marketing", "s": "servicing", "t": "servicing"}
PURPOSES = ("p", "q")
CHANNELS: tuple[Channel, ...] = ("sms", "push", "voice")
SCOPES = ("all", "class", "channel", "purpose", "campaign")
GAPS_MS = (0, 0, 1, 2, 5, 9)
AMOUNTS_MINOR = (10, 60, 90)
FAILED = ("failed", "rejected")
STATUSES = ("failed", "failed", "rejected", "delivered")


class Sent:
    """
    A contact, and what the receipts read so far have said of it.

    A fallback has the time, the class, the purpose and the campaign of what it `follows` (C2).
    """

    def __init__(self, trigger: Trigger, follows: "Sent | None" = None) -> None:
        """Begin with no receipt."""
        self.trigger = trigger
        self.channel = trigger.channel
        first = follows or self
        self.decided_at_ms = first.decided_at_ms if follows else trigger.issued_at_ms
        self.theirs: dict[str, str] = (
            first.theirs
            if follows
            else {
                "all": "",
                "class": trigger.message_class,
                "purpose": trigger.purpose,
                "campaign": trigger.campaign_id,
            }
        )
        self.released = self.delivered = False

    def hear(self, status: str) -> None:
        """Take a receipt: what was delivered stays so, whatever is said after it."""
        self.delivered = self.delivered or status == "delivered"
        self.released = not self.delivered and (self.released or status in FAILED)

    def of(self, scope: str) -> str:
        """Return what the contact has of what a scope asks for."""
        return self.channel if scope == "channel" else self.theirs[scope]


class Judged(NamedTuple):
    """
    A candidate, its caps with what brute force counts, how many contacts there ever were.

    `fullest` is the most that any window of each cap holds in which the candidate would stand.
    """

    one: Considered
    counts: list[tuple[Cap | ContactCap, int]]
    contact_count: int
    fullest: list[tuple[Cap | ContactCap, int]]

    @property
    def full(self) -> list[Cap | ContactCap]:
        """Return the caps that have no room."""
        return [rule for rule, count in self.counts if count >= rule.count]


class History:
    """One customer of a bank whose caps, segments and campaigns change; nothing is forgotten."""

    def __init__(self, random: Random, windows_ms: tuple[int, ...]) -> None:
        """Begin with every campaign published and all consents given."""
        self.random, self.windows_ms = random, windows_ms
        self.bank = Bank(consent="")
        self.at = self.version = 0
        self.sent: list[Sent] = []
        self.campaigns: dict[str, Campaign] = {}
        self.house: tuple[ContactCap, ...] = ()
        self.segments: tuple[str, ...] = ()
        for purpose in PURPOSES:
            for channel in CHANNELS:
                self.bank.say(word("granted", channel=channel, purpose=purpose), 0)
        for name in CLASSES:
            self._publish(name)
        must = offer("z", message_class="mandatory", entry=any_purchase(AMOUNTS_MINOR[-1]))
        must = replace(must, fallbacks=(then("push"),))
        self.bank.control(PolicyPublished(campaign=must, policy_hash="h"))
        self.campaigns["z"] = must

    def live(self, step_count: int) -> Iterator[Judged]:
        """Let so many things happen; yield every candidate of every occasion."""
        deeds = ("buy", "receipt", "campaign", "house", "profile")
        for deed in self.random.choices(deeds, (74, 18, 2, 3, 3), k=step_count):
            self.at += self.random.choice(GAPS_MS)
            match deed:
                case "buy":
                    yield from self._buy()
                case "receipt":
                    yield from self._receive()
                case "campaign":
                    self._publish(self.random.choice([*CLASSES]))
                case "house":
                    self._lay_down()
                case "profile":
                    self.at += 1  # so that the newest profile is the last
                    self.segments = tuple(self.random.sample(("gold", "young"), 1))
                    self.bank.say(profile(*self.segments), self.at)

    def _buy(self) -> Iterator[Judged]:
        effects = self.bank.say(spend(self.random.choice(AMOUNTS_MINOR)), self.at)
        made = triggers_of(effects)
        before = [*self.sent]
        for one in candidates(effects):
            asked_last = one.verdict == "sent" or one.gates[-2].gate == "caps"
            yield self._judged(one, self.sent if asked_last else before, T0 + self.at)
            if one.verdict == "sent":
                self.sent.append(Sent(made[one.trigger_id]))

    def _receive(self) -> Iterator[Judged]:
        """Tell something of any contact there ever was, of a forgotten one, too."""
        if not self.sent:
            return
        newest = self.sent[-3:] if self.random.random() < 0.7 else self.sent
        sent, status = self.random.choice(newest), self.random.choice(STATUSES)
        if self.random.random() < 0.2 and sent.trigger.campaign_id in CLASSES:
            self._publish(sent.trigger.campaign_id)
        effects = self.bank.say(heard(sent.trigger.trigger_id, status, sent.channel), self.at)
        sent.hear(status)
        made = triggers_of(effects)
        for one in candidates(effects):
            if one.follows:
                yield self._judged(one, self.sent, sent.decided_at_ms)
            if one.verdict == "sent":
                self.sent.append(Sent(made[one.trigger_id], sent))

    def _judged(self, one: Considered, past: list[Sent], as_of_ms: int) -> Judged:
        mine = {
            "all": "",
            "class": one.message_class,
            "channel": one.channel,
            "purpose": self.campaigns[one.campaign_id].purpose,
            "campaign": one.campaign_id,
        }
        counts, fullest = [], []
        for rule in self._rules(one):
            live_ms = [
                was.decided_at_ms
                for was in past
                if not was.released and was.of(rule.scope) == mine[rule.scope]
            ]
            inside = [at_ms for at_ms in live_ms if at_ms > as_of_ms - rule.window_ms]
            counts.append((rule, len(inside)))
            ends_ms = [at_ms for at_ms in (as_of_ms, *live_ms) if at_ms >= as_of_ms]
            windows = [
                sum(end_ms - rule.window_ms < at_ms <= end_ms for at_ms in (as_of_ms, *live_ms))
                for end_ms in ends_ms
                if end_ms - rule.window_ms < as_of_ms
            ]
            fullest.append((rule, max(windows)))
        return Judged(one, counts, len(past), fullest)

    def _rules(self, one: Considered) -> list[Cap | ContactCap]:
        """Return the caps that bind a candidate; of a fallback those of its channel."""
        rules: list[Cap | ContactCap] = []
        if one.message_class != "mandatory":
            rules += self.campaigns[one.campaign_id].caps
        rules += (
            rule
            for rule in self.house
            if rule.message_class == one.message_class and rule.segment in {"", *self.segments}
        )
        return [rule for rule in rules if rule.scope == "channel" or not one.follows]

    def _publish(self, name: str) -> None:
        self.version += 1
        chance = self.random
        caps = [self._limit() for _ in range(chance.randrange(3))]
        first, *others = chance.sample(CHANNELS, chance.randrange(1, 4))
        self.campaigns[name] = offer(
            name,
            version=self.version,
            message_class=CLASSES[name],
            purpose=chance.choice(PURPOSES),
            entry=any_purchase(chance.choice(AMOUNTS_MINOR)),
            treatment=by(first),
            fallbacks=tuple(then(channel) for channel in others),
            caps=tuple(cap(one.count, one.window_ms, one.scope) for one in caps),
            priority=chance.randrange(5),
        )
        self.bank.control(PolicyPublished(campaign=self.campaigns[name], policy_hash="h"), self.at)

    def _lay_down(self) -> None:
        self.version += 1
        self.house = tuple(self._limit() for _ in range(self.random.randrange(4)))
        self.bank.control(bank_policy(*self.house, version=self.version), self.at)

    def _limit(self) -> ContactCap:
        chance = self.random
        return limit(
            chance.choice([1, 2, 3, 5, 20, 60]),
            chance.choice(self.windows_ms),
            chance.choice(SCOPES),
            message_class=chance.choice(["marketing", "servicing"]),
            segment=chance.choice(["", "", "gold", "young"]),
        )


def triggers_of(effects: list[Effect]) -> dict[str, Trigger]:
    """Return triggers by id."""
    return {one.trigger_id: one for one in effects if isinstance(one, Trigger)}


def candidates(effects: list[Effect]) -> list[Considered]:
    """Return the candidates in the order in which they go; a correction is none."""
    records = [record for record in effects if isinstance(record, Decision)]
    considered = [one for record in records for one in record.candidates]
    return sorted((one for one in considered if one.verdict in {"sent", "suppressed"}), key=going)


def going(one: Considered) -> tuple[bool, int, str]:
    """Return the order in which candidates go: the winner, then by priority and name."""
    return one.message_class != "marketing", -one.priority, one.campaign_id
