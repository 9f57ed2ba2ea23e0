"""
Who wants no personal offers is treated alike, whatever they did (SEMANTICS O3, O4; PIPL 24).

Two customers live the same life; one of them buys beside it. Wordings show behaviour in some slot;
rules that read behaviour are left out: their gates stand before the opt-out and say what they saw.
"""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.campaign import Campaign, Conversion, EventEntry
from schemas.channels import Channel
from schemas.decisions import Decision, Trigger, TriggerCancelled
from schemas.events import AnyEvent, PreferenceChanged
from schemas.outcomes import ExposureOpened, OutcomeRecorded
from tests.lifecycle import snapshots
from tests.lifecycle.bills import autopay
from tests.lifecycle.builders import DAY, HOUR, Bank, activated, cap, issued, nudge, spend, word
from tests.lifecycle.channels import agree, by, grants, heard, stock_of, then, wording
from tests.lifecycle.conditions import on
from tests.lifecycle.contacts import night, offer
from tests.lifecycle.told import triggers


CHANNELS: tuple[Channel, ...] = ("push", "sms", "voice")
SHOWS = {"n": "spend_count", "scene": "top_scene"}
OFF = PreferenceChanged(personalisation_opt_out=True, language="zh")
RECEIPTS = ("failed", "failed", "rejected", "blocked_optout", "delivered")
HAPPENINGS = ("use", "issue", "receipt", "receipt", "word", "tick", "tick")


def campaigns(random: Random) -> list[Campaign]:
    """Return campaigns that no purchase begins; of some the wordings show behaviour somewhere."""
    used = EventEntry(when=(on("card.activated"),))
    shows = [random.choice(({}, {}, SHOWS)) for _ in CHANNELS]
    either: dict[str, Any] = {
        "treatment": by("push", **shows[0]),
        "fallbacks": (then("sms", **shows[1]), then("voice", tongue="language", **shows[2])),
        "caps": (cap(2, 3 * DAY, "channel"), cap(5, 3 * DAY, "all")),
        "expires_after_ms": 3 * DAY,
        "model": "m",
        "value_minor": 1_000,
        "conversion": Conversion(on="wallet.bound", window_ms=3 * DAY),
    }
    return [
        nudge(**either),
        nudge(id="quiet", treatment=by("push"), fallbacks=(then("sms"),)),
        offer("a", entry=used, offer="gift", exit_on=("autopay.changed",), **either),
        offer("s", entry=used, treatment=by("sms"), fallbacks=(then("voice"),)),
        offer("t", entry=used, message_class="servicing", treatment=by("voice")),
    ]


class Life:
    """One life, lived with purchases and without; what is drawn does not depend on them."""

    def __init__(self, seed: int, *, buys: bool) -> None:
        """Begin with the wish that nothing is decided by what one did."""
        self.random, self.buys = Random(seed), buys  # noqa: S311 (a seeded world)
        self.other = Random(seed + 1)  # noqa: S311 (a seeded world)
        self.bank = Bank(*campaigns(self.random), consent="")
        self.bank.control(stock_of(3))
        inputs = snapshots.number("spend_count"), snapshots.number("recency_days")
        taught = snapshots.published(snapshots.head(-1.0, 0.5, 0.25), *inputs)
        snapshots.publish(self.bank, taught)
        if self.random.random() < 0.5:
            self.bank.control(night())
        for channel in CHANNELS if self.random.random() < 0.3 else ():
            self.bank.control(wording(channel=channel, version=1 + CHANNELS.index(channel)))
        self.bank.say(OFF, 0, event_id="off")
        agree(self.bank, *(one for one in CHANNELS if self.random.random() < 0.6))
        self.at = 0
        self.effects: list[Effect] = []

    def live(self) -> list[Any]:
        """Return what was decided, sent, asked for and taken back, but for `features`."""
        for number in range(25):  # so few that the ring of event ids forgets none
            self.at += self.random.choice((0, 1, HOUR, 9 * HOUR, DAY))
            if self.other.random() < 0.3 and self.buys:
                event = spend(self.other.choice((100, 90_000)))
                self.bank.say(event, self.at, event_id=f"bought {number}")
            self.effects += self._happen(f"e{number}")
        return [plain(effect) for effect in self.effects]

    def _happen(self, event_id: str) -> list[Effect]:
        sent = triggers(self.effects)
        chosen, channel = self.random.choice(HAPPENINGS), self.random.choice(CHANNELS)
        place, status = self.random.random(), self.random.choice(RECEIPTS)
        card = self.random.choice(("k1", "k2"))
        event: AnyEvent
        match chosen:
            case "tick":
                return self.bank.tick(self.at)
            case "issue":
                event = issued(card) if place < 0.7 else autopay("active", card)
            case "word":
                event = word("granted" if place < 0.8 else "revoked", channel)
            case "receipt" if sent:
                trigger = sent[-1 - int(place * min(3, len(sent)))]
                event = heard(trigger.trigger_id, status, trigger.channel)
            case _:
                event = activated(card)
        return self.bank.say(event, self.at, event_id=event_id)


def plain(effect: Effect) -> object:
    """Return an effect without what tells of behaviour and of the record's own bytes."""
    if isinstance(effect, Decision):
        told = tuple(replace(one, features={}) for one in effect.candidates)
        return replace(effect, candidates=told, digest="", cause=told_cause(effect))
    if isinstance(effect, ExposureOpened):
        return replace(effect, features={})
    return (
        replace(effect, cause=told_cause(effect)) if isinstance(effect, OutcomeRecorded) else effect
    )


def told_cause(effect: Decision | OutcomeRecorded) -> Any:  # noqa: ANN401
    """Return the cause; ticks have no name of their own here."""
    return None if effect.cause.event_type == "tick" else effect.cause


SEEDS = st.integers(0, 2**32)


@given(SEEDS)
@settings(max_examples=150, deadline=None)
def test_behaviour_changes_nothing_for_who_wants_no_personal_offers(seed: int) -> None:
    """3.14, 3.16: neither slot, channel nor score, trigger nor record, but what `features` tell."""
    assert Life(seed, buys=False).live() == Life(seed, buys=True).live()


def test_lives_have_fallbacks_gifts_and_refusals() -> None:
    """Drawn as above, they come to what the property speaks of."""
    lives = [Life(seed, buys=True) for seed in range(40)]
    for life in lives:
        life.live()
    effects = [effect for life in lives for effect in life.effects]
    told = [one for effect in effects if isinstance(effect, Decision) for one in effect.candidates]

    assert {0, 1, 2} <= {one.slot for one in told if one.verdict == "sent"}
    assert any(one.follows and one.verdict == "sent" for one in told)
    assert {"PERSONALISATION_OFF", "NO_CONSENT", ""} <= {one.reason_code for one in told}
    assert any(one.features.get("spend_count") for one in told)
    assert {"base_rate", ""} == {one.propensity_from for one in told}
    assert any(isinstance(effect, ExposureOpened) and not effect.vector for effect in effects)
    assert grants(effects)
    assert any(isinstance(effect, TriggerCancelled) for effect in effects)
    assert any(isinstance(effect, Trigger) for effect in effects)
