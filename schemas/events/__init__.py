"""
Define what upstream systems, gateways and the control plane say: the data of every event.

One struct an event, past tense in meaning, additive in evolution: a new field has a default, an
unknown field is skipped. Attributes that every event has (id, source, time, customer) live in
`schemas.journal.JournalEnvelope`; where an event travels is `schemas.routing`.
Source: event catalogue after CloudEvents 1.0; money is integer minor units + ISO 4217.
"""

from schemas.events.application import (
    ApplicationApproved,
    ApplicationDeclined,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    PreapprovalGranted,
)
from schemas.events.benefit import (
    BenefitExpired,
    BenefitGranted,
    BenefitProgressed,
    BenefitRedeemed,
    CouponExpired,
    CouponIssued,
    CouponRedeemed,
    PointsLevelChanged,
)
from schemas.events.card import (
    CardActivated,
    CardBlocked,
    CardClosed,
    CardDelivered,
    CardIssued,
    CardLost,
    CardReplaced,
    CardUnblocked,
    LimitChanged,
    LimitPrechecked,
    WalletBound,
    WalletUnbound,
)
from schemas.events.control import (
    CalendarPublished,
    ContactPolicyPublished,
    HistoryEnded,
    KillSwitchSet,
    ModelDefined,
    ModelSet,
    OfferDefined,
    PolicyPublished,
    Signature,
    SigningKey,
    TemplateApproved,
    TenantConfigured,
)
from schemas.events.gateway import (
    DeliveryReceipt,
    OfferResult,
    ReceiptStatus,
    ResponseRecorded,
)
from schemas.events.parts import (
    AmountMinor,
    CalendarDate,
    Channel,
    Count,
    Currency,
    EventData,
    Instant,
    Label,
    Token,
)
from schemas.events.profile import (
    AppSession,
    ConsentChanged,
    ErasureRequested,
    IdentityMerged,
    PartnerObserved,
    PreferenceChanged,
    ProfileAttributes,
    ProfileChanged,
    ScorePublished,
    SurveyAnswered,
)
from schemas.events.repayment import (
    AutopayChanged,
    InstalmentCreated,
    InstalmentSettled,
    RepaymentCured,
    RepaymentOverdue,
    RepaymentReceived,
    StatementIssued,
)
from schemas.events.risk import (
    RiskCleared,
    RiskFlagged,
    ServiceCaseClosed,
    ServiceCaseOpened,
)
from schemas.events.spend import (
    TxnAuthorised,
    TxnDeclined,
    TxnPosted,
    TxnReversed,
)


AnyEvent = (
    ApplicationStarted
    | ApplicationSubmitted
    | ApplicationApproved
    | ApplicationDeclined
    | ApplicationWithdrawn
    | PreapprovalGranted
    | CardIssued
    | CardDelivered
    | CardActivated
    | WalletBound
    | WalletUnbound
    | CardBlocked
    | CardUnblocked
    | CardLost
    | CardClosed
    | CardReplaced
    | LimitPrechecked
    | LimitChanged
    | TxnAuthorised
    | TxnDeclined
    | TxnPosted
    | TxnReversed
    | StatementIssued
    | RepaymentReceived
    | RepaymentOverdue
    | RepaymentCured
    | AutopayChanged
    | InstalmentCreated
    | InstalmentSettled
    | BenefitProgressed
    | BenefitGranted
    | BenefitRedeemed
    | BenefitExpired
    | CouponIssued
    | CouponRedeemed
    | CouponExpired
    | PointsLevelChanged
    | RiskFlagged
    | RiskCleared
    | ServiceCaseOpened
    | ServiceCaseClosed
    | ConsentChanged
    | PreferenceChanged
    | ProfileChanged
    | ScorePublished
    | IdentityMerged
    | ErasureRequested
    | AppSession
    | PartnerObserved
    | SurveyAnswered
    | DeliveryReceipt
    | ResponseRecorded
    | OfferResult
    | HistoryEnded
    | PolicyPublished
    | CalendarPublished
    | ContactPolicyPublished
    | TemplateApproved
    | OfferDefined
    | ModelDefined
    | ModelSet
    | KillSwitchSet
    | TenantConfigured
)
"""Every event; its type is the struct's tag."""

__all__ = [
    "AmountMinor",
    "AnyEvent",
    "AppSession",
    "ApplicationApproved",
    "ApplicationDeclined",
    "ApplicationStarted",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "AutopayChanged",
    "BenefitExpired",
    "BenefitGranted",
    "BenefitProgressed",
    "BenefitRedeemed",
    "CalendarDate",
    "CalendarPublished",
    "CardActivated",
    "CardBlocked",
    "CardClosed",
    "CardDelivered",
    "CardIssued",
    "CardLost",
    "CardReplaced",
    "CardUnblocked",
    "Channel",
    "ConsentChanged",
    "ContactPolicyPublished",
    "Count",
    "CouponExpired",
    "CouponIssued",
    "CouponRedeemed",
    "Currency",
    "DeliveryReceipt",
    "ErasureRequested",
    "EventData",
    "HistoryEnded",
    "IdentityMerged",
    "InstalmentCreated",
    "InstalmentSettled",
    "Instant",
    "KillSwitchSet",
    "Label",
    "LimitChanged",
    "LimitPrechecked",
    "ModelDefined",
    "ModelSet",
    "OfferDefined",
    "OfferResult",
    "PartnerObserved",
    "PointsLevelChanged",
    "PolicyPublished",
    "PreapprovalGranted",
    "PreferenceChanged",
    "ProfileAttributes",
    "ProfileChanged",
    "ReceiptStatus",
    "RepaymentCured",
    "RepaymentOverdue",
    "RepaymentReceived",
    "ResponseRecorded",
    "RiskCleared",
    "RiskFlagged",
    "ScorePublished",
    "ServiceCaseClosed",
    "ServiceCaseOpened",
    "Signature",
    "SigningKey",
    "StatementIssued",
    "SurveyAnswered",
    "TemplateApproved",
    "TenantConfigured",
    "Token",
    "TxnAuthorised",
    "TxnDeclined",
    "TxnPosted",
    "TxnReversed",
    "WalletBound",
    "WalletUnbound",
]
