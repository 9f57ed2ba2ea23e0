"""What learning counts, as metrics: a row each of docs/learning.md 5, by tenant and model."""

import re
from pathlib import Path

from streams.metric_models import COUNTERS, SET_ASIDE
from streams.metrics import Metrics


ROOT = Path(__file__).resolve().parent.parent.parent
COUNTS = {
    "learnt|bank|act": 90,
    "converted|bank|act": 9,
    "unmatched|bank|act": 3,
    "late|bank|act": 2,
    "published|bank|act|learnt": 4,
    "published|bank|act|fallen_back": 1,
    "alarm|bank|act|WORSE": 2,
    "ignored|bank|STALE_VERSION": 1,
    "passed|bank": 7,
    "quality|bank|act|auc": 612_345,
    "quality|bank|act|loss": 301_000,
    "unheard|bank|of": 1,
}


def shown(counts: dict[str, int]) -> set[str]:
    """Return the samples of models that task 1 of learning has on its page."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("learning", 1, counts)
    lines = metrics.render().decode().splitlines()
    return {line.removeprefix("cardcue_") for line in lines if line.startswith("cardcue_model_")}


def test_counts_of_learning_are_shown_by_tenant_and_model() -> None:
    """Each kind is its own counter, or a label of what was set aside; quality is in ppm."""
    of = 'task="1",tenant="bank"}'
    model = 'model="act",'
    assert shown(COUNTS) == {
        f"model_examples_total{{{model}{of} 90.0",
        f"model_conversions_total{{{model}{of} 9.0",
        f'model_set_aside_total{{{model}reason="unmatched",{of} 3.0',
        f'model_set_aside_total{{{model}reason="late",{of} 2.0',
        f'model_snapshots_total{{{model}reason="learnt",{of} 4.0',
        f'model_snapshots_total{{{model}reason="fallen_back",{of} 1.0',
        f'model_alarms_total{{kind="WORSE",{model}{of} 2.0',
        f'model_ignored_total{{reason="STALE_VERSION",{of} 1.0',
        f"model_passed_total{{{of} 7.0",
        f'model_quality{{figure="auc",{model}{of} 0.612345',
        f'model_quality{{figure="loss",{model}{of} 0.301',
    }


def test_what_learning_does_not_tell_is_not_shown() -> None:
    """No figure before a cohort was judged: a model of quality 0 would be an alarm."""
    assert shown({"learnt|bank|act": 1}) == {
        'model_examples_total{model="act",task="1",tenant="bank"} 1.0'
    }


def test_what_learning_ignores_is_no_record_of_a_customer() -> None:
    """Its counts are of other kinds than those of the same name in lifecycle."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("learning", 1, COUNTS)

    assert "cardcue_records_ignored_total{" not in metrics.render().decode()


def test_kinds_of_counts_are_those_of_the_page() -> None:
    """docs/learning.md 5 lists what the fold counts; each kind has its metric."""
    page = (ROOT / "docs/learning.md").read_text()
    counted = page[page.index("`#counts|p`:") :]
    kinds = set(re.findall(r"`(\w+)\|tenant", counted))

    assert {*COUNTERS, *SET_ASIDE} == kinds
