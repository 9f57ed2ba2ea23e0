"""
Keep signatures beside the campaign file that they are about: `FILE.signatures.json`.

One entry a bank and content, since the same file may be signed for several banks. A file that
was changed afterwards has other content, so its old signatures are no longer found.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from cli.policy_file import policy_hash
from schemas.campaign import Campaign
from schemas.events import Signature


class SignedContent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was signed, and by whom."""

    tenant: str
    campaign_id: str
    version: int
    policy_hash: str
    signatures: tuple[Signature, ...]


class SignatureFileError(ValueError):
    """A file of signatures cannot be read or written."""


def beside(file: Path) -> Path:
    """Return where the signatures of a campaign file are."""
    return file.with_name(f"{file.name}.signatures.json")


def signatures_of(file: Path, campaign: Campaign) -> tuple[Signature, ...]:
    """
    Return the signatures of a file's content, none where nobody has signed it as it is.

    Raises:
        SignatureFileError: there is a file beside it that cannot be read.

    """
    content = policy_hash(campaign)
    return next((one.signatures for one in _read(file) if one.policy_hash == content), ())


def add_signature(file: Path, campaign: Campaign, signature: Signature) -> Path:
    """
    Write a signature beside a campaign file, in place of the same person's in this role.

    What was signed for this bank before the file was changed is dropped. Return where it is.

    Raises:
        SignatureFileError: the file beside it cannot be read or written.

    """
    kept = [
        one
        for one in signatures_of(file, campaign)
        if (one.key_id, one.role) != (signature.key_id, signature.role)
    ]
    entry = SignedContent(
        tenant=campaign.tenant,
        campaign_id=campaign.id,
        version=campaign.version,
        policy_hash=policy_hash(campaign),
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
