"""Contacts and caps as the ledger sees them."""

from typing import NamedTuple

from lifecycle.ledger import Ledger, Scope


class Sent(NamedTuple):
    """A contact, and what it is told apart by."""

    campaign_id: str = "nudge"
    message_class: str = "marketing"
    purpose: str = "marketing"
    channel: str = "sms"
    decided_at_ms: int = 0
    released: bool = False


class Limit(NamedTuple):
    """A cap of a policy; `count` is what a tuple calls otherwise."""

    scope: Scope
    most: int
    window_ms: int

    @property
    def count(self) -> int:  # type: ignore[override]  # a tuple's own is of no use here
        """How many there may be."""
        return self.most


def with_receipt(ledger: Ledger[Sent], back: int, *, released: bool) -> Ledger[Sent]:
    """Return the ledger after a receipt about one of the contacts that it remembers."""
    if not ledger.contacts:
        return ledger
    place = back % len(ledger.contacts)
    told = ledger.contacts[place]._replace(released=released)
    return ledger._replace(contacts=(*ledger.contacts[:place], told, *ledger.contacts[place + 1 :]))
