"""`cardcue model list`: which models there are, and whether their scores decide."""

from collections.abc import Mapping
from typing import Final

import click

from cli.model.learnt import Learnt, Rests, learnt, rests_on
from cli.policy import BOOTSTRAP, TENANT, settings_of
from cli.policy_log import control_view
from schemas.learning import Head
from schemas.model import Model


STANDING_WORDS: Final[Mapping[Rests, str]] = {
    "withheld": "withheld, for it was worse than the average: base rates decide",
    "evidence": "not enough evidence yet: base rates decide",
    "model": "its scores decide",
    "uplift": "its scores less those of the control decide",
}


@click.command()
@TENANT
@BOOTSTRAP
def list_models(tenant: str, bootstrap: str) -> None:
    """Tell which models are defined, what they have learnt from, and whether they decide."""
    settings = settings_of(bootstrap)
    defined = control_view(tenant, settings).models
    known = learnt(tenant, settings)
    for model_id in sorted(defined.keys() | known.keys()):
        click.echo(line(model_id, defined.get(model_id), known.get(model_id)))
    if not defined and not known:
        click.echo(f"{tenant}: no model is defined")


def line(model_id: str, defined: Model | None, known: Learnt | None) -> str:
    """Return one model in one line; `defined` is the newest version in the control topic."""
    if known is None:
        return f"{model_id} version {defined.version if defined else 0}: defined, not learnt yet"
    row, said = known.row, standing(known)
    if defined is not None and defined.version > row.model.version:
        said += f", version {defined.version} is defined and not learnt yet"
    counts = f"contacts {_counts(row.contact)}; control {_counts(row.control)}"
    return f"{model_id} version {row.model.version} sequence {row.sequence}: {counts}; {said}"


def standing(known: Learnt) -> str:
    """Return whether a model's scores decide, and whether it is held."""
    return STANDING_WORDS[rests_on(known.deciding)] + (", frozen" if known.row.is_frozen else "")


def _counts(head: Head) -> str:
    """Return what a head has learnt from."""
    return f"{head.exposure_count:,}, converted {head.conversion_count:,}"
