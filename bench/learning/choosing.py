"""
Let a campaign choose among three channels, and ask its log what other ways would have brought.

The truth is known here and nowhere else: by region each channel has a chance of being answered.
The house chooses by counts, 30 % by chance. Four ways of choosing are read from files
(`bench/learning/policies`) as `cardcue effect --policy` reads them, and judged from the log of each
bank alone; beside that stands what they would have brought by the truth, over the same customers.
"""

import random
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from math import fsum
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from bench.learning import files
from bench.learning.house import House
from cli.effect.contacts import LoggedContact, logged
from cli.effect.target_policy import Chooser, read_target_policy
from lifecycle.effect.off_policy import OffPolicy, judged
from lifecycle.instants import DAY_MS
from schemas.events import (
    AnyEvent,
    AppSession,
    ConsentChanged,
    CouponRedeemed,
    ProfileChanged,
    TenantConfigured,
)
from schemas.outcomes import ExposureOpened


CHANCES: Final[Mapping[str, Mapping[str, float]]] = {
    "coast": {"text": 0.05, "app": 0.14, "mail": 0.03},
    "inland": {"text": 0.10, "app": 0.04, "mail": 0.03},
}
TENANT: Final = "choosing"
START_MS: Final = 1_767_225_600_000
OCCASION_MS: Final = 300_000
DELAY_MS_MAX: Final = 2 * DAY_MS
BANK_COUNT: Final = 10
CUSTOMER_COUNT: Final = 6_000
WAYS: Final = ("text", "app", "mail", "by_region")

Figures = dict[str, float]


class Judged(NamedTuple):
    """One way of choosing in one bank: as the log says, and in truth."""

    way: str
    found: OffPolicy
    truth: float

    @property
    def standard_errors(self) -> float:
        """Return how many standard errors IPS is beside the truth."""
        return abs(self.found.ips - self.truth) / self.found.ips_se


class Choosing:
    """A bank whose campaign chooses, and what became of every contact."""

    def __init__(self, seed: int) -> None:
        """Define the campaign."""
        self.house = House()
        self._random = random.Random(seed)  # noqa: S311 (a seeded world)
        # a draw is a hash of who is contacted: customers of one name would be lucky in every bank
        self._token = f"c{seed:02}-{{:06}}".format
        self._due: list[tuple[int, str]] = []
        self.house.say(TENANT, "", TenantConfigured(live_from_ms=0, time_zone="UTC"), START_MS)
        self.house.say(TENANT, "", files.policy("coupon", TENANT), START_MS)
        self.house.settle()

    def play(self, count: int) -> None:
        """Let so many customers look at the app, each once, and answer as the truth has it."""
        for number in range(count):
            at_ms = START_MS + number * OCCASION_MS
            self._answers_until(at_ms)
            if at_ms % DAY_MS == 0:
                self.house.tick(TENANT, at_ms)
            for event in _known(self._random.choice([*CHANCES])):
                self.house.say(TENANT, self._token(number), event, at_ms)
            self.house.settle()
            opened = self.house.exposures[-1]
            if self._random.random() < chance(opened, opened.option):
                delay_ms = self._random.randint(1, DELAY_MS_MAX)
                heappush(self._due, (at_ms + delay_ms, opened.customer_token))
        end_ms = START_MS + count * OCCASION_MS + 4 * DAY_MS
        self._answers_until(end_ms)
        self.house.tick(TENANT, end_ms)

    def contacts(self) -> list[LoggedContact]:
        """Return every contact with what it came to."""
        settled = {one.exposure_id: one for one in self.house.settled}
        return [LoggedContact(one, settled.get(one.exposure_id)) for one in self.house.exposures]

    def _answers_until(self, at_ms: int) -> None:
        """Let answers come that are due."""
        while self._due and self._due[0][0] <= at_ms:
            due_ms, token = heappop(self._due)
            answer = CouponRedeemed(coupon_token=token, offer_id="coupon")
            self.house.say(TENANT, token, answer, due_ms)
            self.house.settle()


def chance(opened: ExposureOpened, option: str) -> float:
    """Return how likely the customer is to answer, by the truth."""
    return CHANCES[str(opened.features["region"])][option]


def choosing_figures(bank_count: int = BANK_COUNT, count: int = CUSTOMER_COUNT) -> Figures:
    """Return how near to the truth the log is, over all banks and ways of choosing."""
    found: list[Judged] = []
    learnt, oracle, lots = [], [], []
    for seed in range(bank_count):
        bank = Choosing(seed)
        bank.play(count)
        contacts = bank.contacts()
        found += [judge(way, contacts) for way in WAYS]
        opened = [one.exposure for one in contacts[count // 2 :]]
        learnt.append(fmean(chance(one, one.option) for one in opened))
        oracle.append(fmean(max(CHANCES[str(one.features["region"])].values()) for one in opened))
        lots.append(fmean(fmean(chance(one, way) for way in WAYS[:3]) for one in opened))
    apart = [one.standard_errors for one in found]
    return {
        "ips_count": len(found),
        "ips_within_1_se_ratio": fmean(one <= 1.0 for one in apart),
        "ips_within_2_se_ratio": fmean(one <= 2.0 for one in apart),  # noqa: PLR2004
        "ips_standard_errors_max": max(apart),
        "ips_standard_errors_rms": fmean(one**2 for one in apart) ** 0.5,
        "ips_bias": fmean(one.found.ips - one.truth for one in found),
        "snips_bias": fmean(one.found.snips - one.truth for one in found),
        "choosing_lots": fmean(lots),
        "choosing_learned": fmean(learnt),
        "choosing_best_for_all": fmean(one.truth for one in found if one.way == "app"),
        "choosing_oracle": fmean(oracle),
    }


def judge(way: str, contacts: list[LoggedContact]) -> Judged:
    """Return what a way of choosing would have brought, by the log and by the truth."""
    chooser = read_target_policy(Path(files.FOLDER) / "policies" / f"{way}.yaml")
    found = judged(logged(contacts, chooser, money=False), chooser.policy.weight_max)
    return Judged(way, found, fsum(_truths(chooser, contacts)) / len(contacts))


def _truths(chooser: Chooser, contacts: list[LoggedContact]) -> Iterator[float]:
    """Yield what each customer would have brought, by the truth."""
    for one in contacts:
        exposure = one.exposure
        yield fsum(
            chooser.target_ppm(exposure.features, exposure.options_ppm, option)
            / 1_000_000
            * chance(exposure, option)
            for option in exposure.options_ppm
        )


def _known(region: str) -> Iterator[AnyEvent]:
    """Yield what is known of a customer, and then the occasion."""
    yield ConsentChanged(purpose="marketing", channel="sms", status="granted")
    yield ConsentChanged(purpose="marketing", channel="push", status="granted")
    yield ConsentChanged(purpose="marketing", channel="email", status="granted")
    yield ProfileChanged(region_code=region)
    yield AppSession(surface="home")
