"""
Know in which experiments a customer was exposed before: an effect counts everybody once.

Whoever is exposed again is in the same arm as before (SEMANTICS E1). A campaign is compared with
its own control alone, so another holdout makes no other experiment of it: nobody counts twice. A
row remembers so many experiments: what is still going on is never forgotten for another
(docs/core.md 3.17, First).
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from lifecycle.ids import prefixed
from lifecycle.partition import TenantState
from schemas.campaign import Campaign
from schemas.state import CustomerRow
from schemas.state_tenant import TenantRow


MARK_BYTES: Final = 4
EXPERIMENTS_MAX: Final = 32
"""Of one customer; one that has ended makes room, else the further one counts fewer."""


def of_campaign(campaign: Campaign) -> bytes:
    """Return the mark of a campaign's experiment, which is the same under every holdout."""
    salt = campaign.experiment.salt if campaign.experiment else ""
    return _mark(campaign.id, salt, "")


def of_holdout(tenant: TenantRow) -> bytes:
    """Return the mark of what the tenant's holdout measures by itself."""
    return _mark("", "", tenant.holdout_salt)


def begin(tenant: TenantState, row: CustomerRow, mark: bytes) -> bool:
    """
    Remember an experiment; return whether the customer is exposed in it for the first time.

    Where nothing makes room the customer is not, which is counted: nobody counts twice.
    """
    known = [
        row.experiments[at : at + MARK_BYTES] for at in range(0, len(row.experiments), MARK_BYTES)
    ]
    if mark in known:
        return False
    if len(known) >= EXPERIMENTS_MAX:
        running = _running(tenant)
        ended = next((one for one in known if one not in running), None)
        if ended is None:
            tenant.counts.add(f"experiments_full|{tenant.name}")
            return False
        known.remove(ended)
    row.experiments = b"".join((*known, mark))
    return True


def _running(tenant: TenantState) -> set[bytes]:
    """Return the marks in which somebody may yet be exposed: of what is active, as it is now."""
    active = {of_campaign(policy.campaign) for policy in tenant.policies.values()}
    return active | {of_holdout(tenant.row)}


@lru_cache(maxsize=4_096)
def _mark(campaign_id: str, salt: str, holdout_salt: str) -> bytes:
    """Return 4 bytes of BLAKE2b-64 over the length-prefixed parts (docs/core.md 3.17)."""
    parts = prefixed(("experiment", campaign_id, salt, holdout_salt))
    return blake2b(parts, digest_size=8).digest()[:MARK_BYTES]
