"""
Let models choose between four campaigns in a bank whose truth is known (`bench.learning.curves`).

First a pilot, in which lots decide which campaign may ask whom; then the house decides, by what
each contact is worth: p(contact) - p(control). Every occasion is a new customer's.
"""

import random
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final

from bench.learning import curves, files
from bench.learning.curves import CURVES, Customer
from bench.learning.house import House
from lifecycle.instants import DAY_MS
from schemas.codec import decode_decision
from schemas.events import (
    AnyEvent,
    AppSession,
    ConsentChanged,
    CouponRedeemed,
    ProfileChanged,
    ScorePublished,
    TenantConfigured,
)


TENANT: Final = "simulated"
START_MS: Final = 1_767_225_600_000
OCCASION_MS: Final = 600_000
DELAY_MS_MAX: Final = 3 * DAY_MS
SEED: Final = 1


class Simulated:
    """The bank, and what became of every occasion."""

    def __init__(self, seed: int = SEED) -> None:
        """Define models and campaigns."""
        self.house = House()
        self.customers: list[Customer] = []
        self.chosen: list[str | None] = []
        self._random = random.Random(seed)  # noqa: S311 (a seeded world)
        self._due: list[tuple[int, str, str]] = []
        start = TenantConfigured(live_from_ms=0, time_zone="UTC")
        self.house.say(TENANT, "", start, START_MS)
        for campaign in CURVES:
            self.house.say(TENANT, "", files.model("simulated", campaign), START_MS)
            self.house.say(TENANT, "", files.policy(campaign, TENANT), START_MS)
        self.house.settle()

    def play(self, pilot_count: int, count: int) -> None:
        """Play so many occasions, the first of them as a pilot."""
        for number in range(count):
            at_ms = START_MS + number * OCCASION_MS
            if at_ms % DAY_MS == 0:
                self._answers_until(at_ms)
                self.house.tick(TENANT, at_ms)
            self._answers_until(at_ms)
            self._occasion(number, at_ms, pilot=number < pilot_count)

    def _occasion(self, number: int, at_ms: int, *, pilot: bool) -> None:
        """Let a new customer look at the app, and act later as the truth has it."""
        customer, token = curves.some(self._random), f"s{number:06}"
        self.customers.append(customer)
        lot = self._random.choice(list(CURVES))
        segments = ("pilot", f"lot_{lot}") if pilot else ()
        for event in _known(customer, segments):
            self.house.say(TENANT, token, event, at_ms)
        self.house.settle()
        decision = decode_decision(self.house.decisions.pop())
        winner = next((c for c in decision.candidates if c.verdict in {"sent", "control"}), None)
        self.chosen.append(winner.campaign_id if winner else None)
        if winner is None:
            return
        contacted, idle = curves.chances(winner.campaign_id, customer)
        chance = contacted if winner.verdict == "sent" else idle
        if self._random.random() < chance:
            delay_ms = self._random.randint(1, DELAY_MS_MAX)
            heappush(self._due, (at_ms + delay_ms, token, winner.campaign_id))

    def _answers_until(self, at_ms: int) -> None:
        """Let answers come that are due."""
        while self._due and self._due[0][0] <= at_ms:
            due_ms, token, campaign = heappop(self._due)
            answer = CouponRedeemed(coupon_token=token, offer_id=campaign)
            self.house.say(TENANT, token, answer, due_ms)
            self.house.settle()


def _known(customer: Customer, segments: tuple[str, ...]) -> Iterator[AnyEvent]:
    """Yield what is known of a customer, and then the occasion."""
    yield ConsentChanged(purpose="marketing", channel="push", status="granted")
    yield ProfileChanged(region_code=customer.region, segment_codes=segments)
    for trait, value in zip(curves.TRAITS, customer.traits, strict=True):
        yield ScorePublished(
            model_id=trait,
            model_version="1",
            score_ppm=round(value * 1_000_000),
            valid_until=files.LATER,
        )
    yield AppSession(surface="home")
