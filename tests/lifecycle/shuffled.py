"""
Draw one customer's life over the whole catalogue, and the ways in which a log may hold it.

A life is a list of things that happened, in order. A way tells which of them arrive late, by how
much, and which arrive again. What docs/core.md 3.8 does not promise is not drawn; each such bound
stands beside its reason:

* a card has one successor (a second one that is named later inherits what the first has not);
* a bill, and what is paid on it, has one currency and one card, and bills of one time and total
  are alike (a row keeps one currency a bill, and compares no more than time and total);
* what a partner or a survey says of one subject is said for one purpose (a word is kept for a
  subject, and withdrawn for a purpose);
* nothing has to make room.

`awaited` leaves out, besides, what makes a trigger depend on the order of arrival:

* a card is issued once and activated once, a bill is issued once: the entry event that arrives
  first gives a journey its ids, and a bill that grows after it was repaid begins anew;
* of repayments that name no bill a card has one: the word keeps the last, and a smaller one after
  a larger makes a bill unpaid that was repaid;
* what follows a replaced card reaches nothing of its own: a journey about the old card does not
  hear of what the new one reached before the replacement was known.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas import events
from schemas.events import AnyEvent, EventData
from schemas.routing import ROUTES
from schemas.state import RING_SIZE
from tests.lifecycle.builders import HOUR
from tests.lifecycle.catalogue import HARMLESS, any_event


GAPS_MS: Final = (0, 1, 7, 1_000, HOUR, 9 * HOUR)
PLACES_LATE_MAX: Final = 12
"""How many events may overtake another in a long life: the ring must not have forgotten it."""

SUCCESSORS: Final = {"k1": "k2", "k2": "k3", "k3": "k4", "k4": "k5", "k5": "k6"}
"""Of each card the one that may follow it; some of them follow, in any order."""

TOPIC_BY_SHAPE: Final = {route.shape: route.topic for route in ROUTES}
TOPICS: Final = sorted({TOPIC_BY_SHAPE[shape] for shape in HARMLESS})
ENCOUNTERS: Final = (
    *(("customer.profile.v1", "customer.partner.v1"),) * 3,
    ("card.status.v1", "card.issue.v1", "card.activation.v1", "card.bind.v1"),
    ("card.repayment.v1",),
    ("card.spend.v1",),
    ("gateway.receipt.v1", "gateway.response.v1", "customer.profile.v1"),
    ("card.benefit.v1", "card.limit.v1"),
    ("customer.risk.v1", "customer.service.v1", "customer.score.v1"),
    (),
)
"""Topics whose events speak of the same things."""

FEW: Final = {
    "partner_id": ("a",),
    "attribute": ("a", "b"),
    "survey_id": ("a",),
    "question_code": ("a", "b"),
    "flag_id": ("a", "b"),
}
"""Subjects of which there are less than usual, so that they are spoken of more than once."""

SEEDS: Final = st.integers(0, 2**32 - 1)

CURRENCIES: Final = {"s1": "CNY", "s2": "USD", "s3": "CNY"}
CARDS: Final = {"s1": "k1", "s2": "k2", "s3": "k3"}


class Happening(NamedTuple):
    """An event with its id, and when it happened, in milliseconds after T0."""

    event: AnyEvent
    at: int
    event_id: str


class Arrival(NamedTuple):
    """A happening, and when it reached the journal, in milliseconds after T0."""

    happening: Happening
    arrived: int


@st.composite
def lives(
    draw: st.DrawFn, often: Sequence[type[EventData]] = (), trigger_id: str = ""
) -> list[Happening]:
    """
    Draw what happens to a customer, from T0 on, in order; some of it at the same moment.

    Most of it is what happens `often`, or else of a few topics, so that events say something of
    each other's subjects.
    """
    random = Random(draw(SEEDS))  # noqa: S311 (its numbers vary more)
    topics = {*random.choice(ENCOUNTERS), random.choice(TOPICS)}
    near = often or [shape for shape in HARMLESS if TOPIC_BY_SHAPE[shape] in topics]
    happenings: list[Happening] = []
    at = HOUR
    for number in range(random.choice((3, 6, 12, 20, 70))):
        at += random.choice(GAPS_MS)
        known = (trigger_id,) if trigger_id and random.random() < 0.7 else ("unknown",)
        some = near if random.random() < 0.9 else HARMLESS
        event = _plain(any_event(random.choice, some, trigger_id=known, **FEW))
        happenings.append(Happening(event, at, f"e{number}"))
    return happenings


@st.composite
def ways(draw: st.DrawFn, life: Sequence[Happening]) -> list[Arrival]:
    """Draw an order of arrival: any delay, any repetition, within the horizon of the ring."""
    random = Random(draw(SEEDS))  # noqa: S311 (its numbers vary more)
    # as long as the ring has room for all, anything may overtake anything
    late_max = random.randint(1, PLACES_LATE_MAX if len(life) > RING_SIZE else RING_SIZE)
    copies = [
        (place + random.randrange(late_max), random.random(), happening)
        for place, happening in enumerate(life)
        for _ in range(random.choice((1, 1, 1, 2)))
    ]
    arrivals: list[Arrival] = []
    arrived = 0
    for _, _, happening in sorted(copies, key=lambda copy: copy[:2]):
        arrived = max(arrived, happening.at) + random.choice((0, 1, 500))
        arrivals.append(Arrival(happening, arrived))
    assume(within_the_horizon(arrivals))
    return arrivals


def awaited(life: Sequence[Happening]) -> list[Happening]:
    """Return the life without what the module's page leaves out of journeys that wait."""
    kept: list[Happening] = []
    begun: set[tuple[type[EventData], str]] = set()
    for happening in life:
        event = happening.event
        if isinstance(event, events.CardReplaced):
            event = replace(event, new_card_token=f"{event.card_token} anew")
        once = _once(event)
        if once and (type(event), once) in begun:
            continue
        begun.add((type(event), once))
        kept.append(happening._replace(event=event))
    return kept


