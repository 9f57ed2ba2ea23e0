"""Make up how customers of two banks spend: kinds that are clear, alike, or all the same."""

from collections.abc import Iterator
from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.checker.oracle_recent import SCENES
from tests.world.chaos_events import DAY, HOUR


START: Final = 1_700_000_000_000
TENANTS: Final = ("acme", "acme", "acme", "evil")
CURRENCIES: Final = ("CNY",) * 9 + ("USD", "EUR", "JPY", "GBP", "CHF")
STEPS: Final = (0, 1, 1_000, 60_000, HOUR, -HOUR)
LABELS: Final = tuple(label for label, _ in SCENES)
SHAPES: Final = ("kinds", "anything", "one", "two", "kinds")
"""Of what purchases a log's customers make: by the seed, in turn."""


class Observed:
    """A log of one partition, record by record."""

    def __init__(self, seed: int) -> None:
        """Begin with nobody."""
        self._random = Random(f"observed {seed}")  # noqa: S311 (a made-up log)
        self._shape = SHAPES[seed % len(SHAPES)]
        self._mixes = [self._random.sample(LABELS, 3) for _ in range(5)]
        self._steps = STEPS if seed % 2 else (0, HOUR)  # so that a day is over to the millisecond
        self._now, self._number = START, 0

    def records(self, count: int) -> Iterator[tuple[str, Facts]]:
        """Yield so many records: (ce_type, what it says)."""
        random = self._random
        for number in range(count):
            self._number += 1
            self._now += random.choice(self._steps) + (DAY if random.random() < 0.002 else 0)
            said = {
                "v": 1,
                "observed_id": f"o{number}",
                "tenant": random.choice(TENANTS),
                "customer_token": f"c{random.randrange(99)}",
                "currency": random.choice(CURRENCIES),
                "spend_minor": self._spent(),
                "scene_share_ppm": self._shares(),
                "observed_at_ms": self._now,
            }
            yield "customer.observed.v1", said

    def _spent(self) -> int:
        random = self._random
        dice = random.random()
        if dice < 0.1:
            return random.choice((0, 1, 2, 3, 10**18, 2**49, 2**50 - 1))
        if dice < 0.3:
            return max(0, 2 ** random.randrange(40) + random.choice((-1, 0, 1)))
        return int(random.lognormvariate(9, 2))

    def _shares(self) -> dict[str, int]:
        random = self._random
        scenes = {
            "one": [*LABELS[2:3]],
            "two": [random.choice(LABELS[2:4])],
            "anything": random.choices(LABELS, k=random.randrange(1, 17)),
            "kinds": random.choices(random.choice(self._mixes), (6, 3, 1), k=16),
        }[self._shape]
        return {one: scenes.count(one) * 10**6 // len(scenes) for one in sorted(set(scenes))}
