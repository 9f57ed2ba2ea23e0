"""
Know in which experiments a customer was exposed before: an effect counts everybody once.

Whoever is exposed again is in the same arm as before (SEMANTICS E1).
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from lifecycle.ids import prefixed
from schemas.campaign import Campaign
from schemas.state import CustomerRow
from schemas.state_tenant import TenantRow


MARK_BYTES: Final = 4
EXPERIMENTS_MAX: Final = 32
"""Of one customer; in a further one nobody is the first, so it counts fewer."""


def of_campaign(tenant: TenantRow, campaign: Campaign) -> bytes:
    """Return the mark of a campaign's experiment beside the tenant's holdout."""
    salt = campaign.experiment.salt if campaign.experiment else ""
    return _mark(campaign.id, salt, tenant.holdout_salt if tenant.holdout_bp else "")


def of_holdout(tenant: TenantRow) -> bytes:
    """Return the mark of what the tenant's holdout measures by itself."""
    return _mark("", "", tenant.holdout_salt)


def can_begin(row: CustomerRow, mark: bytes) -> bool:
    """Return whether the customer was never exposed in an experiment, and it fits in the row."""
    known = row.experiments
    if known[:MARK_BYTES] == mark or len(known) >= EXPERIMENTS_MAX * MARK_BYTES:
        return False  # the first is the tenant's own as a rule: asked at every event
    return all(known[at : at + MARK_BYTES] != mark for at in range(0, len(known), MARK_BYTES))


def begin(row: CustomerRow, mark: bytes) -> bool:
    """Remember an experiment; return whether the customer is exposed in it for the first time."""
    if not can_begin(row, mark):
        return False
    row.experiments += mark
    return True


@lru_cache(maxsize=4_096)
def _mark(campaign_id: str, salt: str, holdout_salt: str) -> bytes:
    """Return 4 bytes of BLAKE2b-64 over the length-prefixed parts (docs/core.md 3.17)."""
    parts = prefixed(("experiment", campaign_id, salt, holdout_salt))
    return blake2b(parts, digest_size=8).digest()[:MARK_BYTES]
