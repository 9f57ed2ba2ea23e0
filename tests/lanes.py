"""
What of a whole run goes beside what (`make test`; a run in one process knows nothing of it).

What needs brokers, ports and processes waits most of the time, so that it goes in two lanes beside
what computes. In a lane one test follows the other: what is killed there has no neighbour of its
own kind to be starved by. What has no lane goes file by file to whoever is free.

A scheduler of ours, because xdist 3.8 finds no `xdist_group` under pytest 9: it writes the group
into a node's name, and pytest 9 takes the name from elsewhere, so that every test was a group.
"""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling


LANES: Final = {
    "proofs": ("tests/proof/",),
    "processes": (
        *("tests/agents/", "tests/deploy/", "tests/gateway/", "tests/kafka/"),
        *("tests/cli/test_demo_", "tests/cli/test_rejected_kafka", "tests/fuzz/test_fuzz_worker"),
    ),
}
"""Beginnings of node ids by lane, longest first."""


class LaneScheduling(LoadFileScheduling):
    """Gives a worker a whole lane or a whole file at a time."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what stays together with this test (xdist asks)."""
        return lane(nodeid) or super()._split_scope(nodeid)


def lane(nodeid: str) -> str:
    """Return a test's lane, "" where it has none."""
    return next((name for name, begun in LANES.items() if nodeid.startswith(begun)), "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LaneScheduling | None:
    """Let `--dist loadfile` know lanes."""
    return LaneScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the lanes begin before any file: they take longest."""
    if hasattr(config, "workerinput"):
        order = [*LANES, ""]
        items.sort(key=lambda item: order.index(lane(item.nodeid)))
