"""
Make up an outcomes log in which everything happens to a few models, in any order.

Labels follow the scores for a while, then their opposite (a burst of flipped labels), so that
models get better, fall back, and are withheld. Versions, vectors and sequences are wrong at times.
"""

import struct
from base64 import b64encode
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from tests.checker.identity import Facts
from tests.checker.model_shapes import weight_count
from tests.checker.models_by_hand import rule
from tests.world.chaos_events import DAY, HOUR


START: Final = 1_700_000_000_000
PLACES: Final = (("acme", "ranker"), ("acme", "ranker"), ("acme", "other"), ("evil", "ranker"))
SCORES: Final = (1, 20_000, 200_000, 400_000, 600_000, 800_000, 980_000, 999_999)
TENANTS: Final = ("acme", "acme", "evil")
OPTIONS: Final = ("plain", "plain", "rich", "late", "")
VERDICTS: Final = ("sent",) * 12 + ("control",) * 3 + ("held_out",)
STEPS: Final = (0, 1, 500, 1_000, 60_000, HOUR)
WINDOWS: Final = (HOUR, 9 * HOUR, 2 * DAY)
PHASE: Final = 400
"""Records after which labels may begin to follow scores, or to contradict them."""

CAUSE: Final = {"event_type": "txn.posted", "event_id": "e", "event_source": "/core"}


