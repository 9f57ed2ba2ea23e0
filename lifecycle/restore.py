"""
Read a task's changelog rows back into the partitions that wrote them (SEMANTICS B4).

Rows are kept as bytes until the last one is read: of the many versions of a row only the newest
is ever decoded.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import astuple

from lifecycle.partition import Partitions, TenantState
from lifecycle.policies import active
from schemas.codec import (
    decode_budget_row,
    decode_calendar_row,
    decode_choice_row,
    decode_contact_policy_row,
    decode_counts_row,
    decode_customer_row,
    decode_offer_row,
    decode_policy_row,
    decode_segments_row,
    decode_snapshot_row,
    decode_template_row,
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
    kind, _, rest = key.partition("|")
    number, _, rest = rest.partition("|")
    if kind == "#counts":
        counts = partitions.begun(int(number)).counts
        counts.restore(int(rest or 0), decode_counts_row(value))
    elif kind in _OF_TENANT:
        name, *of = rest.split("|")
        _OF_TENANT[kind](partitions.begun(int(number)).tenant(name), of, value)
    else:
        raise ValueError(f"wanted a row of the lifecycle fold, found one of kind {kind}")


def _own(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.row = decode_tenant_row(value)


def _policy(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.activate(active(*astuple(decode_policy_row(value))))


def _calendar(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.adopt(decode_calendar_row(value))


def _contact_policy(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.adopt(decode_contact_policy_row(value))


def _template(tenant: TenantState, of: Sequence[str], value: bytes) -> None:
    template_id, version = of
    tenant.templates[template_id, int(version)] = decode_template_row(value)


def _offer(tenant: TenantState, of: Sequence[str], value: bytes) -> None:
    tenant.stock.offers[of[0]] = decode_offer_row(value)


def _budget(tenant: TenantState, of: Sequence[str], value: bytes) -> None:
    tenant.stock.spent_minor[of[0]] = decode_budget_row(value)


def _model(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.snapshots.restore(decode_snapshot_row(value))


def _choice(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.choices.restore(decode_choice_row(value))


def _segments(tenant: TenantState, _of: Sequence[str], value: bytes) -> None:
    tenant.segments.in_force = decode_segments_row(value)


_OF_TENANT: Final[Mapping[str, Callable[[TenantState, Sequence[str], bytes], None]]] = {
    "#tenant": _own,
    "#policy": _policy,
    "#calendar": _calendar,
    "#contact_policy": _contact_policy,
    "#template": _template,
    "#offer": _offer,
    "#budget": _budget,
    "#model": _model,
    "#choice": _choice,
    "#segments": _segments,
}
"""Kind of row to what puts it back; it has what the key says after partition and tenant."""
