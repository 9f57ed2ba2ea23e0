"""The sentences of `cardcue policy explain`; `cli.policy_explain` fills their `{}` fields."""

from typing import Final, NamedTuple

from cli.why.language import Language


class Words(NamedTuple):
    """The sentences of one language."""

    comma: str
    units: dict[str, tuple[str, str]]
    head: str
    absence: str
    new_cards: str
    any_of: str
    bill: str
    instalments: str
    purchase: str
    silence: str
    due_date: str
    counted: str
    sequence: str
    drift: dict[str, str]
    where: str
    at: str
    other_entry: str
    step: str
    step_at_once: str
    step_before: str
    ends: str
    ends_not: str
    message: str
    sender: str
    shows: str
    fallback: str
    offer: str
    budget: str
    measured: str
    measured_value: str
    measured_cap: str
    held: str
    bounds: dict[str, str]
    report_by: str
    gates: str
    eligibility: str
    clauses: dict[str, str]
    stop: str
    consent: dict[str, str]
    other_channel: str
    personalisation: str
    content: str
    standing: str
    quiet: str
    cool_down: str
    caps: dict[str, str]
    offer_left: str
    budget_left: str
    rate: str
    scored: str
    worth: str
    arbitration: str
    holdout: str
    control: str
    arm: str
    option: str
    option_own: dict[str, str]
    epsilon: str
    further: str


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        comma=", ",
        units={
            "d": (" day", " days"),
            "h": (" hour", " hours"),
            "m": (" minute", " minutes"),
            "s": (" second", " seconds"),
            "ms": (" ms", " ms"),
        },
        head="{title} ({id}, version {version}): a {message_class} campaign of {owner} for the "
        "purpose {purpose}, stage {stage}.",
        absence="Who enters: a customer when {after}. Nobody is written to once {without}.",
        new_cards="Renewed and replaced cards do not count.",
        any_of="Who enters: whoever has one of these:",
        bill="a bill of at least {amount} in minor units{instalments}",
        instalments=" that may be paid in instalments",
        purchase="a purchase of at least {amount} in minor units, and of at least {percent} % of "
        "the mean of the customer's purchases before it, of which there are {count} or more",
        silence="Who enters: whoever buys. A step waits until the silence since is too long for "
        "the customer's own rhythm: P(alive) has fallen to {alive} %. Repeated purchases "
        "known must be {count} or more, and at least {rate} purchases in {unit} still be expected.",
        due_date="Who enters: whoever gets a bill of at least {amount} in minor units. Nobody is "
        "written to once it is repaid, or where the card has autopay.",
        counted="Who enters: whoever has {count} of this within {window}: {event}.",
        sequence="Who enters: whoever has, one after the other and all within {within}: {events}.",
        drift={
            "frequency": "Who enters: whoever buys ever more seldom, measured against their own "
            "past (decline of {ppm} millionths or more).",
            "amount": "Who enters: whoever buys for ever less, measured against their own past "
            "(decline of {ppm} millionths or more).",
            "either": "Who enters: whoever buys ever more seldom or for ever less, measured "
            "against their own past (decline of {ppm} millionths or more).",
        },
        where="{event}, where {rule}",
        at=" Then it waits for {at} by the customer's clock.",
        other_entry="Who enters: kind {kind}, {said}.",
        step="Step {id} is due {after} later.",
        step_at_once="Step {id} is due at that moment.",
        step_before="Step {id} is due {before} before the due date ends.",
        ends="It ends early where: {events}.",
        ends_not="No further event ends it early.",
        message="The message goes by {channel} in wording {template} version {version}; a "
        "gateway sends it within {expires} or not at all.",
        sender="{channel} is sent as {sender}.",
        shows="Wording {template} shows: {variables}.",
        fallback="Where that cannot reach the customer, or came back as {after}, it goes by "
        "{channel} in wording {template} version {version}, in the same time.",
        offer="It promises the offer {offer}.",
        budget="All its contacts, with what they promise, may cost {budget} in minor units.",
        measured="Whether it works is told by: {event}, within {window} of the decision{value}.",
        measured_value=", and by its {value}",
        measured_cap=" in {currency}, up to {cap} a customer",
        held="The campaign is held, until people let it go on, once one of these is shown: "
        "{bounds}. That any of them is found wrongly, ever, has a probability of at most "
        "{percent} %.",
        bounds={
            "opt_out": "more than {percent} % of those contacted opt out",
            "complaint": "more than {percent} % of those contacted complain",
            "failure": "to more than {percent} % of those contacted a delivery fails",
            "harm": "of those contacted fewer convert than of those kept back",
        },
        report_by="Selection and effect are reported by: {features}.",
        gates="Before each message these must hold, asked in this order:",
        eligibility="the card is not blocked, lost or closed, and the holder is alive",
        clauses={
            "eligibility": "eligible ({id}): {rule}",
            "applicability": "applicable ({id}): {rule}",
            "suitability": "suitable ({id}): {rule}",
        },
        stop="neither the bank nor the campaign is stopped",
        consent={
            "must be granted": "the customer has agreed to {purpose} by {channel}",
            "must not be denied": "the customer has not refused {purpose} by {channel}",
        },
        other_channel=" or ",
        personalisation="the customer has not turned off personal offers, since this one looks "
        "at behaviour",
        content="the wording is approved, and all that it shows is known",
        standing="no risk flag is up, no case is open, no bill is overdue",
        quiet="it is not within quiet hours where the customer is; what falls due in them is put "
        "off and decided anew",
        cool_down="no message of this campaign about anything else within {time}, nor one of a "
        "campaign that the bank keeps apart from it",
        caps={
            "campaign": "messages of this campaign in any {window}: {count} at most",
            "all": "messages of all campaigns in any {window}: {count} at most",
            "": "messages of the same {scope} in any {window}: {count} at most",
        },
        offer_left="of the offer one is left",
        budget_left="the budget has room for what it costs",
        rate="{percent} %",
        scored="what the model {model} says ({percent} % as long as it has seen too little, and "
        "for who wants no personal offers)",
        worth="it brings what it costs: {rate} x {value} at {lever} %, less {cost}, in "
        "minor units, is not below 0",
        arbitration="of all offers due at that moment it is worth the most; between equals the "
        "priority ({priority}) decides",
        holdout="the customer is not in the bank's holdout",
        control="{percent} % of customers are kept back, to measure what it brings",
        arm="{percent} % of customers get wording {template} version {version} by {channel} ({id})",
        option="one of several ways is chosen: {id}, wording {template} version {version} by "
        "{channel}",
        option_own={
            "offer": "it promises the offer {own}",
            "model": "the model {own} says how likely it works",
            "value_minor": "it brings {own} in minor units where it works",
            "contact_cost_minor": "it costs {own} in minor units",
        },
        epsilon="of the ways that pass every check, the one that is worth most; {percent} % of "
        "contacts by chance, to go on learning; against other offers their mean worth counts",
        further="Also: {said}.",
    ),
    "zh": Words(
        comma="，",
        units={
            "d": ("天", "天"),
            "h": ("小时", "小时"),
            "m": ("分钟", "分钟"),
            "s": ("秒", "秒"),
            "ms": ("毫秒", "毫秒"),
        },
        head="{title}（{id}，版本 {version}）：{owner} 的 {message_class} 类活动，"
        "目的 {purpose}，阶段 {stage}。",
        absence="进入条件：{after}。一旦{without}，即不再触达。",
        new_cards="续卡、换卡不计。",
        any_of="进入条件（满足其一）：",
        bill="账单金额不低于 {amount}（最小货币单位）{instalments}",
        instalments="，且可分期",
        purchase="单笔消费不低于 {amount}（最小货币单位），且不低于此前均值的 {percent} %，"
        "此前消费不少于 {count} 笔",
        silence="进入条件：有消费。沉默时间超出客户自身节奏时到期：活跃概率降至 {alive} %。"
        "须有 {count} 次以上重复消费，且预期每 {unit} 仍有不少于 {rate} 次消费。",
        due_date="进入条件：账单金额不低于 {amount}（最小货币单位）。"
        "已还清或已开通自动还款者不触达。",
        counted="进入条件：{window}内发生 {count} 次：{event}。",
        sequence="进入条件：{within}内依次发生：{events}。",
        drift={
            "frequency": "进入条件：与客户自身过往相比，消费日渐稀疏（下滑不低于百万分之 {ppm}）。",
            "amount": "进入条件：与客户自身过往相比，消费金额日渐减少"
            "（下滑不低于百万分之 {ppm}）。",
            "either": "进入条件：与客户自身过往相比，消费日渐稀疏或金额日渐减少"
            "（下滑不低于百万分之 {ppm}）。",
        },
        where="{event}，且 {rule}",
        at="之后等到客户当地时间 {at}。",
        other_entry="进入条件：类型 {kind}，{said}。",
        step="步骤 {id}：{after}后到期。",
        step_at_once="步骤 {id}：立即到期。",
        step_before="步骤 {id}：还款日结束前 {before}到期。",
        ends="提前结束：{events}。",
        ends_not="没有其他事件会使其提前结束。",
        message="通过 {channel} 发送，文案 {template} 版本 {version}；"
        "网关须在 {expires}内发送，逾期不发。",
        sender="{channel} 以 {sender} 身份发送。",
        shows="文案 {template} 展示：{variables}。",
        fallback="若前述渠道无法触达，或回执为 {after}，则在同一时限内改用 {channel}，"
        "文案 {template} 版本 {version}。",
        offer="承诺权益 {offer}。",
        budget="全部触达及其权益的成本合计不超过 {budget}（最小货币单位）。",
        measured="效果衡量：决定后 {window}内发生 {event}{value}。",
        measured_value="，并计其 {value}",
        measured_cap="（{currency}，每客最多计 {cap}）",
        held="一旦证实下列任一情形，活动即停发，直至人工恢复：{bounds}。"
        "无论何时查看，误判其中任一情形的概率合计至多 {percent} %。",
        bounds={
            "opt_out": "被触达客户中退订者超过 {percent} %",
            "complaint": "被触达客户中投诉者超过 {percent} %",
            "failure": "被触达客户中发送失败者超过 {percent} %",
            "harm": "被触达客户的转化少于未触达的对照客户",
        },
        report_by="入选情况与效果按以下特征报告：{features}。",
        gates="每次触达前须依次满足：",
        eligibility="卡片未冻结、未挂失、未销户，且持卡人在世",
        clauses={
            "eligibility": "资格（{id}）：{rule}",
            "applicability": "适用性（{id}）：{rule}",
            "suitability": "适当性（{id}）：{rule}",
        },
        stop="银行与该活动均未停发",
        consent={
            "must be granted": "客户已同意就 {purpose} 通过 {channel} 触达",
            "must not be denied": "客户未拒绝就 {purpose} 通过 {channel} 触达",
        },
        other_channel="或",
        personalisation="客户未关闭个性化推荐（该活动参考行为数据）",
        content="文案已审批，且所需展示的内容均已知",
        standing="无风险标记、无未结工单、无逾期账单",
        quiet="不在客户当地的免打扰时段；时段内到期者推迟，届时重新决定",
        cool_down="{time}内本活动未就其他事项触达，且无互斥活动刚刚触达",
        caps={
            "campaign": "任意 {window}内，本活动至多 {count} 条",
            "all": "任意 {window}内，全部活动合计至多 {count} 条",
            "": "任意 {window}内，同一 {scope} 至多 {count} 条",
        },
        offer_left="权益尚有库存",
        budget_left="预算足够支付其成本",
        rate="{percent} %",
        scored="模型 {model} 给出的概率（样本不足时，或客户关闭个性化推荐时，按 {percent} %）",
        worth="收益不低于成本：{rate} × {value}，权重 {lever} %，减去 {cost}"
        "（最小货币单位）不小于 0",
        arbitration="在同时到期的推荐中价值最高；相同时按优先级（{priority}）",
        holdout="客户不在银行的全局留出组",
        control="{percent} % 的客户为对照组，不触达，用以衡量效果",
        arm="{percent} % 的客户收到文案 {template} 版本 {version}（{channel}，{id} 组）",
        option="多种触达方式之一：{id}，文案 {template} 版本 {version}（{channel}）",
        option_own={
            "offer": "承诺权益 {own}",
            "model": "由模型 {own} 给出其奏效的概率",
            "value_minor": "奏效时的收益为 {own}（最小货币单位）",
            "contact_cost_minor": "成本为 {own}（最小货币单位）",
        },
        epsilon="在通过全部检查的方式中选用价值最高的；其中 {percent} % 的触达随机选择，"
        "以便持续学习；与其他推荐比较时以期望值计",
        further="另有：{said}。",
    ),
}
