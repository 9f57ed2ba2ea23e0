"""Entries with rules, local hours and dates: what `cardcue policy check` says of each, by line."""

from pathlib import Path

import pytest

from cli.policy_file import read_policy
from cli.policy_words import read_minute, read_moment
from schemas.campaign import CountEntry, EventCondition, SequenceEntry
from tests.cli.campaign_text import GOOD, line_of, mistake, text_of


ABSENCE = """\
entry:
  kind: absence
  after: card.issued
  without: card.activated # ends the journey at once; known late, it corrects the record
"""
HOUR = 3_600_000


def entry(*lines: str) -> str:
    """Return the activation nudge with another entry and no exits."""
    assert ABSENCE in GOOD
    other = "entry:\n" + "".join(f"  {line}\n" for line in lines)
    return GOOD.replace(ABSENCE, other).replace("exit_on: [card.activated]", "exit_on: []")


def told(tmp_path: Path, text: str) -> str:
    """Return what is said about a file, without its path."""
    return mistake(tmp_path, "priority: 60", "priority: 60", text=text)


COUNT = ("kind: count", "on: app.session", "count_min: 3", "window: 2d", 'if: event.surface == "x"')
SEQUENCE = (
    "kind: sequence",
    "of:",
    "  - {on: coupon.issued}",
    "  - {on: txn.declined, if: event.amount_minor > 5}",
    "within: 2d",
)
WHEN = ("kind: event", "when:", "  - on: txn.declined", "    if: event.amount_minor > 5")
DRIFT = ("kind: drift", "of: amount", "decline_ppm_min: 5", "if: event.amount_minor > 5")


@pytest.mark.parametrize("lines", [COUNT, SEQUENCE, WHEN, DRIFT], ids=lambda lines: lines[0])
def test_entry_is_good(tmp_path: Path, lines: tuple[str, ...]) -> None:
    """One of each kind, whose rule reads the event."""
    file = tmp_path / "campaign.yaml"
    file.write_text(entry(*lines), encoding="utf-8")

    kind = read_policy(file, tenant="bank").entry.__struct_config__.tag
    assert lines[0] == f"kind: {kind}"


def test_durations_of_entries_are_in_milliseconds(tmp_path: Path) -> None:
    """`window: 2d` and `within: 2d`."""
    file = tmp_path / "campaign.yaml"
    file.write_text(entry(*COUNT), encoding="utf-8")
    count = read_policy(file, tenant="bank").entry
    file.write_text(entry(*SEQUENCE), encoding="utf-8")
    sequence = read_policy(file, tenant="bank").entry

    assert isinstance(count, CountEntry)
    assert isinstance(sequence, SequenceEntry)
    assert (48 * HOUR, 48 * HOUR) == (count.window_ms, sequence.within_ms)


@pytest.mark.parametrize(
    ("lines", "old", "new", "said"),
    [
        (COUNT, "on: app.session", "on: app.eaten", "entry.on: wanted one of application.started"),
        (
            COUNT,
            "surface",
            "amount_minor",
            "entry.if: column 6: wanted a declared name or function",
        ),
        (COUNT, "count_min: 3", "count_min: 1", "entry.count_min: wanted int >= 2, found 1"),
        (COUNT, "count_min: 3", "count_min: 17", "entry.count_min: wanted int <= 16, found 17"),
        (COUNT, "window: 2d", "window: 0d", "entry.window: wanted int >= 1, found 0"),
        (COUNT, "window: 2d", "window_ms: 5", "entry.window_ms: wanted it without _ms, as 72h"),
        (SEQUENCE, "> 5}", '> "5"}', "entry.of[1].if: column 20: wanted two of int or of string"),
        (SEQUENCE, "> 5}", "+ 5}", "entry.of[1].if: column 20: wanted a rule that gives bool"),
        (SEQUENCE, "on: coupon.issued", "on: tick", "entry.of[0].on: wanted one of application."),
        (SEQUENCE, "  - {on: coupon.issued}\n", "", "entry.of: wanted list of length >= 2"),
        (WHEN, "event.amount_minor", "event.mcc", "entry.when[0].if: column 6: wanted a declared"),
        (WHEN, "- on: txn.declined", "- on: txn.eaten", "entry.when[0].on: wanted one of app"),
        (
            DRIFT,
            "of: amount",
            "of: both",
            "entry.of: wanted one of amount, either, frequency, found",
        ),
        (DRIFT, "amount_minor > 5", "due_date > 5", "entry.if: column 6: wanted a declared name"),
    ],
)
def test_mistake_in_an_entry_is_told(
    tmp_path: Path, lines: tuple[str, ...], old: str, new: str, said: str
) -> None:
    """With its line and path, as everywhere."""
    text = entry(*lines)
    assert 1 == text.count(old)

    found = told(tmp_path, text.replace(old, new))
    line, _, rest = found.partition(": ")
    assert rest.startswith(said)
    here = new or "of:"
    assert line_of(text.replace(old, new), here.strip()) == int(line)


