"""Caps through `step` against brute force: no window ever holds more than it may (SEMANTICS C1)."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.caps import REASON_BY_SCOPE
from schemas.campaign import Campaign, Cap, Treatment
from schemas.contact_policy import ContactCap
from schemas.decisions import Considered, Decision, Trigger
from schemas.events import PolicyPublished
from schemas.state import CONTACTS_MAX
from tests.lifecycle.builders import T0, Bank, cap, receipt, spend, word
from tests.lifecycle.contacts import any_purchase, bank_policy, limit, offer, profile


CLASSES = {"a": "marketing", "b": "marketing", "c": "marketing", "s": "servicing", "t": "servicing"}
PURPOSES, CHANNELS = ("p", "q"), ("sms", "push")
SCOPES = ("all", "class", "channel", "purpose", "campaign")
GAPS_MS = (0, 0, 1, 2, 5, 9)
AMOUNTS_MINOR = (10, 60, 90)


class Sent:
    """A contact, and what the receipts read so far have said of it."""

    def __init__(self, trigger: Trigger) -> None:
        """Begin with no receipt."""
        self.trigger = trigger
        self.released = self.delivered = False

    def hear(self, status: str) -> None:
        """Take a receipt: what was delivered stays so, whatever is said after it."""
        self.delivered = self.delivered or status == "delivered"
        self.released = not self.delivered and (self.released or status == "failed")


class Judged(NamedTuple):
    """A candidate, its caps with what brute force counts, how many contacts there ever were."""

    one: Considered
    counts: list[tuple[Cap | ContactCap, int]]
    contact_count: int

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
        self.bank.control(PolicyPublished(campaign=must, policy_hash="h"))
        self.campaigns["z"] = must

    def live(self, step_count: int) -> Iterator[Judged]:
        """Let so many things happen; yield every candidate of every occasion."""
        deeds = ("buy", "receipt", "campaign", "house", "profile")
        for deed in self.random.choices(deeds, (80, 12, 2, 2, 2), k=step_count):
            self.at += self.random.choice(GAPS_MS)
            match deed:
                case "buy":
                    yield from self._buy()
                case "receipt":
                    self._receive()
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
        made = {one.trigger_id: Sent(one) for one in effects if isinstance(one, Trigger)}
        before = [*self.sent]
        for record in effects:
            for one in sorted(record.candidates, key=going) if isinstance(record, Decision) else ():
                asked_last = one.verdict == "sent" or one.gates[-2].gate == "caps"
                yield self._judged(one, self.sent if asked_last else before)
                if one.verdict == "sent":
                    self.sent.append(made[one.trigger_id])

    def _judged(self, one: Considered, past: list[Sent]) -> Judged:
        campaign = self.campaigns[one.campaign_id]
        rules: list[Cap | ContactCap] = [*campaign.caps] if one.campaign_id != "z" else []
        rules += (
            rule
            for rule in self.house
            if rule.message_class == one.message_class and rule.segment in {"", *self.segments}
        )
        mine = {
            "all": "",
            "class": campaign.message_class,
            "channel": campaign.treatment.channel,
            "purpose": campaign.purpose,
            "campaign": campaign.id,
        }
        counts = []
        for rule in rules:
            opens_ms = T0 + self.at - rule.window_ms
            live = [was.trigger for was in past if not was.released]
            inside = [was for was in live if was.issued_at_ms > opens_ms]
            counts.append(
                (rule, sum(theirs(was, rule.scope) == mine[rule.scope] for was in inside))
            )
        return Judged(one, counts, len(past))

    def _receive(self) -> None:
        """Tell something of any contact there ever was, of a forgotten one, too."""
        if self.sent:
            sent, status = (
                self.random.choice(self.sent),
                self.random.choice(["failed", "delivered"]),
            )
            sent.hear(status)
            self.bank.say(receipt(sent.trigger.trigger_id, status), self.at)

    def _publish(self, name: str) -> None:
        self.version += 1
        chance = self.random
        caps = [self._limit() for _ in range(chance.randrange(3))]
        channel = chance.choice(["sms", "push"])
        self.campaigns[name] = offer(
            name,
            version=self.version,
            message_class=CLASSES[name],
            purpose=chance.choice(PURPOSES),
            entry=any_purchase(chance.choice(AMOUNTS_MINOR)),
            treatment=Treatment(channel=channel, template_id="t", template_version=1),
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


def theirs(trigger: Trigger, scope: str) -> str:
    """Return what a contact has of what a scope asks for."""
    names = {"class": "message_class", "campaign": "campaign_id"}
    return "" if scope == "all" else getattr(trigger, names.get(scope, scope))


def going(one: Considered) -> tuple[bool, int, str]:
    """Return the order in which candidates go: the winner, then by priority and name."""
    return one.message_class != "marketing", -one.priority, one.campaign_id


WINDOWS_MS = st.sampled_from([(1, 7, 30), (40, 90, 200), (5, 1_000), (400, 4_000)])
SEEDS = st.integers(0, 2**32)


def lived(seed: int, windows_ms: tuple[int, ...], step_count: int) -> list[Judged]:
    """Return every candidate that caps were asked about in a history."""
    history = History(Random(seed), windows_ms)  # noqa: S311 (a seeded world)
    return [
        judged
        for judged in history.live(step_count)
        if any(reading.gate == "caps" for reading in judged.one.gates)
    ]


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=60, deadline=None)
def test_no_window_holds_more_than_its_cap_as_far_as_receipts_say(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """
    C1: whoever goes finds room in every window that ends there, over all that was ever sent.

    Any later window holds no more of them than one that ends at a contact. Releases, late
    deliveries, mandatory contacts that overflow the memory, policies and segments that change.
    """
    for judged in lived(seed, windows_ms, 120):
        assert judged.one.verdict != "sent" or not judged.full


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=40, deadline=None)
def test_a_cap_is_named_only_where_it_is_the_first_that_is_full(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """3.10: nobody is refused by a cap that has room; `memory` only once there were 32 contacts."""
    for judged in lived(seed, windows_ms, 120):
        refused = judged.one.gates[-1]
        if refused.clause == "memory":
            assert judged.contact_count >= CONTACTS_MAX
        elif refused.gate == "caps" and refused.reason_code:
            assert refused.reason_code == REASON_BY_SCOPE[judged.full[0].scope]


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=40, deadline=None)
def test_counts_in_the_record_are_those_of_brute_force(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """Every cap that binds, in its order, with its count, as long as nothing was forgotten."""
    for judged in lived(seed, windows_ms, CONTACTS_MAX):
        found = [
            (one.scope, one.window_ms, one.count_max, one.count_before) for one in judged.one.caps
        ]
        assert judged.contact_count > CONTACTS_MAX or found == [
            (rule.scope, rule.window_ms, rule.count, count) for rule, count in judged.counts
        ]


def test_histories_forget_refuse_and_overrun() -> None:
    """Drawn as above, they come to every end that the properties speak of."""
    ends = {
        (judged.one.verdict, judged.one.reason_code, judged.one.clause)
        for seed in range(12)
        for judged in lived(seed, (40, 90, 200), 150)
    }

    assert {("suppressed", reason, "") for reason in REASON_BY_SCOPE.values()} <= ends
    assert {("sent", "", ""), ("suppressed", "CAP_GLOBAL", "memory")} <= ends
