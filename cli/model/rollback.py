"""`cardcue model rollback`: let an older snapshot decide, and learn on from there."""

import click

from cli.model.hold import MODEL, REASON, set_model
from cli.model.learnt import one_learnt
from cli.policy import BOOTSTRAP, TENANT, settings_of


@click.command()
@MODEL
@click.argument("sequence", type=click.IntRange(min=1))
@REASON
@TENANT
@BOOTSTRAP
def rollback(model: str, sequence: int, reason: str, tenant: str, bootstrap: str) -> None:
    """
    Bring a kept snapshot back, under a sequence of its own; whether it is frozen stays.

    `cardcue model report` lists the snapshots that are kept.
    """
    kept = [one.sequence for one in one_learnt(model, tenant, settings_of(bootstrap)).row.kept]
    if sequence not in kept:
        listed = ", ".join(map(str, kept)) or "none"
        raise click.ClickException(f"wanted a kept snapshot, {listed}; found {sequence}")
    set_model(model, tenant, bootstrap, reason, rollback_sequence=sequence)
    click.echo(f"rolled back {tenant} {model} to what it was at {sequence}")
