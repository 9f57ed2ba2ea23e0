"""Logs of decisions and outcomes that no bank would write: many versions, arms, shares, orders."""

import random
from typing import Any, Final

from tests.checker.identity import Facts
from tests.checker.insight import DECISION, FOLLOWED, MOVED, OBJECTED, OPENED, SETTLED


AT: Final = 1_700_000_000_000
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
SHARES: Final = (
    {"control": 200_000, "default": 800_000},
    {"control": 100_000, "a": 300_000, "b": 300_000, "default": 300_000},
    {"a": 300_000, "default": 700_000},
    {"default": 1_000_000},
    {"control": 1_000_000},
)
KINDS: Final = ("opt_out", "complaint", "failure")
MILESTONES: Final = ("issued", "activated", "bound", "first_spend")
OUTCOME: Final = "outcome.recorded.v1"
VERDICTS: Final = {"control": "control", "holdout": "held_out"}
ALWAYS: Final = {"": SHARES[3], "upsell": SHARES[0]}
NEW_VERSION: Final = {"win": 0.9, "upsell": 0.0}
TOLD_AT: Final = {
    SETTLED: "settled_at_ms",
    FOLLOWED: "followed_at_ms",
    OBJECTED: "objected_at_ms",
}
SCOPES: Final = ("all", "class", "channel", "purpose", "campaign")
CAUSE: Final = {"event_type": "txn.posted", "event_id": "e", "event_source": "/core"}

Said = tuple[str, int, Facts]
"""Type, partition, record."""


