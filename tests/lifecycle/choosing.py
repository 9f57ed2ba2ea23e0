"""Make campaigns that choose among ways of contacting, and work their draws out by hand."""

from hashlib import sha256
from typing import Any

import msgspec

from lifecycle.records import Effect
from schemas.campaign import Campaign, Choice, Option
from schemas.insight import ChoicePublished
from schemas.journal import JournalEnvelope, SourceCoordinates
from tests.lifecycle.builders import HOUR, T0, TENANT, Bank, spend
from tests.lifecycle.by_hand import occurrence, prefixed
from tests.lifecycle.channels import agree
from tests.lifecycle.contacts import offer
from tests.lifecycle.measured import PURCHASE
from tests.lifecycle.told import Told, decisions


def option(name: str, channel: str = "sms", **changed: Any) -> Option:  # noqa: ANN401 (any field)
    """Return a way of contacting."""
    said = {"id": name, "channel": channel, "template_id": "nudge", "template_version": 1}
    return msgspec.structs.replace(msgspec.convert(said, Option), **changed)


def chooses(
    *options: Option,
    epsilon_ppm: int = 200_000,
    **changed: Any,  # noqa: ANN401 (any field)
) -> Campaign:
    """Return a campaign that any purchase begins and that chooses, by default sms or push."""
    among = options or (option("text"), option("app", "push"))
    choice = Choice(salt="s", epsilon_ppm=epsilon_ppm, options=among)
    known = {"value_minor": 1_000, "base_rate_ppm": 20_000, "conversion": PURCHASE}
    return offer(**{"choice": choice, **known, **changed})


def drawn(who: str, bought: str, step: str = "offer", salt: str = "s") -> int:
    """Return the draw of a customer's contact about a purchase, by hashlib alone (3.19)."""
    key = occurrence("k1", bought)
    digest = sha256(prefixed(TENANT, "choice", "a", salt, who, key, step)).digest()
    return int.from_bytes(digest[:8], "big") % 1_000_000


def counted(
    bank: Bank, rates_ppm: dict[str, int], sequence: int = 1, campaign_id: str = "a"
) -> list[Effect]:
    """Fold what options have brought, as learning puts it into every journal partition."""
    published = ChoicePublished(campaign_id=campaign_id, sequence=sequence, rates_ppm=rates_ppm)
    envelope = JournalEnvelope(
        tenant=TENANT,
        customer_token="",
        journal_at_ms=T0,
        occurred_at_ms=T0,
        event_id=f"choice-{campaign_id}-{sequence}",
        event_source="cardcue/learning",
        source=SourceCoordinates("lifecycle.outcomes.v1", 0, sequence),
        record=published,
    )
    return bank.fold(envelope)


def worth_seen(told: Told) -> dict[str, int]:
    """Return what the gate `worth` saw of a candidate."""
    return next(one.saw for one in told.gates if one.gate == "worth")


def reachable(*campaigns: Campaign, who: str = "ann") -> Bank:
    """Return a bank whose customer agreed to offers by sms and by push."""
    return agree(Bank(*(campaigns or (chooses(),)), consent=""), "sms", "push", who=who)


def bought(bank: Bank, who: str = "ann", event_id: str = "bought", at: int = HOUR) -> Told:
    """Return what is decided about a purchase."""
    [told] = decisions(bank.say(spend(), at, who=who, event_id=event_id))
    return told
