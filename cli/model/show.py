"""`cardcue model show`: which input weighs how much in what decides now."""

from collections.abc import Iterator
from typing import Final

import click

from cli.model.hold import MODEL
from cli.model.learnt import Learnt, one_learnt
from cli.model.overview import standing
from cli.policy import BOOTSTRAP, TENANT, settings_of
from cli.policy_words import shown_moment
from lifecycle.model_shape import offsets
from schemas.model import CategoryInput


NAME_WIDTH: Final = 28
WEIGHT_WIDTH: Final = 11


@click.command()
@MODEL
@TENANT
@BOOTSTRAP
def show(model: str, tenant: str, bootstrap: str) -> None:
    """Tell what a model looks at, and what of it raises a score or lowers it."""
    for line in shown(one_learnt(model, tenant, settings_of(bootstrap))):
        click.echo(line)


def shown(known: Learnt) -> Iterator[str]:
    """Yield the snapshot that decides, in the words of its definition."""
    row, snapshot = known.row, known.deciding
    model = snapshot.model
    yield f"{model.id} version {model.version}: {model.title or model.id}"
    at = shown_moment(row.published_at_ms)
    yield f"sequence {snapshot.sequence}, {snapshot.reason}, published {at}"
    yield standing(known)
    yield f"{'':{NAME_WIDTH}}{'contact':>{WEIGHT_WIDTH}}{'control':>{WEIGHT_WIDTH}}"
    heads = snapshot.contact, snapshot.control
    yield _line("(everybody)", tuple(head.intercept for head in heads))
    for one, offset in zip(model.inputs, offsets(model), strict=True):
        names = [one.id]
        if isinstance(one, CategoryInput):
            names = [f"{one.id}: any other", *(f"{one.id}: {value}" for value in one.values)]
        for place, name in enumerate(names, start=offset):
            told = _line(name, tuple(head.weights[place] for head in heads))
            yield f"{told}  {one.title}".rstrip()


def _line(name: str, weights: tuple[float, ...]) -> str:
    """Return a name and its weight in each head."""
    numbers = "".join(f"{weight:>+{WEIGHT_WIDTH}.4f}" for weight in weights)
    return f"{name:{NAME_WIDTH}}{numbers}"
