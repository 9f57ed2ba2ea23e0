"""Say whether people of the bank have signed a control record: docs/core.md §3.7 (P3)."""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.checker.campaign_files import (
    CONDITION_DEFAULTS,
    CONVERSION_DEFAULTS,
    DEFAULTS,
    FALLBACK_DEFAULTS,
    GUARDRAIL_DEFAULTS,
    OPTION_DEFAULTS,
    STEP_DEFAULTS,
    TREATMENT_DEFAULTS,
)
from tests.checker.identity import Facts, prefixed
from tests.checker.model_shapes import lean, lean_head


ENTRY_DEFAULTS: dict[str, Facts] = {
    "silence": {"repeat_count_min": 1},
    **{kind: {"if": None} for kind in ("absence", "count", "drift")},
    "event": {"any_of": [], "when": []},
    "due_date": {"total_due_minor_min": 1},
}
TENANT_DEFAULTS: Facts = {
    "live_from_ms": None,
    "time_zone": "",
    "holdout_bp": 0,
    "holdout_salt": "",
    "version": 0,
    "signing_keys": [],
    "signatures": [],
    "currency": "",
    "value_cap_minor": 0,
    "pools_effects": False,
}


RULES = {
    "calendar.published": "calendar",
    "contact_policy.published": "contact_policy",
    "template.approved": "template",
    "offer.defined": "offer",
    "model.defined": "model",
}
RULE_DEFAULTS: Facts = {
    "quiet": {"marketing": [], "servicing": []},
    "days": [],
    "caps": [],
    "exclusions": [],
    "variables": [],
    "unit_cost_minor": 0,
    "title": "",
}
PART_DEFAULTS: dict[str, Facts] = {
    "caps": {"message_class": "marketing", "segment": ""},
    "exclusions": {"mutual": False},
}
WINDOW_DEFAULTS: Facts = {
    "on": ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "working"]
}


