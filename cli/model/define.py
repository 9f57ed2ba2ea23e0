"""`cardcue model define`: put models into the log, signed by two people as policies are."""

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from cli.model.check import read_all
from cli.model.heads_file import Heads, HeadsFileError, read_heads
from cli.policy import BOOTSTRAP, FILES, TENANT, append_all, settings_of
from cli.policy_log import REFUSALS, ControlView, control_view, refusal
from cli.tenant import ruling
from cli.tenant_configure import APPROVER, AUTHOR, KEY_FILE, signed_by
from lifecycle.signatures import signed_content
from schemas.events import ModelDefined
from schemas.model import MODELS_MAX, Model
from streams.clock import wall_clock_ms


@click.command()
@FILES
@click.option("--heads", "heads_file", type=KEY_FILE, help="What `train` has written, of one FILE.")
@TENANT
@AUTHOR
@APPROVER
@BOOTSTRAP
def define(
    *,
    files: Sequence[Path],
    heads_file: Path | None,
    tenant: str,
    author_key: Path | None,
    approver_key: Path | None,
    bootstrap: str,
) -> None:
    """
    Let a bank's models learn as files say, from where the journal has it.

    Raise `version` with every change. With the same inputs and optimizer the weights stay, with
    others a model begins anew, or with what --heads brings.
    """
    models = read_all(files)
    heads = _heads(heads_file, models)
    settings, at_ms = settings_of(bootstrap), wall_clock_ms()
    view = control_view(tenant, settings)
    sent, lines, refused = [], [], []
    for model in models:
        what = f"{model.id} version {model.version}"
        if heads is None and view.models.get(model.id) == model:
            lines.append(f"known already {tenant} {what}")
            continue
        event = _event(model, heads)
        signatures = signed_by(author_key, approver_key, signed_content(tenant, event))
        why = ignored(view, model)
        sent.append(ruling(replace(event, signatures=signatures), tenant, at_ms))
        if why := why or refusal(view, sent[-1], at_ms):
            refused.append(f"{what}: {why}")
        taught = f", taught by {heads.contact.exposure_count:,} examples" if heads else ""
        lines.append(f"defined {tenant} {what}{taught}")
    if refused:
        raise click.ClickException("\n".join(refused))
    append_all(sent, settings)
    for line in lines:
        click.echo(line)


def ignored(view: ControlView, model: Model) -> str:
    """Return why a version would change nothing though ingest takes it, "" where it would."""
    known = view.models.get(model.id)
    if known is None:  # workers count those that learning has published, which are these
        full = len(view.models) >= MODELS_MAX
        return f"{REFUSALS['STATE_FULL']} (STATE_FULL)" if full else ""
    if model.version > known.version:
        return ""
    return f"wanted a version above {known.version}, which is in the log (STALE_VERSION)"


def _event(model: Model, heads: Heads | None) -> ModelDefined:
    """Return what is to be signed."""
    if heads is None:
        return ModelDefined(model=model)
    return ModelDefined(model=model, contact=heads.contact, control=heads.control)


def _heads(file: Path | None, models: Sequence[Model]) -> Heads | None:
    """Return what a file of heads says, or end with what is wrong with it."""
    if file is None:
        return None
    if len(models) != 1:
        raise click.UsageError(f"wanted one FILE beside --heads, found {len(models)}")
    try:
        return read_heads(file, models[0])
    except HeadsFileError as error:
        raise click.ClickException(str(error)) from error
