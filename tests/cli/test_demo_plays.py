"""
The demonstration as a whole, small: broker, real workers, two banks, and a reckoning that adds up.

What it promises a stranger: every record accounted for, every campaign seen, the same seed the
same triggers, a clear sentence when something is wrong, and nothing left behind.
"""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.demo.histories import Wanted, histories
from cli.demo.play import Played, play
from cli.demo.reconcile import differences
from cli.demo.screen import Screen
from cli.demo.setting import WORKER_COUNT


pytestmark = pytest.mark.slow

CUSTOMER_COUNT = 120
PLAY_S_MAX = 300.0
STOP_S_MAX = 60.0
TEN = {
    *("activation_nudge", "amount_lift", "bind_incentive", "first_spend_offer"),
    *("frequency_lift", "instalment_push", "repayment_reminder", "temporary_limit"),
    *("win_back", "win_back_decline"),
}
WANTED = Wanted(seed=1, customer_count=CUSTOMER_COUNT)


@pytest.fixture(scope="module")
def played() -> tuple[Played, str]:
    """Return what one play has left, and what it has printed."""
    out = io.StringIO()
    return play(WANTED, Screen(out)), out.getvalue()


class Running:
    """`cardcue demo` in a session of its own, its temporary folder apart."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Start it; `folder` is where it may put things for a while."""
        self.folder = folder
        self.out = folder.with_name(f"{folder.name}.out")
        folder.mkdir()
        environ = {name: v for name, v in os.environ.items() if not name.startswith("CARDCUE_S")}
        with self.out.open("wb") as said:
            self.demo = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "demo", *options],
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environ | {"TMPDIR": str(folder)},
                start_new_session=True,
            )

    def said(self) -> str:
        """Return what it has printed so far."""
        return self.out.read_text(errors="replace")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to be so."""
        deadline_s = time.monotonic() + PLAY_S_MAX
        while not condition():
            assert time.monotonic() < deadline_s, f"wanted {what}, found:\n{self.said()}"
            assert self.demo.poll() is None, f"wanted {what}, found the end:\n{self.said()}"
            time.sleep(0.02)

    def children(self) -> list[int]:
        """Return the process ids of what it has started."""
        return [pid for pid, (_, parent) in running_now().items() if parent == self.demo.pid]

    def kill(self) -> None:
        """End it and what it started, if a test did not."""
        for pid in (*self.children(), self.demo.pid) if self.demo.poll() is None else ():
            os.kill(pid, signal.SIGKILL)
        self.demo.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts the command; what it left running is ended."""
    running: list[Running] = []

    def begin(*options: str) -> Running:
        running.append(Running(tmp_path / f"temporary-{len(running)}", *options))
        return running[-1]

    yield begin
    for each in running:
        each.kill()


def running_now() -> dict[int, tuple[str, int]]:
    """Return state and parent of every process by its id; one that waits to be buried is none."""
    if Path("/proc/self/stat").exists():  # a bare container has no `ps`
        lines = [_told_by(stat) for stat in Path("/proc").glob("[0-9]*/stat")]
    else:
        listed = ["ps", "-A", "-o", "pid=,stat=,ppid="]
        told = subprocess.run(listed, capture_output=True, check=True, text=True)
        lines = told.stdout.splitlines()
    found = (line.split()[:3] for line in lines if line)
    return {int(pid): (state, int(up)) for pid, state, up in found if not state.startswith("Z")}


def _told_by(stat: Path) -> str:
    """Return id, state and parent as Linux says them; "" of a process that has gone meanwhile."""
    try:
        pid, rest = stat.read_text(errors="replace").split(" (", 1)
    except OSError:
        return ""
    return f"{pid} {rest.rpartition(') ')[2]}"


def test_demo_accounts_for_every_record_of_both_banks(played: tuple[Played, str]) -> None:
    """I1: what was sent, a receipt for each trigger, an answer for each grant; all of it ended."""
    evidence = played[0].evidence
    trigger_count = len(evidence.gateway.trigger_ids)
    answer_count = (evidence.offers.granted + evidence.offers.refused).total()
    record_count = sum(len(past.records) for past in histories(WANTED))
    in_count = sum(count for (_, kind), count in evidence.sent.items() if kind == "events")

    assert [] == differences(evidence, played[0].histories)
    assert record_count + trigger_count + answer_count == in_count
    assert trigger_count > answer_count > 0
    assert trigger_count == evidence.gateway.received_count > CUSTOMER_COUNT


def test_demo_ends_with_the_summary_as_one_json_line(
    played: tuple[Played, str], start: Callable[..., Running]
) -> None:
    """The last line is the reckoning, the same in another process: the seed decides, not luck."""
    running = start("--json", "--customers", str(CUSTOMER_COUNT))
    assert 0 == running.demo.wait(PLAY_S_MAX), running.said()
    found = json.loads(running.said().splitlines()[-1])

    assert ["in", "applied", "ignored", "rejected", "triggers"] == list(found)
    ended = [sum(found[name].values()) for name in ("applied", "ignored", "rejected")]
    assert sum(ended) == found["in"]
    assert TEN == set(found["triggers"])
    assert min(found["triggers"].values()) > 0
    assert sum(found["triggers"].values()) == len(played[0].evidence.gateway.trigger_ids)
    assert [] == list(running.folder.iterdir())


