"""
Write a bank's events down as upstream systems do: in three forms, and sometimes wrongly.

Bodies are put together as text, because a generator that keeps a worker busy has ten microseconds
an event; every piece is plain ASCII without quotes, and the tests parse what comes out.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from cli.demo.bank_bills import Happening
from cli.demo.history import DAY_MS, day
from schemas.routing import ROUTES


TOPICS: Final = {route.event_type: route.topic for route in ROUTES}
VALUE_BYTES_MAX: Final = 65_536
SOURCE: Final = "/core-banking"

Headers = tuple[tuple[str, bytes], ...]


class Written(NamedTuple):
    """A record's topic, value and headers."""

    topic: str
    value: bytes | None
    headers: Headers = ()


@lru_cache(maxsize=4_096)
def _midnight(day_number: int) -> str:
    return day(day_number * DAY_MS) + "T"


def moment(at_ms: int) -> str:
    """
    Return epoch milliseconds as RFC 3339.

    >>> moment(1_700_000_000_001)
    '2023-11-14T22:13:20.001Z'
    """
    day_number, rest = divmod(at_ms, DAY_MS)
    seconds, ms = divmod(rest, 1_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_midnight(day_number)}{hour:02}:{minute:02}:{second:02}.{ms:03}Z"


def plain(tenant: str, happening: Happening) -> Written:
    """Write an event as a flat JSON object."""
    at_ms, event_type, event_id, token, fields = happening
    body = (
        f'{{"id":"{event_id}","type":"{event_type}","occurred_at":"{moment(at_ms)}",'
        f'"customer_token":"{token}","tenant":"{tenant}",{fields}}}'
    )
    return Written(TOPICS[event_type], body.encode())


def structured(tenant: str, happening: Happening) -> Written:
    """Write an event as a structured CloudEvent."""
    at_ms, event_type, event_id, token, fields = happening
    body = (
        f'{{"specversion":"1.0","id":"{event_id}","source":"{SOURCE}","type":"{event_type}.v1",'
        f'"time":"{moment(at_ms)}","subject":"{token}","tenantid":"{tenant}","data":{{{fields}}}}}'
    )
    return Written(TOPICS[event_type], body.encode())


def binary(tenant: str, happening: Happening) -> Written:
    """Write an event as a binary CloudEvent: attributes in headers, data in the value."""
    at_ms, event_type, event_id, token, fields = happening
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_type", event_type.encode()),
        ("ce_time", moment(at_ms).encode()),
        ("ce_subject", token.encode()),
        ("ce_tenantid", tenant.encode()),
    )
    return Written(TOPICS[event_type], f"{{{fields}}}".encode(), headers)


FORMS: Final = (plain, structured, binary)
"""The ways in which a right event can be written."""


def _truncated(tenant: str, happening: Happening) -> Written:
    written = plain(tenant, happening)
    return written._replace(value=(written.value or b"")[:-7])


def _without_card(tenant: str, happening: Happening) -> Written:
    return plain(tenant, happening._replace(fields='"branch":7'))


def _of_unknown_type(tenant: str, happening: Happening) -> Written:
    written = structured(tenant, happening)
    old, new = f'"{happening.event_type}.v1"'.encode(), b'"card.dreamt_of"'
    return written._replace(value=(written.value or b"").replace(old, new))


def _of_next_version(tenant: str, happening: Happening) -> Written:
    written = structured(tenant, happening)
    return written._replace(value=(written.value or b"").replace(b'.v1"', b'.v2"', 1))


def _in_wrong_topic(tenant: str, happening: Happening) -> Written:
    return binary(tenant, happening)._replace(topic="customer.profile.v1")


def _on_no_day(tenant: str, happening: Happening) -> Written:
    written = plain(tenant, happening)
    old, new = moment(happening.at_ms).encode(), b"2023-02-30T00:00:00Z"
    return written._replace(value=(written.value or b"").replace(old, new))


def _tombstone(tenant: str, happening: Happening) -> Written:
    return plain(tenant, happening)._replace(value=None)


def _too_large(tenant: str, happening: Happening) -> Written:
    padded = f'{happening.fields},"note":"{"x" * VALUE_BYTES_MAX}"'
    return plain(tenant, happening._replace(fields=padded))


def _of_another_tenant(tenant: str, happening: Happening) -> Written:
    headers = (("ce_tenantid", tenant.encode()),)
    return plain(f"not-{tenant}", happening)._replace(headers=headers)


def _of_impossible_customer(tenant: str, happening: Happening) -> Written:
    return plain(tenant, happening._replace(customer_token=f"{happening.customer_token}|x"))


def _receipt_for_nothing(tenant: str, happening: Happening) -> Written:
    fields = f'"receipt_id":"{happening.event_id}","channel":"sms","status":"delivered"'
    return plain(tenant, happening._replace(event_type="delivery.receipt", fields=fields))


MISTAKES: Final[dict[str, Callable[[str, Happening], Written]]] = {
    "NOT_JSON": _truncated,
    "SCHEMA": _without_card,
    "UNKNOWN_TYPE": _of_unknown_type,
    "UNSUPPORTED_VERSION": _of_next_version,
    "WRONG_TOPIC": _in_wrong_topic,
    "BAD_TIME": _on_no_day,
    "TOMBSTONE_UNEXPECTED": _tombstone,
    "TOO_LARGE": _too_large,
    "TENANT_MISMATCH": _of_another_tenant,
    "BAD_CUSTOMER": _of_impossible_customer,
    "NO_ROUTE": _receipt_for_nothing,
}
"""
Reason -> how to write an event about a card so that it must be rejected with it.

`NO_ROUTE` goes to the gateways' topic. Needs an event with a card that is no consent: a purchase.
"""
