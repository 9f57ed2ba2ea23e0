"""Say what campaigns may say and promise: all wordings but one are approved, gifts are few."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tests.proof.forms import Fields


NOBODY_APPROVED: Final = "nobody_approved"
"""The wording of a fallback that is passed over."""

GIFT: Final[Fields] = {"id": "gift", "version": 1, "valid_ms": 60_000, "unit_cost_minor": 2}


def promises(
    policies: Iterable[Any], inventory_count: int
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
    yield "offer.defined", "gift", {"offer": {**GIFT, "inventory_count": inventory_count}}
