"""
Define a bank's contact policy: what holds for every campaign, however each is written.

It is published as data, like a campaign, and takes effect where the journal has it.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.campaign import CampaignId, CapScope, DurationMs


class ContactCap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    At most `count` contacts of one customer in any window of `window_ms` (SEMANTICS C1).

    It binds candidates of `message_class`, of customers in `segment` ("": of all); a stricter cap
    of a segment stands beside the others, so the strictest holds.
    """

    scope: CapScope
    count: Annotated[int, Meta(ge=1, le=100)]
    window_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]
    message_class: Literal["marketing", "servicing"] = "marketing"
    segment: Annotated[str, Meta(max_length=64)] = ""


class Exclusion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    `campaign` is not to follow `other` within `within_ms`, nor go beside it in one occasion.

    `mutual`: nor the other way round.
    """

    campaign: CampaignId
    other: CampaignId
    within_ms: DurationMs
    mutual: bool = False


class ContactPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Caps and exclusions of one tenant in one version."""

    id: CampaignId
    version: Annotated[int, Meta(ge=1, le=2**53)]
    caps: Annotated[tuple[ContactCap, ...], Meta(max_length=32)] = ()
    exclusions: Annotated[tuple[Exclusion, ...], Meta(max_length=64)] = ()
