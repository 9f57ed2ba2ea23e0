"""
Carry what was read from the reader to the agent, numbered so that no slice can get lost.

A slice belongs to one task object: what was read but not folded dies with it, so nothing stale
can reach a successor.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from schemas.records import Claim, Row, SourceRecord


if TYPE_CHECKING:
    from streams.task import Task


class Slice(NamedTuple):
    """
    Records of one task in the order read, the claims sampled after them, rows observed.

    `number` counts the task's slices from 0; a gap is a defect of the channel and stops the
    process. A slice may be empty of records and carry a claim only.
    """

    task: "Task"
    number: int
    records: Sequence[SourceRecord]
    claims: Sequence[Claim]
    observed: Sequence[Row] = ()
