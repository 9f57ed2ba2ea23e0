"""A group of commands of which some are imported only when they are called."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class DoorGroup(click.Group):
    """
    The commands that stand beside it, and those behind doors.

    `doors` has for the name of each the module that it is in, and its name there.
    """

    def __init__(self, *given: Any, doors: Mapping[str, tuple[str, str]], **more: Any) -> None:  # noqa: ANN401 (click's)
        """Begin with the doors, whatever click gives beside them."""
        super().__init__(*given, **more)
        self._doors = doors

    def list_commands(self, ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]
        """Return every name in the order of the alphabet."""
        return sorted([*super().list_commands(ctx), *self._doors])

    def get_command(  # type: ignore[explicit-override]
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Return a command; None if there is no such name."""
        if cmd_name not in self._doors:
            return super().get_command(ctx, cmd_name)
        module, name = self._doors[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command
