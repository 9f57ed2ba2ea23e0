"""Make up treatments with fallbacks, wordings that somebody approved, and offers of few units."""

from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_events import DAY, HOUR


CHANNELS: Final = ("sms", "sms", "push", "push", "email")
STATUSES: Final = ("failed", "rejected", "blocked_optout")
OFFERS: Final = ("gift", "gift", "rare", "never_defined")
SHOWN: Final = (
    *("amount_minor", "spend_count", "tenure_days", "currency", "language", "top_scene", "region"),
    *("bill_open_minor", "usual_part_of_day", "card_count", "points_level", "temp_limit_minor"),
)
"""What a message may show; all but the first are features."""

NOT_SHOWN: Final = ("moon", "staff", "scene_share_ppm")
NAMES: Final = ("x", "y", "amount_minor", "currency", "silent_days")
VARIABLES: Final = (
    *({"name": "amount_minor", "kind": "int"}, {"name": "currency", "kind": "string"}),
    *({"name": "x", "kind": "int"}, {"name": "x", "kind": "string"}),
    *({"name": "due_date", "kind": "string"}, {"name": "y", "kind": "int"}),
)


class Treatments:
    """Draws how a campaign speaks, and what it promises; wordings are called like channels."""

    def __init__(self, random: Random, *, is_quiet: bool) -> None:
        """Draw from `random`; `is_quiet`: whatever is tried goes out at the first try."""
        self._random, self._is_quiet = random, is_quiet
        self._versions = {"gift": 0, "rare": 0}

    def spoken(self) -> Facts:
        """Return a treatment and its fallbacks, of a campaign or an arm."""
        random = self._random
        count = 0 if self._is_quiet else random.choice((0, 0, 1, 2, 3))
        fallbacks = [self._treatment() for _ in range(count)]
        for one in fallbacks:
            if random.random() < 0.5:
                one["after"] = random.sample(STATUSES, random.randrange(1, 4))
        return {"treatment": self._treatment(), "fallbacks": fallbacks}

    def _treatment(self) -> Facts:
        random = self._random
        channel = random.choice(CHANNELS[:4] if self._is_quiet else CHANNELS)
        name = channel if random.random() < 0.95 else random.choice(CHANNELS)
        said: Facts = {"channel": channel, "template_id": name}
        said["template_version"] = random.choice((1, 1, 2))
        if not self._is_quiet and random.random() < 0.3:
            said["sender_profile"] = random.choice(("", "bank", "shop"))
            said["variables"] = self._variables()
        return said

    def _variables(self) -> Facts:
        """Return names with features; now and then with what no message can show."""
        random = self._random
        pot = NOT_SHOWN if random.random() < 0.03 else SHOWN[1:]
        names = random.sample(NAMES, random.choice((1, 1, 2)))
        return {name: random.choice(pot) for name in names}

    def promised(self) -> Facts:
        """Return what a campaign promises, and what it may cost."""
        random = self._random
        if self._is_quiet:
            return {}
        return {
            "offer": random.choice(("", "", *OFFERS)),
            "budget_minor": random.choice((0, 0, 1, 30, 30, 100)),
            "contact_cost_minor": random.choice((0, 1, 3)),
            "base_rate_ppm": random.choice((0, 1_000_000, 1_000_000, 1_000_000)),
            "value_minor": 3,
        }

    def said(self) -> Facts:
        """Return a wording that is approved, or an offer that is defined."""
        return self._approved() if self._random.random() < 0.6 else self._defined()

    def _approved(self) -> Facts:
        random = self._random
        channel = random.choice(CHANNELS)
        name = channel if random.random() < 0.9 else random.choice(CHANNELS)
        template = {
            "id": name,
            "version": random.choice((1, 1, 2)),
            "channel": channel,
            "text": "hello",
            "variables": random.sample(VARIABLES, random.choice((0, 0, 0, 1, 2))),
        }
        return {"event_type": "template.approved", "template": template}

    def _defined(self) -> Facts:
        random = self._random
        name = random.choice(("gift", "gift", "rare"))
        self._versions[name] += random.choice((1, 1, 1, 0))
        offer = {
            "id": name,
            "version": max(1, self._versions[name]),
            "inventory_count": random.choice((0, 1, 3, 8)) if name == "rare" else 100,
            "valid_ms": random.choice((HOUR, DAY)),
            "unit_cost_minor": random.choice((0, 2)),
        }
        return {"event_type": "offer.defined", "offer": offer}
