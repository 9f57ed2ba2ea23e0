"""What insight counts and shows, as metrics: by tenant and campaign, figures by partition."""

import re

from lifecycle.insight.fold import InsightFold
from schemas.records import Row
from streams.metric_insight import COUNTERS, SET_ASIDE
from streams.metrics import Metrics
from tests.insight.insight_log import DAY, SOURCES, WATCHED, Folded, InsightLog
from tests.kafka_server import ROOT


COUNTS = {
    "decision|bank|bind|sent|": 5,
    "cap|bank|campaign|stopped": 4,
    "moved|bank": 6,
    "effect|bank|bind": 7,
    "unmatched|bank|bind": 3,
    "forgotten|bank|bind": 1,
    "tripped|bank|bind|harm": 1,
    "passed|bank": 2,
    "waiting|bank|activate": 1_500,
    "customers|bank|bind|0|default|settled": 90,
    "difference|bank|bind|0|default|low": -12_500,
    "held|bank|bind|0|harm": 1_000_000,
    "ratio|bank|bind|0": 900,
    "unheard|bank|of": 1,
}
FIGURES = {"waiting", "customers", "difference", "held", "ratio"}
"""Of rows, so not among the counts."""


def shown(counts: dict[str, int]) -> set[str]:
    """Return the samples that task 1 of insight has on its page."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("insight", 1, counts)
    lines = metrics.render().decode().splitlines()
    return {line.removeprefix("cardcue_") for line in lines if 'task="1"' in line}


def test_counts_of_insight_are_shown_by_tenant_and_campaign() -> None:
    """Counters and cards as they are, figures from millionths; decisions are lifecycle's."""
    of = 'task="1",tenant="bank"}'
    of_what = 'task="1",tenant="bank",what="settled"}'
    row = 'partition="0",'
    assert shown(COUNTS) == {
        'caps_total{scope="campaign",task="1",tenant="bank",what="stopped"} 4.0',
        f"cards_moved_total{{{of} 6.0",
        f'effect_records_total{{campaign="bind",{of} 7.0',
        f'effect_set_aside_total{{campaign="bind",reason="unmatched",{of} 3.0',
        f'effect_set_aside_total{{campaign="bind",reason="forgotten",{of} 1.0',
        f'guardrails_tripped_total{{campaign="bind",kind="harm",{of} 1.0',
        f"insight_passed_total{{{of} 2.0",
        f'cards_waiting{{stage="activate",{of} 1500.0',
        f'effect_customers{{arm="default",campaign="bind",{row}{of_what} 90.0',
        f'effect_difference{{arm="default",bound="low",campaign="bind",{row}{of} -0.0125',
        f'guardrail_tripped{{campaign="bind",kind="harm",{row}{of} 1.0',
        f'sample_ratio_p{{campaign="bind",{row}{of} 0.0009',
    }


def test_kinds_of_insight_counts_are_those_of_the_page() -> None:
    """docs/insight.md says what the fold counts; each kind has its metric, but decisions."""
    page = (ROOT / "docs/insight.md").read_text()
    kinds = set(re.findall(r"`(\w+)\|tenant(?:\||`)", page)) - {"tenant"}

    assert {*COUNTERS, *SET_ASIDE} - FIGURES == kinds - {"decision"}


def test_the_fold_shows_what_the_metrics_know() -> None:
    """Every figure of a fold has a metric with as many labels; a restored one shows them too."""
    log = InsightLog()
    log.open(guardrails=WATCHED)
    log.open(arm="control")
    log.settle(arm="control")
    log.settle(DAY, label=1)
    log.move("", "issued")
    fold = InsightFold(0, 1)
    for row in Folded(log).rows.items():
        fold.restore(Row(*row))
    fold.open(SOURCES)

    page = shown(dict(fold.counts()))
    names = {line.partition("{")[0] for line in page}
    assert names >= {
        name.removeprefix("cardcue_") for kind, name in COUNTERS.items() if kind in FIGURES
    }
    assert any(line.startswith("effect_difference") and 'bound="high"' in line for line in page)