class Outcomes:
    """One partition of the log, record by record: (ce_type, what it says)."""

    def __init__(self, seed: int) -> None:
        """Begin with no model."""
        self._random = Random(seed)  # noqa: S311 (a made-up log, no secret)
        self._now, self._number = START, 0
        self._steps = STEPS if seed % 3 else STEPS[:4]  # in a slow log counts come before hours
        self._models: dict[tuple[str, str], Facts] = {}
        self._open: list[Facts] = []
        self._closed: list[Facts] = []
        self._is_flipped = False

    def records(self, count: int) -> Iterator[tuple[str, Facts]]:
        """Yield so many records."""
        random = self._random
        for place in dict.fromkeys(PLACES):
            yield self._defined(place)
        for number in range(count):
            self._now += random.choice(self._steps)
            if number % PHASE == 0:
                self._is_flipped = random.random() < 0.5
            dice = random.random()
            if dice < 0.012:
                yield self._told(random.choice(PLACES))
            elif dice < 0.3:
                yield self._settled()
            elif dice < 0.6 or not self._open:
                yield self._exposure()
            elif dice < 0.94 or not self._closed:
                yield self._outcome()
            else:
                yield self._correction()

    def _settled(self) -> tuple[str, Facts]:
        """Return what an exposure has come to: mostly of an option that nobody ranks by a model."""
        random = self._random
        self._number += 1
        is_ranked = random.random() < 0.1
        said = {
            "settled_id": f"s{self._number}",
            "tenant": random.choice(TENANTS),
            "campaign_id": random.choice(("lift", "lift", "save")),
            "arm": random.choice(("default",) * 9 + ("control", "holdout", "bold")),
            "label": random.choice((0, 0, 0, 0, 1, 1, None)),
            "decided_at_ms": self._about() - HOUR,
            "closes_at_ms": self._now,
            "settled_at_ms": self._about(),
            "model_id": "ranker" if is_ranked else "",
            "score_ppm": random.choice(SCORES) if is_ranked else 0,
            "option": random.choice(OPTIONS),
            "option_ppm": random.choice((50_000, 500_000)),
        }
        return "exposure.settled.v1", SETTLED | said

    def _told(self, place: tuple[str, str]) -> tuple[str, Facts]:
        random = self._random
        if random.random() < 0.3:
            return self._defined(place)
        back = random.choice((0, 0, 0, 1, 2, *range(3, 40)))
        said = {"frozen": random.random() < 0.3, "rollback_sequence": back, "reason": ""}
        name = place[1] if random.random() < 0.95 else "unheard"
        return self._said(place[0], name, {"event_type": "model.set", "model_id": name, **said})

    def _defined(self, place: tuple[str, str]) -> tuple[str, Facts]:
        """Return a definition: of a version above, the same inputs or others, heads or none."""
        random = self._random
        before = self._models.get(place)
        version = before["version"] + random.choice((0, 1, 1, 1)) if before else 1
        model = self._model(place[1], version)
        if before and random.random() < 0.5:
            model |= {name: before[name] for name in ("inputs", "optimizer")}
        record: Facts = {"event_type": "model.defined", "model": model}
        record |= {"contact": None, "control": None, "signatures": []}
        if random.random() < 0.3:
            record[random.choice(("contact", "control"))] = self._head(model)
        if before is None or version > before["version"]:
            self._models[place] = model
        return self._said(*place, record)

    def _said(self, tenant: str, name: str, record: Facts) -> tuple[str, Facts]:
        self._number += 1
        told = {"v": 1, "told_id": f"t{self._number}", "tenant": tenant, "model_id": name}
        return "model.told.v1", told | {
            "told_at_ms": self._about(),
            "record": record,
            "cause": CAUSE,
        }

    def _model(self, name: str, version: int) -> Facts:
        random = self._random
        return {
            "id": name,
            "version": version,
            "title": "",
            "owner": "",
            "inputs": [self._input(n) for n in range(random.choice((1, 2, 4)))],
            "base_rate_ppm": random.choice((20_000, 300_000)),
            "optimizer": {
                "kind": random.choice(("sgd", "adagrad")),
                "learning_rate_ppm": random.choice((3_000, 50_000, 300_000)),
            },
            "exposure_count_min": random.choice((1, 20)),
            "conversion_count_min": random.choice((1, 3)),
            "publish_count": random.choice((1, 7, 50)),
            "publish_every_ms": random.choice((1_000, DAY, 7 * DAY)),
            "cohort_count": random.choice((20, 20, 35)),
        }

    def _input(self, number: int) -> Facts:
        if self._random.random() < 0.5:
            named = {"id": f"i{number}", "is": rule("stage"), "title": ""}
            return {"kind": "category", **named, "values": ["a", "b"]}
        named = {"id": f"i{number}", "is": rule("tenure_days"), "title": ""}
        return {"kind": "number", **named, "scale": "linear", "offset": 0, "divisor": 1}

    def _head(self, model: Facts) -> Facts:
        random = self._random
        count = weight_count(model)
        weights = [random.gauss(0, 1) for _ in range(count)]
        squares = [random.random() for _ in range(count + 1)]
        has_squares = model["optimizer"]["kind"] == "adagrad" and random.random() < 0.5
        counts = {"exposure_count": 30, "conversion_count": 3}
        head = {"intercept": random.gauss(0, 1), "weights": weights, **counts}
        return head | {"squares": squares if has_squares else []}

    def _exposure(self) -> tuple[str, Facts]:
        random = self._random
        self._number += 1
        tenant, name = random.choice(PLACES)
        model, dice = self._models[tenant, name], random.random()
        verdict = random.choice(VERDICTS)
        decided = self._about()
        arm = {"sent": "default", "control": "control", "held_out": "holdout"}[verdict]
        asked = {"model_id": name, "model_version": model["version"], "model_sequence": 1}
        asked["vector"] = self._vector(model)
        if dice < 0.03:
            asked["model_version"] += random.choice((-1, 1))
        elif dice < 0.05:
            asked["model_id"] = "unheard"
        elif dice < 0.1:
            asked = {"model_id": "", "model_version": 0, "model_sequence": 0, "vector": ""}
        exposure = {
            "exposure_id": f"x{self._number}",
            "tenant": tenant,
            "customer_token": f"c{random.randrange(9)}",
            "trigger_id": f"t{self._number}",
            "campaign_id": "campaign",
            "policy_version": 1,
            "verdict": verdict,
            "arm": arm,
            "arm_ppm": 1_000_000,
            "decided_at_ms": decided,
            "closes_at_ms": decided + random.choice(WINDOWS),
            "score_ppm": random.choice(SCORES) if asked["model_id"] else 0,
            **asked,
        }
        if random.random() < 0.95:
            self._open.append(exposure | {"sequence": 0, "label": None})
        return "exposure.opened.v1", OPENED | exposure

    def _vector(self, model: Facts) -> str:
        random = self._random
        numbers = [
            float(random.randrange(3)) if one["kind"] == "category" else random.choice(XS)
            for one in model["inputs"]
        ]
        dice = random.random()
        if dice < 0.04:
            numbers[0] = random.choice((float("nan"), float("inf"), 4.5, -4.5, 0.5, 3.0))
        elif dice < 0.06:
            numbers.append(0.0)
        elif dice < 0.07:
            return ""
        return b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()

    def _outcome(self) -> tuple[str, Facts]:
        """Return the first outcome of an exposure, mostly of one of the oldest."""
        random = self._random
        exposure = self._open.pop(random.randrange(min(len(self._open), 25)))
        p = exposure["score_ppm"] / 10**6
        label: int | None = int(random.random() < (1 - p if self._is_flipped else p))
        reason = "converted" if label else "not_converted"
        if random.random() < 0.03:
            label, reason = None, random.choice(("invalidated", "evicted"))
        else:
            self._closed.append(exposure)
        return self._recorded(exposure, label, reason)

    def _correction(self) -> tuple[str, Facts]:
        """Return a later outcome: the other label than the last."""
        exposure = self._random.choice(self._closed[-40:])
        label = 0 if exposure["label"] else 1
        return self._recorded(exposure, label, "late_conversion" if label else "reversed")

    def _recorded(self, exposure: Facts, label: int | None, reason: str) -> tuple[str, Facts]:
        exposure["sequence"] += 1
        exposure["label"] = label
        names = OUTCOME_NAMES
        at = self._about() if label == 1 or reason == "reversed" else 0
        said = {"label": label, "reason": reason, "sequence": exposure["sequence"]}
        said |= {"occurred_at_ms": at, "closed_at_ms": self._now}
        return "outcome.recorded.v1", RECORDED | {n: exposure[n] for n in names} | said

    def _about(self) -> int:
        """Return now, or a moment before."""
        return self._now - self._random.choice((0, 0, 0, 1, HOUR))


