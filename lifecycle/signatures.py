"""
Believe what the bank's people have signed, and nothing else (SEMANTICS P3, docs/core.md 3.7).

Pure: Ed25519 verifies by arithmetic alone. Private keys never come near a fold.
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lifecycle.ids import prefixed
from schemas.events import Signature, SigningKey


POLICY: Final = "cardcue/policy/1"
TENANT: Final = "cardcue/tenant/1"
"""Domains: a signature under one says nothing under another."""

Unsigned: TypeAlias = Literal["NOT_SIGNED", "BAD_SIGNATURE", "SAME_PERSON"]
"""Why what was signed does not count."""

TWO_PEOPLE: Final = 2


def message(domain: str, tenant: str, role: str, content_hash: str) -> bytes:
    """Return the bytes that a person signs."""
    return prefixed((domain, tenant, role, content_hash))


def refusal(
    keys: Sequence[SigningKey],
    signatures: Sequence[Signature],
    about: tuple[str, str, str],
    *,
    two_people: bool = True,
) -> Unsigned | None:
    """
    Return why content does not count as signed by people who hold `keys`, None where it does.

    `about` is domain, tenant and content hash. Author and approver, two people, must have signed
    it; with `two_people` false anybody. Signatures by other keys are not looked at.
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


def _verifies(key: SigningKey, signature: Signature, about: tuple[str, str, str]) -> bool:
    """Return whether a signature is by this key and about this content."""
    domain, tenant, content_hash = about
    public_key = Ed25519PublicKey.from_public_bytes(b64decode(key.public_key))
    signed = message(domain, tenant, signature.role, content_hash)
    try:
        public_key.verify(b64decode(signature.signature), signed)
    except InvalidSignature:
        return False
    return True
