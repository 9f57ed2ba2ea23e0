"""The log: JSON lines on stderr, known keys only, no message that could quote a record."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.logs import ALLOWED_KEYS, exception_text
from streams.settings import SettingsError


ROOT = Path(__file__).resolve().parent.parent.parent
CANARY = "tok-4000-0012"


def logged(program: str, level: str = "info") -> list[dict[str, Any]]:
    """Return what a process of its own writes to stderr; logging is global to a process."""
    start = f"import logging, structlog\nfrom streams.logs import *\nconfigure_logs({level!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", start + program],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )
    assert "" == done.stdout
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_log_lines_are_json_with_a_time_and_a_name() -> None:
    """One object a line, time in UTC first, fields as given, debug left out at info."""
    (line,) = logged(
        "log = structlog.get_logger('streams.watch')\n"
        "log.debug('nothing')\n"
        "log.info('task opened', fold='ingest', task=1, seconds=0.5)\n"
    )

    assert line.pop("at").endswith("Z")
    assert {
        "level": "info",
        "logger": "streams.watch",
        "event": "task opened",
        "fold": "ingest",
        "task": 1,
        "seconds": 0.5,
    } == line


def test_log_redacts_every_key_that_is_not_listed() -> None:
    """Allow-list: a field that nobody thought about is not shown, and that it was there is."""
    (line,) = logged(
        f"structlog.get_logger('agents.x').warning('seen', tenant='a', customer_token='{CANARY}')"
    )

    assert ("a", "[redacted]") == (line["tenant"], line["customer_token"])
    assert not ALLOWED_KEYS & {
        "customer_token",
        "card_token",
        "value",
        "key",
        "payload",
        "password",
    }


def test_log_shows_where_it_failed_and_not_on_whose_record() -> None:
    """A KeyError quotes its key; the traceback keeps the place and the types, not the quote."""
    (line,) = logged(
        f"token = '-'.join({CANARY.split('-')!r})\n"
        "try:\n"
        "    try:\n"
        "        {}[token]\n"
        "    except KeyError as error:\n"
        "        raise ValueError(token) from error\n"
        "except ValueError:\n"
        "    structlog.get_logger('streams.x').exception('failed')\n"
    )

    assert "error" == line["level"]
    assert ["KeyError: [redacted]", "then", "ValueError: [redacted]"] == [
        text for text in line["exception"].splitlines() if not text.startswith(" ")
    ]
    assert CANARY not in json.dumps(line)


def test_exception_text_keeps_the_words_of_our_own_errors() -> None:
    """Ours never quote a record, and the operating system's name files: both are needed at 3 am."""
    ours, system = SettingsError("wanted a, found b"), FileNotFoundError(2, "No such file", "x.yml")

    assert "streams.SettingsError: wanted a, found b" == exception_text(ours)
    assert "FileNotFoundError: [Errno 2] No such file: 'x.yml'" == exception_text(system)


def test_stopping_on_a_doubt_logs_why_and_exits_with_70() -> None:
    """Crash-only: one critical line that the runbook speaks of, then the end, nothing tidied up."""
    program = (
        "from streams.logs import *\n"
        "from streams.exit import stop_process\n"
        "from streams.port import FencedError\n"
        "import atexit\n"
        "atexit.register(print, 'tidied up')\n"
        "configure_logs('info')\n"
        f"try:\n    {{}}['{CANARY}']\n"
        "except KeyError as error:\n"
        "    failed = FencedError('wanted to commit, found a successor')\n"
        "    failed.__cause__ = error\n"
        "    stop_process(failed)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    line = json.loads(done.stderr)

    assert (70, "") == (done.returncode, done.stdout)
    assert ("critical", "stopped on a doubt") == (line["level"], line["event"])
    assert [
        "KeyError: [redacted]",
        "then",
        "streams.FencedError: wanted to commit, found a successor",
    ] == [text for text in line["exception"].splitlines() if not text.startswith(" ")]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("info", ["aiokafka w", "ours i"]), ("debug", ["aiokafka i", "aiokafka w", "ours i"])],
)
def test_libraries_are_heard_from_warning_on(level: str, expected: list[str]) -> None:
    """At info a library's news about itself would drown ours; at debug everything is shown."""
    lines = logged(
        "logging.getLogger('aiokafka.consumer').info('aiokafka %s', 'i')\n"
        "logging.getLogger('aiokafka.consumer').warning('aiokafka %s', 'w')\n"
        "structlog.get_logger('streams.x').info('ours i')\n",
        level,
    )

    assert expected == [line["event"] for line in lines]


def test_log_survives_a_redirected_stderr_and_odd_values() -> None:
    """Faust's worker replaces sys.stderr by its log; a value that is no JSON shows its type."""
    (line,) = logged(
        "import io, sys\n"
        "sys.stderr = io.StringIO()\n"
        "structlog.get_logger('streams.x').info('odd', task={1: object()}, topic=b'x')\n"
    )

    assert ({"1": "object"}, "bytes") == (line["task"], line["topic"])
