"""Say what speaks against contact: risk flags and open cases."""

from typing import Literal

from schemas.events.parts import EventData, Label, Token


class RiskFlagged(EventData, tag="risk.flagged", frozen=True, kw_only=True):
    """The bank's risk department raised a flag; marketing stops at once."""

    flag_id: Token
    flag_class: Literal["fraud", "aml", "cash_out", "collections", "deceased", "other"]
    severity: Label = ""


class RiskCleared(EventData, tag="risk.cleared", frozen=True, kw_only=True):
    """A flag is down."""

    flag_id: Token


class ServiceCaseOpened(EventData, tag="service.case_opened", frozen=True, kw_only=True):
    """The customer has a complaint or a dispute; marketing waits."""

    case_id: Token
    case_class: Literal["complaint", "dispute", "lost_card", "other"] = "other"


class ServiceCaseClosed(EventData, tag="service.case_closed", frozen=True, kw_only=True):
    """A case is settled."""

    case_id: Token
