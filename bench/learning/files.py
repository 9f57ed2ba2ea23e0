"""Read the models and campaigns of the benches from YAML, as a bank writes them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from cli.model_file import read_model
from cli.policy_file import policy_hash, read_policy
from schemas.events import ModelDefined, PolicyPublished


FOLDER: Final = Path(__file__).resolve().parent
LATER: Final = datetime(2040, 1, 1, tzinfo=UTC)
"""Until when what is told of customers holds."""


def model(name: str, model_id: str = "") -> ModelDefined:
    """Return the definition of a model in `models/`, under another id where one is given."""
    found = read_model(FOLDER / "models" / f"{name}.yaml")
    return ModelDefined(model=replace(found, id=model_id or found.id))


def policy(name: str, tenant: str) -> PolicyPublished:
    """Return the publication of a campaign in `campaigns/`."""
    campaign = read_policy(FOLDER / "campaigns" / f"{name}.yaml", tenant=tenant)
    return PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))
