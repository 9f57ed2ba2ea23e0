"""
Say what every field means and in which unit: one name, one meaning, wherever it stands.

The few names that mean something else in one shape are listed with that shape. Documents and JSON
Schemas take their descriptions of fields and source topics from here; a test holds both lists
complete and without waste.
"""

from typing import Final

from schemas.meanings_control import CONTROL_MEANINGS
from schemas.meanings_insight import INSIGHT_MEANINGS
from schemas.meanings_models import MODEL_MEANINGS
from schemas.meanings_outcomes import WORTH_AND_OUTCOME


MEANINGS: Final = {
    # Attributes that every event has.
    "id": "The event's own id; the same source never gives it to another event",
    "type": "What happened; the suffix `.v1` may be left out",
    "occurred_at": "When it happened; what is finer than a millisecond is cut off",
    "tenant": "The bank, as the settings name it",
    "customer_token": "The customer, opaque: printable ASCII without `|`",
    # What events say of themselves.
    "event_type": "Which event this is",
    # Before there is a card.
    "application_id": "The application that this is about",
    "entry_channel": "Where it was done, in the bank's words: app, branch, web",
    "decision_path": "How the bank came to its decision, in its own words",
    "reason_class": "Why the bank declined, in a word of its own; never free text",
    "preapproval_id": "The bank's own id of this offer in advance",
    # A card.
    "card_token": "The card, opaque; never a card number",
    "product_code": "The bank's name for the card product",
    "issue_type": "Whether the customer had this card before",
    "activate_by": "Until when the card can be activated; null where there is no end",
    "CardDelivered.method": "How the card reached its holder, in the bank's words",
    "wallet": "The wallet that the card is bound to or taken out of",
    "new_card_token": "The card under which the old one goes on",
    "reason": "Why, in the words of the one who did it",
    "precheck_id": "The risk system's own id of this check",
    "max_temp_limit_minor": "The most that the risk system would allow for a time",
    "new_limit_minor": "The card's limit from now on",
    "LimitChanged.kind": "For a time or for good",
    "valid_until": "Until when this holds",
    "LimitChanged.valid_until": "When a limit for a time ends; null for one for good",
    # What is paid with it.
    "auth_id": "The authorisation",
    "TxnPosted.auth_id": "The authorisation; empty where the purchase had none",
    "txn_id": "The purchase; a reversal names the purchase that it takes back",
    "amount_minor": "The money that moved, never negative",
    "TxnDeclined.amount_minor": "The money that would have moved",
    "currency": "The currency of the amounts beside it",
    "mcc": "Merchant category code (ISO 18245), where known",
    "scene": "What the customer was doing, in the bank's words: supermarket, travel, fuel",
    "mode": "How the card was presented; empty where not known",
    "merchant_token": "The merchant, opaque; empty where not known",
    "decline_class": "Why the purchase was refused",
    "customer_initiated": "False for what the bank itself books, such as a fee",
    "posted_date": "The day of the booking, on the bank's calendar; null where not known",
    "TxnReversed.reason": "Why the purchase was taken back",
    # Bills, repayment, instalments.
    "statement_id": "The bill",
    "RepaymentReceived.statement_id": "The bill; empty where the bank does not know which",
    "total_due_minor": "All that the bill asks for",
    "min_due_minor": "The least that has to be paid by the due date",
    "due_date": "The last day to pay, on the bank's calendar",
    "instalment_eligible": "Whether this bill may be paid in instalments",
    "cycle_start": "The first day that the bill covers; null where not known",
    "cycle_end": "The last day that the bill covers; null where not known",
    "repayment_id": "The payment that came in",
    "RepaymentReceived.method": "How it was paid, in the bank's words",
    "days_past_due": "How long the bill is overdue, or was",
    "AutopayChanged.status": "Whether bills of the card are paid by themselves from now on",
    "plan_id": "The instalment plan",
    "principal_minor": "What is paid in instalments, without interest",
    "term_count": "In how many instalments",
    "annual_rate_bp": "The yearly rate that the customer agreed to, all fees included",
    "confirmed_by_customer": "Always true: a plan that the customer did not confirm is refused",
    # What a customer gains.
    "BenefitProgressed.card_token": "The card that counts; empty where all of a customer's do",
    "benefit_id": "The benefit, as the bank's programme names it",
    "measure": "What is counted towards the benefit, with its unit, in the bank's words",
    "BenefitProgressed.value": "How far the customer has come, in the unit of `measure`",
    "threshold": "How far the customer has to come, in the same unit",
    "window_end": "Until when it has to be reached",
    "benefit_grant_id": "This customer's own copy of the benefit",
    "expires_at": "When it runs out; null where it does not",
    "coupon_token": "The coupon, opaque; never the code that is redeemed",
    "offer_id": "The offer; of a trigger that promises none, empty",
    "CouponIssued.offer_id": "The offer that the coupon belongs to",
    "CouponRedeemed.offer_id": "The offer that the coupon belongs to",
    "CouponExpired.offer_id": "The offer that the coupon belongs to",
    "level": "The level on which the customer now stands",
    "points_band": "How many points the customer has, as a band, never the number",
    # What speaks against contact.
    "flag_id": "The flag; the same id clears it",
    "flag_class": "What the flag is about; whichever it is, marketing stops",
    "severity": "How grave it is, in the bank's words",
    "case_id": "The case; the same id closes it",
    "case_class": "What the case is about",
    # What a customer wishes and is.
    "purpose": "What the contact is for, as consent is given for it",
    "channel": "How the customer is reached",
    "ConsentChanged.channel": "How to reach the customer; `data` is what partners and surveys say",
    "ConsentChanged.status": "The customer's word; the newest counts",
    "evidence_ref": "Where the bank keeps the proof of this consent",
    "effective_at": "From when a consent that is granted counts; null means at once",
    "personalisation_opt_out": "True: no choice may rest on what is known of the customer",
    "channel_order": "Channels in the order that the customer likes, the best first",
    "quiet_hours": "When not to contact, in the customer's own time; empty means the bank's hours",
    "language": "The customer's language; empty where not known",
    "time_zone": "The customer's time zone, as the tz database names it; empty where not known",
    "region_code": "Where the customer lives, a region and never an address",
    "segment_codes": "The bank's own segments that the customer is in",
    "staff": "Whether the customer works for the bank",
    "attributes": "What else may be known of the customer: this list and nothing beside it",
    "city_code": "The city, as the bank codes it",
    "wealth_band": "A band of wealth, in the bank's words",
    "age_band": "A band of age; never a date of birth",
    "occupation_band": "A kind of occupation; never an employer",
    "model_id": "The model that gave the score",
    "model_version": "Which version of the model",
    "score_ppm": "What the model says, as a probability",
    "ScorePublished.valid_until": "Until when the score may be used",
    "new_customer_token": "The token under which the customer goes on",
    "request_id": "The bank's own id of the request",
    "surface": "Where in the bank's channels the customer was: app, mini program, web",
    "action_code": "What the customer did there, as the bank codes it",
    # What others know of a customer.
    "partner_id": "The partner who says so",
    "attribute": "What the partner's word is about",
    "PartnerObserved.value": "The partner's word, coded",
    "PartnerObserved.purpose": "What it may be used for, and nothing else",
    "PartnerObserved.consent_ref": "Event id of the consent under which the partner says it",
    "survey_id": "The survey",
    "question_code": "The question",
    "answer_code": "The answer, coded; never the customer's own words",
    "SurveyAnswered.purpose": "What it may be used for, and nothing else",
    "SurveyAnswered.consent_ref": "Event id of the consent under which the customer was asked",
    # What comes back from gateways.
    "receipt_id": "The gateway's own id of this receipt",
    "trigger_id": "The trigger, derived from its cause: the same decision has the same id",
    "DeliveryReceipt.status": "What became of the trigger in the gateway",
    "attempt": "Which attempt of the gateway this speaks of, from 1",
    "raw_status": "The carrier's own word, kept as it came",
    "gateway_msg_id": "The carrier's own id of the message",
    "segment_count": "In how many parts the message was sent; 0 where not known",
    "cost_minor": "What the carrier asks for it; 0 where not known",
    "response_id": "The gateway's own id of this response",
    "ResponseRecorded.channel": "Where the customer answered; an `optout` is for all of it",
    "ResponseRecorded.kind": "What the customer did",
    "reservation_id": "The copy of the offer that is held for this customer",
    "OfferResult.status": "What became of the offer",
    **CONTROL_MEANINGS,
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
    "record": "The event itself, a tick, or a snapshot of a model",
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
    "slot": "Place of the channel in the campaign's order of channels, from 0",
    "sender_profile": "By which signature and port the gateway sends",
    "reservation_expires_at_ms": "Until when the offer may be redeemed; 0 where there is none",
    "offer_version": "Version of the offer",
    "requested_at_ms": "When the decision was made, in journal time",
    "OfferGrantRequested.expires_at_ms": "Until when the offer may be redeemed",
    "follows": "The trigger of the contact that was not made; empty but for fallbacks",
    "reserved_at_ms": "When that contact was decided; 0 but for fallbacks",
    "issued_at_ms": "When the decision was made, in journal time",
    "not_before_ms": "The gateway sends no earlier",
    "expires_at_ms": "The gateway sends no later; it then answers `expired`",
    "priority": "0 lowest to 100 highest",
    "on_unknown": "What the gateway does when it cannot know whether it has sent",
    "occurrence_key": "What sets this journey apart: card, bill or purchase, and the entry event",
    "verdict": "What became of the candidate",
    "reason_code": "Why it was not sent, or what was corrected; empty when sent",
    "decided_at_ms": "When the decision was made, in journal time",
    "cause": "The journal record at which the decision was made",
    "shadow": "True where decisions are only recorded",
    "chosen": "Trigger ids of the candidates that were sent",
    "digest": "SHA-256 of the record in which this is empty; shows that nothing was changed",
    "candidates": "All that might have been said to the customer at this moment",
    "entry_event_id": "The event that began the journey, or brought the truth",
    "entered_at_ms": "When the journey began, in event time",
    "clause": "The clause that was not met; empty where the gate is the house's own",
    "gates": "What each gate said, in their order; the last is the one that failed",
    "gate": "Name of the gate",
    "saw": "The numbers that the gate saw, each with its unit in its name",
    "caps": "The caps of the policy, and how full they were",
    "scope": "Which contacts count",
    "window_ms": "Length of the sliding window",
    "count_max": "Contacts that the window may hold",
    "count_before": "Contacts in the window before this decision",
    "count_after": "Contacts in the window after this decision",
    **WORTH_AND_OUTCOME,
    **MODEL_MEANINGS,
    **INSIGHT_MEANINGS,
}
"""Field name, or shape and field name, to its meaning."""

UNITS: Final = {
    "occurred_at": "RFC 3339 with offset, years 1970-2200",
    "activate_by": "RFC 3339 with offset",
    "valid_until": "RFC 3339 with offset",
    "window_end": "RFC 3339 with offset",
    "expires_at": "RFC 3339 with offset",
    "effective_at": "RFC 3339 with offset",
    "date": "ISO 8601 date",
    "cycle_start": "ISO 8601 date",
    "cycle_end": "ISO 8601 date",
    "currency": "ISO 4217 code",
    "language": "BCP 47 tag",
    "quiet_hours": "`HH:MM-HH:MM`",
    "days_past_due": "days",
    "annual_rate_bp": "hundredths of a percent a year",
    "_ppm": "parts per million",
    "at_ms": "ms since 1970, UTC",
    "_from_ms": "ms since 1970, UTC",
    "_before_ms": "ms since 1970, UTC",
    "claims": "ms since 1970, UTC",
    "_ms": "ms",
    "cost_minor": "minor units, as agreed with the carrier",
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
