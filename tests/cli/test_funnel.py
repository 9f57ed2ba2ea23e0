"""`cardcue funnel` tells where cards and customers of banks stand, from insight's rows."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from click.testing import CliRunner

from cli.funnel import command
from cli.funnel.command import funnel_lines
from cli.funnel.standing import CUSTOMER_STAGES, CapPressure, Reached, standings
from cli.log import TopicLog
from cli.main import main
from schemas.codec import encode_row
from schemas.insight_rows import ArmState, EffectRow, FunnelRow, VersionState
from schemas.records import OutputRecord
from schemas.routing import STATE_TOPICS
from streams.memory_broker import MemoryBroker
from streams.settings import Settings
from tests.cli.memory_log import MemoryTopicLog
from tests.lifecycle.builders import T0


SHARES = {"default": 1_000_000}
FIRST, CLOSED = "first contacts by campaigns, of", "whose window has closed"
NOBODY = f"0 {FIRST} 0 {CLOSED} 0 converted"
HALF = "half of those that converted took less than"


def version(**arms: tuple[int, int, int]) -> VersionState:
    """Return a version with customers by arm: first exposed, window closed, and converted."""
    return VersionState(
        SHARES,
        arms={
            arm: ArmState(
                exposed_count=10 * first,
                first_count=first,
                converted_count=9 * converted,
                settled_count=8 * settled,
                first_settled_count=settled,
                first_converted_count=converted,
            )
            for arm, (first, settled, converted) in arms.items()
        },
    )


ROWS: Final[dict[bytes, object]] = {
    b"#offsets": {"lifecycle.outcomes.v1": {0: 7}},
    b"#funnel|0|demo": FunnelRow(
        T0, T0, {"issued": 6, "issued+activated": 1}, {"activated": 2}, {"activated": [0, 1, 1]}
    ),
    b"#funnel|1|demo": FunnelRow(
        T0 - 1, 0, {"issued|gone": 2, "issued+activated+first_spend": 1}, {}, {}
    ),
    b"#funnel|1|other": FunnelRow(T0, 0, {"activated": 1_234}, {}, {"activated": [0] * 8 + [1]}),
    b"#effect|0|demo|win_back": EffectRow(
        "win_back",
        T0,
        0,
        {1: version(default=(40, 16, 4), control=(9, 8, 2)), 2: version(x=(5, 3, 1))},
    ),
    b"#effect|1|demo|comeback": EffectRow(
        "win_back", T0, 0, {3: version(default=(5, 1, 0), holdout=(7, 7, 7))}
    ),
    b"#effect|1|demo|nudge": EffectRow("activate", T0, 0, {1: version(default=(99, 60, 9))}),
    b"#effect|0|demo|": EffectRow(
        "", T0, 0, {1: version(default=(999, 500, 99), holdout=(9, 9, 1))}
    ),
    b"#counts|0": {
        "decision|demo|win_back|suppressed|QUIET_HOURS": 3,
        "decision|demo|nudge|suppressed|CAP_GLOBAL": 4,
        "decision|demo|nudge|sent|": 50,
        "cap|demo|all|asked": 10,
        "cap|demo|all|stopped": 2,
        "passed|demo": 8,
    },
    b"#counts|0|1": {"decision|demo|nudge|suppressed|QUIET_HOURS": 1, "moved|demo": 9},
    b"#counts|1": {
        "decision|demo|nudge|suppressed|QUIET_HOURS": 2,
        "decision|third|nudge|deferred|QUIET_HOURS": 2,
        "decision|third|nudge|suppressed|OVERDUE": 1,
        "cap|demo|all|asked": 6,
        "cap|demo|all|filled": 1,
        "cap|demo|campaign|asked": 3,
    },
}
NEWEST = {key: encode_row(row) for key, row in ROWS.items()}


def test_partitions_of_a_bank_add_up_and_banks_do_not() -> None:
    """Three banks, one of which is known by a decision only."""
    found = standings(NEWEST)

    assert ["demo", "other", "third"] == [*found]
    assert (T0, T0, 0) == tuple(one.at_ms for one in found.values())
    demo = found["demo"].passages["activate"]
    assert (10, 2, 2, 6) == (
        demo.entered_count,
        demo.left_count,
        demo.converted_count,
        demo.waiting_count,
    )
    assert 1_234 == found["other"].passages["pay"].waiting_count


def test_first_contacts_are_told_without_who_is_kept_back() -> None:
    """In every version and partition; who converted is one of those whose window has closed."""
    reached = standings(NEWEST)["demo"].reached

    assert CUSTOMER_STAGES == tuple(reached)
    assert Reached(40 + 5 + 5, 16 + 3 + 1, 4 + 1) == reached.pop("win_back")
    assert [Reached()] * 4 == list(reached.values())


def test_reasons_are_the_most_frequent_first_and_caps_by_scope() -> None:
    """Of all campaigns together; what was sent or deferred is not suppressed."""
    found = standings(NEWEST)

    assert [("QUIET_HOURS", 6), ("CAP_GLOBAL", 4)] == list(found["demo"].suppressed.items())
    assert {"OVERDUE": 1} == found["third"].suppressed
    assert {"all": CapPressure(16, 1, 2), "campaign": CapPressure(3, 0, 0)} == found["demo"].caps


def test_row_that_is_gone_counts_nothing() -> None:
    """A tombstone is the newest value of its key."""
    assert {} == standings({b"#funnel|0|demo": None})


def test_bank_is_told_in_plain_words() -> None:
    """Stages of cards, silent cards, customers by further stage, then what held contacts back."""
    assert list(funnel_lines("demo", standings(NEWEST)["demo"])) == [
        "demo: last move 2023-11-14T22:13:20+00:00",
        f"  activate: 10 entered, 2 converted (20.0 %), 2 left, 6 wait; {HALF} 2.0 h",
        "  bind: 2 entered, 0 converted (0.0 %), 0 left, 2 wait",
        "  pay: 2 entered, 1 converted (50.0 %), 0 left, 1 wait",
        "  silent: 6 issued and not activated, 1 activated and not paid with",
        f"  acquire: {NOBODY}",
        f"  frequency_lift: {NOBODY}",
        f"  amount_lift: {NOBODY}",
        f"  instalment: {NOBODY}",
        f"  win_back: 50 {FIRST} 20 {CLOSED} 5 converted (25.0 %)",
        "  suppressed: 10 candidates (QUIET_HOURS 6, CAP_GLOBAL 4)",
        "  caps of scope all: stopped 2 of 16 asked (12.5 %), 1 were filled",
        "  caps of scope campaign: stopped 0 of 3 asked (0.0 %), 0 were filled",
    ]


def test_long_waits_are_told_in_days_and_no_moves_as_such() -> None:
    """192 hours are 8 days; a bank of which nothing but a decision is known has no funnel."""
    found = standings(NEWEST)

    other = [*funnel_lines("other", found["other"])]
    assert (
        "  activate: 1,234 entered, 1,234 converted (100.0 %), 0 left, 0 wait;"
        == (other[1].partition(" half")[0])
    )
    assert other[1].endswith("took less than 8.0 days")
    assert "  suppressed: 0 candidates" == other[-1]
    assert "third: no card has moved" == next(iter(funnel_lines("third", found["third"])))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what the command prints where the log has these rows, the first of each outdated."""
    broker = MemoryBroker(lambda: 0)
    topic = STATE_TOPICS["insight"]
    broker.create_topic(topic, 2)
    for key, value in NEWEST.items():
        for row in (b"outdated", value):
            broker.append(OutputRecord(topic, key, row, (), 0))

    def run(work: Callable[[TopicLog, Settings], Awaitable[object]], _: Settings) -> object:
        return asyncio.run(work(MemoryTopicLog(broker), Settings(tenants=("demo",))))

    monkeypatch.setattr(command, "on_kafka", run)

    def ask(*words: str) -> str:
        done = CliRunner().invoke(main, ["funnel", *words], catch_exceptions=False)
        assert 0 == done.exit_code, done.output
        return done.output

    return ask


def test_command_tells_every_bank_or_one(asked: Callable[..., str]) -> None:
    """By the newest row of each key."""
    every = asked()
    banks = [line.partition(":")[0] for line in every.splitlines() if not line.startswith(" ")]

    assert ["demo", "other", "third"] == banks
    assert asked("--tenant", "demo").splitlines() == every.splitlines()[:13]
    assert "nobody: insight knows of no card, campaign or decision\n" == asked("--tenant", "nobody")


def test_json_has_the_same_numbers(asked: Callable[..., str]) -> None:
    """One object by bank, for programs; of a bank that is not known an empty one."""
    found = json.loads(asked("--json"))

    assert {
        "entered_count": 10,
        "left_count": 2,
        "converted_count": 2,
        "waiting_count": 6,
        "waited_median_ms": 7_200_000,
    } == found["demo"]["passages"]["activate"]
    assert {"reached_count": 50, "settled_count": 20, "converted_count": 5} == (
        found["demo"]["reached"]["win_back"]
    )
    assert {"OVERDUE": 1} == found["third"]["suppressed"]
    assert {} == json.loads(asked("--json", "--tenant", "nobody"))
