"""Answer the house as systems around it do: CloudEvents in binary mode that echo whose they are."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from cli.demo.history import rfc3339
from cli.demo.loader import Outgoing, by_key
from cli.demo.setting import SOURCE_PARTITION_COUNT
from schemas.routing import ROUTE_BY_TYPE


class Said(NamedTuple):
    """What a system says: which event, its id, who says it, and when (epoch milliseconds UTC)."""

    event_type: str
    event_id: str
    source: str
    at_ms: int


def echo(said: Said, tenant: str, customer_token: str, body: Mapping[str, str]) -> Outgoing:
    """Return the record for the topic of its type; `body` has the trigger's id (SEMANTICS G1)."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": said.event_id,
        "ce_source": said.source,
        "ce_type": f"{said.event_type}.v1",
        "ce_time": rfc3339(said.at_ms),
        "ce_subject": customer_token,
        "ce_tenantid": tenant,
        "content-type": "application/json",
    }
    key = customer_token.encode()
    return Outgoing(
        by_key(ROUTE_BY_TYPE[said.event_type].topic, key, SOURCE_PARTITION_COUNT),
        "events",
        key,
        msgspec.json.encode(body),
        tuple((name, value.encode()) for name, value in headers.items()),
    )
