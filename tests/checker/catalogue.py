"""
List every event by its source topic with the fields of its own, as the catalogue agrees them.

One line an event: `name=kind`, then `?` where the field may be missing, `??` where it may also be
null. Kinds are read by `field_rules`; words parted by `/` are all that a field may say.
"""

from functools import cache
from typing import NamedTuple


WALLETS = "alipay/wechat/unionpay/own_app/other"
CHANNELS = "sms/push/email/voice/wechat/in_app"
MODES = "/pos/online/qr"
RECEIPTS = (
    "accepted/submitted/delivered/failed/expired/rejected/cancelled/too_late/unknown"
    "/duplicate_ignored/blocked_optout"
)
RESPONSES = "click/open/reply/call/optout/complaint/accept/reject"
RISKS = "fraud/aml/cash_out/collections/deceased/other"
DECLINES = "insufficient_limit/risk/card_status/technical"
MONEY = "amount_minor=amount currency=currency"
TXN = f"txn_id=token card_token=token {MONEY}"
BENEFIT = "benefit_grant_id=token benefit_id=token"
COUPON = "coupon_token=token offer_id=token"
APPLICATION = "application_id=token product_code=label?"
SHOP = f"mcc=label? scene=label? mode={MODES}? merchant_token=label?"

TABLE = f"""
card.application.v1
  application.started {APPLICATION} entry_channel=label?
  application.submitted {APPLICATION}
  application.approved {APPLICATION} decision_path=label?
  application.declined {APPLICATION} reason_class=label?
  application.withdrawn {APPLICATION}
  preapproval.granted preapproval_id=token product_code=label valid_until=instant
card.issue.v1
  card.issued card_token=token product_code=label? issue_type=new/renewal/replacement? activate_by=instant??
  card.delivered card_token=token method=label?
card.activation.v1
  card.activated card_token=token entry_channel=label?
card.bind.v1
  wallet.bound card_token=token wallet={WALLETS}?
  wallet.unbound card_token=token wallet={WALLETS}?
card.spend.v1
  txn.authorised auth_id=token card_token=token {MONEY} {SHOP}
  txn.declined auth_id=token card_token=token {MONEY} decline_class={DECLINES}
  txn.posted {TXN} customer_initiated=bool? auth_id=label? posted_date=date?? {SHOP}
  txn.reversed {TXN} reason=refund/reversal/dispute?
card.repayment.v1
  statement.issued statement_id=token card_token=token total_due_minor=amount min_due_minor=amount currency=currency due_date=date instalment_eligible=bool? cycle_start=date?? cycle_end=date??
  repayment.received repayment_id=token card_token=token {MONEY} statement_id=label? method=label?
  repayment.overdue statement_id=token card_token=token days_past_due=count
  repayment.cured statement_id=token card_token=token days_past_due=count?
  autopay.changed card_token=token status=active/cancelled
card.instalment.v1
  instalment.created plan_id=token card_token=token principal_minor=amount currency=currency term_count=count annual_rate_bp=million confirmed_by_customer=confirmed
  instalment.settled plan_id=token card_token=token
card.limit.v1
  limit.prechecked precheck_id=token card_token=token max_temp_limit_minor=amount currency=currency valid_until=instant
  limit.changed card_token=token new_limit_minor=amount currency=currency kind=temp/perm? valid_until=instant??
card.benefit.v1
  benefit.progressed benefit_id=token measure=label value=amount threshold=amount window_end=instant card_token=label?
  benefit.granted {BENEFIT} expires_at=instant??
  benefit.redeemed {BENEFIT}
  benefit.expired {BENEFIT}
  coupon.issued {COUPON} expires_at=instant??
  coupon.redeemed {COUPON}
  coupon.expired {COUPON}
  points.level_changed level=token points_band=label?
card.status.v1
  card.blocked card_token=token reason=label?
  card.unblocked card_token=token
  card.lost card_token=token
  card.closed card_token=token reason=label?
  card.replaced card_token=token new_card_token=token
customer.risk.v1
  risk.flagged flag_id=token flag_class={RISKS} severity=label?
  risk.cleared flag_id=token
customer.service.v1
  service.case_opened case_id=token case_class=complaint/dispute/lost_card/other?
  service.case_closed case_id=token
customer.profile.v1
  consent.changed purpose=token channel={CHANNELS}/data status=granted/denied/revoked evidence_ref=label? effective_at=instant??
  preference.changed personalisation_opt_out=bool? channel_order=channels? quiet_hours=quiet_hours? language=text35?
  profile.changed time_zone=text64? region_code=text32? segment_codes=segments? staff=bool? attributes=attributes?
  identity.merged new_customer_token=token
  erasure.requested request_id=token
customer.score.v1
  score.published model_id=token model_version=token score_ppm=million valid_until=instant
customer.behaviour.v1
  app.session surface=label action_code=label?
customer.partner.v1
  partner.observed partner_id=token attribute=token value=label purpose=token consent_ref=token
  survey.answered survey_id=token question_code=token answer_code=label purpose=token consent_ref=token
gateway.receipt.v1
  delivery.receipt receipt_id=token trigger_id=token channel={CHANNELS} status={RECEIPTS} attempt=million? raw_status=label? gateway_msg_id=label? segment_count=thousand? cost_minor=amount?
gateway.response.v1
  response.recorded response_id=token trigger_id=token channel={CHANNELS} kind={RESPONSES}
  offer.result reservation_id=token trigger_id=token status=granted/refused/redeemed/expired reason=label?
marketing.control.v1
  policy.published campaign=object policy_hash=token author=text? signatures=signatures? applies_to=new/existing? reschedule=bool?
  calendar.published calendar=object signatures=signatures?
  contact_policy.published contact_policy=object signatures=signatures?
  template.approved template=object signatures=signatures?
  offer.defined offer=object signatures=signatures?
  model.defined model=object contact=object?? control=object?? signatures=signatures?
  model.set model_id=text64 frozen=bool rollback_sequence=clock? reason=text?
  kill_switch.set engaged=bool campaign_id=text64? reason=text?
  tenant.configured live_from_ms=clock?? time_zone=label? holdout_bp=tenthousand? holdout_salt=label? version=clock? signing_keys=keys? signatures=signatures? currency=code? value_cap_minor=trillion? pools_effects=bool?
"""  # noqa: E501 (a line an event)

