"""Say what campaigns may say, promise and ask: approved wordings, few gifts, one model a bank."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tests.proof.forms import Fields


NOBODY_APPROVED: Final = "nobody_approved"
"""The wording of a fallback that is passed over."""

GIFT: Final[Fields] = {"id": "gift", "version": 1, "valid_ms": 60_000, "unit_cost_minor": 2}


RANKER: Final[Fields] = {
    "id": "ranker",
    "version": 1,
    "inputs": [
        {
            "kind": "number",
            "id": "cards",
            "is": {"text": "card_count", "tree": {"node": "name", "name": "card_count"}},
            "divisor": 4,
        },
        {
            "kind": "category",
            "id": "stage",
            "is": {"text": "stage", "tree": {"node": "name", "name": "stage"}},
            "values": ["issued", "activated", "bound"],
        },
    ],
    "base_rate_ppm": 200_000,
    "exposure_count_min": 40,
    "conversion_count_min": 4,
    "publish_count": 200,
    "publish_every_ms": 1_000,
    "cohort_count": 100,
}
"""A model that learns, decides and is judged within the seconds of a proof."""


def promises(
    policies: Sequence[Any], inventory_count: int
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, id and data of the records that campaigns need before they send anything."""
    wordings = {
        (one["template_id"], one["template_version"]): one["channel"]
        for policy in policies
        for one in (policy["treatment"], *policy["fallbacks"])
        if one["template_id"] != NOBODY_APPROVED
    }
    for (name, version), channel in sorted(wordings.items()):
        template = {"id": name, "version": version, "channel": channel, "text": "Hello"}
        yield "template.approved", f"{name}-{version}", {"template": template}
    if any(policy["model"] for policy in policies):
        yield "model.defined", "ranker", {"model": RANKER}
    yield "offer.defined", "gift", {"offer": {**GIFT, "inventory_count": inventory_count}}
