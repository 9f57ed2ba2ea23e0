"""Make up options that campaigns choose from, and what learning says each has brought."""

from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_treatments import OFFERS, Treatments


OPTIONS: Final = ("plain", "gift", "push", "call", "more")
MODELS: Final = ("ranker", "ranker", "other", "nobody")
RATES: Final = (1, 20_000, 500_000, 999_999)


class Choices:
    """Draws the choices of a few tenants' campaigns, by a random of its own."""

    def __init__(self, seed: int, *, is_quiet: bool) -> None:
        """Begin with no choice; `is_quiet`: no campaign has any."""
        self._random = random = Random(f"choices {seed}")  # noqa: S311 (a made-up journal)
        self._is_quiet = is_quiet
        self._treatments = Treatments(random, is_quiet=False)
        self._sequences: dict[tuple[str, str], int] = {}

    def of(self, tenant: str, policy: Facts) -> Facts:
        """Return the choice of a campaign that is published, which mostly has one."""
        random = self._random
        if self._is_quiet or random.random() < 0.3:
            return {} if random.random() < 0.5 else {"choice": None}
        self._sequences.setdefault((tenant, policy["id"]), 0)
        names = random.sample(OPTIONS, random.randrange(2, 5))
        own_share = random.choice((0, 0, 1)) if not policy.get("model") else 0.5
        if random.random() < 0.05:
            own_share = 0.5  # without the campaign's some have a model and some none: refused
        options = [self._option(name, own_share) for name in names]
        if random.random() < 0.03:
            options[-1]["id"] = names[0]  # refused
        epsilon_ppm = random.choice((8, 50_000, 500_000, 1_000_000))
        return {
            "choice": {"salt": random.choice("ab"), "epsilon_ppm": epsilon_ppm, "options": options}
        }

    def _option(self, name: str, own_share: float) -> Facts:
        """Return a way of contacting; what it does not say is the campaign's."""
        random = self._random
        spoken = self._treatments.spoken()
        option: Facts = {"id": name, **spoken["treatment"], "fallbacks": spoken["fallbacks"]}
        if random.random() < own_share:
            option["model"] = random.choice(MODELS)
        if random.random() < 0.4:
            option["offer"] = random.choice(("", *OFFERS))
        if random.random() < 0.4:
            option["value_minor"] = random.choice((None, 0, 3, 30, 30, 10**12))
        if random.random() < 0.4:
            option["contact_cost_minor"] = random.choice((None, 0, 1, 2))
        return option

    def published(self, tenant: str) -> Facts | None:
        """Return what options have brought, mostly above the last; None where none chooses yet."""
        random = self._random
        places = [place for place in self._sequences if place[0] == tenant]
        if not places:
            return None
        place = random.choice(places)
        sequence = max(1, self._sequences[place] + random.choice((1, 1, 1, 0, -1)))
        self._sequences[place] = max(sequence, self._sequences[place])
        names = random.sample(OPTIONS, random.randrange(1, len(OPTIONS) + 1))
        rates = {name: random.choice(RATES) for name in names}
        return {
            "event_type": "choice.published",
            "campaign_id": place[1],
            "sequence": sequence,
            "rates_ppm": rates,
        }
