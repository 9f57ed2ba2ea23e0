"""Find the further commands of `cardcue policy`, each imported when it is called."""

import importlib
from typing import Final

import click


FURTHER: Final = {
    "approve": "cli.policy_signing",
    "diff": "cli.policy_views",
    "explain": "cli.policy_views",
    "key": "cli.policy_signing",
    "ls": "cli.policy_views",
    "rollback": "cli.policy_rollback",
    "sign": "cli.policy_signing",
}
"""Command to the module that has it, under the same name."""


class PolicyGroup(click.Group):
    """The commands that stand beside it, and the further ones."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]
        """Return every name in the order of the alphabet."""
        return sorted([*super().list_commands(ctx), *FURTHER])

    def get_command(  # type: ignore[explicit-override]
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Return a command; None if there is no such name."""
        module = FURTHER.get(cmd_name)
        if module is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return command