def test_same_seed_gives_the_same_triggers(played: tuple[Played, str]) -> None:
    """I2: the same ids in another run on another broker, though nothing else is timed alike."""
    again = play(WANTED, Screen(io.StringIO()))

    assert played[0].evidence.gateway.trigger_ids == again.evidence.gateway.trigger_ids
    assert played[0].evidence.gateway.received == again.evidence.gateway.received


def test_demo_shows_banner_funnel_triggers_and_metrics(played: tuple[Played, str]) -> None:
    """What a stranger sees: the broker's limits, stages by bank, triggers, where to look."""
    out = played[1]

    assert "EMBEDDED BROKER: for a demonstration only" in out
    funnel = f"issued {CUSTOMER_COUNT} > activated {CUSTOMER_COUNT} > bound 0 > first_spend"
    assert f"{funnel} {CUSTOMER_COUNT}" in out
    for line in (
        r"  sms  <- bank  c\d{6}  activation_nudge/first 2024-\d\d-\d\d",
        r"  sms  <- bank  c\d{6}  bind_incentive/first 2024-\d\d-\d\d",
        r"  sms  <- bank  c\d{6}  first_spend_offer/first 2024-\d\d-\d\d",
        r"  sms  <- bank  c\d{6}  repayment_reminder/first 2024-\d\d-\d\d .*due_date=2024-\d\d-",
        r"  (push|sms ) <- bank  c\d{6}  instalment_push/offer 2024-\d\d-\d\d amount_minor=\d+ cur",
        r"  sms  <- cdnow c-\d{5}  win_back/only 199[78]-\d\d-\d\d silent_days=\d+",
    ):
        assert re.search(line, out), line
    place = r"http://127\.0\.0\.1:\d+/metrics"
    assert re.search(f"metrics: reading {place}, deciding {place}, learning {place}", out)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("Never prove reliability", signal.SIGINT),  # the worker is just being started
        ("activation_nudge/", signal.SIGINT),
        ("activation_nudge/", signal.SIGTERM),
    ],
)
def test_interrupted_demo_leaves_nothing_behind(
    start: Callable[..., Running], moment: str, number: signal.Signals
) -> None:
    """Ctrl-C: no process, no file, no port, and an exit code that says what happened."""
    running = start("--customers", str(CUSTOMER_COUNT))
    running.wait_until(lambda: moment in running.said() and bool(running.children()), moment)
    started = running.children()
    running.demo.send_signal(number)

    assert 130 == running.demo.wait(STOP_S_MAX)
    assert "stopped; nothing is left behind" == running.said().splitlines()[-1]
    assert [] == [pid for pid in started if pid in running_now()]
    assert [] == list(running.folder.iterdir())


def page_at(address: str) -> bytes:
    """Return what is shown at an address, nothing while nobody listens there yet."""
    try:
        with urllib.request.urlopen(address, timeout=STOP_S_MAX) as page:  # noqa: S310 (http, ours)
            shown: bytes = page.read()
            return shown
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("worker", "metric"),
    [
        ("reading", b"cardcue_records_forwarded_total{"),
        ("deciding", b"cardcue_records_applied_total{"),
        ("learning", b'cardcue_commit_seconds_count{fold="insight"}'),
    ],
)
def test_demo_serves_metrics_while_it_plays(
    start: Callable[..., Running], worker: str, metric: bytes
) -> None:
    """The addresses that are printed answer with what each worker has counted so far."""
    running = start("--customers", str(CUSTOMER_COUNT))
    running.wait_until(lambda: "activation_nudge/" in running.said(), "a trigger")
    address = re.search(rf"metrics: .*{worker} (http[^\s,]+)", running.said())
    assert address is not None
    place = address[1]
    running.wait_until(lambda: metric in page_at(place), metric.decode())

    running.demo.send_signal(signal.SIGINT)
    assert 130 == running.demo.wait(STOP_S_MAX)


@pytest.mark.parametrize("number", range(WORKER_COUNT))
def test_demo_says_so_when_a_worker_dies(start: Callable[..., Running], number: int) -> None:
    """The embedded broker allows no restart: exit 1 and a sentence, not a hang."""
    running = start("--customers", str(CUSTOMER_COUNT))
    running.wait_until(lambda: "activation_nudge/" in running.said(), "a trigger")
    workers = running.children()
    assert WORKER_COUNT == len(workers)
    os.kill(workers[number], signal.SIGKILL)

    assert 1 == running.demo.wait(STOP_S_MAX)
    assert "Error: wanted a running worker, found exit code -9" in running.said()
    assert [] == list(running.folder.iterdir())
    assert [] == [pid for pid in workers if pid in running_now()]