ANYWHERE = "history.ended"
"""The one event that every source topic may carry; it has no field and concerns a partition."""

SHAPED = frozenset(
    {
        *("policy.published", "calendar.published", "contact_policy.published"),
        *("template.approved", "offer.defined", "model.defined"),
    }
)
"""What holds an object whose own shape is not judged here."""

OF_TENANTS = SHAPED | {"kill_switch.set", "tenant.configured", "model.set"}
ECHOING = frozenset({"delivery.receipt", "response.recorded", "offer.result"})
"""What comes back from gateways, which echo tenant, customer token and trigger id (G1)."""

CURRENCY_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(CURRENCY_CODES.split())
"""ISO 4217, what cards can be billed in: no metal, no fund, no test code."""


class Field(NamedTuple):
    """A field of an event: what it may say, and whether it may be missing or null."""

    name: str
    kind: str
    may_be_missing: bool
    may_be_null: bool


class Form(NamedTuple):
    """An event: the source topic that carries it, and its fields in the order of the table."""

    topic: str
    fields: tuple[Field, ...]


@cache
def forms() -> dict[str, Form]:
    """Return every event of the table by its type, in the order of the table."""
    found: dict[str, Form] = {}
    topic = ""
    for line in TABLE.strip().splitlines():
        if not line.startswith(" "):
            topic = line
            continue
        event_type, *fields = line.split()
        found[event_type] = Form(topic, tuple(map(_field, fields)))
    return found


@cache
def source_topics() -> tuple[str, ...]:
    """Return the source topics, each once."""
    return tuple(dict.fromkeys(form.topic for form in forms().values()))


def _field(text: str) -> Field:
    name, _, kind = text.partition("=")
    return Field(name, kind.rstrip("?"), kind.endswith("?"), kind.endswith("??"))
