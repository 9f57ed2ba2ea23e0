"""`cardcue model freeze | unfreeze`: keep what decides as it is, and let it learn on."""

import click

from cli.control_topic import control_record
from cli.policy import BOOTSTRAP, TENANT, append_all, settings_of
from cli.policy_log import ControlView, control_view, refusal
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
    set_model(model, tenant, bootstrap, reason, frozen=True)
    click.echo(f"frozen {tenant} {model}")


@click.command()
@MODEL
@REASON
@TENANT
@BOOTSTRAP
def unfreeze(model: str, reason: str, tenant: str, bootstrap: str) -> None:
    """Let what a model has learnt decide again."""
    set_model(model, tenant, bootstrap, reason, frozen=False)
    click.echo(f"unfrozen {tenant} {model}")


def set_model(
    model_id: str,
    tenant: str,
    bootstrap: str,
    reason: str,
    *,
    frozen: bool | None = None,
    rollback_sequence: int = 0,
) -> None:
    """
    Append what a model is set to; `frozen` None: what the log says, which learning may not yet.

    It ends where nobody has defined the model, and where ingest or a worker would refuse it.
    """
    settings, at_ms = settings_of(bootstrap), wall_clock_ms()
    view = control_view(tenant, settings)
    check_known(view, model_id)
    is_frozen = model_id in view.frozen if frozen is None else frozen
    event = ModelSet(
        model_id=model_id, frozen=is_frozen, rollback_sequence=rollback_sequence, reason=reason
    )
    state = "frozen" if is_frozen else "learning"
    event_id = f"model-{model_id}-{state}-{rollback_sequence}-{at_ms}"
    record = control_record(event, tenant, model_id, event_id, at_ms)
    if why := refusal(view, record, at_ms):
        raise click.ClickException(f"{model_id}: {why}")
    append_all([record], settings)


def check_known(view: ControlView, model_id: str) -> None:
    """End unless the model is one of those that are defined."""
    if model_id not in view.models:
        listed = ", ".join(sorted(view.models)) or "none"
        raise click.ClickException(f"wanted one of the models {listed}, found {model_id}")
