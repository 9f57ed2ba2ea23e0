"""No contact outside of consent for its channel: deferred ones, and where a channel failed (I3)."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.channels import Channel
from schemas.decisions import Trigger
from schemas.events import ResponseRecorded
from tests.lifecycle.builders import DAY, HOUR, Bank, spend, word
from tests.lifecycle.channels import by, heard, then
from tests.lifecycle.contacts import night, offer
from tests.lifecycle.told import Told, decisions, triggers


BEGINNING = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CHANNELS: tuple[Channel, ...] = ("push", "sms", "voice")
"""Slots 0, 1, 2 of both campaigns; after a refusal only voice is tried."""

FALLBACKS = then("sms"), then("voice", ("failed", "blocked_optout"))
TRIED_AFTER = {"failed": (1, 2), "rejected": (1,), "blocked_optout": (2,)}
STATUSES = ("granted", "granted", "granted", "denied", "revoked")
REFUSED = {"NO_CONSENT", "OPTED_OUT"}
DEEDS = ("buy", "buy", "tick", "tick", "word", "word", "opt out", "receipt", "receipt")


class Word(NamedTuple):
    """What a customer said, and from when on it holds; compared as the newest."""

    at: int
    event_id: str
    status: str = "none"
    effective_at: int = 0


class Words:
    """A customer who buys, agrees, refuses and opts out, day and night; and who said what when."""

    def __init__(self, random: Random) -> None:
        """Begin with no word."""
        self.random = random
        order = {"treatment": by("push"), "fallbacks": FALLBACKS, "expires_after_ms": 2 * DAY}
        notice = offer("s", message_class="servicing", **order)
        self.bank = Bank(offer(**order), notice, consent="")
        self.bank.control(night())
        self.at = 0
        self.said: dict[Channel, list[Word]] = {channel: [] for channel in CHANNELS}
        self.opted_out: dict[Channel, list[Word]] = {channel: [] for channel in CHANNELS}
        self.sent: list[Trigger] = []

    def live(self, step_count: int) -> list[Told]:
        """Let one thing happen after another; return what was decided against the newest words."""
        wrong = []
        for number in range(step_count):
            self.at += self.random.choice((0, 1, HOUR, 5 * HOUR))
            status, effects = self._happen(f"w{number:03}")
            self.sent += triggers(effects)
            told = [one for one in decisions(effects) if one.verdict != "cap_overrun"]
            wrong += [one for one in told if not self.follows(one, status)]
        return wrong

    def _happen(self, event_id: str) -> tuple[str, list[Effect]]:
        """Return what happened where a receipt came, and what it led to."""
        at = max(0, self.at - self.random.choice((0, 0, HOUR, DAY)))
        channel = self.random.choice(CHANNELS)
        match self.random.choice(DEEDS):
            case "buy":
                return "", self.bank.say(spend(), self.at, event_id=event_id)
            case "tick":
                return "", self.bank.tick(self.at)
            case "word":
                return "", self._say(channel, at, event_id)
            case "receipt" if self.sent:
                return self._report(event_id)
            case _:
                self.opted_out[channel].append(Word(at, event_id))
                stop = ResponseRecorded(
                    response_id="r", trigger_id="nobody's", channel=channel, kind="optout"
                )
                return "", self.bank.say(stop, at, arrived=self.at, event_id=event_id)

    def _say(self, channel: Channel, at: int, event_id: str) -> list[Effect]:
        status, later = self.random.choice(STATUSES), self.random.choice((0, 9 * HOUR))
        effective_at = BEGINNING + timedelta(milliseconds=at + later) if later else None
        self.said[channel].append(Word(at, event_id, status, at + later if later else 0))
        changed = replace(word(status, channel), effective_at=effective_at)
        return self.bank.say(changed, at, arrived=self.at, event_id=event_id)

    def _report(self, event_id: str) -> tuple[str, list[Effect]]:
        trigger, status = self.random.choice(self.sent[-3:]), self.random.choice([*TRIED_AFTER])
        if status == "blocked_optout":
            self.opted_out[trigger.channel].append(Word(self.at, event_id))
        said = heard(trigger.trigger_id, status, trigger.channel)
        return status, self.bank.say(said, self.at, event_id=event_id)

    def allows(self, told: Told, channel: Channel) -> tuple[bool, str]:
        """Return whether the newest word about a channel allows a contact, and its id."""
        newest = max(self.said[channel], default=Word(0, ""))
        status = newest.status
        if max(self.opted_out[channel], default=Word(0, ""))[:2] > newest[:2]:
            status = "revoked"
        refused = status in {"denied", "revoked"}
        if told.message_class == "marketing":
            refused = refused or status == "none" or newest.effective_at > self.at
        return not refused, "" if status == "none" or refused else newest.event_id

    def follows(self, told: Told, status: str) -> bool:
        """Return whether the words lead to the slot and to what was decided, and are evidence."""
        slots = (0, 1, 2)
        if told.follows:
            past = next(one.slot for one in self.sent if one.trigger_id == told.follows)
            slots = tuple(slot for slot in TRIED_AFTER[status] if slot > past)
        allowed = (slot for slot in slots if self.allows(told, CHANNELS[slot])[0])
        right, evidence = self.allows(told, CHANNELS[told.slot])
        return (
            told.slot == next(allowed, slots[0])
            and right == (told.reason_code not in REFUSED)
            and told.consent_ref == evidence
        )


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_no_contact_is_made_outside_consent_for_its_channel(seed: int) -> None:
    """
    I3, O5, C2: at the moment of each decision the newest word allows it, and is its evidence.

    It goes by the first channel of which that is so; what is refused is refused for that. Words
    come late, take effect later, opt-outs come between what fell due at night and its morning,
    and between a push and its failure.
    """
    assert [] == Words(Random(seed)).live(80)  # noqa: S311 (a seeded world)


def test_words_are_heard_deferred_and_refused() -> None:
    """Drawn as above, they come to every end that the property speaks of."""
    ends = set()
    for seed in range(20):
        words = Words(Random(seed))  # noqa: S311 (a seeded world)
        words.live(80)
        keys = words.bank.state.counts.by_key
        ends |= {key.rpartition("|a|")[2] for key in keys if key.startswith("decision|bank|a|")}
        ends |= {f"{one.campaign_id} {one.slot}" for one in words.sent}

    assert {
        *("sent|", "deferred|QUIET_HOURS", "suppressed|NO_CONSENT", "suppressed|OPTED_OUT"),
        *("a 0", "a 1", "a 2", "s 0", "s 1", "s 2"),
    } <= ends
