"""
Read a task's changelog rows back into the partitions that wrote them (SEMANTICS B4).

Rows are kept as bytes until the last one is read: of the many versions of a row only the newest
is ever decoded.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import astuple

from lifecycle.partition import Partitions
from lifecycle.policies import active
from schemas.codec import (
    decode_calendar_row,
    decode_contact_policy_row,
    decode_counts_row,
    decode_customer_row,
    decode_policy_row,
    decode_tenant_row,
)
from schemas.state import OFFSETS_KEY


ERASED_PREFIX: Final = b"#erased|"

RESTORED_COUNT_MAX: Final = 1_000
"""Customers put back in one bite; each takes up to 10 us (SEMANTICS T8: 50 ms)."""


def restore_own(rows: Mapping[bytes, bytes], partitions: Partitions) -> None:
    """
    Put back the rows that concern a partition or a tenant in it; creates the partitions they name.

    Raises:
        ValueError: a key of no known form; the changelog is not ours, the process must stop.

    """
    for key, value in rows.items():
        if key != OFFSETS_KEY:
            _restore_own(key.decode(), value, partitions)


def restore_customers(rows: dict[bytes, bytes], partitions: Partitions) -> None:
    """
    Take a bite out of `rows`, and put these customers and their timers where they belong.

    Markers of erased customers are among them: there may be as many.
    """
    for _ in range(min(RESTORED_COUNT_MAX, len(rows))):
        key, value = rows.popitem()
        if key.startswith(ERASED_PREFIX):
            _, number, name, mark = key.decode().split("|")
            partitions.begun(int(number)).tenant(name).erased.markers.add(mark)
            continue
        name, _, customer_token = key.decode().partition("|")
        row = decode_customer_row(value)
        tenant = partitions.begun(row.partition).tenant(name)
        tenant.stored[customer_token] = value
        tenant.timers.note(customer_token, row)


def _restore_own(key: str, value: bytes, partitions: Partitions) -> None:
    """Restore a row that concerns a partition or a tenant in it."""
    match key.split("|"):
        case ["#counts", number]:
            partitions.begun(int(number)).counts.restore(0, decode_counts_row(value))
        case ["#counts", number, further]:
            counts = partitions.begun(int(number)).counts
            counts.restore(int(further), decode_counts_row(value))
        case ["#tenant", number, tenant]:
            row = decode_tenant_row(value)
            partitions.begun(int(number)).tenant(tenant).row = row
        case ["#policy", number, tenant, _]:
            policy = active(*astuple(decode_policy_row(value)))
            partitions.begun(int(number)).tenant(tenant).activate(policy)
        case ["#calendar", number, tenant]:
            partitions.begun(int(number)).tenant(tenant).adopt(decode_calendar_row(value))
        case ["#contact_policy", number, tenant]:
            contact_policy = decode_contact_policy_row(value)
            partitions.begun(int(number)).tenant(tenant).adopt(contact_policy)
        case parts:
            raise ValueError(f"wanted a row of the lifecycle fold, found one of kind {parts[0]}")
