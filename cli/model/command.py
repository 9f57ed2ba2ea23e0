"""`cardcue model`: the group of its commands, each imported when it is called."""

import importlib
from typing import Final

import click


FOUND_IN: Final = {
    "check": ("check", "check"),
    "define": ("define", "define"),
    "freeze": ("hold", "freeze"),
    "list": ("overview", "list_models"),
    "report": ("report", "report"),
    "rollback": ("rollback", "rollback"),
    "show": ("show", "show"),
    "train": ("train", "train"),
    "unfreeze": ("hold", "unfreeze"),
}
"""Command to the module of this package that has it, and its name there."""


class ModelGroup(click.Group):
    """One command a line of the table."""

    def list_commands(self, _ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]
        """Return the names in the order of the alphabet."""
        return sorted(FOUND_IN)

    def get_command(  # type: ignore[explicit-override]
        self, _ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Import a command; None if there is no such name."""
        if cmd_name not in FOUND_IN:
            return None
        module, name = FOUND_IN[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"cli.model.{module}"), name)
        return command


@click.group(cls=ModelGroup)
def model() -> None:
    """Define models, see what they have learnt, hold them and bring them back."""
