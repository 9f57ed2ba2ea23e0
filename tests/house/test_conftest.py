"""The rules that tests/conftest.py holds every test to can fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kafka_server import ROOT


SKIPS = """
import pytest
def test_without_tool(): pytest.skip("no such tool")
@pytest.mark.skip(reason="not today")
def test_marked(): assert True
@pytest.mark.xfail(strict=True, reason="known")
def test_known(): assert False
"""
SKIPPED_MODULE = """
import pytest
pytest.importorskip("no_such_package", exc_type=ImportError)
"""
ERRORS = """
import asyncio, logging, pytest
def test_silent(): logging.getLogger("streams.shell").warning("slow")
def test_foreign(): logging.getLogger("aiokafka").error("retrying")
def test_logged(): logging.getLogger("streams.shell").error("lost a row")
@pytest.mark.logs_errors("the error is the subject")
def test_allowed(): logging.getLogger("streams.shell").error("lost a row")
async def test_forgotten_task():
    async def fail(): raise ValueError("nobody looked")
    asyncio.ensure_future(fail())
    await asyncio.sleep(0)
"""


def outcomes(folder: Path, source: str, **environment: str) -> tuple[int, str]:
    """Return the exit code and the report of pytest, under our conftest, over one test file."""
    (folder / "test_sample.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-rA",
        "-p",
        "no:cacheprovider",
    ]
    plain = {name: value for name, value in os.environ.items() if name != "REQUIRE_ALL"}
    done = subprocess.run(
        [*command, folder],
        cwd=folder,
        env={**plain, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_skip_is_a_skip_without_require_all(tmp_path: Path) -> None:
    """A machine that lacks a tool skips, and says so."""
    code, report = outcomes(tmp_path, SKIPS)

    assert 0 == code
    assert "2 skipped, 1 xfailed" in report


def test_skip_fails_with_require_all(tmp_path: Path) -> None:
    """With REQUIRE_ALL=1 a skip is a failure with its reason; a known failure stays one."""
    code, report = outcomes(tmp_path, SKIPS, REQUIRE_ALL="1")

    assert 1 == code
    assert "REQUIRE_ALL=1 allows no skip: Skipped: no such tool" in report
    assert "REQUIRE_ALL=1 allows no skip: Skipped: not today" in report
    assert "1 xfailed" in report
    assert "skipped" not in report.splitlines()[-1]


def test_skipped_module_fails_with_require_all(tmp_path: Path) -> None:
    """A module cannot skip itself either."""
    code, report = outcomes(tmp_path, SKIPPED_MODULE, REQUIRE_ALL="1")

    assert 0 != code
    assert "REQUIRE_ALL=1 allows no skip" in report


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("test_silent", "PASSED"),
        ("test_foreign", "PASSED"),
        ("test_allowed", "PASSED"),
        ("test_logged", "ERROR"),
        ("test_forgotten_task", "ERROR"),
    ],
)
def test_logged_error_fails_the_test(tmp_path: Path, test: str, verdict: str) -> None:
    """An error that our loggers or a forgotten task only logged fails the test that caused it."""
    _, report = outcomes(tmp_path, ERRORS)

    assert f"{verdict} test_sample.py::{test}" in report.split("short test summary")[1]
