"""Make up rules that read every feature and event, some without a value, some no rules at all."""

from functools import cache
from random import Random
from typing import Any, Final

import msgspec

from cli.cel import check
from lifecycle.event_names import names_of
from lifecycle.features.declared import FEATURES
from tests.checker.identity import Facts


STAGES: Final = ("eligibility", "applicability", "suitability")
CONDITIONS: Final = (
    *("tenure_days < 90", 'stage in ["", "activated", "first_spend"]', "stage_days <= 30"),
    *("card_count != 2", '"young" in segments || size(segments) < 2', 'region != "a"', "!staff"),
    *('city == ""', 'wealth_band + age_band != "ab"', 'age_band <= "a"', 'occupation_band != "x"'),
    *("recency_days <= 3", "spend_count > 2", 'currency == "CNY"', "mean_amount_minor < 5000"),
    *("amount_7d_minor < amount_30d_minor", "amount_90d_minor >= 0", "reversed_count == 0"),
    *("amount_drift_ppm < 500000", "spend_count_7d <= spend_count_30d", "spend_count_90d > 3"),
    *("gap_mean_hours * 2 > gap_spread_hours", "frequency_drift_ppm < 1000000"),
    *('"dining" in scene_share_ppm', 'top_scene.contains("o")', "weekend_share_ppm < 400000"),
    *('usual_part_of_day in ["", "night", "evening"]', "bill_total_minor < 5000"),
    *("bill_open_minor != 0", "bill_due_hours < 72", "bill_paid_ppm < 1000000", "bill_count < 5"),
    *("repaid_share_ppm <= 500000", "overdue_days < 30", "autopay", "credit_limit_minor < 1000"),
    *("limit_use_ppm < 900000", "temp_limit_minor > 0", "temp_limit_hours % 2 == 0"),
    *("plan_count == 0", "!plan_ever", "declined_days < 0", "contact_count_7d < 2"),
    *("contact_count_30d < 4", "last_contact_days != 0", "response_days.size() == 0"),
    *("session_days < 2", "wallet_count > 0", "benefit_missing < 100", "benefit_hours != 0"),
    *("grant_count == 0", "grant_hours < 24", "coupon_count < 2", 'points_level.startsWith("")'),
    *("size(score_ppm) < 2", "size(partner) == 0", "size(survey) == 0", "!personalisation_off"),
    *('language.endsWith("a") || language == ""', 'size(channel_order) > 0 || "sms" in ["sms"]'),
    *("wishes_quiet", "size(response_kind) < 2", 'spend_tier in ["", "regular", "top"]'),
    *('spend_cluster < "e"', 'life_change_scene == "" || life_change_scene.contains("i")'),
)
"""Each holds of some customers; together they read every feature."""

ERRING: Final = (
    *("1000 / plan_count > 10", 'score_ppm["m0"] > 10', 'response_kind["sms"] == "click"'),
    *('survey["s0|q0"] != "a"', "9223372036854775807 - declined_days > 0", "limit_use_ppm > 0"),
    *('scene_share_ppm.dining % spend_count >= 0 || partner["p0|a"] == "a"',),
)
"""Each has no value for some customers."""

OF_KIND: Final = {
    "int": "1000 / {0} > 1 || {0} % 3 == 1",
    "string": '{0} < "m" || {0}.endsWith("1")',
    "bool": "!{0}",
}
"""What may be asked of an event's own field; a number has no value where it is 0."""

ALWAYS: Final = "size(language) >= 0"


def clauses(random: Random) -> Facts:
    """Return the clauses of a policy by stage; of some policies they cannot be run."""
    found: Facts = {stage: [] for stage in STAGES}
    for number in range(random.choice((0, 1, 2, 3))):
        rule = (
            {"text": "moon > 1", "tree": NO_FEATURE} if random.random() < 0.01 else _drawn(random)
        )
        found[random.choice(STAGES)].append({"id": f"r{number}", "if": rule})
    return found


def reading_change() -> Facts:
    """Return a clause that is met where a change of life is told."""
    return {"id": "change", "if": _rule('life_change_scene != ""')}


def reading_segments() -> Facts:
    """Return a clause that reads every segment, whatever comes of it."""
    text = 'spend_tier == "top" || spend_cluster == "" || life_change_scene == "home"'
    return {"id": "segments", "if": _rule(f"({text}) || {ALWAYS}")}


def _drawn(random: Random) -> Any:  # noqa: ANN401 (any JSON)
    parts = random.sample(CONDITIONS, random.randrange(1, 5))
    if random.random() < 0.3:
        parts.insert(0, random.choice(ERRING))
    text = random.choice((" || ", " || ", " && ")).join(f"({part})" for part in parts)
    if random.random() < 0.9:
        text = f"({text}) || {ALWAYS}"  # read, and in the record, whatever comes of it
    return _rule(text)


def condition(random: Random, event_type: str) -> Facts:
    """Return a condition on events of a type; of some there is a rule, mostly one that is met."""
    if random.random() < 0.7:
        return {"on": event_type}
    own = names_of(event_type).kinds
    parts = random.sample(CONDITIONS, random.randrange(1, 4))
    parts += (
        OF_KIND[own[name]].format(name) for name in random.sample(sorted(own), min(2, len(own)))
    )
    if random.random() < 0.3:
        parts.insert(0, random.choice(ERRING))
    random.shuffle(parts)
    joined = random.choice((" || ", " || ", " && ")).join(f"({part})" for part in parts)
    return {"on": event_type, "if": _rule(joined, event_type)}


@cache
def _rule(text: str, event_type: str = "") -> Any:  # noqa: ANN401 (any JSON)
    kinds = {**KINDS, **names_of(event_type).kinds}
    return msgspec.to_builtins(check(text, kinds, "bool"))


KINDS: Final = {name: feature.kind for name, feature in FEATURES.items()}
NO_FEATURE: Final = {
    "node": "call",
    "function": "_>_",
    "arguments": [{"node": "name", "name": "moon"}, {"node": "const", "value": 1}],
}
