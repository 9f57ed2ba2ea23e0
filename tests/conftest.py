"""
What every test may ask for: a real Kafka, topic names of its own, the full length of a proof.

And what every test is held to: no error that somebody only logged, and with REQUIRE_ALL=1 no skip.
"""

import gc
import logging
import os
import re
import secrets
from collections.abc import Iterator

import pytest

from tests.kafka_server import KafkaServer, missing_tool
from tests.lanes import (  # noqa: F401 (hooks)
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)


OURS = ("agents", "asyncio", "cardcue", "cli", "lifecycle", "schemas", "streams")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`: proofs at the length that the mission asks for."""
    parser.addoption("--full", action="store_true", help="run the proofs at full length")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that loosens a rule of this file."""
    line = "logs_errors(why): errors in our log are what this test is about"
    config.addinivalue_line("markers", line)


def pytest_collection_finish() -> None:
    """Spare the collector what lives as long as the run: half a million objects, each time."""
    gc.collect()
    gc.freeze()


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure when REQUIRE_ALL=1 says that this machine has everything."""
    if os.environ.get("REQUIRE_ALL") != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"REQUIRE_ALL=1 allows no skip: {why}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Hold a test to `refuse_skip`."""
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Hold a module to `refuse_skip`."""
    report = yield
    refuse_skip(report)
    return report


class _Errors(logging.Handler):
    """Keeps what our own loggers say at ERROR or above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in OURS:
            self.said.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_error_is_only_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test when our code, or an asyncio task that nobody awaited, logged an error."""
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    yield
    if "asyncio" in request.keywords:
        gc.collect()  # a failed task complains when it is collected
    logging.getLogger().removeHandler(errors)
    if errors.said and request.node.get_closest_marker("logs_errors") is None:
        pytest.fail("errors were logged: " + "; ".join(errors.said))


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Return whether the proofs run at full length."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """
    Yield the address of a real Kafka: KAFKA_BOOTSTRAP, or a broker that lives as long as the run.

    Shared by all tests: take topic names from `topic_prefix`, and break it never.
    """
    if named := os.environ.get("KAFKA_BOOTSTRAP"):
        yield named
        return
    if why := missing_tool():
        pytest.skip(why)
    with KafkaServer() as server:
        yield server.bootstrap


@pytest.fixture
def own_kafka() -> Iterator[KafkaServer]:
    """Yield a started broker that belongs to this test, which may stop, kill and restart it."""
    if why := missing_tool():
        pytest.skip(why)
    with KafkaServer() as server:
        yield server


@pytest.fixture
def topic_prefix(request: pytest.FixtureRequest) -> str:
    """Return a prefix for topic, group and transaction names of this test alone, dot included."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())
    return f"{name[:40].strip('-')}-{secrets.token_hex(4)}."
