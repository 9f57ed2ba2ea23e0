"""Deferral through a restore, and through a bank's going live (SEMANTICS B4, T7)."""

from schemas.events import TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, issued, nudge, spend, word
from tests.lifecycle.contacts import OPEN, night, offer
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import decisions, story


SENT = ["-> ann offer", "a offer sent"]


def test_deferred_in_shadow_goes_live_with_the_bank() -> None:
    """T7: shadow is asked at the release, not when it fell due."""
    bank = Bank(offer(), zone="")
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0 + 2 * HOUR))
    bank.control(night())
    told = decisions(bank.say(spend(), HOUR))[0]

    assert ("deferred", True) == (told.verdict, told.shadow)
    assert SENT == story(bank.tick(OPEN))


def test_released_in_shadow_is_told_and_not_sent() -> None:
    """A bank that is live next week only."""
    bank = Bank(offer(), zone="")
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0 + 7 * DAY))
    bank.control(night())
    bank.say(spend(), HOUR)

    assert ["a offer shadow"] == story(bank.tick(OPEN))
    assert [] == bank.row().contacts


def lived() -> Bank:
    """Return a bank with a night between two customers' purchases and their release."""
    bank = Bank(offer(caps=(cap(1, DAY),)), nudge(steps=nudge().steps[:1]))
    bank.control(night())
    bank.say(word("granted"), 0, who="bob")
    bank.say(issued("k2"), 0, who="bob")
    for at in (HOUR, 2 * HOUR):
        for who in ("ann", "bob"):
            bank.say(spend(), at, who=who)
    for at in (OPEN - 1, OPEN, DAY, 3 * DAY, 3 * DAY + OPEN):
        bank.tick(at)
    return bank


def test_deferral_survives_a_restore_at_any_record() -> None:
    """B4: rows drained, a new fold, the same outputs and rows."""
    outputs = restored_at_every_record(lived()).outputs

    assert 3 == sum("trig" in output.topic for output in outputs)
