"""
Say what a decision record says, in sentences that a call-centre agent can read out.

Pure: a record, a language and a time zone give lines of text. Nothing is added that the record
does not say, and no sentence names anything of the customer but the token.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from cli.why.language import Language, percent
from cli.why.scores import NO_TITLES, Titles, option_sentences, score_sentences
from lifecycle.effect.evidence import PPM
from schemas.campaign import CapScope
from schemas.decisions import CapReading, Considered, Decision
from schemas.durations import shown_duration
from schemas.reasons import REASONS


_JOINT: Final[dict[Language, str]] = {"en": " ", "zh": ""}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_CHANNELS: Final[Mapping[str, str]] = {}


class Words(NamedTuple):
    """The sentences of one language; `{}` fields are named as `_facts` gives them."""

    sent: str
    shadow: str
    suppressed: str
    deferred: str
    kept_back: str
    corrected: str
    place: str
    fallback: str
    another: str
    consent: str
    clause: str
    variable: str
    no_offer: str
    inventory: str
    budget: str
    promised: str
    cap: str
    scopes: dict[CapScope, str]
    winner: str
    worth: str
    arm: str
    features: str


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        sent="We sent a message by {channel} for {campaign} (step {step}).",
        shadow="We would have sent a message by {channel} for {campaign} (step {step}); "
        "decisions were only being recorded.",
        suppressed="We did not send {campaign} (step {step}): {reason}.",
        deferred="We put off {campaign} (step {step}) to {until}, then to decide anew: {reason}.",
        kept_back="We did not send {campaign} (step {step}), to measure what it brings: {reason}.",
        corrected="Our message for {campaign} (step {step}) was corrected: {reason}.",
        place="{channel} is channel {place} of the campaign's; those before it could not be used.",
        fallback="After {before} failed, we tried {channel}.",
        another="another channel",
        consent="The customer had agreed to it (consent {consent}).",
        clause="The condition that was not met is called {clause}.",
        variable="What is missing is called {clause}.",
        no_offer="The offer {offer} is not defined.",
        inventory="Of {offer}, {left} were left in this customer's share.",
        budget="Of the campaign's budget {left} in minor units were left in this customer's share, "
        "and the contact would have cost {cost}.",
        promised="It promised {offer}.",
        cap="Within {window}, {count} of {most} messages {scope} were counted.",
        scopes={
            "campaign": "of the campaign",
            "channel": "on the channel",
            "purpose": "for the purpose",
            "class": "of the class",
            "all": "of any kind",
        },
        winner="Instead, {campaign} was chosen.",
        worth="It was expected to bring {worth} in minor units: {percent} % x {value}, "
        "weighed at {lever} %, less {cost}.",
        arm="The customer is in the group {arm} ({percent} % of all).",
        features="What was looked at: {features}.",
    ),
    "zh": Words(
        sent="我们就{campaign}（步骤 {step}）通过 {channel} 发送了消息。",
        shadow="我们本会就{campaign}（步骤 {step}）通过 {channel} 发送消息；"
        "当时仅记录决策，并不发送。",
        suppressed="我们没有发送{campaign}（步骤 {step}）：{reason}。",
        deferred="{campaign}（步骤 {step}）已推迟至 {until}，届时重新决定：{reason}。",
        kept_back="为衡量效果，我们没有发送{campaign}（步骤 {step}）：{reason}。",
        corrected="就{campaign}（步骤 {step}）发送的消息已被更正：{reason}。",
        place="{channel} 是该活动的第 {place} 个渠道，之前的渠道无法使用。",
        fallback="{before} 发送失败后，我们改试 {channel}。",
        another="另一渠道",
        consent="客户此前已同意（同意凭证 {consent}）。",
        clause="未满足的条件名为 {clause}。",
        variable="缺失的内容名为 {clause}。",
        no_offer="权益 {offer} 尚未定义。",
        inventory="权益 {offer} 在该客户所属份额中剩余 {left} 份。",
        budget="活动预算在该客户所属份额中剩余 {left}（最小货币单位），本次触达需 {cost}。",
        promised="消息中承诺了权益 {offer}。",
        cap="在 {window} 之内，{scope}消息已计 {count} 条，上限 {most} 条。",
        scopes={
            "campaign": "该活动的",
            "channel": "该渠道的",
            "purpose": "该用途的",
            "class": "该类别的",
            "all": "各类",
        },
        winner="当时选择的是{campaign}。",
        worth="预期收益 {worth}（最小货币单位）：{percent} % × {value}，"
        "权重 {lever} %，减去成本 {cost}。",
        arm="客户属于 {arm} 组（占全部客户的 {percent} %）。",
        features="当时查看的数据：{features}。",
    ),
}


class Telling(NamedTuple):
    """What is told and how: `channels` of triggers that a fallback may follow, inputs' `titles`."""

    record: Decision
    language: Language
    zone: tzinfo
    channels: Mapping[str, str]
    titles: Titles


def told(
    record: Decision,
    language: Language,
    zone: tzinfo = UTC,
    campaign_id: str = "",
    channels: Mapping[str, str] = _NO_CHANNELS,
    titles: Titles = NO_TITLES,
) -> Iterator[str]:
    """Yield the record's time, then what became of each candidate, or of one campaign's only."""
    yield f"{shown_time(record.decided_at_ms, zone)}  {record.decision_id}"
    telling = Telling(record, language, zone, channels, titles)
    for candidate in record.candidates:
        if campaign_id in {"", candidate.campaign_id}:
            yield _JOINT[language].join(_sentences(telling, candidate))


