"""Read the campaigns' YAML files by an own reading, and compare with what was published."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.checker.identity import Facts
from tests.checker.report import Report


UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
DURATIONS = {"delay", "lead", "unit", "window", "within", "expires_after", "cool_down"}
MOMENTS = {"start", "end"}
STEP_DEFAULTS: Facts = {"delay_ms": 0, "lead_ms": 0, "at_minute": None}
TREATMENT_DEFAULTS: Facts = {"sender_profile": "", "variables": {}}
FALLBACK_DEFAULTS: Facts = TREATMENT_DEFAULTS | {"after": ["failed", "rejected"]}
OPTION_DEFAULTS: Facts = TREATMENT_DEFAULTS | {
    "fallbacks": [],
    "offer": "",
    "model": "",
    "value_minor": None,
    "contact_cost_minor": None,
}
STAGES = ("eligibility", "applicability", "suitability")
DEFAULTS: Facts = {
    "exit_on": [],
    "caps": [],
    "priority": 50,
    "expires_after_ms": 86_400_000,
    "base_rate_ppm": 0,
    "value_minor": 0,
    "lever_percent": 100,
    "contact_cost_minor": 0,
    "experiment": None,
    "start_at_ms": 0,
    "end_at_ms": 0,
    "cool_down_ms": 0,
    "conversion": None,
    "fallbacks": [],
    "offer": "",
    "budget_minor": 0,
    "model": "",
    "guardrails": None,
    "choice": None,
    "report_by": [],
    **{stage: [] for stage in STAGES},
}
CONVERSION_DEFAULTS: Facts = {"value": "", "value_cap_minor": 0, "currency": ""}
GUARDRAIL_DEFAULTS: Facts = {
    **dict.fromkeys(("opt_out_ppm", "complaint_ppm", "failure_ppm"), 0),
    "harm": False,
    "alpha_ppm": 10_000,
}
CONDITION_DEFAULTS: dict[str, Facts] = {
    "statement.issued": {"total_due_minor_min": 0, "instalment_eligible": True},
    "txn.posted": {"amount_minor_min": 0, "own_mean_percent_min": 100, "spend_count_min": 1},
}


def duration_ms(text: str | int) -> int:
    """
    Return `72h`, `7d`, `1d12h` in milliseconds; a number is milliseconds already.

    Raises:
        ValueError: the text is no duration.
    """
    if isinstance(text, int):
        return text
    if not re.fullmatch(r"(\d+(ms|s|m|h|d|w))+", text):
        raise ValueError(f"wanted a duration such as 72h, found {text!r}")
    return sum(int(n) * UNITS_MS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h|d|w)", text))


def minute_of(text: str) -> int:
    """Return `10:30` as the minute of the day."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def moment_ms(said: str | datetime) -> int:
    """Return RFC 3339, as text or as YAML has read it, in milliseconds, floored."""
    at = datetime.fromisoformat(said) if isinstance(said, str) else said
    since = at.replace(tzinfo=at.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def in_ms(value: Any) -> Any:  # noqa: ANN401 (any YAML)
    """Return a YAML value with every duration in milliseconds under a name that says so."""
    if isinstance(value, list):
        return [in_ms(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, item in value.items():
        name = "on" if key is True else key  # YAML 1.1 takes the word `on` for yes
        stem = name.removesuffix("_ms")
        if stem in DURATIONS:
            made[f"{stem}_ms"] = duration_ms(item)
        elif name == "variables":
            made[name] = item  # names that the author chose
        elif name == "at":
            made["at_minute"] = minute_of(item)
        elif name in MOMENTS:
            made[f"{name}_at_ms"] = moment_ms(item)
        else:
            made[name] = in_ms(item)
    return made


def with_defaults(policy: Facts) -> Facts:
    """Return a policy with every default spelled out, without its tenant."""
    full = {**DEFAULTS, **policy}
    full.pop("tenant", None)
    full["entry"] = _entry_with_defaults(dict(full["entry"]))
    full["steps"] = [{**STEP_DEFAULTS, **step} for step in full.get("steps", ())]
    full["exit_on"] = [
        one if isinstance(one, str) else _with_texts([one])[0] for one in full["exit_on"]
    ]
    for stage in STAGES:
        full[stage] = [{**clause, "if": _text_of(clause["if"])} for clause in full[stage]]
    full |= _treatments(full)
    if full["choice"]:
        options = [_option(one) for one in full["choice"]["options"]]
        full["choice"] = {**full["choice"], "options": options}
    if full["experiment"]:
        full["experiment"] = {"control_bp": 0, "arms": [], **full["experiment"]}
        arms = full["experiment"]["arms"]
        full["experiment"]["arms"] = [one | _treatments(one) for one in arms]
    if full["conversion"]:
        full["conversion"] = CONVERSION_DEFAULTS | full["conversion"]
    if full["guardrails"] is not None:
        full["guardrails"] = GUARDRAIL_DEFAULTS | full["guardrails"]
    return full


def _treatments(one: Facts) -> Facts:
    """Return the treatments of a campaign or an arm with every default spelled out."""
    after = [{**FALLBACK_DEFAULTS, **fallback} for fallback in one.get("fallbacks", ())]
    return {"treatment": {**TREATMENT_DEFAULTS, **one.get("treatment", {})}, "fallbacks": after}


def _option(one: Facts) -> Facts:
    """Return an option, which is a treatment with fallbacks, with every default spelled out."""
    return {**OPTION_DEFAULTS, **one, "fallbacks": _treatments(one)["fallbacks"]}


def _entry_with_defaults(entry: Facts) -> Facts:
    if entry["kind"] == "event":
        house = entry.get("any_of", ())
        entry["any_of"] = [{**CONDITION_DEFAULTS[one["on"]], **one} for one in house]
        entry["when"] = _with_texts(entry.get("when", ()))
    if entry["kind"] == "sequence":
        entry["of"] = _with_texts(entry["of"])
    if entry["kind"] in ("absence", "count", "drift"):
        entry |= _with_texts([entry])[0]
    if entry["kind"] == "silence":
        entry.setdefault("repeat_count_min", 1)
    if entry["kind"] == "due_date":
        entry.setdefault("total_due_minor_min", 1)
    return entry


def _with_texts(conditions: Iterable[Facts]) -> list[Facts]:
    """Return conditions with the texts of their rules, None for those that have none."""
    return [{**one, "if": one.get("if") and _text_of(one["if"])} for one in conditions]


def _text_of(rule: str | Facts) -> str:
    """Return a rule as its author wrote it; published, it carries its tree as well."""
    return rule if isinstance(rule, str) else str(rule["text"])


def read_campaigns(folder: Path) -> dict[tuple[str, int], Facts]:
    """Return every campaign of the folder's YAML files by (id, version)."""
    found = {}
    for path in sorted(folder.glob("*.y*ml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            policy = with_defaults(in_ms(document))
            found[policy["id"], policy["version"]] = policy
    return found


class PolicyCheck:
    """Compares published policies with the files they should have come from."""

    def __init__(self, files: dict[tuple[str, int], Facts], report: Report) -> None:
        """Report to `report` what differs."""
        self._files, self._report = files, report
        self._seen: set[tuple[str, str, int]] = set()

    def see(self, envelope: Facts) -> None:
        """Take a journal record; each (tenant, campaign, version) is judged once."""
        if envelope["record"]["event_type"] != "policy.published":
            return
        policy = envelope["record"]["campaign"]
        name = (policy["id"], policy["version"])
        if (envelope["tenant"], *name) in self._seen:
            return
        self._seen.add((envelope["tenant"], *name))
        self._report.seen["policies"] += 1
        where = f"{envelope['tenant']} {name[0]} version {name[1]}"
        if name not in self._files:
            self._report.find("POLICY_DIFF", f"{where}: no such YAML")
            return
        wanted, found = self._files[name], with_defaults(policy)
        for field in sorted(wanted.keys() | found.keys()):
            if wanted.get(field) != found.get(field):
                said = f"file {wanted.get(field)}, published {found.get(field)}"
                self._report.find("POLICY_DIFF", f"{where} {field}: {said}")
