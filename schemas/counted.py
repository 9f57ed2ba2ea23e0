"""
Define the part of a decision record that is counted (docs/insight.md 1).

A decision is one record an occasion, and most of it is gates and features: what nobody counts is
skipped, not decoded.
"""

from msgspec import Struct


class CountedCap(Struct, frozen=True, gc=False):
    """What there is to count of a `CapReading`."""

    scope: str
    count_max: int
    count_before: int
    count_after: int


class CountedCandidate(Struct, frozen=True, gc=False):
    """What there is to count of a `Considered`."""

    campaign_id: str
    verdict: str
    reason_code: str
    caps: tuple[CountedCap, ...] = ()


class CountedDecision(Struct, frozen=True, gc=False):
    """What there is to count of a `Decision`."""

    tenant: str
    shadow: bool
    candidates: tuple[CountedCandidate, ...]