def channels_of(records: Iterable[Decision]) -> dict[str, str]:
    """Return the channel of each trigger that these records tell of."""
    return {one.trigger_id: one.channel for record in records for one in record.candidates}


def shown_time(at_ms: int, zone: tzinfo) -> str:
    """Return a moment as RFC 3339 in a zone, to the second."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).isoformat(timespec="seconds")


def _sentences(telling: Telling, candidate: Considered) -> Iterator[str]:
    """Yield what became of a candidate, and why."""
    words = WORDS[telling.language]
    yield from _became(telling, candidate, words)
    yield from _lacking(candidate, words)
    if candidate.consent_ref and candidate.verdict in {"sent", "shadow"}:
        yield words.consent.format(consent=candidate.consent_ref)
    if candidate.offer_id and candidate.verdict == "sent":
        yield words.promised.format(offer=candidate.offer_id)
    if candidate.reason_code == "LOST_ARBITRATION" and (winner := _winner(telling.record)):
        yield words.winner.format(campaign=winner)
    yield from (_cap(cap, words) for cap in _caps_of_interest(candidate))
    if candidate.worth_micro:
        yield _worth(candidate, words)
    yield from option_sentences(candidate, telling.language)
    yield from score_sentences(candidate, telling.language, telling.titles)
    if candidate.arm not in {"", "default"}:
        yield words.arm.format(arm=candidate.arm, percent=percent(candidate.arm_ppm))
    if candidate.features:
        shown = ", ".join(f"{name} = {value}" for name, value in candidate.features.items())
        yield words.features.format(features=shown)


def _became(telling: Telling, candidate: Considered, words: Words) -> Iterator[str]:
    """Yield what was tried before, what became of the candidate, and how its channel was found."""
    code = candidate.reason_code
    facts = {
        "campaign": candidate.campaign_id,
        "step": candidate.step,
        "channel": candidate.channel,
        "reason": getattr(REASONS[code], telling.language) + f" ({code})" if code else "",
        "until": _until(candidate, telling.zone),
        "place": candidate.slot + 1,
        "before": telling.channels.get(candidate.follows, words.another),
    }
    if candidate.follows:
        yield words.fallback.format(**facts)
    yield _outcome(candidate, words).format(**facts)
    corrected = candidate.verdict in {"invalidated", "cap_overrun"}
    if candidate.slot and not candidate.follows and not corrected:
        yield words.place.format(**facts)


def _outcome(candidate: Considered, words: Words) -> str:
    """Return the sentence for a candidate's verdict."""
    match candidate.verdict:
        case "sent":
            return words.sent
        case "shadow":
            return words.shadow
        case "control" | "held_out":
            return words.kept_back
        case "invalidated" | "cap_overrun":
            return words.corrected
        case "deferred":
            return words.deferred
        case "suppressed":
            return words.suppressed


def _lacking(candidate: Considered, words: Words) -> Iterator[str]:
    """Yield the condition that was not met, what is not known, or how little was left."""
    saw = candidate.gates[-1].saw if candidate.gates else {}
    clause, offer = candidate.clause, candidate.offer_id
    match candidate.reason_code:
        case "VARIABLE_MISSING":
            yield words.variable.format(clause=clause)
        case "NO_INVENTORY" if clause:
            yield words.no_offer.format(offer=offer)
        case "NO_INVENTORY" if "left_count" in saw:
            yield words.inventory.format(offer=offer, left=f"{saw['left_count']:,}")
        case "NO_BUDGET" if saw.keys() >= {"left_minor", "cost_minor"}:
            left, cost = f"{saw['left_minor']:,}", f"{saw['cost_minor']:,}"
            yield words.budget.format(left=left, cost=cost)
        case _:
            if clause:
                yield words.clause.format(clause=clause)


def _until(candidate: Considered, zone: tzinfo) -> str:
    """Return when a candidate that was put off is decided anew, "" for any other."""
    saw = candidate.gates[-1].saw if candidate.verdict == "deferred" else {}
    return shown_time(saw["open_at_ms"], zone) if saw else ""


def _winner(record: Decision) -> str:
    """Return the campaign that won the arbitration, "" if none is known."""
    for candidate in record.candidates:
        if any(one.gate == "arbitration" and not one.reason_code for one in candidate.gates):
            return candidate.campaign_id
    return ""


def _caps_of_interest(candidate: Considered) -> list[CapReading]:
    """Return the caps that were full, or, of a message that was sent, all."""
    if candidate.reason_code.startswith("CAP_"):
        return [cap for cap in candidate.caps if cap.count_before >= cap.count_max]
    return list(candidate.caps) if candidate.verdict == "sent" else []


def _cap(cap: CapReading, words: Words) -> str:
    """Return how full a cap is now."""
    window = shown_duration(cap.window_ms)
    return words.cap.format(
        window=window,
        count=cap.count_after,
        most=cap.count_max,
        scope=words.scopes[cap.scope],
    )


def _worth(candidate: Considered, words: Words) -> str:
    """Return how the worth was reckoned."""
    return words.worth.format(
        worth=f"{candidate.worth_micro / PPM:,.2f}",
        percent=percent(candidate.propensity_ppm),
        value=f"{candidate.value_minor:,}",
        lever=candidate.lever_percent,
        cost=f"{candidate.contact_cost_minor:,}",
    )