def test_unknown_field_of_an_event_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    """Whoever writes a rule sees what may be read."""
    found = told(tmp_path, entry(*WHEN).replace("event.amount_minor", "event.mcc"))

    names = (
        "event.auth_id, event.card_token, event.amount_minor, event.currency, event.decline_class"
    )
    assert found.endswith(f"found event.mcc; there is {names}")


def test_clause_has_no_event_to_read(tmp_path: Path) -> None:
    """It is asked when a step is due."""
    clause = "priority: 60\nsuitability:\n  - {id: small, if: event.amount_minor < 5}"
    found = mistake(tmp_path, "priority: 60", clause)

    said = "found event.amount_minor; there is no event, for a clause is asked when it is due"
    assert found.endswith(said)


def test_entry_without_any_condition_is_refused(tmp_path: Path) -> None:
    """Nothing could meet it."""
    found = told(tmp_path, entry("kind: event", "when: []"))

    assert found.endswith("entry.when: wanted one condition or more, found none")


def test_rule_about_an_absence_reads_what_it_comes_after(tmp_path: Path) -> None:
    """card.issued has a kind of issue; card.activated, which is missed, has an entry channel."""
    good = ABSENCE + '  if: event.issue_type == "new"\n'
    file = tmp_path / "campaign.yaml"
    file.write_text(GOOD.replace(ABSENCE, good), encoding="utf-8")
    read_policy(file, tenant="bank")

    wrong = ABSENCE + '  if: event.entry_channel == "app"\n'
    assert "entry.if: column 6" in told(tmp_path, GOOD.replace(ABSENCE, wrong))


def test_exit_with_a_rule_is_read(tmp_path: Path) -> None:
    """Beside exits by name."""
    both = "exit_on: [card.activated, {on: txn.posted, if: event.amount_minor > 5}]"
    file = tmp_path / "campaign.yaml"
    file.write_text(GOOD.replace("exit_on: [card.activated]", both), encoding="utf-8")
    named, ruled = read_policy(file, tenant="bank").exit_on

    assert "card.activated" == named
    assert isinstance(ruled, EventCondition)
    assert ruled.rule is not None
    assert ("txn.posted", "event.amount_minor > 5") == (ruled.on, ruled.rule.text)


@pytest.mark.parametrize(
    ("exit_", "said"),
    [
        ("{on: txn.eaten, if: 'true'}", "exit_on[0].on: wanted one of application.started"),
        ("{on: txn.posted, if: event.x}", "exit_on[0].if: column 6: wanted a declared name"),
        ("{on: risk.flagged}", "exit_on[0].on: wanted one of card.issued"),
        ("{on: txn.posted, if: true}", "exit_on[0].if: wanted a rule as text, found bool"),
        ("{if: 'true'}", "exit_on[0]: wanted the field on, found none"),
    ],
)
def test_exit_that_cannot_be_is_refused(tmp_path: Path, exit_: str, said: str) -> None:
    """A type that nobody has, a field that it lacks, an event without a card, no event at all."""
    found = mistake(tmp_path, "exit_on: [card.activated]", f"exit_on: [{exit_}]")

    assert found.startswith(f"{line_of(GOOD, 'exit_on')}: {said}")


