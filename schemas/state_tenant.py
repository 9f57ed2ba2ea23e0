"""
Define the changelog rows that concern a whole tenant in one journal partition.

As with customers' rows, fields are only ever appended, with defaults.
"""

from typing import Final

from msgspec import Struct, field

from schemas.campaign import Campaign
from schemas.channels import Channel
from schemas.events.control import SigningKey
from schemas.offer import Offer
from schemas.template import TemplateVariable
from schemas.walk import WalkState


CONTROLS_MAX: Final = 32
"""Recent control records remembered per tenant and partition, for deduplication (B2)."""


class TenantRow(Struct, array_like=True):
    """
    What one journal partition knows of a tenant; key `#tenant|p|tenant`.

    Clocks are epoch milliseconds UTC (SEMANTICS T2). `live_from_ms` None means that the tenant
    never said. `control_hashes` are those of the newest control records, oldest first (B2).
    `holdout_bp` of ten thousand customers are never contacted by marketing (E1).
    `configured_version` has pinned `signing_keys` (P3). A guardrail holds `campaigns_tripped`;
    of each that did, by `campaign_id|policy_version|kind|partition`, `trip_sequences` has the last.
    """

    v: int = 1
    now_at_ms: int = 0
    watermark_at_ms: int = 0
    backfill: bool = False
    live_from_ms: int | None = None
    paused: bool = False
    campaigns_paused: list[str] = field(default_factory=list)
    control_hashes: list[int] = field(default_factory=list)
    time_zone: str = ""
    holdout_bp: int = 0
    holdout_salt: str = ""
    configured_version: int = 0
    signing_keys: tuple[SigningKey, ...] = ()
    lateness_ms_max: int = 0
    walks: list[WalkState] = field(default_factory=list)
    currency: str = ""
    value_cap_minor: int = 0
    pools_effects: bool = False
    campaigns_tripped: list[str] = field(default_factory=list)
    trip_sequences: dict[str, int] = field(default_factory=dict)


class PolicyRow(Struct, array_like=True, frozen=True):
    """A campaign version active in one journal partition; key `#policy|p|tenant|campaign`."""

    campaign: Campaign
    policy_hash: str


class TemplateRow(Struct, array_like=True, frozen=True):
    """An approved wording without its text; key `#template|p|tenant|id|version`."""

    id: str
    version: int
    channel: Channel
    variables: tuple[TemplateVariable, ...] = ()


class OfferRow(Struct, array_like=True):
    """An offer, and how many units one journal partition has taken; key `#offer|p|tenant|id`."""

    offer: Offer
    taken_count: int = 0
