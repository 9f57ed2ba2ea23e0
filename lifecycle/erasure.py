"""
Know whom a tenant has erased, for ever, without knowing who they were (SEMANTICS B5).

A marker is keyed by the tenant's erasure secret: whoever reads the changelog without the secret
cannot tell whether a given customer is among the erased.
"""

import hmac
from typing import Final

from schemas.codec import customer_key


MARKER_BYTES: Final = 16


def marker(secret: str, tenant: str, customer_token: str) -> str:
    """Return what is kept of an erased customer: HMAC-SHA-256, 16 bytes in hexadecimal."""
    key = customer_key(tenant, customer_token)
    return hmac.digest(secret.encode(), key, "sha256")[:MARKER_BYTES].hex()


class Erased:
    """The markers of one tenant in one journal partition; `fresh` are those not yet drained."""

    __slots__ = ("_secret", "_tenant", "fresh", "markers")

    def __init__(self, tenant: str, secret: str) -> None:
        """Begin with nobody erased."""
        self._tenant = tenant
        self._secret = secret
        self.markers: set[str] = set()
        self.fresh: dict[str, int] = {}

    def add(self, customer_token: str, occurred_at_ms: int) -> None:
        """Mark a customer as erased."""
        mark = marker(self._secret, self._tenant, customer_token)
        self.markers.add(mark)
        self.fresh[mark] = occurred_at_ms

    def knows(self, customer_token: str) -> bool:
        """Return whether the customer was erased; without any marker nothing is worked out."""
        return bool(self.markers) and (
            marker(self._secret, self._tenant, customer_token) in self.markers
        )
