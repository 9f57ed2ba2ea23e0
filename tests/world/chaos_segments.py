"""Make up segments that nobody learnt, by what campaigns are reported, and habits that change."""

from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_rules import reading_segments


EDGES: Final = (0, 1, 100, 100, 300, 301, 1_000, 10_000, 20_000, 10**15)
CURRENCIES: Final = ("CNY", "CNY", "CNY", "USD", "EUR")
NAMES: Final = ("travel", "dining", "other", "dining_2", "groceries", "other_2")
SCENES: Final = ("other", "groceries", "dining", "travel", "services", "home")
SHARES: Final = (1, 250_000, 333_333, 500_000, 1_000_000)
HABITS: Final = ("dining", "travel", "groceries", "", "dining", "services")
HABIT_LIFE: Final = 120
"""After so many records purchases are mostly of another scene."""

REPORTABLE: Final = (
    *("region", "staff", "stage", "tenure_days", "segments", "language", "card_count"),
    *("personalisation_off", "channel_order", "age_band"),
)
UNREPORTABLE: Final = ("moon", "spend_tier", "spend_cluster", "life_change_scene", "score_ppm")


class Segments:
    """Draws segments of a few tenants, by a random of its own."""

    def __init__(self, seed: int) -> None:
        """Begin with none published."""
        self._random = Random(f"segments {seed}")  # noqa: S311 (a made-up journal)
        self._sequences: dict[str, int] = {}

    def published(self, tenant: str) -> Facts:
        """Return segments of a bank, mostly above the last."""
        random = self._random
        sequence = max(1, self._sequences.get(tenant, 0) + random.choice((1, 1, 1, 0, -1)))
        self._sequences[tenant] = max(sequence, self._sequences.get(tenant, 0))
        currencies = random.sample(CURRENCIES, random.randrange(5))
        names = random.sample(NAMES, random.choice((0, 2, 4, 4, 4, 4)))
        return {
            "event_type": "segments.published",
            "sequence": sequence,
            "edges_minor": {one: sorted(random.choices(EDGES, k=3)) for one in currencies},
            "clusters": {name: self._shares() for name in names},
        }

    def _shares(self) -> dict[str, int]:
        scenes = self._random.sample(SCENES, self._random.randrange(1, 4))
        return {scene: self._random.choice(SHARES) for scene in scenes}

    def of(self, campaign: Facts) -> Facts:
        """Return by what a campaign is reported, at times by what it may not be; a clause more."""
        random = self._random
        found: Facts = {}
        if random.random() < 0.5:
            found["report_by"] = random.choices(REPORTABLE, k=random.randrange(4))
            if random.random() < 0.05:
                found["report_by"].insert(0, random.choice(UNREPORTABLE))
        if "applicability" in campaign and random.random() < 0.5:
            found["applicability"] = [reading_segments(), *campaign["applicability"]]
        return found

    def habit(self, number: int) -> Facts:
        """Return of which scene a purchase is after so many records, {} for any."""
        scene = HABITS[number // HABIT_LIFE % len(HABITS)]
        return {"scene": scene} if scene and self._random.random() < 0.7 else {}
