"""`cardcue model train`: teach a model what history knows, before it decides anything."""

from collections.abc import Iterable
from pathlib import Path

import click
from msgspec.structs import replace

from cli.model.check import read_all
from cli.model.examples import Example, ExampleError, read_examples
from cli.model.heads_file import heads_of, write_heads
from lifecycle.learning.vectors import VectorReader
from lifecycle.models.logistic import LogisticModel, untaught
from schemas.learning import Head
from schemas.model import Model


FILE = click.Path(path_type=Path)


@click.command()
@click.argument("examples", type=FILE)
@click.argument("model_file", metavar="MODEL", type=FILE)
@click.option("--out", type=FILE, help="Where the heads go; by default beside EXAMPLES, as JSON.")
def train(examples: Path, model_file: Path, out: Path | None) -> None:
    """
    Teach a model a history of contacts, line by line: EXAMPLES is a CSV.

    It has a column for each input, with what its rule would have given at the contact (empty where
    it could not be computed), and `label`, 1 where the contact brought what it was for. What is
    written is for `cardcue model define --heads`; the control is left to what the journal shows.
    """
    [model] = read_all([model_file])
    if out in (examples, model_file):
        raise click.UsageError("wanted --out beside EXAMPLES and MODEL, found one of them")
    try:
        head = taught(model, read_examples(examples, model))
    except ExampleError as error:
        raise click.ClickException(str(error)) from error
    place = out or examples.with_suffix(".heads.json")
    try:
        write_heads(place, heads_of(model, head))
    except OSError as error:
        raise click.ClickException(f"{place}: wanted to write, found {error.strerror}") from error
    counts = f"{head.exposure_count:,} examples, {head.conversion_count:,} of label 1"
    click.echo(f"taught {model.id} version {model.version} {counts}: {place}")


def taught(model: Model, examples: Iterable[Example]) -> Head:
    """
    Return the head that these examples teach, each of weight 1, in their order.

    Raises:
        ExampleError: nothing finite is left to learn.

    """
    learner, reader = LogisticModel(model, untaught(model)), VectorReader(model)
    counts = [0, 0]
    for example in examples:
        x = reader.read(example.vector)
        if x is None or not learner.learn(x, example.label, 1.0):
            raise ExampleError(f"wanted finite weights after {sum(counts)} examples, found others")
        counts[example.label] += 1
    return replace(learner.snapshot(), exposure_count=sum(counts), conversion_count=counts[1])
