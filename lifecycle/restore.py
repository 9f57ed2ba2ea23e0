"""
Read a task's changelog rows back into the partitions that wrote them (SEMANTICS B4).

Rows are kept as bytes until the last one is read: of the many versions of a row only the newest
is ever decoded.
"""

from collections.abc import Mapping

from lifecycle.partition import PartitionState
from schemas.codec import (
    decode_counts_row,
    decode_customer_row,
    decode_policy_row,
    decode_tenant_row,
)
from schemas.state import OFFSETS_KEY


def restore(rows: Mapping[bytes, bytes], partitions: dict[int, PartitionState]) -> None:
    """
    Put rows, newest version of each key, where they belong; creates the partitions they name.

    Raises:
        ValueError: a key of no known form; the changelog is not ours, the process must stop.

    """
    for key, value in rows.items():
        if key == OFFSETS_KEY:
            continue
        if key.startswith(b"#"):
            _restore_own(key.decode(), value, partitions)
        else:
            tenant, _, customer_token = key.decode().partition("|")
            number = decode_customer_row(value).partition
            _partition(partitions, number).tenant(tenant).stored[customer_token] = value
    for partition in partitions.values():
        for state in partition.tenants.values():
            state.index_timers()


def _restore_own(key: str, value: bytes, partitions: dict[int, PartitionState]) -> None:
    """Restore a row that concerns a partition or a tenant in it."""
    match key.split("|"):
        case ["#counts", number]:
            _partition(partitions, int(number)).counts.by_key = decode_counts_row(value)
        case ["#tenant", number, tenant]:
            row = decode_tenant_row(value)
            _partition(partitions, int(number)).tenant(tenant).row = row
        case ["#policy", number, tenant, _]:
            policy = decode_policy_row(value)
            _partition(partitions, int(number)).tenant(tenant).activate(policy)
        case parts:
            raise ValueError(f"wanted a row of the lifecycle fold, found one of kind {parts[0]}")


def _partition(partitions: dict[int, PartitionState], number: int) -> PartitionState:
    """Return the partition, a new one where it is the first time that a row names it."""
    partition = partitions.get(number)
    if partition is None:
        partition = partitions[number] = PartitionState(number)
    return partition