def _once(event: AnyEvent) -> str:
    """Return of what there is one such event only, "" where there may be any number."""
    match event:
        case events.CardIssued() | events.CardActivated():
            return event.card_token
        case events.StatementIssued():
            return event.statement_id
        case events.RepaymentReceived(statement_id=""):
            return event.card_token
        case _:
            return ""


def in_order(life: Sequence[Happening]) -> list[Arrival]:
    """Return the log of a world in which everything arrives once, and at once."""
    return [Arrival(happening, happening.at) for happening in life]


def within_the_horizon(arrivals: Sequence[Arrival]) -> bool:
    """Return whether everything arrives for the first time while it is younger than the floor."""
    known: list[tuple[int, str]] = []
    seen: set[str] = set()
    floor = -1
    for happening, _ in arrivals:
        if happening.event_id in seen:
            continue
        if happening.at <= floor:
            return False
        seen.add(happening.event_id)
        known = sorted([*known, (happening.at, happening.event_id)])
        if len(known) > RING_SIZE:
            # which of those of one moment goes is the hash's affair: the time is the same
            floor = max(floor, known.pop(0)[0])
    return True


def _plain(event: AnyEvent) -> AnyEvent:
    """Return the event without what the module's page excludes."""
    changed: dict[str, Any] = {}
    match event:
        case events.CardReplaced():
            changed["new_card_token"] = SUCCESSORS[event.card_token]
        case events.StatementIssued():
            changed = _bill(event.statement_id) | {
                "min_due_minor": event.total_due_minor // 10,
                "due_date": date(2024, 3, 1) + timedelta(days=event.total_due_minor % 7),
            }
        case events.RepaymentReceived(statement_id=statement_id) if statement_id in CARDS:
            changed = _bill(statement_id)
        case events.RepaymentReceived():
            changed["statement_id"] = ""
        case events.PartnerObserved():
            changed["purpose"] = "offers" if event.attribute == "a" else "p1"
        case events.SurveyAnswered():
            changed["purpose"] = "offers" if event.question_code == "a" else "p1"
        case _:
            pass
    return replace(event, **changed)


def _bill(statement_id: str) -> dict[str, Any]:
    return {"currency": CURRENCIES[statement_id], "card_token": CARDS[statement_id]}
