"""The options that say whom a version of a campaign concerns."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import click


AppliesTo: TypeAlias = Literal["new", "existing"]


def reaching(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    applies_to = click.option(
        "--applies-to",
        type=click.Choice(["new", "existing"]),
        default="new",
        show_default=True,
        help="Whether customers on file enter too, by what is known of them.",
    )
    reschedule = click.option(
        "--reschedule", is_flag=True, help="Move what waits to the due times of this version."
    )
    return applies_to(reschedule(command))