def is_base64(value: Any, length: int) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether a value is the one way to write so many bytes in base64."""
    if not isinstance(value, str) or not value.isascii():
        return False
    try:
        raw = b64decode(value, validate=True)
    except Error:
        return False
    return len(raw) == length and b64encode(raw).decode() == value


def why_unsigned(record: Facts, tenant: Facts, *, is_allowed: bool) -> str:
    """
    Return why a control record does not count as signed, "" where it does.

    Args:
        record: as journaled.
        tenant: with the pinned `keys` and the `version` that pinned them.
        is_allowed: whether policies count unsigned until keys are pinned.
    """
    kind = record["event_type"]
    if kind == "tenant.configured":
        return _why_not_configured(record, tenant) if tenant["keys"] else ""
    if kind not in ("policy.published", *RULES):
        return ""
    if not tenant["keys"]:
        return "" if is_allowed else "NOT_SIGNED"
    if kind in RULES:
        name = RULES[kind]
        said = {"event_type": kind, **(_model(record) if name == "model" else _rule(record, name))}
        return _judged(record, tenant, (f"cardcue/{name}/1", _hashed(said)), people=2)
    hashed = policy_hash(record["campaign"])
    if record["policy_hash"] != hashed:
        return "POLICY_HASH"
    more = ["existing"] if record.get("applies_to") == "existing" else []
    more += ["reschedule"] if record.get("reschedule") else []
    return _judged(record, tenant, ("cardcue/policy/1", hashed, *more), people=2)


def _why_not_configured(record: Facts, tenant: Facts) -> str:
    hashed = _hashed(_less(record | {"signatures": []}, TENANT_DEFAULTS))
    people = 1 if record.get("signing_keys", []) in ([], tenant["keys"]) else 2
    why = _judged(record, tenant, ("cardcue/tenant/1", hashed), people=people)
    return why or ("STALE_VERSION" if record.get("version", 0) <= tenant["version"] else "")


def policy_hash(campaign: Facts) -> str:
    """Return the content hash of a campaign."""
    lean = _less(campaign, DEFAULTS)
    entry = _less(lean["entry"], ENTRY_DEFAULTS.get(lean["entry"]["kind"], {}))
    if "any_of" in entry:
        entry["any_of"] = [_less(one, CONDITION_DEFAULTS[one["on"]]) for one in entry["any_of"]]
    lean |= {"entry": entry, "steps": [_less(step, STEP_DEFAULTS) for step in lean["steps"]]}
    lean |= _treatments(lean)
    if "experiment" in lean:
        lean["experiment"] = _less(lean["experiment"], {"control_bp": 0, "arms": []})
        if arms := lean["experiment"].get("arms"):
            lean["experiment"]["arms"] = [_arm(one) for one in arms]
    if "choice" in lean:
        options = [_option(one) for one in lean["choice"]["options"]]
        lean["choice"] = {**lean["choice"], "options": options}
    if "conversion" in lean:
        lean["conversion"] = _less(lean["conversion"], CONVERSION_DEFAULTS)
    if "guardrails" in lean:
        lean["guardrails"] = _less(lean["guardrails"], GUARDRAIL_DEFAULTS)
    return _hashed(lean)


def _treatments(one: Facts) -> Facts:
    """Return the treatments of a campaign or an arm without what their defaults say."""
    lean: Facts = {"treatment": _less(one["treatment"], TREATMENT_DEFAULTS)}
    if one.get("fallbacks"):
        lean["fallbacks"] = [_less(after, FALLBACK_DEFAULTS) for after in one["fallbacks"]]
    return lean


def _option(one: Facts) -> Facts:
    """Return an option without what its defaults say."""
    lean = _less(one, OPTION_DEFAULTS)
    if one.get("fallbacks"):
        lean["fallbacks"] = [_less(after, FALLBACK_DEFAULTS) for after in one["fallbacks"]]
    return lean


def _arm(one: Facts) -> Facts:
    return _less(one, {"fallbacks": []}) | _treatments(one)


def _model(record: Facts) -> Facts:
    """Return what defines a model, without what defaults say."""
    heads = {name: record[name] for name in ("contact", "control") if record.get(name)}
    return {"model": lean(record["model"])} | {n: lean_head(head) for n, head in heads.items()}


def _rule(record: Facts, name: str) -> Facts:
    return {name: _rules(record[name])}


def _rules(said: Facts) -> Facts:
    """Return a calendar, contact policy, template or offer without what its defaults say."""
    lean = _less(said, RULE_DEFAULTS)
    for name, defaults in PART_DEFAULTS.items():
        if name in lean:
            lean[name] = [_less(one, defaults) for one in lean[name]]
    if "quiet" in lean:
        lean["quiet"] = {
            name: [_less(one, WINDOW_DEFAULTS) for one in windows]
            for name, windows in lean["quiet"].items()
            if windows
        }
    return lean


def _judged(record: Facts, tenant: Facts, about: tuple[str, ...], *, people: int) -> str:
    """Return what is wrong with the signatures of a record about a domain, a hash and more."""
    public = {key["key_id"]: key for key in tenant["keys"]}
    told: list[tuple[str, str]] = []
    for one in record.get("signatures", []):
        if one["key_id"] in public:
            key = public[one["key_id"]]
            signed = prefixed(about[0], tenant["name"], one["role"], *about[1:])
            if not _is_by(key["public_key"], one["signature"], signed):
                return "BAD_SIGNATURE"
            told.append((one["role"], key["person"]))
    if people == 1:
        return "" if told else "NOT_SIGNED"
    if {role for role, _ in told} != {"author", "approver"}:
        return "NOT_SIGNED"
    return "" if len({person for _, person in told}) > 1 else "SAME_PERSON"


def _is_by(public_key: str, signature: str, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(
            b64decode(signature), signed
        )
    except InvalidSignature:
        return False
    return True


def _less(said: Facts, defaults: Facts) -> Facts:
    """Return what is said and not the default."""
    return {
        name: value
        for name, value in said.items()
        if name not in defaults or value != defaults[name]
    }


def _hashed(content: Facts) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