class Insights:
    """Exposures with all that comes of them, in disorder, among decisions and cards that move."""

    def __init__(self, seed: int) -> None:
        """Begin with nobody."""
        self._random = random.Random(seed)  # noqa: S311 (a test's log, the same for a seed)
        self._at = AT
        self._in_time = seed % 2 == 0
        """What comes of exposures is told as of now: only so does a second round ever begin."""

        self._coming: list[Said] = []
        self._cards: dict[str, tuple[int, str]] = {}
        self._names = 0
        self._versions = dict.fromkeys(("nudge", "upsell", "win", ""), 1)
        self._described: dict[tuple[str, str, int], Facts] = {}

    def records(self, count: int) -> list[Said]:
        """Return so many records."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Said:
        draw = self._random.random()
        self._at += self._random.choice((0, 1, 60_000, 60_000, HOUR // 4))
        if self._coming and draw < 0.6:
            ce_type, partition, record = self._coming.pop(self._random.randrange(len(self._coming)))
            return (
                ce_type,
                partition,
                record | ({TOLD_AT[ce_type]: self._at} if self._in_time else {}),
            )
        if draw < 0.85:
            return self._exposed()
        return self._moved() if draw < 0.93 else self._decided() if draw < 0.98 else self._passed()

    def _name(self, what: str) -> str:
        self._names += 1
        return f"{what}{self._names}"

    def _version(self, tenant: str, campaign: str) -> tuple[int, Facts]:
        """Return a version of a campaign, now and then a new one, with what it always says."""
        self._versions[campaign] += self._random.random() < NEW_VERSION.get(campaign, 0.004)
        number = max(1, self._versions[campaign] - self._random.choice((0, 0, 0, 1)))
        rails = {f"{kind}_ppm": self._random.choice((0, 5_000, 200_000)) for kind in KINDS}
        rails |= {"harm": self._random.random() < 0.7, "alpha_ppm": 500_000}
        cap = self._random.choice((0, 1_000))
        said = {
            "shares_ppm": self._random.choice(SHARES),
            "guardrails": rails if campaign and self._random.random() < 0.8 else None,
            "value_cap_minor": cap,
            "currency": "EUR" if cap else "",
            "stage": self._random.choice(("activate", "pay")) if campaign else "",
            "pools": self._random.random() < 0.5,
            "key_count": self._random.choice((1, 1, 3)) if campaign else 1,
        }
        if campaign in ALWAYS:
            said["shares_ppm"] = ALWAYS[campaign]
        return number, self._described.setdefault((tenant, campaign, number), said)

    def _exposed(self) -> Said:
        """Open an exposure, and let what comes of it wait for its turn."""
        campaign = self._random.choice(("nudge", "nudge", "upsell", "upsell", "win", ""))
        tenant = self._random.choice(("acme", "acme", "bolt")) if campaign != "win" else "acme"
        number, said = self._version(tenant, campaign)
        holdout_ppm = self._random.choice((0, 50_000)) if campaign else 50_000
        shares = {**said["shares_ppm"], **({"holdout": 200_000} if holdout_ppm else {})}
        arm = self._random.choices([*shares], [*shares.values()])[0]
        about = {
            "exposure_id": self._name("x"),
            "tenant": tenant,
            "customer_token": self._name("c"),
            "campaign_id": campaign,
            "policy_version": number,
            "arm": arm,
            "decided_at_ms": self._at,
            "model_id": "",
        }
        counts = not campaign or arm != "holdout"
        more = {
            "trigger_id": about["exposure_id"],
            "is_first": self._random.random() < 0.9 and counts,
            "pools": said["pools"],
            "holdout_ppm": holdout_ppm,
            "arm_ppm": 1,
            "closes_at_ms": self._at + DAY,
            "option": self._random.choice(("", "", "sms", "push")) if campaign else "",
        }
        partition = self._random.randrange(2) if campaign in ("nudge", "") else 0
        for ce_type, record in self._outcomes(about, more, said):
            elsewhere = self._random.random() < 0.02
            self._coming.append((ce_type, 1 - partition if elsewhere else partition, record))
        verdict = VERDICTS.get(arm, "sent") if campaign else "assigned"
        return OPENED, partition, _whole(about | more | said | {"verdict": verdict})

    def _outcomes(self, about: Facts, more: Facts, said: Facts) -> list[tuple[str, Facts]]:
        """Return all that comes of an exposure: contact harms in one campaign, helps elsewhere."""
        is_kept = about["arm"] in VERDICTS
        rate = (0.8 if is_kept else 0.1) if about["campaign_id"] == "upsell" else 0.2
        label = self._random.choices((1, 0, None), (rate, 0.95 - rate, 0.05))[0]
        end = {"label": label, "value_minor": 0, "currency": said["currency"], "settled_id": "s"}
        end |= {"settled_at_ms": self._at + DAY + self._random.randrange(DAY)}
        end |= {"delivery": self._random.choice(("delivered", "not_sent", "unknown"))}
        if said["currency"] and label:
            end["value_minor"] = self._random.choice((1, 333, 999, 1_000, 1_001, 50_000))
        found: list[tuple[str, Facts]] = [(SETTLED, about | more | end)]
        for day in (30, 60, 90) if more["is_first"] and self._random.random() < 0.5 else ():
            active = {"day": day, "active": self._random.random() < 0.5, "followed_id": "f"}
            told = {name: more[name] for name in ("pools", "holdout_ppm")}
            found.append(
                (FOLLOWED, about | told | active | {"followed_at_ms": self._at + day * DAY})
            )
        for kind in KINDS if about["campaign_id"] and not is_kept else ():
            if self._random.random() < 0.1:
                against = {"objection": kind, "objected_id": "o", "occurred_at_ms": self._at}
                found.append((OBJECTED, about | against | {"objected_at_ms": self._at + HOUR}))
        return found

    def _moved(self) -> Said:
        """Let a card, new or not, be counted elsewhere."""
        card = self._random.choice([*self._cards, ""]) or self._name("card")
        partition, before = self._cards.get(card, (self._random.randrange(2), ""))
        reached = self._random.choice((*MILESTONES, ""))
        had = {*before.removesuffix("|gone").split("+"), reached}
        after = "+".join(one for one in MILESTONES if one in had)
        after += "|gone" * (self._random.random() < 0.2)
        after *= self._random.random() < 0.95
        self._cards[card] = (partition, after)
        waited_ms = self._random.choice((-1, 0, HOUR - 1, HOUR, 5 * DAY, 2**22 * HOUR, 2**50))
        said: Facts = {"moved_id": "m", "tenant": "acme", "customer_token": card, "before": before}
        said |= {"after": after, "reached": reached, "waited_ms": waited_ms if reached else -1}
        return MOVED, partition, said | {"occurred_at_ms": self._at, "moved_at_ms": self._at}

    def _decided(self) -> Said:
        candidates = [self._candidate() for _ in range(self._random.randrange(1, 4))]
        said: Facts = {"decision_id": "d", "tenant": "acme", "customer_token": "nobody"}
        said |= {"decided_at_ms": self._at, "cause": CAUSE, "chosen": (), "candidates": candidates}
        said |= {"shadow": self._random.random() < 0.2, "digest": ""}
        return DECISION, self._random.randrange(2), said

    def _candidate(self) -> Facts:
        names = ("trigger_id", "policy_hash", "card_token", "occurrence_key", "step", "channel")
        said: Facts = dict.fromkeys((*names, "entry_event_id"), "")
        said |= {"campaign_id": "nudge", "policy_version": 1, "message_class": "marketing"}
        said |= {"entered_at_ms": self._at, "caps": [self._cap() for _ in range(3)]}
        verdict, reason = self._random.choice((("sent", ""), ("suppressed", "NO_CONSENT")))
        return said | {"verdict": verdict, "reason_code": reason}

    def _cap(self) -> Facts:
        before, most = self._random.randrange(4), self._random.randrange(1, 4)
        after = before + (before < most and self._random.random() < 0.7)
        said: dict[str, Any] = {"scope": self._random.choice(SCOPES), "window_ms": DAY}
        return said | {"count_before": before, "count_after": after, "count_max": most}

    def _passed(self) -> Said:
        """Return what learning alone reads."""
        names = ("outcome_id", "exposure_id", "customer_token", "trigger_id", "arm", "currency")
        said: Facts = dict.fromkeys(names, "") | {"tenant": self._random.choice(("acme", "bolt"))}
        said |= dict.fromkeys(("sequence", "policy_version", "arm_ppm", "value_minor"), 1)
        said |= dict.fromkeys(("decided_at_ms", "closes_at_ms", "occurred_at_ms"), self._at)
        said |= {"campaign_id": "nudge", "closed_at_ms": self._at, "cause": CAUSE, "label": 1}
        said |= {"reason": "converted", "delivery": "unknown"}
        return OUTCOME, self._random.randrange(2), said


def _whole(said: Facts) -> Facts:
    """Return an exposure with what insight does not look at."""
    names = ("decision_id", "policy_hash", "step", "message_class", "channel", "conversion_on")
    more = dict.fromkeys((*names, "propensity_from"), "") | {"propensity_ppm": 0, "features": {}}
    return said | more
