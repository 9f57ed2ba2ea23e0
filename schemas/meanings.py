"""
Say what every field means and in which unit: one name, one meaning, wherever it stands.

The few names that mean something else in one shape are listed with that shape. Documents and JSON
Schemas take their field descriptions from here; a test holds the list complete and without waste.
"""

from typing import Final


MEANINGS: Final = {
    # Attributes that every event has.
    "id": "The event's own id; the same source never gives it to another event",
    "type": "What happened; the suffix `.v1` may be left out",
    "occurred_at": "When it happened; what is finer than a millisecond is cut off",
    "tenant": "The bank, as the settings name it",
    "customer_token": "The customer, opaque: printable ASCII without `|`",
    # What events say of themselves.
    "event_type": "Which event this is",
    "card_token": "The card, opaque; never a card number",
    "product_code": "The bank's name for the card product",
    "issue_type": "Whether the customer had this card before",
    "entry_channel": "Where the holder did it, in the bank's words",
    "wallet": "The wallet that the card was bound to",
    "txn_id": "The purchase; a reversal names the purchase that it takes back",
    "amount_minor": "The money that moved, never negative",
    "currency": "The currency of the amounts beside it",
    "mcc": "Merchant category code (ISO 18245), where known",
    "customer_initiated": "False for what the bank itself books, such as a fee",
    "reason": "Why, in the words of the one who did it",
    "TxnReversed.reason": "Why the purchase was taken back",
    "statement_id": "The bill; empty where the bank does not know which",
    "total_due_minor": "All that the bill asks for",
    "min_due_minor": "The least that has to be paid by the due date",
    "due_date": "The last day to pay, on the bank's calendar",
    "instalment_eligible": "Whether this bill may be paid in instalments",
    "repayment_id": "The payment that came in",
    "purpose": "What the contact is for, as consent is given for it",
    "channel": "How the customer is reached",
    "ConsentChanged.status": "The customer's word; the newest counts",
    "evidence_ref": "Where the bank keeps the proof of this consent",
    "receipt_id": "The gateway's own id of this receipt",
    "trigger_id": "The trigger, derived from its cause: the same decision has the same id",
    "DeliveryReceipt.status": "What became of the trigger in the gateway",
    "attempt": "Which attempt of the gateway this speaks of, from 1",
    "raw_status": "The carrier's own word, kept as it came",
    "campaign": "The whole campaign as policy",
    "author": "Who published it",
    "signatures": "Signatures of its author and approver",
    "engaged": "True: contacts stop. False: they resume",
    "KillSwitchSet.campaign_id": "The campaign that stops; empty means the whole tenant",
    "live_from_ms": "Decisions before this time are recorded, and nobody is contacted",
    # The journal and its clocks.
    "v": "Version of this shape",
    "journal_at_ms": "Journal time: the order of time in which decisions are made",
    "occurred_at_ms": "Event time: when it happened",
    "event_id": "The event's own id",
    "event_source": "Who gave the event its id; with the id it tells duplicates",
    "source": "Where the record came from: topic, partition, offset",
    "topic": "Name of the topic",
    "partition": "Number of the partition, from 0",
    "offset": "Place in the partition, from 0",
    "lateness_ms": "How late events of this source may be, as declared for it",
    "backfill": "True while the tenant's history is being loaded",
    "key_id": "Which of the customer's keys encrypts the record; empty means none",
    "semantics_version": "Version of the rules that made these bytes",
    "record": "The event itself, or a tick",
    "now_at_ms": "Newest journal time known to the tenant's clock",
    "watermark_at_ms": "How far every source of the tenant has been read",
    "task": "Number of the ingest task, from 0",
    "task_count": "How many ingest tasks there are",
    "claims": "By tenant: everything older has been read; null where the task has no source of it",
    "tenants": "Every tenant that the settings name",
    "Progress.backfill": "The tenants whose history is being loaded",
    # Triggers and decisions.
    "idempotency_key": "Same key, one contact: the gateway remembers it beyond `expires_at_ms`",
    "decision_id": "The decision record that explains this",
    "trigger_type": "What the contact is for, as gateways know it",
    "message_class": "marketing, servicing or mandatory: which gates bind it",
    "consent_ref": "Event id of the consent that allowed the contact; empty where none is needed",
    "campaign_id": "The campaign that asks for the contact",
    "policy_version": "Version of the campaign's policy",
    "policy_hash": "SHA-256 of the campaign's policy",
    "step": "Which step of the campaign",
    "template_id": "The approved wording",
    "template_version": "Version of the wording",
    "variables": "Values for the wording; no personal data",
    "issued_at_ms": "When the decision was made, in journal time",
    "not_before_ms": "The gateway sends no earlier",
    "expires_at_ms": "The gateway sends no later; it then answers `expired`",
    "priority": "0 lowest to 100 highest",
    "on_unknown": "What the gateway does when it cannot know whether it has sent",
    "occurrence_key": "What sets this journey apart: card, bill or purchase, and the entry event",
    "verdict": "What became of the candidate",
    "reason_code": "Why it was not sent, or what was corrected; empty when sent",
    "decided_at_ms": "When the decision was made, in journal time",
    "cause_event_id": "The event that led to this decision",
    "cap_count": "Contacts that counted in the tightest window, before this decision",
    "features": "The numbers that the decision looked at, each with its unit in its name",
}
"""Field name, or shape and field name, to its meaning."""

UNITS: Final = {
    "occurred_at": "RFC 3339 with offset, years 1970-2200",
    "due_date": "ISO 8601 date",
    "currency": "ISO 4217 code",
    "_at_ms": "ms since 1970, UTC",
    "_from_ms": "ms since 1970, UTC",
    "_before_ms": "ms since 1970, UTC",
    "claims": "ms since 1970, UTC",
    "_ms": "ms",
    "_minor": "minor units of `currency`",
}
"""Name or ending of a name to its unit; the first that fits counts."""


def meaning(shape: str, field: str) -> str:
    """
    Return what `field` means in the shape of that name.

    Raises:
        KeyError: nobody has said what it means; say it in `MEANINGS`.

    >>> meaning("TxnReversed", "reason")
    'Why the purchase was taken back'
    """
    return MEANINGS.get(f"{shape}.{field}") or MEANINGS[field]


def unit(field: str) -> str:
    """
    Return the unit of a field, "" where it has none.

    >>> unit("journal_at_ms"), unit("lateness_ms"), unit("card_token")
    ('ms since 1970, UTC', 'ms', '')
    """
    return next((named for ending, named in UNITS.items() if field.endswith(ending)), "")