XS: Final = (0.0, 0.0, 1.0, -1.0, 0.5, 4.0, -4.0, 0.3330000042915344)
OPENED: Final[dict[str, Any]] = {
    "v": 1,
    "decision_id": "d",
    "policy_hash": "h",
    "stage": "activate",
    "step": "now",
    "message_class": "marketing",
    "channel": "sms",
    "conversion_on": "txn.posted",
    "propensity_ppm": 1,
    "propensity_from": "model",
    "features": {},
}
RECORDED: Final[dict[str, Any]] = {
    "v": 1,
    "outcome_id": "o",
    "delivery": "unknown",
    "value_minor": 0,
    "currency": "",
    "cause": CAUSE,
}
SETTLED: Final[dict[str, Any]] = {
    "v": 1,
    "exposure_id": "x",
    "customer_token": "c",
    "trigger_id": "t",
    "policy_version": 1,
    "arm_ppm": 1_000_000,
    "is_first": False,
    "pools": False,
    "holdout_ppm": 0,
    "delivery": "unknown",
    "value_minor": 0,
    "currency": "",
}
OUTCOME_NAMES: Final = (
    *("exposure_id", "tenant", "customer_token", "trigger_id", "campaign_id", "policy_version"),
    *("arm", "arm_ppm", "decided_at_ms", "closes_at_ms", "model_id", "model_version"),
    *("model_sequence", "score_ppm", "vector"),
)
