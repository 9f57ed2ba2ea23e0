"""`cardcue why` and `why-not` as people type them, over a log in memory."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from cli.log import TopicLog
from cli.main import main
from cli.why import command
from lifecycle.ids import derived_id
from schemas.decisions import Decision
from schemas.examples import DECISION
from streams.settings import Settings
from tests.cli.test_why_find import filled


FIRST, SECOND = derived_id("by", "push"), derived_id("by", "sms")
PUSH = replace(DECISION.candidates[0], channel="push", trigger_id=FIRST)
SMS = replace(PUSH, channel="sms", trigger_id=SECOND, slot=1, follows=FIRST, reserved_at_ms=1)
TRIED = replace(DECISION, decided_at_ms=1, chosen=(FIRST,), candidates=(PUSH,))
FALLBACK = replace(DECISION, decided_at_ms=2, chosen=(SECOND,), candidates=(SMS,))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what a command prints where the log has a push that failed and its fallback."""

    def run(work: Callable[[TopicLog, Settings], Awaitable[object]]) -> object:
        return asyncio.run(work(filled(TRIED, FALLBACK), Settings(tenants=("demo",))))

    monkeypatch.setattr(command, "on_kafka", run)

    def ask(*words: str) -> list[str]:
        done = CliRunner().invoke(main, list(words), catch_exceptions=False)
        assert 0 == done.exit_code, done.output
        return [line for line in done.output.splitlines() if not line.startswith("1970")]

    return ask


def told(record: Decision) -> str:
    """Return how the sentences about a record begin."""
    return "After push failed, we tried sms. We" if record is FALLBACK else "We sent a message"


@pytest.mark.parametrize(
    ("about", "records"),
    [("c-1", (TRIED, FALLBACK)), (FIRST, (TRIED, FALLBACK)), (SECOND, (FALLBACK,))],
)
def test_why_tells_a_fallback_with_the_channel_before_it(
    asked: Callable[..., list[str]], about: str, records: tuple[Decision, ...]
) -> None:
    """Of the customer; of the trigger that failed, and what followed; of the fallback alone."""
    lines = asked("why", about)

    assert len(records) == len(lines)
    assert all(line.startswith(told(one)) for line, one in zip(lines, records, strict=True))


def test_why_not_tells_the_newest_occasion_of_a_campaign(
    asked: Callable[..., list[str]],
) -> None:
    """One record; the channel before it is looked for in another."""
    (line,) = asked("why-not", "c-1", "activation_nudge")

    assert line.startswith(told(FALLBACK))
