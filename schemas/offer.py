"""
Define what a campaign may promise beside its words: an offer of which there are only so many.

Published as data, like a campaign. The offer system that grants it is the bank's own; it is asked
by `offer.grant_requested`, and answers with `offer.result`.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from schemas.campaign import CampaignId, ValueMinor


OFFERS_MAX: Final = 64
"""Offers of one tenant that are known."""


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    An offer in one version: `inventory_count` units in all, over all versions.

    `unit_cost_minor` is what one costs the bank, in minor units of the tenant's currency; a grant
    may be redeemed for `valid_ms` after the decision.
    """

    id: CampaignId
    version: Annotated[int, Meta(ge=1, le=2**53)]
    inventory_count: Annotated[int, Meta(ge=0, le=10**12)]
    valid_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]
    unit_cost_minor: ValueMinor = 0
    title: Annotated[str, Meta(max_length=128)] = ""
