"""The front door: quick, complete, and clear about settings that cannot be used."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient

from cli.main import COMMANDS, EXIT_SETTINGS, LazyGroup, main
from streams.settings import FIELDS, Settings
from streams.topic_table import topic_table
from tests.kafka_server import KafkaServer


ROOT = Path(__file__).resolve().parent.parent.parent
PROBE = """
import sys
from cli.main import main
main(["--help"], standalone_mode=False)
print(sorted({"aiokafka", "confluent_kafka", "faust", "msgspec", "yaml"} & set(sys.modules)))
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner in whose environment nothing of ours is set."""
    monkeypatch.delenv("CARDCUE_SETTINGS", raising=False)
    return CliRunner()


def test_help_lists_every_command_without_importing_one() -> None:
    """The list comes from a table, so that `cardcue --help` answers at once."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, check=True, text=True
    )
    *page, imported = done.stdout.splitlines()

    assert "[]" == imported
    for name, door in COMMANDS.items():
        assert any(line.split() == [name, *door.line.split()] for line in page)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_imported_and_says_what_it_does(run: CliRunner, name: str) -> None:
    """No name in the list leads nowhere, and each explains itself."""
    done = run.invoke(main, [name, "--help"], prog_name="cardcue")

    assert 0 == done.exit_code, done.exception
    assert done.output.startswith(f"Usage: cardcue {name}")


def test_unknown_command_is_a_wrong_command_line(run: CliRunner) -> None:
    """A typing error says so, with exit code 2, and runs nothing."""
    done = run.invoke(main, ["topic"])

    assert 2 == done.exit_code
    assert "No such command 'topic'" in done.output


def test_settings_are_printed_one_a_line(run: CliRunner) -> None:
    """`cardcue settings` shows what a worker would run with."""
    done = run.invoke(main, ["settings"], env={"CARDCUE_TENANTS": "bank-a,bank-b"})

    assert 0 == done.exit_code
    assert 'tenants = ["bank-a","bank-b"]' in done.output.splitlines()
    assert len(FIELDS) == len(done.output.splitlines())


@pytest.mark.parametrize("command", [["settings"], ["topics", "check"], ["topics", "create"]])
def test_settings_that_cannot_be_used_are_one_line(run: CliRunner, command: list[str]) -> None:
    """Exit code 78 tells a supervisor that a restart will not help; the line says what is wrong."""
    done = run.invoke(main, command, env={"CARDCUE_HTTP_PORT": "x"})

    assert EXIT_SETTINGS == done.exit_code
    assert (
        "Error: could not use the settings: http_port: expected `int`, got `str`, found 'x'\n"
        == done.output
    )


def test_settings_refused_by_the_worker_are_the_same_line() -> None:
    """The worker reads its settings while Faust imports it; it ends in the same words and code."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "worker"],
        cwd=ROOT,
        env={"CARDCUE_FOLDS": "ingest,nothing", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert EXIT_SETTINGS == done.returncode
    assert ["Error: could not use the settings: folds: invalid enum value 'nothing'"] == [
        line.partition(" - at")[0] for line in done.stderr.splitlines()
    ]


def test_other_defects_are_not_dressed_up_as_settings(run: CliRunner) -> None:
    """A ValueError of a command is a defect of ours and keeps its traceback."""

    @click.command()
    def breaks() -> None:
        """Fail in a way that has nothing to do with settings."""
        raise ValueError("wanted 1, found 2")

    class OneCommand(LazyGroup):
        """The front door with one command."""

        def get_command(self, _ctx: click.Context, _name: str) -> click.Command:
            """Return it, whatever the name."""
            return breaks

    done = run.invoke(OneCommand("cardcue"), ["breaks"])

    assert isinstance(done.exception, ValueError)
    assert "wanted 1, found 2" == str(done.exception)


@pytest.mark.kafka
@pytest.mark.slow
def test_topics_are_created_then_checked(run: CliRunner, own_kafka: KafkaServer) -> None:
    """Create, create again, check: all well; a table that differs fails the check by name."""
    env = {"CARDCUE_BOOTSTRAP": own_kafka.bootstrap}
    missing = run.invoke(main, ["topics", "check"], env=env)
    created = run.invoke(main, ["topics", "create"], env=env)
    again = run.invoke(main, ["topics", "create"], env=env)
    checked = run.invoke(main, ["topics", "check"], env=env)
    differs = run.invoke(main, ["topics", "check"], env={**env, "CARDCUE_INGEST_TASK_COUNT": "3"})
    names = [topic.name for topic in topic_table(Settings())]
    admin = AdminClient({"bootstrap.servers": own_kafka.bootstrap})

    assert set(names) == set(admin.list_topics(timeout=30).topics)
    assert 1 == missing.exit_code
    assert f"error {names[0]}: wanted the topic, found none" == missing.output.splitlines()[0]
    assert [f"created {name}" for name in names] == created.output.splitlines()
    assert "every topic exists\n" == again.output
    assert (0, "every topic is as in the table\n") == (checked.exit_code, checked.output)
    assert 1 == differs.exit_code
    assert [
        "error ingest.state.v1: wanted 3 partitions, found 4",
        "Error: wanted topics as in the table, found 1 errors",
    ] == differs.output.splitlines()


@pytest.mark.parametrize("command", ["create", "check"])
def test_topics_say_that_kafka_is_not_there(run: CliRunner, command: str) -> None:
    """One line with the cause and exit code 1, not a traceback."""
    env = {"CARDCUE_BOOTSTRAP": "127.0.0.1:9"}  # discard: nobody listens there
    done = run.invoke(main, ["topics", command, "--timeout", "1"], env=env)

    assert 1 == done.exit_code
    (line,) = done.output.splitlines()
    assert line.startswith("Error: could not list the topics: ")
    assert "Connection refused" in line
