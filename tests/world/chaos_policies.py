"""Make up campaigns of every kind in any version, with times and caps that bind."""

from random import Random
from typing import Any, Final

from tests.checker.identity import Facts
from tests.world.chaos_choices import Choices
from tests.world.chaos_effects import guardrails, money
from tests.world.chaos_events import DAY, HOUR, KINDS
from tests.world.chaos_models import Models
from tests.world.chaos_rules import clauses, condition
from tests.world.chaos_treatments import Treatments


CARD_EVENTS: Final = (
    *("card.issued", "card.delivered", "card.activated", "wallet.bound"),
    *("txn.authorised", "txn.posted"),
)
PAIRS: Final = (
    ("application.started", "application.submitted"),
    ("coupon.issued", "coupon.redeemed"),
    ("benefit.progressed", "benefit.granted"),
    ("repayment.overdue", "repayment.cured"),
    ("card.replaced", "card.activated"),
    ("service.case_closed", "survey.answered"),
)
"""What no milestone tells of: what begins a wait, and what ends it."""

OFTEN_EXITS: Final = (
    *CARD_EVENTS,
    *("txn.reversed", "statement.issued", "repayment.received", "repayment.cured"),
    *("card.closed", "card.replaced", "instalment.created", "benefit.progressed", "app.session"),
)
WINDOWS: Final = (HOUR, DAY, 9 * DAY)
NAMES: Final = ("absent", "silent", "billed", "bought", "due", "counted", "followed", "drifted")
COUNTED: Final = (*CARD_EVENTS, "app.session", "txn.declined", "repayment.received")
MONEY: Final = ("txn.posted", "txn.reversed", "repayment.received")
CONVERTING: Final = (*CARD_EVENTS, *MONEY, "instalment.created", "app.session")
CLASSES: Final = ("marketing", "marketing", "servicing", "mandatory")
DELAYS: Final = (0, 1, HOUR, DAY, 3 * DAY, 7 * DAY, 99 * DAY)
LEADS: Final = (0, 1, HOUR, DAY, 3 * DAY, 99 * DAY)


