"""The pieces of the demonstration, each alone: ledger, gateway, screen, child, interrupts."""

import io
import json
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.demo.bank import HOUR_MS
from cli.demo.child import Child, WorkerDiedError, environment
from cli.demo.gateway import FAILED_PERCENT, Gateway, failed
from cli.demo.histories import UPSTREAM
from cli.demo.house import claimed_port, free_port
from cli.demo.interrupts import SIGNALS, Interrupts
from cli.demo.ledger import Ledger, by_last, total
from cli.demo.live import sample
from cli.demo.screen import Screen
from cli.demo.setting import demo_settings, write_settings
from lifecycle.ids import derived_id
from schemas.events import DeliveryReceipt
from schemas.examples import TRIGGER
from schemas.incoming import SourceReader
from schemas.records import StoredRecord
from schemas.routing import SourceBinding
from streams.port import SourcePartition
from streams.settings import read_settings
from streams.topic_table import FOLDS
from tests.cli.demo_fakes import (
    Told,
    counts_row,
    messages,
    row,
    source_row,
    tick_row,
    trigger,
    trigger_told,
)


class Terminal(io.StringIO):
    """A terminal that remembers what it was sent."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


class Clock:
    """Seconds moved by hand."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def test_ledger_keeps_the_newest_row_of_each_key() -> None:
    """Rows are totals, not additions: a later one replaces, and partitions add up."""
    ledger = Ledger()
    ledger.take(messages(counts_row(0, {"applied|bank|card.issued": 1})))
    ledger.take(
        messages(
            counts_row(0, {"applied|bank|card.issued": 3}),
            counts_row(7, {"applied|bank|card.issued": 2, "ignored|cdnow|DUPLICATE": 1}),
            source_row("bank.card.issue.v1", 1, {"forwarded|bank|card.issued": 5}),
            source_row("bank.card.issue.v1", 1, {"forwarded|bank|card.issued": 6}),
            tick_row("bank", 1_000),
            tick_row("bank", 2_000),
            Told("lifecycle.state.v1", b"bank|c-1", b"a customer's row, passed over"),
        )
    )

    assert 5 == total(ledger.decided(), "applied") == total(ledger.decided(), "applied", "bank")
    assert 0 == total(ledger.decided(), "applied", "cdnow")
    assert {"DUPLICATE": 1} == by_last(ledger.decided(), "ignored")
    assert 6 == ledger.read_count(SourcePartition("bank.card.issue.v1", 1))
    assert 2_000 == ledger.ticks["bank"].watermark_at_ms


def test_ledger_counts_a_clamped_record_once() -> None:
    """`clamped` stands beside what became of a record, it is no fate of its own."""
    ledger = Ledger()
    source = SourcePartition("bank.card.spend.v1", 0)
    counts = {"forwarded|bank|txn.posted": 4, "rejected||NOT_JSON": 1, "clamped|bank|": 2}
    ledger.take(messages(source_row(*source, counts)))

    assert 5 == ledger.read_count(source)


def test_ledger_knows_how_far_each_task_has_read() -> None:
    """The offsets rows of several tasks complete each other."""
    ledger = Ledger()
    ledger.take(
        messages(
            row("ingest", "#offsets", {"bank.card.spend.v1": {0: 17}}),
            row("ingest", "#offsets", {"bank.card.spend.v1": {1: 4}}),
            row("lifecycle", "#offsets", {"lifecycle.journal.v1": {3: 9}}),
        )
    )

    assert {
        SourcePartition("bank.card.spend.v1", 0): 17,
        SourcePartition("bank.card.spend.v1", 1): 4,
        SourcePartition("lifecycle.journal.v1", 3): 9,
    } == ledger.positions


def test_gateway_sends_a_trigger_once_and_tells_of_a_repeat() -> None:
    """B1: the id is the idempotency key."""
    gateway = Gateway()
    one = trigger_told(trigger("bank", "win_back", "00000000-0000-8000-8000-0000000000ff"))

    assert 1 == len(list(gateway.take(messages(one, one))))
    assert (2, 1) == (gateway.received_count, gateway.repeated_count)
    assert {"00000000-0000-8000-8000-0000000000ff"} == gateway.trigger_ids


def test_gateway_answers_every_trigger_with_one_receipt_that_ingest_accepts() -> None:
    """G1: tenant, customer and trigger are echoed; a failure is reported, but only at the end."""
    gateway = Gateway()
    ids = [derived_id("bank", "win_back", f"k|{number}", "only", "0") for number in range(5_000)]
    triggers = [trigger("bank", "win_back", each) for each in ids]
    assert not gateway.has_failures
    delivered = [receipt for each in triggers for receipt in gateway.deliver(each)]
    reported = list(gateway.report_failures())

    assert 5_000 == len(delivered) + len(reported)
    assert len(reported) == sum(map(failed, triggers))
    assert 0.75 * FAILED_PERCENT["sms"] < len(reported) / 50 < 1.25 * FAILED_PERCENT["sms"]
    assert [] == list(gateway.report_failures())
    reader = SourceReader(SourceBinding(topic="gateway.receipt.v1"), ["bank"])
    statuses: dict[str, str] = {}
    for sent in [*delivered, *reported]:
        stored = StoredRecord(*sent.source, 0, 2**41, sent.key, sent.value, sent.headers)
        read = reader.read(stored)
        assert isinstance(read.record, DeliveryReceipt)
        assert ("bank", "c-1") == (read.tenant, read.customer_token)
        statuses[read.record.trigger_id] = read.record.status
    assert {each.trigger_id: "failed" if failed(each) else "delivered" for each in triggers} == (
        statuses
    )


