"""
Say which contacts teach what options bring, and when that is published (docs/learning.md 6).

Those whose windows are over: so no option is favoured because it converts soon.
"""

from typing import Final

from lifecycle.experiment import DEFAULT
from lifecycle.models.option_counts import OptionCounts
from schemas.insight import ChoicePublished
from schemas.learning_rows import ChoiceRow
from schemas.outcomes import ExposureSettled


PUBLISH_COUNT: Final = 50
PUBLISH_EVERY_MS: Final = 3_600_000


def counts(settled: ExposureSettled) -> bool:
    """Return whether an option was chosen by counts for this contact, and its window is over."""
    return bool(
        settled.option
        and not settled.model_id
        and settled.arm == DEFAULT
        and settled.label is not None
    )


def count(row: ChoiceRow, settled: ExposureSettled) -> None:
    """Count one more contact of its option."""
    model = OptionCounts(row.counts)
    model.learn(settled.option, settled.label or 0)
    row.counts = model.snapshot()
    row.counted_count += 1


def due(row: ChoiceRow, settled_at_ms: int) -> bool:
    """Return whether it is time to publish: at the first, then by number or by time."""
    return (
        not row.sequence
        or row.counted_count >= PUBLISH_COUNT
        or settled_at_ms - row.published_at_ms >= PUBLISH_EVERY_MS
    )


def publish(row: ChoiceRow, campaign_id: str, at_ms: int) -> ChoicePublished:
    """Return the rates as they are now, under the next sequence."""
    row.sequence += 1
    row.published_at_ms, row.counted_count = at_ms, 0
    return ChoicePublished(
        campaign_id=campaign_id,
        sequence=row.sequence,
        rates_ppm=dict(OptionCounts(row.counts).rates_ppm()),
    )