class Policies:
    """Draws campaigns, mostly in the next version."""

    def __init__(self, random: Random, crowd: str, models: Models, choices: Choices) -> None:
        """
        Draw from `random`.

        Where there are many journeys nothing ends one early and nothing is capped; where there
        are many contacts most campaigns are marketing, and little keeps them from going out.
        """
        self._random, self._is_quiet = random, crowd == "journeys"
        self._is_open = crowd == "contacts"
        self._treatments = Treatments(random, is_quiet=self._is_quiet)
        self._models, self._choices = models, choices
        self._versions: dict[tuple[str, str], int] = {}

    def published(self, tenant: str, now: int) -> Facts:
        """Return a record that publishes a campaign."""
        random = self._random
        name = kind = random.choice(NAMES)
        if random.random() < 0.05:
            kind = random.choice(NAMES)  # mostly of another kind: refused
        version = max(1, self._versions.get((tenant, name), 0) + random.choice((1, 1, 1, 0)))
        self._versions[tenant, name] = version
        occurrence = random.choice(("card", "statement", "txn"))
        if kind == "due" and random.random() < 0.9:
            occurrence = "statement"
        policy: Facts = {
            "id": name,
            "version": version,
            "tenant": tenant,
            "title": name,
            "owner": "chaos",
            "stage": "activate",
            "trigger_type": name,
            "message_class": self._message_class(),
            "purpose": "marketing",
            "entry": self._entry(kind),
            "occurrence": occurrence,
            "steps": self._steps(kind),
            **self._treatments.spoken(),
            "priority": random.choice((10, 50, 50, 90)),
            "expires_after_ms": random.choice((HOUR, DAY, 9 * DAY)),
            "conversion": self._conversion(f"{tenant} {name} {now}"),
            "guardrails": guardrails(tenant, name, now),
            **self._treatments.promised(),
            **self._models.named(),
            **self._dates(now),
            **self._limits(),
        }
        policy |= self._choices.of(tenant, policy)
        reach = {
            "policy_hash": f"h-{name}-{version}",
            "applies_to": random.choice(("new", "existing")),
            "reschedule": random.random() < 0.5,
        }
        return {"event_type": "policy.published", "campaign": policy, **reach}

    def _message_class(self) -> str:
        if self._is_quiet:
            return "servicing"
        return self._random.choice(CLASSES[:1] * 5 + CLASSES if self._is_open else CLASSES)

    def _limits(self) -> Facts:
        """Return what may keep a journey or a contact from being made."""
        random = self._random
        if self._is_quiet:
            return {"exit_on": [], "caps": []}
        if self._is_open and random.random() < 0.7:
            return {"exit_on": [], "caps": self._caps(), "experiment": self._experiment()}
        return {
            "exit_on": self._exits(),
            "caps": self._caps(),
            "experiment": self._experiment(),
            "cool_down_ms": random.choice((0, 0, HOUR, 7 * DAY)),
            **clauses(random),
        }

    def _steps(self, kind: str) -> list[Facts]:
        random = self._random
        name, times = ("lead_ms", LEADS) if kind == "due" else ("delay_ms", DELAYS)
        chosen = random.sample(times, random.randrange(1, 4))
        if self._is_quiet:
            chosen = [0, 99 * DAY]
        steps: list[Facts] = [{"id": f"s{n}", name: time} for n, time in enumerate(chosen)]
        for step in steps:
            if random.random() < 0.15:
                step["at_minute"] = random.choice((0, 150, 600, 1_439))
        return steps

    def _dates(self, now: int) -> Facts:
        """Return from when to when the campaign runs; mostly for ever."""
        random = self._random
        if self._is_quiet or random.random() < 0.8:
            return {}
        start, length = now + random.choice((-DAY, 0, DAY)), random.choice((DAY, 30 * DAY))
        return {"start_at_ms": start, "end_at_ms": random.choice((0, start + length))}

    def _exits(self) -> list[str | Facts]:
        random = self._random
        exits = random.sample(OFTEN_EXITS if random.random() < 0.8 else KINDS, random.randrange(3))
        return [condition(random, one) if random.random() < 0.4 else one for one in exits]

    def _caps(self) -> list[Facts]:
        random = self._random
        return [
            {
                "scope": random.choice(("campaign", "all", "channel", "class", "purpose")),
                "count": random.choice((1, 2, 3)),
                "window_ms": random.choice((1, HOUR, DAY, 7 * DAY)),
            }
            for _ in range(random.randrange(3))
        ]

    def _conversion(self, named: str) -> Facts | None:
        random = self._random
        if self._is_quiet:
            return {"on": "identity.merged", "window_ms": 999 * DAY}  # changes nothing, so never
        if random.random() < 0.2:
            return None
        on = "txn.posted" if random.random() < 0.6 else random.choice(CONVERTING)
        value = random.choice(("", "amount_minor", "amount_minor", "card_token"))
        window_ms = random.choice((1, DAY, 7 * DAY, 30 * DAY))
        return {"on": on, "window_ms": window_ms, "value": value, **money(named)}

    def _experiment(self) -> Facts | None:
        random = self._random
        if random.random() < 0.6:
            return None
        shares: Facts = {"control_bp": random.choice((0, 3_000, 9_000))}
        shares["arms"] = [{"id": "other", "share_bp": 1_000, **self._treatments.spoken()}]
        return {"salt": random.choice(("one", "two", "three")), **shares}

    def _entry(self, kind: str) -> dict[str, Any]:
        random = self._random
        if kind == "absent":
            after, without = random.sample(CARD_EVENTS, 2)
            if random.random() < 0.3:
                after, without = random.choice(PAIRS)
            waited = {"kind": "absence", "after": after, "without": without}
            return waited | self._rule_about(after)
        if kind == "due":
            return {"kind": "due_date", "total_due_minor_min": random.choice((0, 1, 1_000))}
        if kind == "silent":
            return self._silence()
        if kind in {"counted", "followed", "drifted"}:
            return self._many(kind)
        on_bill = {"on": "statement.issued", "total_due_minor_min": 1_000}
        on_bill["instalment_eligible"] = random.random() < 0.5
        on_purchase = {"on": "txn.posted", "amount_minor_min": random.choice((0, 300))}
        on_purchase |= {"own_mean_percent_min": random.choice((0, 100, 300))}
        on_purchase["spend_count_min"] = random.choice((0, 1, 3))
        both = [on_bill, on_purchase] if kind == "billed" else [on_purchase]
        when = [
            condition(random, random.choice(COUNTED)) for _ in range(random.choice((0, 0, 1, 2)))
        ]
        return {"kind": "event", "any_of": both, "when": when}

    def _many(self, kind: str) -> dict[str, Any]:
        """Return an entry that needs more events than one."""
        random = self._random
        if kind == "counted":
            often: Facts = {"count_min": random.choice((2, 3)), "window_ms": random.choice(WINDOWS)}
            return {"kind": "count", **condition(random, random.choice(COUNTED)), **often}
        if kind == "followed":
            of = [
                condition(random, one)
                for one in random.choices(COUNTED, k=random.choice((2, 2, 2, 3, 4)))
            ]
            within_ms = random.choice((HOUR, 9 * DAY, 90 * DAY))
            return {"kind": "sequence", "of": of, "within_ms": within_ms}
        least, habits = random.choice((1, 500_000, 3_000_000)), ("frequency", "amount", "either")
        drift = {"kind": "drift", "of": random.choice(habits), "decline_ppm_min": least}
        return drift | self._rule_about("txn.posted")

    def _rule_about(self, event_type: str) -> Facts:
        """Return the rule, if any, of an entry that has room for one."""
        made = condition(self._random, event_type)
        return {"if": made["if"]} if "if" in made else {}

    def _silence(self) -> dict[str, Any]:
        random = self._random
        return {
            "kind": "silence",
            "r": random.choice((0.243, 1.0)),
            "alpha": random.choice((4.414, 0.5)),
            "a": random.choice((0.793, 1.0)),
            "b": random.choice((2.426, 1.0)),
            "unit_ms": random.choice((DAY, 7 * DAY)),
            "alive_ppm": random.choice((0, 1, 200_000, 500_000, 999_999, 1_000_000)),
            "rate_ppm_min": random.choice((0, 20_000, 200_000)),
            "repeat_count_min": random.choice((1, 1, 3)),
        }
