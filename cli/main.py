"""
The front door: `cardcue <command>`, each in a file of its own, imported when it is called.

Exit codes: 0 done, 1 not done and why is on stderr, 2 a wrong command line, 70 the worker had a
doubt (start it again), 78 the settings cannot be used (starting it again will not help).
"""

import importlib
from typing import Any, Final, NamedTuple

import click


EXIT_SETTINGS: Final = 78
"""`EX_CONFIG`."""


class Door(NamedTuple):
    """Where a command lives, and the line that `--help` shows without importing it."""

    module: str
    attribute: str
    line: str


COMMANDS: Final = {
    "audit": Door("cli.audit.command", "audit", "Derive verdicts again from their records."),
    "demo": Door("cli.demo.command", "demo", "Play two banks through the whole house."),
    "docs": Door("cli.docs", "docs", "Write the documents that are derived from the code."),
    "effect": Door(
        "cli.effect.command", "effect", "Tell what campaigns caused, looked at any time."
    ),
    "fairness": Door("cli.fairness.command", "fairness", "Tell by group whom a campaign selects."),
    "funnel": Door("cli.funnel.command", "funnel", "Tell how far cards and customers have come."),
    "gateway": Door(
        "cli.gateway_command", "gateway", "Send triggers as the reference gateway does."
    ),
    "model": Door("cli.model.command", "model", "Define models, and see what they have learnt."),
    "policy": Door("cli.policy", "policy", "Check campaigns and put them into the log."),
    "rejected": Door(
        "cli.rejected.command", "rejected", "See what ingest refused, and give it back."
    ),
    "settings": Door("cli.settings", "settings", "Print the settings, without secrets."),
    "tenant": Door("cli.tenant", "tenant", "Say what holds for every campaign of a bank."),
    "topics": Door("cli.topics", "topics", "Create the topics, or check those that exist."),
    "why": Door("cli.why.command", "why", "Tell why a customer was contacted, or was not."),
    "why-not": Door(
        "cli.why.command", "why_not", "Tell why a campaign did not contact a customer."
    ),
    "worker": Door("cli.worker", "worker", "Run a worker until it is told to stop."),
}
"""Every command, by name."""


class SettingsRefused(click.ClickException):
    """The settings cannot be used; one line says what was wanted and what was found."""

    exit_code = EXIT_SETTINGS


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called: `--help` needs only click."""

    def list_commands(self, _ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]
        """Return the names in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(  # type: ignore[explicit-override]
        self, _ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Import a command; None if there is no such name."""
        door = COMMANDS.get(cmd_name)
        if door is None:
            return None
        command: click.Command = getattr(importlib.import_module(door.module), door.attribute)
        return command

    def format_commands(  # type: ignore[explicit-override]
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].line) for name in sorted(COMMANDS)])

    def invoke(self, ctx: click.Context) -> Any:  # type: ignore[explicit-override]  # noqa: ANN401
        """Run a command; settings that cannot be used are one line and exit code 78."""
        try:
            return super().invoke(ctx)
        except ValueError as error:
            from streams.settings import SettingsError  # noqa: PLC0415 (`--help` needs none)

            if isinstance(error, SettingsError):
                raise SettingsRefused(f"could not use the settings: {error}") from error
            raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cardcue")
def main() -> None:
    """
    Cardcue turns a bank's card events into the right contact at the right moment, exactly once.

    Settings come from the YAML file that CARDCUE_SETTINGS names, and from CARDCUE_* variables.
    """


if __name__ == "__main__":
    main(prog_name="cardcue")
