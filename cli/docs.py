"""`cardcue docs`: write the documents that are derived from the code, or check them."""

from pathlib import Path
from typing import Final

import click

from cli.model_schema import model_schema
from cli.policy_schema import campaign_schema
from lifecycle.features.page import features_page
from schemas.documents import documents
from streams.metric_table import metrics_page


ROOT: Final = Path(__file__).resolve().parent.parent


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a document is out of date.")
@click.option(
    "--root",
    default=ROOT,
    show_default=False,
    type=click.Path(path_type=Path, file_okay=False),
    help="The repository; by default the one that this command lives in.",
)
def docs(*, check: bool, root: Path) -> None:
    """Write what is made of the code: asyncapi.json, JSON Schemas of events and files, pages."""
    metrics = "\n".join(metrics_page()) + "\n"
    derived = {
        **documents(),
        "docs/metrics.md": metrics.encode(),
        "docs/features.md": features_page().encode(),
        "docs/campaign.schema.json": campaign_schema(),
        "docs/model.schema.json": model_schema(),
    }
    stale = {path: text for path, text in derived.items() if _found(root / path) != text}
    if check and stale:
        raise click.ClickException(f"out of date, run `make docs`: {', '.join(sorted(stale))}")
    for path, text in stale.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)
        click.echo(f"wrote {path}")
    if not stale:
        click.echo("every document is up to date")


def _found(path: Path) -> bytes | None:
    """Return the bytes of a file, None where there is none."""
    return path.read_bytes() if path.is_file() else None
