"""Faust users find what they expect: `faust -A agents.worker` with its own commands."""

import sys

import pytest

from tests.agents.house import ALL_TASKS, House
from tests.agents.upstream import SPEND, purchase


FAUST = ("faust", "-A", "agents.worker")

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_faust_lists_the_agents_with_what_they_do(house: House) -> None:
    """`faust -A agents.worker agents --local`: four, on channels of ours, and what each is for."""
    done = house.run(*FAUST, "agents", "--local")
    assert 0 == done.returncode, done.stderr

    rows = [line.strip("|").split("|") for line in done.stdout.splitlines() if "LOCAL" in line]
    assert {
        "@ingest": "Validate source records and re-key them to their customer's journal partition.",
        "@clock": "Turn the progress of every ingest task into ticks: now and watermark of each"
        " tenant.",
        "@lifecycle": "Fold the journal into customer state, decisions and triggers.",
        "@learning": "Learn from exposures and outcomes, and publish snapshots into the journal.",
        "@insight": "Add up what campaigns have caused, and hold those that do harm.",
    } == {name.strip(): told.strip() for name, _, told in rows}


@pytest.mark.parametrize("loop", [("-L", "uvloop"), ()])
def test_faust_runs_the_worker(house: House, loop: tuple[str, ...]) -> None:
    """`faust -A agents.worker worker -l info` is the same worker, on either loop; SIGTERM: 0."""
    command = (sys.executable, "-m", *FAUST, *loop, "worker", "-l", "info")
    worker = house.worker("first", command=command)
    worker.await_tasks(*ALL_TASKS)
    worker.await_ready()
    assert [("127.0.0.1", worker.port)] == worker.listening()
    house.send(SPEND, purchase(f"faust-{len(loop)}", 1))
    house.await_folded(worker)

    assert 0 == worker.stop()
    assert bool(loop) == ("+uvloop" in worker.log.read_text())
