"""`cardcue model check`: read model files, and say what they come to."""

from collections.abc import Sequence
from pathlib import Path

import click

from cli.marked_struct import read_each
from cli.model_file import read_model
from cli.policy import FILES
from lifecycle.features.declared import FEATURES
from lifecycle.model_shape import weight_count
from lifecycle.rules import names_in
from schemas.model import Model


@click.command()
@FILES
def check(files: Sequence[Path]) -> None:
    """Read model files and say what is wrong with each, by line."""
    for model in read_all(files):
        click.echo(f"{model.id} version {model.version}: good, {weight_count(model)} weights")
        click.echo(f"  reads {', '.join(read_by(model))}")


def read_all(files: Sequence[Path]) -> list[Model]:
    """Return the models in files, or end with the first mistake of each on a line of its own."""
    return read_each(files, read_model)


def read_by(model: Model) -> list[str]:
    """Return every feature that a model reads, in the order of docs/features.md."""
    names = {name for one in model.inputs for name in names_in(one.rule.tree)}
    return [name for name in FEATURES if name in names]
