"""Channels in an order, wordings that a bank approved, and offers of which there are so many."""

from collections.abc import Iterable
from typing import Any

import msgspec

from lifecycle.records import Effect
from schemas.campaign import Campaign, Fallback, Treatment
from schemas.channels import Channel
from schemas.decisions import OfferGrantRequested, Trigger
from schemas.events import DeliveryReceipt, OfferDefined, OfferResult, TemplateApproved
from schemas.offer import Offer
from schemas.template import Template, TemplateVariable
from tests.lifecycle.builders import HOUR, Bank, spend, word
from tests.lifecycle.contacts import offer
from tests.lifecycle.told import decisions, triggers


SMS_SENT = ["1 sms sent"]
"""The second channel of `reach`."""

FAILED = ("failed", "rejected")
"""What leads to the next channel where a policy says nothing else."""


def by(channel: Channel, template: str = "nudge", **shown: str) -> Treatment:
    """Return a wording in a channel; `shown` are names of its own, each with a feature."""
    return Treatment(channel=channel, template_id=template, template_version=1, variables=shown)


def then(
    channel: Channel, after: Iterable[str] = FAILED, template: str = "nudge", **shown: str
) -> Fallback:
    """Return what is tried next, after receipts of these statuses."""
    said = msgspec.to_builtins(by(channel, template, **shown))
    return msgspec.convert({**said, "after": (*after,)}, Fallback)


def wording(
    template: str = "nudge", channel: Channel = "sms", version: int = 1, **kinds: str
) -> TemplateApproved:
    """Return that a wording is approved; `kinds` are its variables, `int` or `string`."""
    listed = [{"name": name, "kind": kind} for name, kind in kinds.items()]
    variables = msgspec.convert(listed, tuple[TemplateVariable, ...])
    approved = Template(
        id=template, version=version, channel=channel, text="...", variables=variables
    )
    return TemplateApproved(template=approved)


def stock_of(
    inventory_count: int, *, name: str = "gift", version: int = 1, unit_cost_minor: int = 0
) -> OfferDefined:
    """Return that there are so many units of an offer; a grant is good for an hour."""
    return OfferDefined(
        offer=Offer(
            id=name,
            version=version,
            inventory_count=inventory_count,
            valid_ms=HOUR,
            unit_cost_minor=unit_cost_minor,
        )
    )


def heard(trigger_id: str, status: str, channel: Channel = "push") -> DeliveryReceipt:
    """Return what the gateway of a channel says of a trigger."""
    said = {"receipt_id": "r", "trigger_id": trigger_id, "channel": channel, "status": status}
    return msgspec.convert({"event_type": "delivery.receipt", **said}, DeliveryReceipt)


def answer(asked: OfferGrantRequested | Trigger, status: str, **changed: Any) -> OfferResult:  # noqa: ANN401
    """Return what the offer system says of a unit that it was asked for, or that was promised."""
    said = {"reservation_id": asked.reservation_id, "trigger_id": asked.trigger_id}
    fields = {"event_type": "offer.result", **said, "status": status, **changed}
    return msgspec.convert(fields, OfferResult)


def grants(effects: Iterable[Effect]) -> list[OfferGrantRequested]:
    """Return what the offer system is asked for."""
    return [effect for effect in effects if isinstance(effect, OfferGrantRequested)]


def agree(bank: Bank, *channels: Channel, who: str = "ann") -> Bank:
    """Let a customer have agreed to offers on these channels from the beginning."""
    for channel in channels:
        bank.say(word("granted", channel), 0, who=who, event_id=f"{channel}-{who}")
    return bank


def went(effects: Iterable[Effect]) -> list[str]:
    """Return candidates as `slot channel verdict reason clause`; sent ones have their trigger."""
    known = list(effects)
    lines = []
    for one in decisions(known):
        what = f"{one.slot} {one.channel} {one.verdict} {one.reason_code} {one.clause}"
        lines.append(what.strip())
    sent = [one.trigger_id for one in decisions(known) if one.verdict == "sent"]
    assert sent == [one.trigger_id for one in triggers(known)]
    return lines


def reach(**changed: object) -> Campaign:
    """Return an offer by push, then by sms, then by voice."""
    fallbacks = then("sms"), then("voice")
    return offer(**{"treatment": by("push"), "fallbacks": fallbacks, **changed})


def pushed(*campaigns: Campaign) -> tuple[Bank, str]:
    """Return a bank that has written by push at one hour after T0, and the trigger's id."""
    bank = agree(Bank(*(campaigns or (reach(),)), consent=""), "push", "sms", "voice")
    sent = triggers(bank.say(spend(), HOUR, event_id="bought"))
    assert ["push"] == [one.channel for one in sent]
    return bank, sent[0].trigger_id


def fail(bank: Bank, trigger_id: str, at: int = 2 * HOUR, status: str = "failed") -> list[Effect]:
    """Return what comes of a receipt."""
    return bank.say(heard(trigger_id, status), at)
