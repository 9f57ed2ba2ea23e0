"""
Keep the contacts of one customer, so that no window of a cap ever holds more than it may (C1).

The row remembers `CONTACTS_MAX` contacts. One that a window may still need is never forgotten to
make room for a contact that caps bind, released ones neither: they may yet be delivered. Mandatory
contacts have no caps and always find room; `contacts_forgotten_at_ms` then says up to when
contacts are missing, and a cap whose window reaches back that far is full.
"""

from typing import NamedTuple

from schemas.campaign import CapScope
from schemas.state import CONTACTS_MAX, KEPT_BACK_MAX, Contact, CustomerRow, KeptBack


class Address(NamedTuple):
    """What caps tell contacts apart by."""

    campaign_id: str
    message_class: str
    purpose: str
    channel: str


def count(row: CustomerRow, scope: CapScope, address: Address, after_ms: int) -> int:
    """
    Return how many contacts of a scope were decided after a moment (epoch milliseconds UTC).

    A window is open at its far end: a contact exactly `window_ms` ago has left it. Contacts that
    an explicit non-send receipt has released do not count.
    """
    return sum(
        contact.decided_at_ms > after_ms
        and not contact.released
        and _in_scope(contact, scope, address)
        for contact in row.contacts
    )


def full(row: CustomerRow, now_ms: int, longest_window_ms: int) -> bool:
    """Return whether every place is taken by a contact that a window may still need."""
    if len(row.contacts) < CONTACTS_MAX:
        return False
    oldest_ms = min(contact.decided_at_ms for contact in row.contacts)
    return oldest_ms > now_ms - longest_window_ms


def note(row: CustomerRow, contact: Contact) -> None:
    """Remember a contact; where there is no room the oldest makes it, and that is known."""
    contacts = row.contacts
    if len(contacts) >= CONTACTS_MAX:
        oldest = min(contacts, key=lambda one: one.decided_at_ms)
        contacts.remove(oldest)
        row.contacts_forgotten_at_ms = max(row.contacts_forgotten_at_ms, oldest.decided_at_ms)
        if not oldest.released:
            _keep_meeting(row, oldest)
    contacts.append(contact)


def keep_back(row: CustomerRow, withheld: KeptBack) -> None:
    """Remember the newest contact of a campaign that an experiment withheld (SEMANTICS E2)."""
    others = [one for one in row.kept_back if one.campaign_id != withheld.campaign_id]
    if len(others) >= KEPT_BACK_MAX:
        others.remove(min(others, key=lambda one: one.decided_at_ms))
    row.kept_back = [*others, withheld]


def _keep_meeting(row: CustomerRow, forgotten: Contact) -> None:
    """Let spacing go on knowing that the campaign met the customer, unless it did so later."""
    met = KeptBack(forgotten.campaign_id, forgotten.occurrence_key, forgotten.decided_at_ms)
    if all(
        one.campaign_id != met.campaign_id or one.decided_at_ms < met.decided_at_ms
        for one in row.kept_back
    ):
        keep_back(row, met)


def _in_scope(contact: Contact, scope: CapScope, address: Address) -> bool:
    """Return whether a contact shares what the scope asks for."""
    match scope:
        case "all":
            return True
        case "class":
            return contact.message_class == address.message_class
        case "channel":
            return contact.channel == address.channel
        case "purpose":
            return contact.purpose == address.purpose
        case "campaign":
            return contact.campaign_id == address.campaign_id
