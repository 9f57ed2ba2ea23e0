"""Write an event as its producer does: in one of the three forms, retried or misnamed."""

import random
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import orjson

from tests.checker.source_forms import EPOCH, MILLISECOND


FORMS: Final = ("plain",) * 6 + ("binary",) * 3 + ("structured",)

Fields = dict[str, Any]


class Upstream(NamedTuple):
    """A record of a source topic as its producer writes it; partition -1 is that of its key."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int = -1


class Happening(NamedTuple):
    """An event before it is written down; `due` is its place in the order of sending."""

    due: float
    topic: str
    event_type: str
    event_id: str
    occurred_at_ms: int
    fields: Fields


def rfc3339(at_ms: int) -> str:
    """Return epoch milliseconds as an event says them."""
    return (EPOCH + at_ms * MILLISECOND).isoformat(timespec="milliseconds")


def calendar_day(at_ms: int) -> str:
    """Return the day of epoch milliseconds in UTC."""
    return rfc3339(at_ms)[:10]


def sent(rng: random.Random, tenant: str, token: str, happening: Happening) -> Iterator[Upstream]:
    """Yield the records that come of one event: it, and at times what should not have come."""
    record = written(tenant, token, happening)
    yield record
    if rng.random() < 0.02:
        yield record  # a producer's retry: a new offset, the same event (B2)
    if rng.random() < 0.01:
        yield _structured(tenant, token, happening, source=f"/{tenant}/namesake")
    if "amount_minor" in happening.fields and rng.random() < 0.01:
        other = {**happening.fields, "amount_minor": happening.fields["amount_minor"] + 1}
        yield written(tenant, token, happening._replace(fields=other))  # an id used twice


def written(tenant: str, token: str, happening: Happening) -> Upstream:
    """Return the event in one of the three forms that ingest accepts (docs/core.md §1)."""
    _, topic, event_type, event_id, occurred_at_ms, fields = happening
    form = _form(event_id)
    if form == "structured":
        return _structured(tenant, token, happening, source=source_of(tenant, topic, event_id))
    key = token.encode()
    if form == "plain":
        when = rfc3339(occurred_at_ms)
        attributes = {"id": event_id, "type": event_type, "occurred_at": when}
        whose = {"customer_token": token, "tenant": tenant}
        return Upstream(topic, key, orjson.dumps({**attributes, **whose, **fields}))
    named = _attributes(tenant, token, happening, source_of(tenant, topic, event_id))
    headers = tuple((f"ce_{name}", value.encode()) for name, value in named.items())
    return Upstream(topic, key, orjson.dumps(fields), headers)


def _form(event_id: str) -> str:
    """Return the form in which an event is written, always the same."""
    return FORMS[zlib.crc32(event_id.encode()) % len(FORMS)]


def source_of(tenant: str, topic: str, event_id: str) -> str:
    """Return the source that ingest finds in an event."""
    return topic if _form(event_id) == "plain" else f"/{tenant}/core"


def _structured(tenant: str, token: str, happening: Happening, *, source: str) -> Upstream:
    """Return the event in one JSON object; another source makes it another event (B2)."""
    named = _attributes(tenant, token, happening, source)
    value = orjson.dumps({**named, "data": happening.fields})
    return Upstream(happening.topic, token.encode(), value)


def _attributes(tenant: str, token: str, happening: Happening, source: str) -> dict[str, str]:
    """Return the CloudEvents attributes of an event."""
    return {
        "specversion": "1.0",
        "id": happening.event_id,
        "source": source,
        "type": f"{happening.event_type}.v1",
        "time": rfc3339(happening.occurred_at_ms),
        "subject": token,
        "tenantid": tenant,
    }
