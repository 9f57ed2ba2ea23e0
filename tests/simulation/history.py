"""
Let one of the two banks come with a history instead of live sources (SEMANTICS T7).

Its records lie in topics of their own, bound to it alone, timed by themselves; each partition
ends with an end-of-history record.
"""

from typing import Final

from schemas.codec import encode_json
from schemas.routing import SourceBinding
from tests.proof.forms import Upstream, rfc3339


BANK: Final = "south"
TOPICS: Final = {
    f"history.{topic}": topic
    for topic in ("card.issue.v1", "card.activation.v1", "card.spend.v1", "customer.profile.v1")
}
"""History topics with the contract that each carries."""
LEAD_MS: Final = 2_000
"""How far one source may run ahead."""


def bindings() -> tuple[SourceBinding, ...]:
    """Return how the history is bound."""
    return tuple(
        SourceBinding(topic=name, contract=topic, tenant=BANK, time_source="records")
        for name, topic in TOPICS.items()
    )


def written(record: Upstream) -> Upstream | None:
    """Return the record as the history has it, None where the bank has no such topic yet."""
    told = (record.value or b"") + b"".join(value for _, value in record.headers)
    if b'"south"' not in told and b"/south/" not in told:
        return record
    name = f"history.{record.topic}"
    return record._replace(topic=name) if name in TOPICS else None


def end(topic: str, partition: int, at_ms: int) -> Upstream:
    """Return what completes a partition."""
    said = {"id": f"{topic}-{partition}", "type": "history.ended", "occurred_at": rfc3339(at_ms)}
    return Upstream(topic, b"", encode_json(said))
