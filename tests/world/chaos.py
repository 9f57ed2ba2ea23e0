"""
Make up a journal that no bank would write: everything happens to few customers, in any order.

Ids, times and amounts come from small pots, so that repeats, ties, late events, full rows and
caps that bind are the rule and not the exception. Two implementations that agree here agree.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_choices import Choices
from tests.world.chaos_contact import Rules
from tests.world.chaos_effects import tripped
from tests.world.chaos_events import DAY, HOUR, Events
from tests.world.chaos_models import Models
from tests.world.chaos_policies import CONVERTING, NAMES, Policies
from tests.world.chaos_segments import Segments
from tests.world.chaos_treatments import Treatments


START: Final = 1_700_000_000_000
TENANTS: Final = ("acme", "evil")
RECEIPTS: Final = (
    *("accepted", "delivered", "delivered", "failed", "failed", "failed", "rejected"),
    *("expired", "unknown", "blocked_optout"),
)
REPLIES: Final = ("click", "open", "complaint", "optout")
CROWD_OF: Final = (
    *("", "words", "contacts", "contacts", "consents"),
    *("", "", "journeys", "", "contacts"),
)
"""Some journals have few customers with very much of something: by the seed, in turn."""

APPROVING: Final = ((), ("acme",), (), ("acme", "evil"))
"""Who approves wordings: by the seed, in turn."""

FINE: Final = (0, 1, 1_000, HOUR, 5 * HOUR, DAY)
COARSE: Final = (0, 0, HOUR, HOUR, 6 * HOUR, DAY)
"""Steps of the clock; coarse ones begin at midnight, so that moments meet to the millisecond."""

CUSTOMER_LIFE: Final = 250
"""After so many records one customer of a quiet journal is not spoken of any more."""


class Chaos:
    """
    A journal partition, envelope by envelope.

    Attributes:
        sent: (tenant, customer token, trigger id, reservation id) of what went out; receipts speak
            of these.
    """

    def __init__(self, seed: int) -> None:
        """Begin at START with nothing published."""
        self.sent: list[tuple[str, str, str, str]] = []
        self._random = Random(seed)  # noqa: S311 (a made-up journal, no secret)
        self._crowd = CROWD_OF[seed % len(CROWD_OF)]
        self._is_open = self._crowd == "contacts"
        self._events = Events(self._random, self._crowd)
        self._models = Models(self._random, is_crowd=seed % 8 == 7)
        self._choices = Choices(seed, is_quiet=self._crowd == "journeys")
        self._segments = Segments(seed)
        self._policies = Policies(self._random, self._crowd, self._models, self._choices)
        is_quiet = self._crowd == "journeys" or (self._is_open and seed % 2 == 1)
        self._rules = Rules(self._random, NAMES, is_quiet=is_quiet)
        self._treatments = Treatments(self._random, is_quiet=self._crowd == "journeys")
        self._approving = APPROVING[seed % len(APPROVING)]
        self._steps = FINE if seed % 2 else COARSE
        self._now = START if seed % 2 else START // DAY * DAY
        self._watermarks = dict.fromkeys(TENANTS, START - 2 * DAY)
        self._number = 0
        self._past: list[Facts] = []

    def envelopes(self, count: int) -> Iterator[Facts]:
        """Yield so many envelopes."""
        random = self._random
        for place in range(count):
            self._now += random.choice(self._steps)
            tenant = random.choice(TENANTS)
            dice = random.random()
            if place < 10 and place % 3 == 0:
                yield self._envelope(tenant, "", self._now, self._rules.configured(self._now))
            elif place < 10 or dice < (0.02 if self._is_open else 0.01):
                published = self._policies.published(tenant, self._now)
                published["campaign"] |= self._segments.of(published["campaign"])
                yield self._envelope(tenant, "", self._now, published)
            elif dice < (0.08 if self._is_open else 0.065):
                yield self._control(tenant, dice)
            elif dice < 0.11 and (learnt := self._published(tenant, dice)) is not None:
                yield learnt
            elif dice < 0.16:
                yield self._tick(tenant)
            elif dice < 0.23 and self._past:
                yield self._again()
            else:
                yield self._event(tenant)

    def _envelope(self, tenant: str, token: str, at: int, record: Facts) -> Facts:
        random = self._random
        self._number += 1
        envelope = {
            "v": 1,
            "tenant": tenant,
            "customer_token": token,
            "journal_at_ms": self._now,
            "occurred_at_ms": at,
            "event_id": f"e{self._number}",
            "event_source": random.choice(("/core", "/core", "/core", "/other")),
            "source": ["somewhere", 0, self._number],
            "lateness_ms": random.choice((0, 0, 1_000, HOUR)),
            "backfill": random.random() < 0.03,
            "key_id": "",
            "semantics_version": 1,
            "record": record,
        }
        self._past.append(envelope)
        return envelope

    def _again(self) -> Facts:
        """
        Return an envelope of before at a new place, as a producer's retry becomes.

        At times it says something else (an id used twice), or comes from a source that counts
        its events alike (a namesake, which is another event of the same moment).
        """
        random = self._random
        again: Facts = random.choice(self._past[-200:]) | {"journal_at_ms": self._now}
        dice, kind = random.random(), again["record"]["event_type"]
        if again["customer_token"] and dice < 0.3:
            kind = "erasure.requested" if dice < 0.003 else kind
            again["record"] = self._events.event(kind, self._now)
        if again["customer_token"] and 0.2 < dice < 0.5:
            again["event_source"] = random.choice(("/third", "/fourth"))
        return again

    def _tick(self, tenant: str) -> Facts:
        random = self._random
        last = self._watermarks[tenant]
        mark = max(last, self._now - random.choice((1, 1_000, DAY, 3 * DAY)))
        self._watermarks[tenant] = mark
        record = {"event_type": "tick", "now_at_ms": self._now, "watermark_at_ms": mark}
        record["backfill"] = random.random() < 0.1
        tick = self._envelope(tenant, "", self._now, record)
        self._past.pop()
        return tick | {"event_source": "cardcue/clock"}

    def _control(self, tenant: str, dice: float) -> Facts:
        """Return what concerns a whole bank beside its campaigns."""
        if dice < 0.03:
            return self._envelope(tenant, "", self._now, self._switch())
        if dice < (0.06 if self._is_open else 0.045):
            return self._envelope(tenant, "", self._now, self._wording(tenant))
        return self._model(tenant)

    def _model(self, tenant: str) -> Facts:
        """Return what is said of a model, or a snapshot as learning publishes it."""
        if self._random.random() < 0.2:
            return self._envelope(tenant, "", self._now, self._models.said(tenant))
        record = self._models.snapshot(tenant)
        return self._learnt(tenant, record, record["model"]["id"])

    def _published(self, tenant: str, dice: float) -> Facts | None:
        """Return what options have brought, None where none chooses yet; or segments."""
        if dice >= 0.1:
            return self._learnt(tenant, self._segments.published(tenant), "segments")
        record = self._choices.published(tenant)
        return record and self._learnt(tenant, record, record["campaign_id"])

    def _learnt(self, tenant: str, record: Facts, about: str) -> Facts:
        """Return the envelope of what learning publishes."""
        envelope = self._envelope(tenant, "", self._now, record)
        named = {"event_id": f"{about}-{record['sequence']}"}
        return envelope | named | {"event_source": "cardcue/learning", "backfill": False}

    def _switch(self) -> Facts:
        random = self._random
        if random.random() < 0.4:
            return self._rules.said(self._now)
        switch = {
            "event_type": "kill_switch.set",
            "engaged": random.random() < (0.05 if self._is_open else 0.25),
            "campaign_id": random.choice(("", *NAMES, *NAMES)),
        }
        return tripped(NAMES, self._number, self._now) or switch

    def _wording(self, tenant: str) -> Facts:
        """Return what may be said or promised; some tenants never approve a wording."""
        record = self._treatments.said()
        while record["event_type"] == "template.approved" and tenant not in self._approving:
            record = self._treatments.said()
        return record

    def _event(self, tenant: str) -> Facts:
        random = self._random
        number = self._number // CUSTOMER_LIFE + random.randrange(4)
        if self._crowd:
            number = number % 2 if self._is_open else 0
        token = f"c{number}"
        at = self._now - random.choice((0, 0, 1, HOUR, DAY, 4 * DAY, 30 * DAY, 91 * DAY))
        if random.random() < (0.3 if self._is_open else 0.12) and self.sent:
            newest = 3 if self._is_open else 30
            tenant, token, *named = random.choice(self.sent[-newest:])
            at = self._now - random.choice((0, 0, 1, HOUR))
            record = self._answer(*(named if random.random() < 0.9 else ("unheard-of", "")))
        elif random.random() < 0.15 and self.sent:
            tenant, token, *_ = random.choice(self.sent[-10:])
            at = self._now - random.choice((0, 0, 1, HOUR, DAY, 9 * DAY))
            record = self._events.event(self._consequence(), self._now)
        else:
            record = self._events.event(self._events.any_kind(), self._now)
            if self._steps is COARSE and random.random() < 0.5:
                at -= at % DAY  # banks date by the day
        if record["event_type"] == "txn.posted":
            record |= self._segments.habit(self._number)
        return self._envelope(tenant, token, at, record)

    def _consequence(self) -> str:
        """Return what a contact may lead to, or what takes it back."""
        random = self._random
        if random.random() < 0.2:
            chosen = random.choice(("consent.changed", "risk.flagged", "card.activated"))
            return chosen if not self._is_open or random.random() < 0.2 else "app.session"
        return random.choice(("txn.posted", "txn.posted", "txn.reversed", *CONVERTING))

    def _answer(self, trigger_id: str, reservation_id: str) -> Facts:
        """Return what a gateway says of a trigger, or the offer system of its offer."""
        random = self._random
        kind = random.choice(("delivery.receipt",) * 4 + ("response.recorded",))
        if reservation_id and random.random() < 0.4:
            kind = "offer.result"
        answer = self._events.event(kind, self._now, trigger_id=trigger_id)
        if kind == "delivery.receipt":
            statuses = RECEIPTS[:-1] if random.random() < 0.5 else RECEIPTS
            return answer | {"status": random.choice(statuses)}
        if kind == "offer.result":
            return answer | {"reservation_id": reservation_id}
        replies = REPLIES[:2] if self._is_open and random.random() < 0.8 else REPLIES
        return answer | {"kind": random.choice(replies)}
