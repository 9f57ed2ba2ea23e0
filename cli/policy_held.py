"""Read which guardrails of a bank's campaigns broke, as insight said it (docs/insight.md 5)."""

from typing import Final

from cli.log import TopicLog, whole_topic
from schemas.codec import decode_tripped
from schemas.insight import GuardrailTripped
from schemas.records import SourceRecord
from schemas.routing import INSIGHT_TOPIC


TYPE_HEADER: Final = ("ce_type", b"guardrail.tripped.v1")


async def trips(log: TopicLog, tenant: str) -> list[tuple[SourceRecord, GuardrailTripped]]:
    """Return what broke, with the records that say so; nothing where there is no topic yet."""
    if not (await log.partition_counts([INSIGHT_TOPIC]))[INSIGHT_TOPIC]:
        return []
    return [
        (record, said.tripped)
        async for record in whole_topic(log, INSIGHT_TOPIC)
        if TYPE_HEADER in record.headers and record.value is not None
        if (said := decode_tripped(record.value)).tenant == tenant
    ]
