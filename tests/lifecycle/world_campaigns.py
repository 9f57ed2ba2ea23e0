"""Campaigns of a drawn world: every kind, class and occurrence, channels in an order, offers."""

from random import Random
from typing import Any

from msgspec.structs import replace

from schemas.campaign import (
    AbsenceEntry,
    Arm,
    Campaign,
    Conversion,
    CountEntry,
    DriftEntry,
    EventCondition,
    Experiment,
    SequenceEntry,
    Step,
)
from tests.lifecycle.bills import reminder
from tests.lifecycle.builders import CDNOW, DAY, HOUR, T0, cap, nudge, push, win_back
from tests.lifecycle.channels import by, then, wording


SPENDS = Conversion(on="txn.posted", window_ms=5 * DAY, value="amount_minor")
BINDS = Conversion(on="wallet.bound", window_ms=DAY)
ANYHOW = ("failed", "rejected", "blocked_optout")
APP, CALL = then("push", template="app", n="spend_count"), then("voice", ANYHOW, "call")
APPROVED = (
    *(wording(), wording("call", "voice"), wording("app", "push", n="int")),
    *(wording("call", "push"), wording("app", "push", version=2, currency="string")),
)
"""What a bank of a world may approve; whether it does is drawn."""

APP_FIRST = by("push", "app")
AB = Experiment(
    salt="s",
    control_bp=2_000,
    arms=(Arm(id="app", share_bp=5_000, treatment=by("push", "app"), fallbacks=(then("sms"),)),),
)
TWO_STEPS = (Step(id="now", delay_ms=0), Step(id="later", delay_ms=2 * DAY))


def campaigns(random: Random) -> list[Campaign]:
    """Return campaigns of every kind, class and occurrence, some of them capped."""
    expires_after_ms = random.choice((DAY, 9 * DAY))
    return [replace(one, expires_after_ms=expires_after_ms) for one in _campaigns(random)]


def _campaigns(random: Random) -> list[Campaign]:
    silence = replace(
        CDNOW,
        alive_ppm=random.choice((0, 500_000, 900_000, 1_000_000)),
        rate_ppm_min=random.choice((0, 200_000)),
    )
    costs = _costs(random)
    capped = cap(1, 7 * DAY), cap(2, 9 * DAY, "all"), cap(1, 2 * DAY, "channel")
    return [
        nudge(caps=capped, conversion=SPENDS, fallbacks=(APP, CALL), **costs),
        win_back(entry=silence, conversion=SPENDS),
        push(
            caps=(cap(2, 5 * DAY),),
            steps=TWO_STEPS,
            conversion=SPENDS,
            treatment=APP_FIRST,
            fallbacks=(then("sms"), CALL),
            **costs,
        ),
        *_of_service(),
        *_of_many_events(random),
    ]


def _of_service() -> list[Campaign]:
    """Return campaigns that advertise nothing."""
    unbound = AbsenceEntry(after="card.activated", without="wallet.bound")
    unpaid = AbsenceEntry(after="statement.issued", without="repayment.received")
    served = {"message_class": "servicing", "fallbacks": (CALL,)}
    return [
        nudge(id="bind", entry=unbound, exit_on=("txn.posted",), **served),
        nudge(id="repay", entry=unpaid, occurrence="statement", message_class="servicing"),
        reminder(
            fallbacks=(CALL,),
            steps=(Step(id="first", lead_ms=9 * DAY), Step(id="last", lead_ms=DAY)),
        ),
        push(
            id="notice",
            occurrence="txn",
            message_class="mandatory",
            steps=TWO_STEPS,
            conversion=BINDS,
            fallbacks=(APP,),
        ),
    ]


def _costs(random: Random) -> dict[str, Any]:
    """Return what a campaign promises and may cost, which is always worth it."""
    return {
        "offer": random.choice(("", "gift", "gift")),
        "budget_minor": random.choice((0, 0, 20)),
        "contact_cost_minor": random.choice((0, 7)),
        "base_rate_ppm": 10**6,
        "value_minor": 9,
    }


def _of_many_events(random: Random) -> list[Campaign]:
    """Return campaigns whose entries need more events than one, steps at local hours among them."""
    bought, used = EventCondition(on="txn.posted"), EventCondition(on="card.activated")
    counted = CountEntry(on="txn.posted", count_min=random.choice((2, 4)), window_ms=3 * DAY)
    at_ten = (TWO_STEPS[0], Step(id="ten", delay_ms=HOUR, at_minute=600))
    dates = {"start_at_ms": T0 + random.choice((0, DAY)), "end_at_ms": T0 + 90 * DAY}
    return [
        nudge(
            id="count",
            entry=counted,
            steps=at_ten,
            exit_on=(used, "wallet.bound"),
            experiment=AB,
            **_costs(random),
        ),
        nudge(id="sequence", entry=SequenceEntry(of=(bought, used, bought), within_ms=9 * DAY)),
        nudge(id="drift", entry=DriftEntry(of="either", decline_ppm_min=1), **dates),
    ]
