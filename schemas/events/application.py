"""Say what happens before there is a card: applications and pre-approvals."""

from schemas.events.parts import EventData, Instant, Label, Token


class ApplicationStarted(EventData, tag="application.started", frozen=True, kw_only=True):
    """Somebody began to apply for a card."""

    application_id: Token
    product_code: Label = ""
    entry_channel: Label = ""


class ApplicationSubmitted(EventData, tag="application.submitted", frozen=True, kw_only=True):
    """The application is with the bank."""

    application_id: Token
    product_code: Label = ""


class ApplicationApproved(EventData, tag="application.approved", frozen=True, kw_only=True):
    """The bank will issue a card."""

    application_id: Token
    product_code: Label = ""
    decision_path: Label = ""


class ApplicationDeclined(EventData, tag="application.declined", frozen=True, kw_only=True):
    """The bank will not issue a card."""

    application_id: Token
    product_code: Label = ""
    reason_class: Label = ""


class ApplicationWithdrawn(EventData, tag="application.withdrawn", frozen=True, kw_only=True):
    """The applicant changed their mind."""

    application_id: Token
    product_code: Label = ""


class PreapprovalGranted(EventData, tag="preapproval.granted", frozen=True, kw_only=True):
    """The bank would issue this product without further questions, until `valid_until`."""

    preapproval_id: Token
    product_code: Label
    valid_until: Instant
