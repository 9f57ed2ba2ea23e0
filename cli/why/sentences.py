"""
Say what a decision record says, in sentences that a call-centre agent can read out.

Pure: a record, a language and a time zone give lines of text. Nothing is added that the record
does not say, and no sentence names anything of the customer but the token.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from schemas.campaign import CapScope
from schemas.decisions import CapReading, Considered, Decision
from schemas.durations import shown_duration
from schemas.reasons import REASONS


Language = Literal["en", "zh"]

_JOINT: Final[dict[Language, str]] = {"en": " ", "zh": ""}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PPM: Final = 1_000_000


class Words(NamedTuple):
    """The sentences of one language; `{}` fields are named as `_facts` gives them."""

    sent: str
    shadow: str
    suppressed: str
    deferred: str
    kept_back: str
    corrected: str
    consent: str
    clause: str
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
        consent="The customer had agreed to it (consent {consent}).",
        clause="The condition that was not met is called {clause}.",
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
        consent="客户此前已同意（同意凭证 {consent}）。",
        clause="未满足的条件名为 {clause}。",
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


def told(
    record: Decision, language: Language, zone: tzinfo = UTC, campaign_id: str = ""
) -> Iterator[str]:
    """Yield the record's time, then what became of each candidate, or of one campaign's only."""
    yield f"{shown_time(record.decided_at_ms, zone)}  {record.decision_id}"
    for candidate in record.candidates:
        if campaign_id in {"", candidate.campaign_id}:
            yield _JOINT[language].join(_sentences(record, candidate, language, zone))


def shown_time(at_ms: int, zone: tzinfo) -> str:
    """Return a moment as RFC 3339 in a zone, to the second."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).isoformat(timespec="seconds")


def _sentences(
    record: Decision, candidate: Considered, language: Language, zone: tzinfo
) -> Iterator[str]:
    """Yield what became of a candidate, and why."""
    words, code = WORDS[language], candidate.reason_code
    reason = getattr(REASONS[code], language) + f" ({code})" if code else ""
    facts = {
        "campaign": candidate.campaign_id,
        "step": candidate.step,
        "channel": candidate.channel,
        "reason": reason,
        "until": _until(candidate, zone),
    }
    yield _outcome(candidate, words).format(**facts)
    if candidate.clause:
        yield words.clause.format(clause=candidate.clause)
    if candidate.consent_ref and candidate.verdict in {"sent", "shadow"}:
        yield words.consent.format(consent=candidate.consent_ref)
    if code == "LOST_ARBITRATION" and (winner := _winner(record)):
        yield words.winner.format(campaign=winner)
    yield from (_cap(cap, words) for cap in _caps_of_interest(candidate))
    if candidate.worth_micro:
        yield _worth(candidate, words)
    if candidate.arm not in {"", "default"}:
        yield words.arm.format(arm=candidate.arm, percent=percent(candidate.arm_ppm))
    if candidate.features:
        shown = ", ".join(f"{name} = {value}" for name, value in candidate.features.items())
        yield words.features.format(features=shown)


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
        worth=f"{candidate.worth_micro / _PPM:,.2f}",
        percent=percent(candidate.propensity_ppm),
        value=f"{candidate.value_minor:,}",
        lever=candidate.lever_percent,
        cost=f"{candidate.contact_cost_minor:,}",
    )


def percent(ppm: int) -> str:
    """Return a share in per cent, without needless zeros."""
    return f"{ppm / 10_000:.4f}".rstrip("0").rstrip(".")
