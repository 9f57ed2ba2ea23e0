"""Say what concerns a whole tenant or a source: policies, switches, the end of a history."""

from typing import Annotated

from msgspec import Meta

from schemas.calendar import Calendar
from schemas.campaign import Campaign
from schemas.contact_policy import ContactPolicy
from schemas.events.parts import EventData, Label, Token


class HistoryEnded(EventData, tag="history.ended", frozen=True, kw_only=True):
    """A backfilled source partition is complete up to this event's time (SEMANTICS T7)."""


class PolicyPublished(EventData, tag="policy.published", frozen=True, kw_only=True):
    """A campaign version takes effect for its tenant; unsigned only in development settings."""

    campaign: Campaign
    policy_hash: Token
    author: str = ""
    signatures: tuple[str, ...] = ()


class CalendarPublished(EventData, tag="calendar.published", frozen=True, kw_only=True):
    """The tenant's quiet hours, holidays and worked weekends from now on (SEMANTICS T9, O4)."""

    calendar: Calendar


class ContactPolicyPublished(EventData, tag="contact_policy.published", frozen=True, kw_only=True):
    """The caps and exclusions of every campaign of the tenant from now on (SEMANTICS C1)."""

    contact_policy: ContactPolicy


class KillSwitchSet(EventData, tag="kill_switch.set", frozen=True, kw_only=True):
    """Contacts stop (`engaged`) or resume; `campaign_id` "" means the whole tenant."""

    engaged: bool
    campaign_id: Annotated[str, Meta(max_length=64)] = ""
    reason: str = ""


class TenantConfigured(EventData, tag="tenant.configured", frozen=True, kw_only=True):
    """
    Facts about a tenant that decisions depend on.

    Decisions before `live_from_ms` (epoch milliseconds UTC, on the tenant's own clock) are
    shadow: recorded, without trigger, cap or reservation (SEMANTICS T7); None: from the end of its
    history on. `time_zone` (IANA) is
    that of customers who have none of their own. `holdout_bp` of ten thousand customers are never
    contacted by marketing; which ones, `holdout_salt` says (SEMANTICS E1).
    """

    live_from_ms: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    time_zone: Label = ""
    holdout_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    holdout_salt: Label = ""
