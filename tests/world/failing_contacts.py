"""
Make up a journal in which one campaign's contacts fail, while everything that binds them changes.

Two customers, one campaign with a gift and one beside it: so that fallbacks meet caps, holdouts,
arms, new versions, words, wordings and refusals more often than in the large chaos.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from tests.checker.identity import Facts
from tests.world.chaos_events import DAY, HOUR


START: Final = 1_700_000_000_000
CHANNELS: Final = ("sms", "push", "email")
STATUSES: Final = (
    *("failed", "failed", "failed", "rejected", "rejected", "blocked_optout", "expired"),
    *("delivered", "accepted"),
)
TOKENS: Final = ("c0", "c1")


class FailingContacts:
    """
    A journal partition of one bank, envelope by envelope.

    Attributes:
        sent: (tenant, customer token, trigger id, reservation id) of what went out.
    """

    def __init__(self, seed: int) -> None:
        """Begin with nothing published."""
        self.sent: list[tuple[str, str, str, str]] = []
        self._random = Random(seed)  # noqa: S311 (a made-up journal, no secret)
        self._number, self._now, self._version = 0, START, 0
        self._approves = seed % 3 == 0

    def envelopes(self, count: int) -> Iterator[Facts]:
        """Yield so many envelopes."""
        random = self._random
        begin = [self._gift(), self._campaign(), self._beside()]
        begin += [self._wording(name) for name in CHANNELS if self._approves]
        begin.append(self._configured(0))
        for record in begin:
            yield self._envelope("", record)
        for token in TOKENS:
            for channel in CHANNELS:
                yield self._envelope(token, self._word("granted", channel))
        for _ in range(count):
            self._now += random.choice((0, 1, 1_000, HOUR, 3 * HOUR))
            if self.sent and random.random() < 0.45:
                _, token, trigger_id, reservation_id = random.choice(self.sent[-4:])
                yield self._envelope(token, self._answer(trigger_id, reservation_id))
            elif random.random() < 0.2:
                yield self._envelope("", self._control())
            else:
                yield self._envelope(random.choice(TOKENS), self._event())

    def _envelope(self, token: str, record: Facts) -> Facts:
        self._number += 1
        return {
            "tenant": "acme",
            "customer_token": token,
            "journal_at_ms": self._now,
            "occurred_at_ms": self._now - self._random.choice((0, 0, 0, 1, HOUR)),
            "event_id": f"e{self._number}",
            "event_source": "/core",
            "source": ["somewhere", 0, self._number],
            "record": record,
        }

    def _event(self) -> Facts:
        """Return what begins a contact, and now and then what forbids it."""
        random = self._random
        dice = random.random()
        card = {"card_token": f"k{self._number}"}
        if dice < 0.5:
            return {"event_type": "card.issued", **card}
        if dice < 0.7:
            return {"event_type": "app.session", "surface": "app"}
        if dice < 0.85:
            status = random.choice(("granted", "granted", "revoked", "denied"))
            return self._word(status, random.choice(CHANNELS))
        if dice < 0.9:
            quiet = random.choice(("", "", "00:00-12:00"))
            return {"event_type": "preference.changed", "quiet_hours": quiet}
        flag = random.choice(("risk.flagged", "risk.cleared", "risk.cleared"))
        return {"event_type": flag, "flag_id": "f"} | (
            {"flag_class": "fraud"} if flag == "risk.flagged" else {}
        )

    def _word(self, status: str, channel: str) -> Facts:
        said = {"purpose": "marketing", "channel": channel, "status": status}
        return {"event_type": "consent.changed", **said}

    def _answer(self, trigger_id: str, reservation_id: str) -> Facts:
        random = self._random
        if reservation_id and random.random() < 0.3:
            status = random.choice(("refused", "expired", "granted", "redeemed"))
            about = {"reservation_id": reservation_id, "trigger_id": trigger_id}
            return {"event_type": "offer.result", "status": status, **about}
        said = {"receipt_id": "r", "trigger_id": trigger_id, "channel": random.choice(CHANNELS)}
        return {"event_type": "delivery.receipt", "status": random.choice(STATUSES), **said}

    def _control(self) -> Facts:
        random = self._random
        made: Facts = random.choice(
            (
                self._gift,
                self._campaign,
                self._beside,
                self._configured,
                self._wording,
                self._switch,
            )
        )()
        return made

    def _gift(self) -> Facts:
        offer = {"id": "gift", "version": self._next(), "valid_ms": DAY}
        offer |= {"inventory_count": self._random.choice((0, 9, 90)), "unit_cost_minor": 2}
        return {"event_type": "offer.defined", "offer": offer}

    def _configured(self, holdout_bp: int | None = None) -> Facts:
        drawn = self._random.choice((0, 0, 0, 5_000))
        said = {"holdout_bp": drawn if holdout_bp is None else holdout_bp}
        said |= {"holdout_salt": "s", "time_zone": "UTC", "live_from_ms": 0}
        return {"event_type": "tenant.configured", **said}

    def _wording(self, name: str = "") -> Facts:
        name = name or (self._random.choice(CHANNELS) if self._approves else "")
        if not name:
            return self._gift()
        template = {"id": name, "version": self._random.choice((1, 2)), "channel": name}
        return {"event_type": "template.approved", "template": template | {"text": "hi"}}

    def _switch(self) -> Facts:
        engaged = self._random.random() < 0.2
        return {"event_type": "kill_switch.set", "engaged": engaged, "campaign_id": "nudge"}

    def _campaign(self) -> Facts:
        """Return the next version of the campaign whose contacts fail."""
        random = self._random
        scopes = ("channel", "channel", "all", "campaign", "class")
        caps = [
            {"scope": scope, "count": random.choice((1, 1, 3, 6)), "window_ms": window_ms}
            for scope in random.sample(scopes, random.randrange(3))
            for window_ms in (random.choice((HOUR, DAY)),)
        ]
        arms = [{"id": "a", "share_bp": 5_000, **self._spoken()}]
        experiment = {"salt": "x", "control_bp": random.choice((0, 2_000)), "arms": arms}
        money = {"contact_cost_minor": random.choice((0, 1)), "base_rate_ppm": 1_000_000}
        return self._published(
            "nudge",
            "card.issued",
            message_class=random.choice(("marketing",) * 5 + ("servicing", "mandatory")),
            caps=caps,
            experiment=random.choice((None, None, experiment)),
            offer=random.choice(("", "gift", "gift")),
            budget_minor=random.choice((0, 30, 300)),
            conversion={"on": "app.session", "window_ms": DAY, "value": ""},
            value_minor=9,
            **money,
            **self._spoken(),
        )

    def _beside(self) -> Facts:
        channel = self._random.choice(CHANNELS)
        spoken = {"treatment": self._slot(channel), "message_class": "servicing"}
        return self._published("beside", "app.session", **spoken)

    def _published(self, name: str, begins: str, **said: Any) -> Facts:  # noqa: ANN401 (any field)
        campaign = {
            "id": name,
            "version": self._next(),
            "tenant": "acme",
            "title": name,
            "owner": "chaos",
            "stage": "activate",
            "trigger_type": name,
            "purpose": "marketing",
            "occurrence": "card",
            "exit_on": [],
            "caps": [],
            "entry": {"kind": "event", "when": [{"on": begins}]},
            "steps": [{"id": "now", "delay_ms": 0}],
            "expires_after_ms": DAY,
            **said,
        }
        hashed = {"campaign": campaign, "policy_hash": f"h{campaign['version']}"}
        return {"event_type": "policy.published", **hashed}

    def _spoken(self) -> Facts:
        """Return slots in any order, each after some statuses."""
        random = self._random
        first, *later = random.sample(CHANNELS, random.choice((2, 3, 3)))
        statuses = ("failed", "rejected", "blocked_optout")
        fallbacks = [
            self._slot(channel) | {"after": random.sample(statuses, random.choice((1, 2, 3, 3)))}
            for channel in later
        ]
        return {"treatment": self._slot(first), "fallbacks": fallbacks}

    def _slot(self, channel: str) -> Facts:
        return {"channel": channel, "template_id": channel, "template_version": 1}

    def _next(self) -> int:
        self._version += 1
        return self._version
