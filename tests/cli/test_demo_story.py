"""The demonstration tells one customer's story: the most varied, in order, the same each time."""

from msgspec.structs import replace

from cli.demo.story import LINES_MAX, Stories
from schemas.codec import encode_json
from schemas.decisions import Decision
from schemas.examples import DECISION
from schemas.routing import DECISIONS_TOPIC, TRIGGER_TOPICS
from tests.cli.demo_fakes import Told, messages


PUSH = replace(DECISION.candidates[0], channel="push", trigger_id="by-push")
SMS = replace(DECISION.candidates[0], trigger_id="by-sms", slot=1, follows="by-push")
TRIED = [
    replace(DECISION, decided_at_ms=at_ms, candidates=(candidate,))
    for at_ms, candidate in ((1_000, PUSH), (2_000, replace(SMS, reserved_at_ms=1_000)))
]


def decided(at_ms: int, campaign: str = "activation_nudge") -> Decision:
    """Return the example's decision at another time, of another campaign."""
    candidate = replace(DECISION.candidates[0], campaign_id=campaign)
    return replace(DECISION, decided_at_ms=at_ms, candidates=(candidate,))


def heard(key: str, *records: Decision, topic: str = DECISIONS_TOPIC) -> list[Told]:
    """Return records as the reader of outputs hands them on."""
    return [Told(topic, key.encode(), encode_json(record)) for record in records]


def story(*heard_messages: Told) -> list[str]:
    """Return the story that is told after these messages."""
    stories = Stories()
    stories.take(messages(*heard_messages))
    return list(stories.lines())


def test_customer_with_most_kinds_of_decisions_is_told_in_order_of_time() -> None:
    """Two campaigns beat three decisions of one; what came first is told first."""
    lines = story(
        *heard("bank|c1", decided(1), decided(2), decided(3)),
        *heard("bank|c2", decided(9_000, "win_back"), decided(5_000)),
    )

    assert "why, for customer c2:" == lines[0]
    assert ["1970-01-01T00:00:05", "1970-01-01T00:00:09"] == [lines[1][:19], lines[3][:19]]


def test_lesser_token_is_told_among_equals() -> None:
    """Whatever the order in which they were heard."""
    pair = (heard("bank|c2", decided(1)), heard("bank|c1", decided(1)))

    assert ["why, for customer c1:"] * 2 == [
        story(*first, *second)[0] for first, second in (pair, pair[::-1])
    ]


def test_long_story_is_cut() -> None:
    """A screen, not a book; how it ended is told."""
    lines = story(*heard("bank|c1", *map(decided, range(0, 40_000, 1_000))))

    assert LINES_MAX + 1 == len(lines)
    assert "1970-01-01T00:00:39" == lines[-2][:19]


def test_customer_for_whom_another_channel_was_tried_is_told_first() -> None:
    """C2: however varied another's story is; and what was tried before is named."""
    lines = story(
        *heard("bank|c1", decided(1), decided(2, "win_back"), decided(3, "amount_lift")),
        *heard("bank|c2", *TRIED),
    )

    assert "why, for customer c2:" == lines[0]
    assert lines[-1].startswith("After push failed, we tried sms. We sent a message by sms for")


def test_fallbacks_are_counted_by_channels_and_end() -> None:
    """What failed, what was tried, what came of it; a decision by itself is none."""
    refused = replace(SMS, verdict="suppressed", reason_code="NO_CONSENT")
    stories = Stories()
    stories.take(messages(*heard("bank|c2", *TRIED), *heard("bank|c1", decided(1))))
    stories.take(messages(*heard("bank|c3", TRIED[0], replace(DECISION, candidates=(refused,)))))

    assert {"push > sms sent": 1, "push > sms suppressed NO_CONSENT": 1} == stories.fallbacks()


def test_others_have_no_story_here() -> None:
    """Neither other banks' customers nor triggers."""
    assert [] == story(
        *heard("cdnow|c1", decided(1)), *heard("bank|c1", decided(1), topic=TRIGGER_TOPICS["sms"])
    )
