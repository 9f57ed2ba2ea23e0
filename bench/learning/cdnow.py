"""
Ask every four weeks who of CDNOW's customers will buy within 56 days, and learn from who did.

Purchases are real (Fader, Hardie, Lee 2005); a bill every 28 days, counted from a customer's
first purchase, stands for the moment of asking. Everything that is asked is a declared feature of
the customer's row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from bench.learning import files
from bench.learning.house import House
from cli.demo.cdnow import Purchase, purchases
from lifecycle.instants import DAY_MS
from lifecycle.rhythm import alive_proba
from schemas.campaign import SilenceEntry
from schemas.events import (
    AnyEvent,
    CardIssued,
    ConsentChanged,
    StatementIssued,
    TenantConfigured,
    TxnPosted,
)


TENANT: Final = "cdnow"
CYCLE_DAYS: Final = 28
WINDOW_DAYS: Final = 56
BEGAN_ON: Final = date(1997, 1, 1)
ENDED_ON: Final = date(1998, 6, 30)
NOON_MS: Final = DAY_MS // 2
WEEK_DAYS: Final = 7

RHYTHM: Final = SilenceEntry(
    r=0.243,
    alpha=4.414,
    a=0.793,
    b=2.426,
    unit_ms=WEEK_DAYS * DAY_MS,
    alive_ppm=500_000,
    rate_ppm_min=1,
)
"""BG/NBD of CDNOW, in weeks: Fader, Hardie, Lee (2005), table 2."""


class Asked(NamedTuple):
    """
    One customer at one cycle, as the file has it: no fold has seen this.

    `alive` is P(alive) by BG/NBD; `converted`: bought within the window.
    """

    silent_days: int
    alive: float
    rate: float
    converted: bool


class Happening(NamedTuple):
    """Something on a day; of equal days purchases come first."""

    day: int
    order: int
    customer: str
    purchase: Purchase | None


def histories(text: Path, customer_count: int) -> dict[str, list[Purchase]]:
    """Return the purchases of so many customers, spread over the file evenly."""
    found: dict[str, list[Purchase]] = {}
    for purchase in purchases(text):
        found.setdefault(purchase.customer, []).append(purchase)
    step = len(found) / customer_count
    names = sorted(found)
    return {names[int(n * step)]: found[names[int(n * step)]] for n in range(customer_count)}


def happenings(bought: dict[str, list[Purchase]]) -> list[Happening]:
    """Return purchases, and every cycle of every customer whose window the file covers."""
    found = [
        Happening(_day(one.bought_on), 0, customer, one)
        for customer, history in bought.items()
        for one in history
    ]
    last = _day(ENDED_ON) - WINDOW_DAYS
    for customer, history in bought.items():
        cycles = range(_day(history[0].bought_on) + CYCLE_DAYS, last + 1, CYCLE_DAYS)
        found += [Happening(day, 1, customer, None) for day in cycles]
    return sorted(found, key=lambda one: one[:3])


def asked(history: Sequence[Purchase], day: int) -> Asked:
    """Return what the file knows of a customer at a cycle, and what came of it."""
    days = [_day(one.bought_on) for one in history]
    before = [one for one in days if one <= day]
    repeats, first, last = len(before) - 1, before[0], before[-1]
    recency, age = (last - first) / WEEK_DAYS, (day - first) / WEEK_DAYS
    alive = alive_proba(RHYTHM, repeats, recency, age)
    return Asked(
        silent_days=day - last,
        alive=alive,
        rate=alive * (RHYTHM.r + repeats) / (RHYTHM.alpha + age),
        converted=any(day < one <= day + WINDOW_DAYS for one in days),
    )


class Shop:
    """CDNOW as a tenant."""

    def __init__(self) -> None:
        """Define its model and its campaign."""
        self.house = House()
        self.house.say(TENANT, "", TenantConfigured(live_from_ms=0, time_zone="UTC"), 1)
        self.house.say(TENANT, "", files.model("buys_again"), 1)
        self.house.say(TENANT, "", files.policy("buys_again", TENANT), 1)
        self.house.settle()

    def play(self, happened: Sequence[Happening]) -> None:
        """Let everything happen, day by day, and the last windows end."""
        known: set[str] = set()
        day = 0
        for one in happened:
            if one.day != day:
                day = one.day
                self.house.tick(TENANT, at_ms(day))
            if one.customer not in known:
                known.add(one.customer)
                self._tell(one, _beginnings(one.customer))
            self._tell(one, [_event(one)])
            self.house.settle()
        self.house.tick(TENANT, at_ms(day + WINDOW_DAYS + 1))

    def _tell(self, happening: Happening, events: Iterable[AnyEvent]) -> None:
        moment_ms = at_ms(happening.day) + happening.order * NOON_MS
        for event in events:
            self.house.say(TENANT, happening.customer, event, moment_ms)


def at_ms(day: int) -> int:
    """Return midnight UTC of a day of the file, counted from its first."""
    return ((BEGAN_ON - date(1970, 1, 1)).days + day) * DAY_MS


def _day(one: date) -> int:
    return (one - BEGAN_ON).days


def _beginnings(customer: str) -> Iterator[AnyEvent]:
    """Yield a card and a consent."""
    yield CardIssued(card_token=f"card-{customer}")
    yield ConsentChanged(purpose="marketing", channel="sms", status="granted")


def _event(happening: Happening) -> AnyEvent:
    """Return a purchase, or the bill at which is asked."""
    card = f"card-{happening.customer}"
    purchase = happening.purchase
    if purchase is None:
        return StatementIssued(
            statement_id=f"bill-{happening.customer}-{happening.day}",
            card_token=card,
            total_due_minor=0,
            min_due_minor=0,
            currency="USD",
            due_date=ENDED_ON,
        )
    return TxnPosted(
        txn_id=purchase.event_id,
        card_token=card,
        amount_minor=purchase.amount_minor,
        currency="USD",
    )
