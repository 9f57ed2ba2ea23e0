"""
Make up a journal in which one campaign chooses among ways of contacting.

All that it goes by changes: what each has brought, models, consents, wordings, offers, arms, and
the options themselves. Most of what is decided goes out, so that much follows.
"""

from typing import Any, Final

from tests.checker.identity import Facts
from tests.world.chaos_models import Models
from tests.world.failing_contacts import CHANNELS, FailingContacts


OPTIONS: Final = ("plain", "rich", "late", "last")
RATES: Final = (1, 100_000, 400_000, 400_000, 999_999)
RANKERS: Final = ("", "", "ranker", "ranker", "nobody")


class ChoosingContacts(FailingContacts):
    """A journal partition of one bank, envelope by envelope, with options."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing published."""
        super().__init__(seed)
        self._models = Models(self._random, is_crowd=False)
        self._sequence = 0

    def _control(self) -> Facts:
        dice = self._random.random()
        if dice < 0.25:
            return self._brought()
        if dice < 0.4:
            return self._models.snapshot("acme")
        return super()._control()

    def _event(self) -> Facts:
        """Return what begins a contact, or changes by what it is chosen."""
        random = self._random
        if random.random() < 0.06:
            opts_out = random.random() < 0.4
            return {"event_type": "preference.changed", "personalisation_opt_out": opts_out}
        event = super()._event()
        if event["event_type"] == "risk.flagged":
            return event | {"event_type": "risk.cleared"} if random.random() < 0.7 else event
        if event["event_type"] == "consent.changed" and random.random() < 0.5:
            return event | {"status": "granted"}
        return event

    def _answer(self, trigger_id: str, reservation_id: str) -> Facts:
        answer = super()._answer(trigger_id, reservation_id)
        if answer["status"] == "blocked_optout" and self._random.random() < 0.8:
            return answer | {"status": "failed"}
        return answer

    def _gift(self) -> Facts:
        record = super()._gift()
        if self._random.random() < 0.7:
            record["offer"]["inventory_count"] = 90
        return record

    def _brought(self) -> Facts:
        """Return what options have brought: mostly above the last, of some that there are not."""
        random = self._random
        sequence = max(1, self._sequence + random.choice((1, 1, 1, 2, 0, -1)))
        self._sequence = max(self._sequence, sequence)
        names = random.sample((*OPTIONS, "gone"), random.randrange(1, 6))
        said = {"campaign_id": "nudge", "sequence": sequence}
        rates = {name: random.choice(RATES) for name in names}
        return {"event_type": "choice.published", **said, "rates_ppm": rates}

    def _campaign(self) -> Facts:
        random = self._random
        record = super()._campaign()
        model = random.choice(RANKERS)
        said: Facts = {"model": model, "budget_minor": random.choice((0, 0, 300))}
        said["caps"] = random.choice(([], record["campaign"]["caps"]))
        said["base_rate_ppm"] = random.choice((300_000, 1_000_000))
        if random.random() < 0.9:
            names = random.sample(OPTIONS, random.choice((2, 3, 4)))
            have_models = random.random() < 0.3
            options = [self._option(name, has_model=have_models) for name in names]
            epsilon_ppm = random.choice((8, 100_000, 900_000, 1_000_000))
            choice = {"salt": random.choice("ab"), "epsilon_ppm": epsilon_ppm, "options": options}
            said["choice"] = choice
        record["campaign"] |= said
        return record

    def _option(self, name: str, *, has_model: bool) -> Facts:
        random = self._random
        spoken = self._spoken()
        option: Facts = {"id": name, **spoken["treatment"], "fallbacks": spoken["fallbacks"]}
        shown = random.choice(({}, {}, {}, {"x": "card_count"}, {"y": "tenure_days"}))
        own: dict[str, Any] = {
            "model": random.choice(RANKERS[2:]) if has_model else "",
            "offer": random.choice(("", "", "gift", "gift", "never_defined")),
            "value_minor": random.choice((None, None, 0, 5, 90)),
            "contact_cost_minor": random.choice((None, None, 0, 2)),
            "template_id": random.choice((option["channel"],) * 9 + CHANNELS[:1]),
            "variables": shown,
        }
        return option | own
