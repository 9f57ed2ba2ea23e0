"""
Keep signatures beside the campaign file that they are about: `FILE.signatures.json`.

One entry a bank and content, since the same file may be signed for several banks. A file that
was changed afterwards has other content, so its old signatures are no longer found.
"""

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cli.policy_file import policy_hash
from schemas.campaign import Campaign
from schemas.events import PolicyPublished, Signature


class Reach(NamedTuple):
    """Whom a version concerns; signed with it (SEMANTICS P1, P2)."""

    applies_to: Literal["new", "existing"] = "new"
    reschedule: bool = False


class SignedContent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was signed, and by whom."""

    tenant: str
    campaign_id: str
    version: int
    policy_hash: str
    signatures: tuple[Signature, ...]
    applies_to: Literal["new", "existing"] = "new"
    reschedule: bool = False


class SignatureFileError(ValueError):
    """A file of signatures cannot be read or written."""


def beside(file: Path) -> Path:
    """Return where the signatures of a campaign file are."""
    return file.with_name(f"{file.name}.signatures.json")


def event_of(campaign: Campaign, reach: Reach) -> PolicyPublished:
    """Return what is published of a campaign, not signed yet."""
    return PolicyPublished(
        campaign=campaign,
        policy_hash=policy_hash(campaign),
        applies_to=reach.applies_to,
        reschedule=reach.reschedule,
    )


def says_the_same(one: PolicyPublished, other: PolicyPublished) -> bool:
    """Return whether two policies differ in who signed or sent them at most."""
    return event_of(one.campaign, Reach(one.applies_to, one.reschedule)) == event_of(
        other.campaign, Reach(other.applies_to, other.reschedule)
    )


def signed_event(file: Path, campaign: Campaign) -> PolicyPublished | None:
    """
    Return what is published of a file, as it was signed; None where nobody has signed it as it is.

    Raises:
        SignatureFileError: there is a file beside it that cannot be read.

    """
    content = policy_hash(campaign)
    for one in _read(file):
        if one.policy_hash == content:
            event = event_of(campaign, Reach(one.applies_to, one.reschedule))
            return replace(event, signatures=one.signatures)
    return None


def add_signature(file: Path, event: PolicyPublished, signature: Signature) -> Path:
    """
    Write a signature beside a campaign file, in place of the same person's in this role.

    What was signed for this bank of other content, or for another reach, is dropped. Return where
    it is.

    Raises:
        SignatureFileError: the file beside it cannot be read or written.

    """
    campaign = event.campaign
    before = signed_event(file, campaign)
    same = before is not None and says_the_same(before, event)
    kept = [
        one
        for one in (before.signatures if before and same else ())
        if (one.key_id, one.role) != (signature.key_id, signature.role)
    ]
    entry = SignedContent(
        tenant=campaign.tenant,
        campaign_id=campaign.id,
        version=campaign.version,
        policy_hash=event.policy_hash,
        applies_to=event.applies_to,
        reschedule=event.reschedule,
        signatures=(*kept, signature),
    )
    others = [one for one in _read(file) if one.tenant != campaign.tenant]
    written = msgspec.json.format(msgspec.json.encode([*others, entry]), indent=2)
    try:
        beside(file).write_bytes(written + b"\n")
    except OSError as error:
        wanted = f"{beside(file)}: wanted to write signatures"
        raise SignatureFileError(f"{wanted}, found {error.strerror}") from error
    return beside(file)


def _read(file: Path) -> list[SignedContent]:
    """Return every entry beside a campaign file."""
    place = beside(file)
    try:
        return msgspec.json.decode(place.read_bytes(), type=list[SignedContent])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SignatureFileError(f"{place}: wanted a file, found {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise SignatureFileError(f"{place}: wanted signatures, found other text") from error