def test_exit_with_a_rule_cannot_end_a_silence_by_a_purchase(tmp_path: Path) -> None:
    """The purchase begins the next by itself."""
    found = mistake(
        tmp_path,
        "exit_on: []",
        "exit_on: [{on: txn.posted, if: event.amount_minor > 5}]",
        text=text_of("win_back"),
    )

    assert "exit_on[0].on: wanted an event that ends a silence" in found


def test_hour_and_dates_are_read(tmp_path: Path) -> None:
    """10:30 is minute 630; a moment is one in UTC."""
    text = GOOD.replace("delay: 72h}", 'delay: 72h, at: "10:30"}')
    text += "start: 2026-01-01T00:00:00+08:00\nend: 2026-02-01T00:00:00Z\n"
    file = tmp_path / "campaign.yaml"
    file.write_text(text, encoding="utf-8")
    campaign = read_policy(file, tenant="bank")

    assert [630, None] == [step.at_minute for step in campaign.steps]
    assert (1_767_196_800_000, 1_769_904_000_000) == (campaign.start_at_ms, campaign.end_at_ms)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "delay: 72h}",
            "delay: 72h, at: 24:00}",
            "steps[0].at: wanted a time of day such as 10:00",
        ),
        (
            "delay: 72h}",
            "delay: 72h, at_minute: 5}",
            "steps[0].at_minute: wanted it without _minute",
        ),
        (
            "priority: 60",
            "start: 2026-01-01",
            "start: wanted a moment such as 2026-01-01T00:00:00+",
        ),
        ("priority: 60", "end_at_ms: 5", "end_at_ms: wanted it without _ms, as 2026-01-01T00"),
    ],
)
def test_hour_or_date_that_cannot_be_read_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Nothing is guessed: no zone, no seconds, no day alone."""
    found = mistake(tmp_path, old, new)

    assert found.partition(": ")[2].startswith(said)


def test_end_comes_after_the_start(tmp_path: Path) -> None:
    """At the same moment it would never run."""
    dates = "priority: 60\nstart: 2026-01-01T08:00:00+08:00\nend: 2026-01-01T00:00:00Z"

    assert "end: wanted an end after the start" in mistake(tmp_path, "priority: 60", dates)


def test_due_date_has_no_hour(tmp_path: Path) -> None:
    """Its steps have a lead before the end of a day in UTC (ADR 8)."""
    found = mistake(
        tmp_path, "lead: 3d", 'lead: 3d, at: "10:00"', text=text_of("repayment_reminder")
    )

    assert "steps[0].at: wanted a lead alone, in a campaign of kind due_date" in found


def test_clause_cannot_be_called_as_the_houses_dates(tmp_path: Path) -> None:
    """Records would not tell them apart."""
    clause = "priority: 60\napplicability:\n  - {id: dates, if: staff}"

    assert "applicability[0].id: wanted a name that the house" in mistake(
        tmp_path, "priority: 60", clause
    )


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("10:30", 630), ("23:59", 1_439)])
def test_time_of_day_is_a_minute(text: str, minute: int) -> None:
    """Of 1,440."""
    assert minute == read_minute(text)


@pytest.mark.parametrize(
    "text", ["", "24:00", "9:00", "10:60", "10:00:00", "\uff11\uff10:00", "10.00"]
)
def test_other_text_is_no_time_of_day(text: str) -> None:
    """Two digits and two, in ASCII."""
    with pytest.raises(ValueError, match="wanted a time of day such as 10:00, found"):
        read_minute(text)


@pytest.mark.parametrize("text", ["", "2026-01-01", "2026-01-01T00:00:00", "2201-01-01T00:00:00Z"])
def test_other_text_is_no_moment(text: str) -> None:
    """RFC 3339 with an offset, and a year that the house knows."""
    with pytest.raises(ValueError, match="wanted a moment such as 2026-01-01T00:00:00"):
        read_moment(text)
