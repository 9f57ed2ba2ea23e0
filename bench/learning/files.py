"""Read the models and campaigns of the benches from YAML, as a bank writes them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from cli.cel import RuleTextError, check
from cli.policy_file import policy_hash, read_policy
from lifecycle.features.declared import FEATURES
from schemas.durations import read_duration
from schemas.events import ModelDefined, PolicyPublished
from schemas.model import Model


FOLDER: Final = Path(__file__).resolve().parent
LATER: Final = datetime(2040, 1, 1, tzinfo=UTC)
"""Until when what is told of customers holds."""

KINDS: Final = {name: feature.kind for name, feature in FEATURES.items()}


def model(name: str, model_id: str = "") -> ModelDefined:
    """Return the definition of a model in `models/`, under another id where one is given."""
    fields = yaml.safe_load((FOLDER / "models" / f"{name}.yaml").read_text(encoding="utf-8"))
    fields["inputs"] = [_with_rule(one) for one in fields["inputs"]]
    fields["id"] = model_id or fields["id"]
    if "publish_every" in fields:
        fields["publish_every_ms"] = read_duration(fields.pop("publish_every"))
    return ModelDefined(model=msgspec.convert(fields, Model))


def policy(name: str, tenant: str) -> PolicyPublished:
    """Return the publication of a campaign in `campaigns/`."""
    campaign = read_policy(FOLDER / "campaigns" / f"{name}.yaml", tenant=tenant)
    return PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))


def _with_rule(one: dict[str, Any]) -> dict[str, Any]:
    """Return an input with its rule checked: a text, else a whole number or a truth value."""
    if one["kind"] == "category":
        rule = check(one["is"], KINDS, "string")
    else:
        try:
            rule = check(one["is"], KINDS, "int")
        except RuleTextError:
            rule = check(one["is"], KINDS, "bool")
    return {**one, "is": msgspec.to_builtins(rule)}
