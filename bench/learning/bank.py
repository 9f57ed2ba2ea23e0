"""
Call a bank's customers in the order in which they were called, and learn from who agrees.

Two tenants hear the same: `fast` knows an answer before the next call, `slow` hears of a yes one
to ten working days later. Every call is a decision, every yes an outcome; what is known of a
customer comes as scores and as a partner's words.
"""

import random
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import Final

from bench.learning import files
from bench.learning.bank_file import Contact
from bench.learning.house import House
from lifecycle.instants import DAY_MS
from schemas.events import (
    AnyEvent,
    ApplicationSubmitted,
    ConsentChanged,
    PartnerObserved,
    PreapprovalGranted,
    ScorePublished,
    TenantConfigured,
)
from schemas.outcomes import ExposureOpened


FAST: Final = "fast"
SLOW: Final = "slow"
DELAY_DAYS_MAX: Final = 10
START_MS: Final = 1_767_225_600_000
CALL_MS: Final = 1_000
"""From one call to the next: what customers are like and the call itself."""

OPENING_MS: Final = 9 * 3_600_000
PURPOSE: Final = "marketing"
SEED: Final = 1


class Bank:
    """Both tenants in one house."""

    def __init__(self) -> None:
        """Define the model and the campaign of each."""
        self.house = House()
        self.models = {tenant: files.model(f"deposit_{tenant}") for tenant in (FAST, SLOW)}
        self._random = random.Random(SEED)  # noqa: S311 (a seeded world)
        self._due: list[tuple[int, str]] = []
        for tenant, model in self.models.items():
            self.house.say(tenant, "", TenantConfigured(live_from_ms=0, time_zone="UTC"), START_MS)
            self.house.say(tenant, "", model, START_MS)
            self.house.say(tenant, "", files.policy(f"deposit_{tenant}", tenant), START_MS)
        self.house.settle()

    def call(self, contacts: Sequence[Contact]) -> None:
        """Call everybody, let the answers come, and the last windows end."""
        day, today_count = -1, 0
        for contact in contacts:
            if contact.day != day:
                day, today_count = contact.day, 0
                self._begin_day(day)
            at_ms = START_MS + day * DAY_MS + OPENING_MS + today_count * CALL_MS
            today_count += 1
            self._answers_until(at_ms)
            self._call(contact, at_ms)
        for later in range(1, DELAY_DAYS_MAX + 2):
            self._begin_day(day + later)

    def said(self, tenant: str) -> list[ExposureOpened]:
        """Return a tenant's exposures, in order."""
        return [one for one in self.house.exposures if one.tenant == tenant]

    def _begin_day(self, day: int) -> None:
        """Read every source up to a morning."""
        at_ms = START_MS + day * DAY_MS
        self._answers_until(at_ms)
        for tenant in self.models:
            self.house.tick(tenant, at_ms)

    def _answers_until(self, at_ms: int) -> None:
        """Let the late answers come that are due."""
        while self._due and self._due[0][0] <= at_ms:
            due_ms, token = heappop(self._due)
            self._agree(SLOW, token, due_ms)

    def _call(self, contact: Contact, at_ms: int) -> None:
        """Tell both tenants of a customer, and that a call is to be made."""
        token = token_of(contact)
        for tenant in self.models:
            for event in known(contact):
                self.house.say(tenant, token, event, at_ms)
            call = PreapprovalGranted(
                preapproval_id=token, product_code="deposit", valid_until=files.LATER
            )
            self.house.say(tenant, token, call, at_ms)
            self.house.settle()
        delay_ms = self._random.randint(1, DELAY_DAYS_MAX) * DAY_MS
        if contact.converted:
            self._agree(FAST, token, at_ms + 1)
            heappush(self._due, (at_ms + delay_ms, token))

    def _agree(self, tenant: str, token: str, at_ms: int) -> None:
        self.house.say(tenant, token, ApplicationSubmitted(application_id=token), at_ms)
        self.house.settle()


def token_of(contact: Contact) -> str:
    """Return a customer's token: everybody is called once as far as the file tells."""
    return f"c{contact.place:05}"


def known(contact: Contact) -> Iterator[AnyEvent]:
    """Yield what is known of a customer before the call."""
    yield ConsentChanged(purpose=PURPOSE, channel="voice", status="granted")
    yield ConsentChanged(purpose=PURPOSE, channel="data", status="granted")
    for column, value_ppm in contact.numbers.items():
        yield ScorePublished(
            model_id=column, model_version="1", score_ppm=value_ppm, valid_until=files.LATER
        )
    for column, text in contact.texts.items():
        yield PartnerObserved(
            partner_id="bank", attribute=column, value=text, purpose=PURPOSE, consent_ref="file"
        )
