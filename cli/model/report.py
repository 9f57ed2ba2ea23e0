"""`cardcue model report`: how good a model's scores were, cohort by cohort."""

from collections.abc import Iterator

import click

from cli.model.hold import MODEL
from cli.model.learnt import Learnt, one_learnt
from cli.model.overview import standing
from cli.policy import BOOTSTRAP, TENANT, settings_of
from cli.policy_words import shown_moment
from lifecycle.learning.quality import figures, is_worse
from schemas.learning_rows import Figures, LearnerRow, Report


HOUR_MS = 3_600_000


@click.command()
@MODEL
@TENANT
@BOOTSTRAP
def report(model: str, tenant: str, bootstrap: str) -> None:
    """Tell of the newest cohorts, and of all together, what the scores were worth."""
    for line in reported(one_learnt(model, tenant, settings_of(bootstrap))):
        click.echo(line)


def reported(known: Learnt) -> Iterator[str]:
    """Yield a line for each cohort that is kept, then what is pooled, then what can be gone to."""
    row = known.row
    yield f"{row.model.id} version {row.model.version}: {standing(known)}"
    for one in row.reports:
        yield from _cohort(one)
    yield f"pooled: {pooled_line(row)}"
    open_count = sum(cohort.exposure_count for cohort in row.cohorts)
    yield f"not judged yet: {open_count:,} contacts in {len(row.cohorts)} cohorts"
    kept = (f"{one.sequence}{' good' if one.good else ''}" for one in row.kept)
    yield f"kept snapshots: {', '.join(kept) or 'none'}"


def pooled_line(row: LearnerRow) -> str:
    """Return how good the scores of all cohorts were, or that none was judged yet."""
    if not row.pooled.outcome_count:
        return "not judged yet"
    within = f", within cohorts {row.auc_sum / row.auc_weight:.3f}" if row.auc_weight else ""
    return f"{_figures(figures(row.pooled))}{within}"


def _cohort(one: Report) -> Iterator[str]:
    """Yield when a cohort was, and how good its scores were."""
    found = one.figures
    yield (
        f"from {shown_moment(one.from_ms)}: {found.outcome_count:,} contacts,"
        f" {found.conversion_count:,} conversions, by sequence {one.champion_sequence}"
    )
    hours = found.delay_ms / HOUR_MS
    after = f", converted after {hours:.1f} h" if found.conversion_count else ""
    yield f"  {_figures(found)}, shift {one.shift:.3f}{after}"


def _figures(found: Figures) -> str:
    """Return the figures in one line; what nothing can be said of is left out."""
    verdict = "WORSE" if is_worse(found) else "better"
    parts = [f"loss {found.loss:.4f} {verdict} than the average's {found.average_loss:.4f}"]
    if found.previous_loss is not None:
        parts.append(f"the snapshot before {found.previous_loss:.4f}")
    if found.auc is not None:
        parts.append(f"auc {found.auc:.3f}")
    if found.top_ppm is not None:
        parts.append(f"better half has {found.top_ppm / 10_000:.1f} %")
    parts.append(f"calibration error {found.calibration_error:.4f}")
    return ", ".join(parts)
