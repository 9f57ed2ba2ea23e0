"""`cardcue model`: the group of its commands, each imported when it is called."""

from typing import Final

import click

from cli.doors import DoorGroup


DOORS: Final = {
    "check": ("cli.model.check", "check"),
    "define": ("cli.model.define", "define"),
    "freeze": ("cli.model.hold", "freeze"),
    "list": ("cli.model.overview", "list_models"),
    "report": ("cli.model.report", "report"),
    "rollback": ("cli.model.rollback", "rollback"),
    "show": ("cli.model.show", "show"),
    "train": ("cli.model.train", "train"),
    "unfreeze": ("cli.model.hold", "unfreeze"),
}


@click.group(cls=DoorGroup, doors=DOORS)
def model() -> None:
    """Define models, see what they have learnt, hold them and bring them back."""
