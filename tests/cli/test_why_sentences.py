"""What an agent reads out: one paragraph a candidate, in English or Chinese, nothing invented."""

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cli.why.language import Language
from cli.why.sentences import channels_of, told
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


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en", "After push failed, we tried sms. We sent a message by sms for activation_nudge"),
        (
            "zh",
            "push 发送失败后，我们改试 sms。我们就activation_nudge（步骤 first）通过 sms 发送了",
        ),
    ],
)
def test_fallback_is_told_with_what_was_tried_before(language: Language, begins: str) -> None:
    """C2: the channel of the trigger that it follows, known from that one's own record."""
    tried = replace(PLAIN, channel="push", trigger_id="first-try")
    instead = replace(PLAIN, slot=1, follows="first-try", reserved_at_ms=1)

    text = list(told(record(instead), language, channels=channels_of([record(tried)])))[1]
    assert text.startswith(begins)
    assert "channel 2" not in text


def test_fallback_that_was_not_made_is_told_with_its_reason() -> None:
    """What came before is called another channel where its record is not at hand."""
    refused = suppressed("NO_CONSENT", slot=1, follows="gone", reserved_at_ms=1)

    assert said(refused)[0].startswith(
        "After another channel failed, we tried sms. We did not send activation_nudge (step first):"
    )


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("en", " sms is channel 3 of the campaign's; those before it could not be used."),
        ("zh", "。sms 是该活动的第 3 个渠道，之前的渠道无法使用。"),
    ],
)
def test_channel_that_is_not_the_first_is_told_with_its_place(
    language: Language, ends: str
) -> None:
    """3.14: slot 2 is the third; of slot 0 there is nothing to say, nor in a correction."""
    late = replace(PLAIN, slot=2)
    corrected = replace(late, verdict="invalidated", reason_code="LATE_TRUTH")

    assert said(late, language=language)[0].endswith(ends)
    assert ends not in said(corrected, language=language)[0]
    assert ends not in said(PLAIN, language=language)[0]


def at_gate(gate: str, reason: str, clause: str = "", **saw: int) -> Considered:
    """Return a candidate with an offer, refused by a gate that saw something."""
    reading = GateReading(gate=gate, reason_code=reason, clause=clause, saw=saw)
    return suppressed(reason, clause=clause, gates=(reading,), offer_id="gift")


@pytest.mark.parametrize(
    ("refused", "en", "zh"),
    [
        (
            at_gate("content", "VARIABLE_MISSING", "due_date"),
            "(VARIABLE_MISSING). What is missing is called due_date.",
            "：消息中需要展示的内容缺失 (VARIABLE_MISSING)。缺失的内容名为 due_date。",
        ),
        (
            at_gate("content", "NO_TEMPLATE"),
            "nobody has approved the wording (NO_TEMPLATE).",
            "该文案未经审批 (NO_TEMPLATE)。",
        ),
        (
            at_gate("offer", "NO_INVENTORY", left_count=0),
            "(NO_INVENTORY). Of gift, 0 were left in this customer's share.",
            "(NO_INVENTORY)。权益 gift 在该客户所属份额中剩余 0 份。",
        ),
        (
            at_gate("offer", "NO_INVENTORY", "offer"),
            "(NO_INVENTORY). The offer gift is not defined.",
            "(NO_INVENTORY)。权益 gift 尚未定义。",
        ),
        (
            at_gate("offer", "NO_BUDGET", left_count=7, left_minor=1_499, cost_minor=1_500),
            (
                "(NO_BUDGET). Of the campaign's budget 1,499 in minor units were left in this "
                "customer's share, and the contact would have cost 1,500."
            ),
            "(NO_BUDGET)。活动预算在该客户所属份额中剩余 1,499（最小货币单位），本次触达需 1,500。",
        ),
    ],
)
def test_refusal_is_told_with_what_was_wanting(refused: Considered, en: str, zh: str) -> None:
    """Which variable, how many units, how much money: the numbers of the last gate."""
    assert said(refused)[0].endswith(en)
    assert said(refused, language="zh")[0].endswith(zh)
    assert "promised" not in said(refused)[0]


def test_offer_is_told_where_it_was_promised() -> None:
    """Of a message that was sent; in shadow nothing was promised."""
    assert said(replace(PLAIN, offer_id="gift"))[0].endswith(" It promised gift.")
    assert said(replace(PLAIN, offer_id="gift"), language="zh")[0].endswith(
        "消息中承诺了权益 gift。"
    )
    assert "promised" not in said(replace(PLAIN, verdict="shadow", offer_id="gift"))[0]
