"""
Any order of arrival inside the horizon ends in the same customer, and in the same triggers.

SEMANTICS T6, docs/core.md 3.8. What is drawn, and what is not because no rule promises it, stands
in `tests.lifecycle.shuffled`.
"""

from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from lifecycle.printing import printed
from schemas.campaign import AbsenceEntry, Step
from schemas.decisions import Trigger
from schemas.events import (
    CardActivated,
    CardIssued,
    CardReplaced,
    RepaymentReceived,
    StatementIssued,
    TxnPosted,
    TxnReversed,
    WalletBound,
)
from schemas.state import AmountState, CustomerRow
from tests.lifecycle.bills import reminder
from tests.lifecycle.builders import CDNOW, DAY, T0, Bank, cap, issued, nudge, win_back
from tests.lifecycle.channels import by, then
from tests.lifecycle.shuffled import Arrival, Happening, awaited, in_order, lives, ways
from tests.lifecycle.told import triggers


STEP = nudge().steps[:1]
"""One contact, 72 hours after the issue of a card without activation."""


def told(arrivals: list[Arrival]) -> CustomerRow:
    """Return what is known of a customer who was contacted once, and then lived this log."""
    bank = contacted()
    for happening, arrived in arrivals:
        bank.say(
            happening.event,
            9 * DAY + happening.at,
            arrived=9 * DAY + arrived,
            event_id=happening.event_id,
        )
    return bank.row()


def contacted() -> Bank:
    """Return a bank whose only customer has had one trigger, for receipts to speak of."""
    bank = Bank(nudge(steps=STEP))
    bank.say(issued("k0"), 0)
    bank.tick(9 * DAY)
    return bank


TRIGGER_ID = contacted().row().contacts[0].trigger_id


@given(data=st.data())
@settings(max_examples=600, deadline=None)
def test_order_within_the_horizon_changes_nothing_that_is_known(data: st.DataObject) -> None:
    """T6: shuffled, doubled and delayed, the same happenings end in the same customer."""
    life = data.draw(lives(trigger_id=TRIGGER_ID))
    ordered, other = told(in_order(life)), told(data.draw(ways(life)))

    assert known(ordered) == known(other)
    for currency, amount in ordered.amounts.items():
        moved = moved_minor(life, currency, amount.decayed_as_of_ms)
        pairs = zip(decayed(amount), decayed(other.amounts[currency]), moved, strict=True)
        assert all(abs(one - another) <= 1e-9 * most for one, another, most in pairs)


def moved_minor(life: list[Happening], currency: str, as_of_ms: int) -> list[float]:
    """Return what was spent and taken back, without sign, as it has decayed by each half-life."""
    moved = [
        (happening.event.amount_minor, (as_of_ms - T0) / DAY - 9 - happening.at / DAY)
        for happening in life
        if isinstance(happening.event, TxnPosted | TxnReversed)
        and happening.event.currency == currency
    ]
    return [
        sum(amount_minor * 2.0 ** (-age_days / half_life_days) for amount_minor, age_days in moved)
        for half_life_days in (7, 30, 90)
    ]


def known(row: CustomerRow) -> dict[str, Any]:
    """Return the customer without journeys and decayed sums, and without the order of lists."""
    facts = {name: getattr(row, name) for name in row.__struct_fields__}
    del facts["journeys"]
    return facts | {
        "cards": {card.card_token: astuple(card) for card in row.cards},
        "consents": {(one.purpose, one.channel): astuple(one) for one in row.consents},
        "words": {(word.kind, word.subject): astuple(word) for word in row.words},
        # what is open when the word comes is taken back: that does depend on the order
        "contacts": [replace(contact, cancelled=False) for contact in row.contacts],
        "statements": {one.statement_id: astuple(one) for one in row.statements},
        "amounts": {currency: astuple(amount)[:5] for currency, amount in row.amounts.items()},
    }


def decayed(amount: AmountState) -> tuple[float, float, float]:
    """Return the three decayed sums."""
    return amount.decayed_7d_minor, amount.decayed_30d_minor, amount.decayed_90d_minor


LATENESS = 21 * DAY
"""What the source declares; whatever is drawn arrives sooner."""

LAST_HAPPENING = 27 * DAY
"""Seventy gaps of nine hours: when the longest life is over."""

WAIT = LAST_HAPPENING + LATENESS
ONE_STEP = (Step(id="only", delay_ms=WAIT),)
CAMPAIGNS = (
    nudge(
        steps=(Step(id="first", delay_ms=WAIT), Step(id="second", delay_ms=WAIT + 9 * DAY)),
        treatment=by("push"),
        fallbacks=(then("sms"),),  # what the customer has agreed to
    ),
    nudge(
        id="bind",
        entry=AbsenceEntry(after="card.activated", without="wallet.bound"),
        message_class="servicing",
        caps=(cap(2, 30 * DAY),),
        steps=ONE_STEP,
    ),
    win_back(
        entry=replace(CDNOW, alive_ppm=900_000),
        steps=(Step(id="only", delay_ms=WAIT),),
        priority=70,
    ),
    reminder(steps=(Step(id="first", lead_ms=3 * DAY), Step(id="last", lead_ms=DAY))),
)
WAITED_FOR = (
    *(CardIssued, CardActivated, TxnPosted, StatementIssued) * 3,
    *(CardReplaced, WalletBound, RepaymentReceived),
)
"""What leads to a contact, and what makes it needless; seldom what forbids it."""


@given(data=st.data(), gaps_ms=st.lists(st.integers(5 * DAY, 20 * DAY), min_size=15))
@settings(max_examples=200, deadline=None)
def test_order_within_the_lateness_changes_no_trigger(
    data: st.DataObject, gaps_ms: list[int]
) -> None:
    """
    T5: what waits on the watermark sends the same bytes, whatever the order of arrival was.

    Every event arrives within the declared lateness, and the watermark waits for it: no step is
    due before the last has come. Where one is due sooner (a step is never due before its entry's
    arrival and lateness), a late entry shifts `issued_at_ms`, `not_before_ms`, `expires_at_ms`
    and `silent_days`; here the ticks are the same, so no byte may differ.
    """
    life = awaited(data.draw(lives(WAITED_FOR)))
    ordered, other = in_order(life), data.draw(ways(life))
    assume(all(arrival.arrived - arrival.happening.at < LATENESS for arrival in other))

    sent = said_by(ordered, gaps_ms)
    event(f"{len(sent)} triggers")
    assert sent == said_by(other, gaps_ms)


def said_by(arrivals: list[Arrival], gaps_ms: list[int]) -> list[bytes]:
    """Return the triggers that follow from a log, once everything in it has arrived."""
    bank = Bank(*CAMPAIGNS)
    for happening, arrived in arrivals:
        bank.say(
            happening.event,
            happening.at,
            arrived=arrived,
            event_id=happening.event_id,
            lateness_ms=LATENESS,
        )
    sent: list[Trigger] = []
    at = WAIT
    for gap_ms in (0, *gaps_ms):
        at += gap_ms
        sent += triggers(bank.tick(at))
    assert bank.count("full|{}|journeys") == 0
    return [printed(trigger).value or b"" for trigger in sent]