def test_gateway_reports_failures_in_the_order_of_their_triggers() -> None:
    """The oldest first, whatever the order in which they came: a seed is one story."""
    gateway, ids = Gateway(), ["00-0000", "01-0000", "02-0000"]
    triggers = [replace(trigger("bank", "a", each), channel="push") for each in ids]
    later, second, first = (
        replace(each, issued_at_ms=at) for each, at in zip(triggers, (9, 5, 5), strict=True)
    )
    assert [] == [sent for each in (later, first, second) for sent in gateway.deliver(each)]

    bodies = [json.loads(sent.value or b"") for sent in gateway.report_failures()]
    assert [second.trigger_id, first.trigger_id, later.trigger_id] == [
        body["trigger_id"] for body in bodies
    ]


def test_sample_line_says_whose_why_and_when() -> None:
    """What the gateway got, in one line: token, campaign and step, day on the bank's clock."""
    shown = sample(trigger("bank", "activation_nudge", "t-1"))

    assert f"  sms  <- bank  c-1      activation_nudge/{TRIGGER.step} 2026-03-05" == shown


def test_screen_redraws_its_block_on_a_terminal() -> None:
    """The lines of the block before go away; what was said stays above."""
    out, clock = Terminal(), Clock()
    screen = Screen(out, now_s=clock)
    screen.show(lambda: ["one", "two"])
    screen.show(lambda: ["too soon"])
    screen.say("stays")
    clock.now_s += 1
    screen.show(lambda: ["three"])

    assert "one\ntwo\n\x1b[2F\x1b[Jstays\nthree\n" == out.getvalue()


def test_screen_cuts_what_would_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped line takes two lines of the screen, and only one would be taken away."""
    monkeypatch.setenv("COLUMNS", "11")
    out = Terminal()
    Screen(out).show(lambda: ["0123456789abcdef"])

    assert "0123456789\n" == out.getvalue()


def test_screen_prints_plain_lines_elsewhere_and_not_too_many() -> None:
    """No escape sequence in a file; one block in five seconds, and at once when asked."""
    out, clock = io.StringIO(), Clock()
    screen = Screen(out, now_s=clock)
    for _ in range(11):
        screen.show(lambda: [f"at {clock.now_s:.0f}"])
        clock.now_s += 1
    screen.show(lambda: ["last"], now=True)

    assert "at 0\nat 5\nat 10\nlast\n" == out.getvalue()


def test_worker_gets_the_settings_of_the_demonstration_and_no_other(tmp_path: Path) -> None:
    """Variables of another deployment would win over the file."""
    for settings in demo_settings("127.0.0.1:1", (7, 8, 9)):
        path = write_settings(settings, tmp_path)
        found = environment({"CARDCUE_BOOTSTRAP": "elsewhere:9092", "PATH": "/bin"}, path)

        assert settings == read_settings(found)
        assert ("/bin", str(tmp_path)) == (found["PATH"], found["TMPDIR"])


def test_workers_have_every_fold_once_and_a_port_each() -> None:
    """The embedded broker fences nobody: two workers of one fold would both write."""
    settings = demo_settings("127.0.0.1:1", (7, 8, 9))

    assert sorted(FOLDS) == sorted(fold for one in settings for fold in one.folds)
    assert [7, 8, 9] == [one.http_port for one in settings]
    assert 3 == len({one.instance_id for one in settings})


def test_worker_that_ends_is_named_with_its_code_and_last_words(tmp_path: Path) -> None:
    """Exit 78, as the worker says it of settings that cannot be used; nothing to stop is left."""
    path = tmp_path / "settings.yaml"
    path.write_text("no_such_setting: 1\n")
    child = Child(path)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    with pytest.raises(WorkerDiedError, match=r"exit code 78:(.|\n)*no_such_setting"):
        child.check()
    child.stop()
    child.stop()


def test_port_is_the_usual_one_unless_somebody_has_it() -> None:
    """Two demonstrations run side by side; each prints the address that is its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in {0, port}
    assert port == free_port(port)


def test_port_is_one_demonstrations_before_its_worker_has_bound_it() -> None:
    """Between looking and binding no second demonstration takes the port; after the end it may."""
    port = free_port(0)
    with claimed_port(port) as first, claimed_port(port) as second:
        assert first == port
        assert second not in {0, port}
    with claimed_port(port) as third:
        assert third == port


def test_history_runs_ahead_less_than_from_one_booking_to_the_next() -> None:
    """One round holds one booking of the bank, so the same seed gives the same triggers."""
    reading = demo_settings("broker:1", (0, 0, 0))[0]
    assert HOUR_MS < reading.backfill_lead_ms < UPSTREAM.booked_each_ms


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_strikes_at_the_next_check_and_not_before(number: signal.Signals) -> None:
    """The worker is never between started and known when Ctrl-C comes."""
    before = signal.getsignal(number)
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(number)
        torn = json.loads("[1]")  # whatever runs now runs to its end
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()

    assert [1] == torn
    assert before is signal.getsignal(number)
    assert sys.exc_info() == (None, None, None)
