"""What an agent reads out: one paragraph a candidate, in English or Chinese, nothing invented."""

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cli.why.sentences import Language, told
from schemas.decisions import CapReading, Considered, Decision, GateReading
from schemas.examples import DECISION
from schemas.reasons import REASONS


SENT = DECISION.candidates[0]
PLAIN = replace(SENT, features={}, caps=(), consent_ref="", arm="", gates=())


def record(*candidates: Considered) -> Decision:
    """Return the example's occasion with other candidates."""
    return replace(DECISION, candidates=candidates)


def said(*candidates: Considered, language: Language = "en") -> list[str]:
    """Return the paragraphs of an occasion, without the line that names it."""
    return list(told(record(*candidates), language))[1:]


def suppressed(reason: str, **changed: object) -> Considered:
    """Return a candidate that was not sent for this reason."""
    return replace(PLAIN, verdict="suppressed", reason_code=reason, **changed)


def test_sent_message_is_told_with_its_consent_cap_and_features() -> None:
    """Everything that the record has, in the order in which it was decided."""
    assert said(SENT)[0].split(". ") == [
        "We sent a message by sms for activation_nudge (step first)",
        "The customer had agreed to it (consent con-1)",
        "Within 30d, 1 of 2 messages of the campaign were counted",
        "What was looked at: waited_ms = 259200123.",
    ]


def test_sent_message_is_told_in_chinese() -> None:
    """The same facts."""
    assert said(SENT, language="zh")[0].split("。") == [
        "我们就activation_nudge（步骤 first）通过 sms 发送了消息",
        "客户此前已同意（同意凭证 con-1）",
        "在 30d 之内，该活动的消息已计 1 条，上限 2 条",
        "当时查看的数据：waited_ms = 259200123",
        "",
    ]


def test_deferral_is_told_with_the_time_of_the_new_decision() -> None:
    """O5: 2026-03-05T01:00:00Z, in the zone that was asked for."""
    reading = GateReading(
        gate="quiet", reason_code="QUIET_HOURS", saw={"open_at_ms": 1_772_672_400_000}
    )
    put_off = replace(PLAIN, verdict="deferred", reason_code="QUIET_HOURS", gates=(reading,))

    assert said(put_off)[0].startswith(
        "We put off activation_nudge (step first) to 2026-03-05T01:00:00+00:00, then to decide anew"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_has_words_in_both_languages(code: str, language: Language) -> None:
    """The code stands beside the words, so that an agent can look it up."""
    words = getattr(REASONS[code], language)  # type: ignore[index]
    text = said(suppressed(code), language=language)[0]

    assert f"{words} ({code})" in text
    assert words.isascii() == (language == "en")


def test_clause_is_named() -> None:
    """Which of the policy's conditions it was."""
    text = said(suppressed("NOT_SUITABLE", clause="income_known"))[0]

    assert text.endswith("The condition that was not met is called income_known.")


def test_full_cap_is_told_and_no_other() -> None:
    """Of two caps the one that was full, as it was."""
    full, free = (
        CapReading(scope="all", window_ms=ms, count_max=3, count_before=n, count_after=n)
        for ms, n in ((604_800_000, 3), (86_400_000, 1))
    )
    text = said(suppressed("CAP_GLOBAL", caps=(free, full)))[0]

    assert text.endswith("Within 7d, 3 of 3 messages of any kind were counted.")
    assert "1d" not in text


def test_loser_hears_who_won() -> None:
    """The winner is whoever passed the arbitration, whatever became of it then."""
    winner = replace(
        PLAIN,
        campaign_id="win_back",
        verdict="control",
        reason_code="CONTROL",
        gates=(GateReading(gate="arbitration"),),
    )
    lost = suppressed(
        "LOST_ARBITRATION", gates=(GateReading(gate="arbitration", reason_code="LOST_ARBITRATION"),)
    )

    assert said(lost, winner)[0].endswith("Instead, win_back was chosen.")


def test_worth_is_told_as_it_was_reckoned() -> None:
    """2 % x 15,000 at 150 %, less 5, is 445 minor units."""
    weighed = replace(
        PLAIN,
        propensity_ppm=20_000,
        value_minor=15_000,
        lever_percent=150,
        contact_cost_minor=5,
        worth_micro=445_000_000,
    )

    assert said(weighed)[0].endswith(
        "It was expected to bring 445.00 in minor units: 2 % x 15,000, weighed at 150 %, less 5."
    )


def test_control_group_is_told_with_its_share() -> None:
    """A customer who was kept back hears why, and of how many."""
    text = said(
        replace(PLAIN, verdict="control", reason_code="CONTROL", arm="control", arm_ppm=50_000)
    )[0]

    assert text.startswith("We did not send activation_nudge (step first), to measure what it ")
    assert text.endswith("The customer is in the group control (5 % of all).")


def test_time_is_told_in_the_zone_asked_for() -> None:
    """1,772,673,300,123 ms is 2026-03-05T01:15:00Z, 09:15 in Shanghai."""
    assert next(told(DECISION, "en")).startswith("2026-03-05T01:15:00+00:00  ")
    assert next(told(DECISION, "en", ZoneInfo("Asia/Shanghai"))).startswith(
        "2026-03-05T09:15:00+08:00  "
    )


def test_why_not_tells_of_one_campaign_only() -> None:
    """Other candidates of the same occasion are left out."""
    other = replace(PLAIN, campaign_id="win_back")

    assert 2 == len(list(told(record(PLAIN, other), "en", campaign_id="win_back")))
    assert "win_back" in list(told(record(PLAIN, other), "en", campaign_id="win_back"))[1]
