"""`cardcue model freeze | unfreeze`: keep what decides as it is, and let it learn on."""

import click

from cli.control_topic import control_record
from cli.policy import BOOTSTRAP, TENANT, append_all, settings_of
from cli.policy_log import ControlView, control_view
from schemas.events import ModelSet
from streams.clock import wall_clock_ms


MODEL = click.argument("model")
REASON = click.option("--reason", default="", help="Why; it stays in the log.")


@click.command()
@MODEL
@REASON
@TENANT
@BOOTSTRAP
def freeze(model: str, reason: str, tenant: str, bootstrap: str) -> None:
    """Publish no new snapshot of a model; it goes on learning, and being judged."""
    set_model(ModelSet(model_id=model, frozen=True, reason=reason), tenant, bootstrap)
    click.echo(f"frozen {tenant} {model}")


@click.command()
@MODEL
@REASON
@TENANT
@BOOTSTRAP
def unfreeze(model: str, reason: str, tenant: str, bootstrap: str) -> None:
    """Let what a model has learnt decide again."""
    set_model(ModelSet(model_id=model, frozen=False, reason=reason), tenant, bootstrap)
    click.echo(f"unfrozen {tenant} {model}")


def set_model(event: ModelSet, tenant: str, bootstrap: str) -> None:
    """Append what a model is set to, or end where nobody has defined it."""
    settings, at_ms = settings_of(bootstrap), wall_clock_ms()
    check_known(control_view(tenant, settings), event.model_id)
    state = "frozen" if event.frozen else "learning"
    event_id = f"model-{event.model_id}-{state}-{event.rollback_sequence}-{at_ms}"
    append_all([control_record(event, tenant, event.model_id, event_id, at_ms)], settings)


def check_known(view: ControlView, model_id: str) -> None:
    """End unless the model is one of those that are defined."""
    if model_id not in view.models:
        listed = ", ".join(sorted(view.models)) or "none"
        raise click.ClickException(f"wanted one of the models {listed}, found {model_id}")
