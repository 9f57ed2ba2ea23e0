"""
Believe what the bank's people have signed, and nothing else (SEMANTICS P3, docs/core.md 3.7).

Pure: Ed25519 verifies by arithmetic alone. Private keys never come near a fold.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from lifecycle.ids import prefixed
from schemas.content import content_hash
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    ModelDefined,
    OfferDefined,
    PolicyPublished,
    Signature,
    SigningKey,
    TemplateApproved,
    TenantConfigured,
)


POLICY: Final = "cardcue/policy/1"
TENANT: Final = "cardcue/tenant/1"
CALENDAR: Final = "cardcue/calendar/1"
CONTACT_POLICY: Final = "cardcue/contact_policy/1"
TEMPLATE: Final = "cardcue/template/1"
OFFER: Final = "cardcue/offer/1"
MODEL: Final = "cardcue/model/1"
"""Domains: a signature under one says nothing under another."""

Approved: TypeAlias = (
    PolicyPublished
    | CalendarPublished
    | ContactPolicyPublished
    | TemplateApproved
    | OfferDefined
    | ModelDefined
)
"""What two people must have signed."""

Signed: TypeAlias = Approved | TenantConfigured
"""What takes effect by people's signatures."""

_DOMAINS: Final[Mapping[type, str]] = {
    CalendarPublished: CALENDAR,
    ContactPolicyPublished: CONTACT_POLICY,
    ModelDefined: MODEL,
    OfferDefined: OFFER,
    TemplateApproved: TEMPLATE,
    TenantConfigured: TENANT,
}

Unsigned: TypeAlias = Literal["NOT_SIGNED", "BAD_SIGNATURE", "SAME_PERSON"]
"""Why what was signed does not count."""

TWO_PEOPLE: Final = 2


About: TypeAlias = tuple[str, ...]
"""What is signed: domain, tenant, content hash, then whatever else it would bring about."""


def signed_content(tenant: str, event: Signed) -> About:
    """Return what people sign of an event: all of it but the signatures; of a policy, its hash."""
    if isinstance(event, PolicyPublished):
        existing = ("existing",) if event.applies_to == "existing" else ()
        moves = ("reschedule",) if event.reschedule else ()
        return (POLICY, tenant, event.policy_hash, *existing, *moves)
    return (_DOMAINS[type(event)], tenant, content_hash(replace(event, signatures=())))


def message(role: str, about: About) -> bytes:
    """Return the bytes that a person signs in a role."""
    domain, tenant, *content = about
    return prefixed((domain, tenant, role, *content))


def refusal(
    keys: Sequence[SigningKey],
    signatures: Sequence[Signature],
    about: About,
    *,
    two_people: bool = True,
) -> Unsigned | None:
    """
    Return why content does not count as signed by people who hold `keys`, None where it does.

    Author and approver, two people, must have signed it; with `two_people` false anybody.
    Signatures by other keys are not looked at.
    """
    by_id = {key.key_id: key for key in keys}
    signers: set[tuple[str, str]] = set()
    for signature in signatures:
        key = by_id.get(signature.key_id)
        if key is None:
            continue
        if not _verifies(key, signature, about):
            return "BAD_SIGNATURE"
        signers.add((signature.role, key.person))
    roles, people = {role for role, _ in signers}, {person for _, person in signers}
    if not signers or (two_people and len(roles) < TWO_PEOPLE):
        return "NOT_SIGNED"
    return "SAME_PERSON" if two_people and len(people) < TWO_PEOPLE else None


def _verifies(key: SigningKey, signature: Signature, about: About) -> bool:
    """Return whether a signature is by this key and about this content."""
    public_key = Ed25519PublicKey.from_public_bytes(b64decode(key.public_key))
    signed = message(signature.role, about)
    try:
        public_key.verify(b64decode(signature.signature), signed)
    except InvalidSignature:
        return False
    return True
