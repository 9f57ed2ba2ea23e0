"""
Name why a candidate was not sent: one table from reason code to the gate that gives it.

The gates are asked in the order of `GATES`; the first that fails is the reason (SEMANTICS O2).
"""

from typing import Final, Literal, NamedTuple, get_args


Gate = Literal[
    "eligibility",
    "applicability",
    "suitability",
    "stop",
    "consent",
    "personalisation",
    "content",
    "standing",
    "quiet",
    "spacing",
    "caps",
    "offer",
    "worth",
    "arbitration",
    "experiment",
    "truth",
]
"""What a candidate is asked; `truth` is what an event shows later about a contact."""

GATES: Final[tuple[Gate, ...]] = get_args(Gate)
"""The gates in their order."""

ReasonCode = Literal[
    "",
    "NOT_ELIGIBLE",
    "NOT_APPLICABLE",
    "NOT_SUITABLE",
    "RULE_ERROR",
    "TENANT_PAUSED",
    "KILL_SWITCH",
    "GUARDRAIL_STOP",
    "NO_CONSENT",
    "OPTED_OUT",
    "PERSONALISATION_OFF",
    "NO_TEMPLATE",
    "VARIABLE_MISSING",
    "RISK_FLAG",
    "OPEN_CASE",
    "OVERDUE",
    "QUIET_HOURS",
    "ZONE_UNKNOWN",
    "COOL_DOWN",
    "EXCLUSION",
    "CAP_CAMPAIGN",
    "CAP_CHANNEL",
    "CAP_PURPOSE",
    "CAP_CLASS",
    "CAP_GLOBAL",
    "NO_INVENTORY",
    "NO_BUDGET",
    "NOT_WORTH",
    "LOST_ARBITRATION",
    "HOLDOUT",
    "CONTROL",
    "LATE_TRUTH",
    "DELIVERED_AFTER_RELEASE",
]
"""Why a candidate was not sent, or why a correction was made; "" for one that was sent."""


class Reason(NamedTuple):
    """The gate that gives a reason code, and what it says in English and in Chinese."""

    gate: Gate
    en: str
    zh: str


REASONS: Final[dict[ReasonCode, Reason]] = {
    "NOT_ELIGIBLE": Reason(
        "eligibility", "the customer or the card must not be contacted", "客户或卡片目前不可联系"
    ),
    "NOT_APPLICABLE": Reason(
        "applicability", "there is nothing to say about this now", "此事目前无需告知"
    ),
    "NOT_SUITABLE": Reason("suitability", "it would not serve this customer", "不适合该客户"),
    "RULE_ERROR": Reason(
        "eligibility",
        "a clause could not be computed, so it counts as not met",
        "有一项条件无法计算，按不满足处理",
    ),
    "TENANT_PAUSED": Reason("stop", "the bank has stopped all contacts", "银行已暂停全部触达"),
    "KILL_SWITCH": Reason("stop", "the campaign is stopped", "该活动已停发"),
    "GUARDRAIL_STOP": Reason(
        "stop",
        "the campaign brought about more than its owner allows",
        "该活动触发护栏，已自动停发",
    ),
    "NO_CONSENT": Reason("consent", "the customer has not agreed", "客户未同意"),
    "OPTED_OUT": Reason("consent", "the customer has opted out", "客户已退订"),
    "PERSONALISATION_OFF": Reason(
        "personalisation", "the customer wants no personal offers", "客户关闭了个性化推荐"
    ),
    "NO_TEMPLATE": Reason("content", "nobody has approved the wording", "该文案未经审批"),
    "VARIABLE_MISSING": Reason(
        "content",
        "something that the message has to show is not known",
        "消息中需要展示的内容缺失",
    ),
    "RISK_FLAG": Reason("standing", "a risk flag is up", "客户有风险标记"),
    "OPEN_CASE": Reason(
        "standing", "a complaint or another case is open", "客户有未结案的投诉或工单"
    ),
    "OVERDUE": Reason("standing", "a bill is overdue", "客户有逾期账单"),
    "QUIET_HOURS": Reason(
        "quiet", "it is a time at which the customer is left alone", "当前处于免打扰时段"
    ),
    "ZONE_UNKNOWN": Reason(
        "quiet",
        "nobody knows what time it is where the customer is",
        "客户所在时区未知，按免打扰处理",
    ),
    "COOL_DOWN": Reason(
        "spacing", "the campaign has addressed the customer too recently", "该活动距上次触达过近"
    ),
    "EXCLUSION": Reason(
        "spacing",
        "another campaign that this one must keep away from came too recently",
        "与其互斥的活动刚刚触达过客户",
    ),
    "CAP_CAMPAIGN": Reason(
        "caps", "the campaign has made all the contacts that it may", "该活动的触达次数已达上限"
    ),
    "CAP_CHANNEL": Reason(
        "caps",
        "the customer has had all the contacts that this channel may carry",
        "该渠道的触达次数已达上限",
    ),
    "CAP_PURPOSE": Reason(
        "caps",
        "the customer has had all the contacts that this purpose allows",
        "该用途的触达次数已达上限",
    ),
    "CAP_CLASS": Reason(
        "caps",
        "the customer has had all the contacts that this class of message allows",
        "该类消息的触达次数已达上限",
    ),
    "CAP_GLOBAL": Reason(
        "caps",
        "the customer has had all the contacts that the bank allows",
        "客户收到的触达次数已达银行上限",
    ),
    "NO_INVENTORY": Reason("offer", "there is none left of what it would promise", "权益库存不足"),
    "NO_BUDGET": Reason("offer", "the campaign has spent its budget", "该活动预算已用尽"),
    "NOT_WORTH": Reason(
        "worth", "the contact would cost more than it may bring", "触达成本高于预期收益"
    ),
    "LOST_ARBITRATION": Reason("arbitration", "another offer was worth more", "另有价值更高的推荐"),
    "HOLDOUT": Reason(
        "experiment", "the customer is in the bank's holdout", "客户属于银行的全局留出组"
    ),
    "CONTROL": Reason(
        "experiment", "the customer is in the campaign's control group", "客户属于该活动的对照组"
    ),
    "LATE_TRUTH": Reason(
        "truth", "what came late shows that the contact was not due", "后到的事实表明当时不应触达"
    ),
    "DELIVERED_AFTER_RELEASE": Reason(
        "truth", "it was delivered after a report that it was not", "报告失败之后又已送达"
    ),
}
"""Every reason code but "" to its gate; a clause of any stage may give RULE_ERROR."""
