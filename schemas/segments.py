"""Define what is observed of how customers spend, and the segments that follow (SEMANTICS L1)."""

from typing import Annotated

from msgspec import Meta, Struct


class CustomerObserved(Struct, frozen=True, kw_only=True):
    """
    How a customer spends, as of a bill (`customer.observed.v1`, docs/core.md 3.20).

    `spend_minor` halves every 30 days, in `currency`; shares of the newest purchases by scene.
    """

    v: int = 1
    observed_id: str
    tenant: str
    customer_token: str
    currency: str
    spend_minor: int
    scene_share_ppm: dict[str, int]
    observed_at_ms: int


class SegmentsPublished(
    Struct, frozen=True, kw_only=True, tag_field="event_type", tag="segments.published"
):
    """
    How much is much, and what kinds of spending there are, of one bank (docs/learning.md 7).

    Three edges of spend a currency, between four tiers; shares of scenes by the name of a cluster.
    A partition adopts it if its `sequence` is above that of the one it has.
    """

    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    edges_minor: dict[str, Annotated[tuple[int, ...], Meta(min_length=3, max_length=3)]]
    clusters: dict[str, dict[str, int]]
