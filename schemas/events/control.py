"""Say what concerns a whole tenant or a source: policies, switches, the end of a history."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.calendar import Calendar
from schemas.campaign import Campaign
from schemas.contact_policy import ContactPolicy
from schemas.events.parts import EventData, Label, Token
from schemas.learning import Head
from schemas.model import Model
from schemas.offer import Offer
from schemas.template import Template


Role = Literal["author", "approver"]
"""As what a person signs."""


class SigningKey(Struct, frozen=True, kw_only=True):
    """A person's Ed25519 public key (RFC 8032): 32 bytes in base64."""

    key_id: Token
    person: Token
    public_key: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$", max_length=44)
    ]


class Signature(Struct, frozen=True, kw_only=True):
    """What a person signed in a role, by the key called `key_id`: 64 bytes in base64."""

    key_id: Token
    role: Role
    signature: Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$", max_length=88)]


Signatures = Annotated[tuple[Signature, ...], Meta(max_length=8)]
"""Of what two people must agree on; docs/core.md 3.7 says over which bytes."""


class HistoryEnded(EventData, tag="history.ended", frozen=True, kw_only=True):
    """A backfilled source partition is complete up to this event's time (SEMANTICS T7)."""


class PolicyPublished(EventData, tag="policy.published", frozen=True, kw_only=True):
    """
    A campaign version takes effect for its tenant; unsigned only in development settings.

    `policy_hash` is the campaign's content hash, which author and approver sign (SEMANTICS P3).
    `applies_to` existing customers too, and `reschedule`, are signed with it (SEMANTICS P1, P2).
    """

    campaign: Campaign
    policy_hash: Token
    author: str = ""
    signatures: Signatures = ()
    applies_to: Literal["new", "existing"] = "new"
    reschedule: bool = False


class CalendarPublished(EventData, tag="calendar.published", frozen=True, kw_only=True):
    """The tenant's quiet hours, holidays and worked weekends from now on (SEMANTICS T9, O4)."""

    calendar: Calendar
    signatures: Signatures = ()


class ContactPolicyPublished(EventData, tag="contact_policy.published", frozen=True, kw_only=True):
    """The caps and exclusions of every campaign of the tenant from now on (SEMANTICS C1)."""

    contact_policy: ContactPolicy
    signatures: Signatures = ()


class TemplateApproved(EventData, tag="template.approved", frozen=True, kw_only=True):
    """
    A wording may be sent from now on, as it stands; once and for all of this version.

    From the first on, a tenant sends no wording that was not approved.
    """

    template: Template
    signatures: Signatures = ()


class OfferDefined(EventData, tag="offer.defined", frozen=True, kw_only=True):
    """There is an offer, or more or less of it, from now on (SEMANTICS C3)."""

    offer: Offer
    signatures: Signatures = ()


class ModelDefined(EventData, tag="model.defined", frozen=True, kw_only=True):
    """
    A model learns from now on, as this version says (docs/learning.md).

    `contact` and `control` are what history has taught it (`cardcue model train`), None for
    nothing.
    """

    model: Model
    contact: Head | None = None
    control: Head | None = None
    signatures: Signatures = ()


class ModelSet(EventData, tag="model.set", frozen=True, kw_only=True):
    """
    A model is held as it is (`frozen`) or learns on, after it went back to a snapshot.

    `rollback_sequence` is that snapshot's, 0 for none. Unsigned, like a kill switch: it brings
    back only what decided before.
    """

    model_id: Annotated[str, Meta(max_length=64)]
    frozen: bool
    rollback_sequence: Annotated[int, Meta(ge=0, le=2**53)] = 0
    reason: str = ""


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
    history on. `time_zone` (IANA) is that of customers who have none of their own. `holdout_bp` of
    ten thousand customers are never contacted by marketing; which, `holdout_salt` says (E1).

    The first `signing_keys` are pinned; from then on a record must be signed, and its `version` be
    above that of the one before (SEMANTICS P3). Empty `signing_keys` leave those that are pinned.

    What all contacts bring, the holdout tells: in `currency`, up to `value_cap_minor` a customer, 0
    where no money is counted (docs/core.md 3.17). A bank whose statistics may be joined with those
    of others says `pools_effects` (SEMANTICS N3).
    """

    live_from_ms: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    time_zone: Label = ""
    holdout_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    holdout_salt: Label = ""
    version: Annotated[int, Meta(ge=0, le=2**53)] = 0
    signing_keys: Annotated[tuple[SigningKey, ...], Meta(max_length=16)] = ()
    signatures: Signatures = ()
    currency: Annotated[str, Meta(pattern=r"^([A-Z]{3})?$")] = ""
    value_cap_minor: Annotated[int, Meta(ge=0, le=10**12)] = 0
    pools_effects: bool = False
