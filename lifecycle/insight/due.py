"""Say when there is something to report: an hour after the last time, by the row's own time."""

from typing import Final

from schemas.insight_rows import EffectRow, FunnelRow


REPORT_EVERY_MS: Final = 3_600_000


def is_due(row: EffectRow | FunnelRow) -> bool:
    """Return whether an hour or more is to be reported, and remember that it was."""
    if row.at_ms < row.reported_at_ms + REPORT_EVERY_MS:
        return False
    row.reported_at_ms = row.at_ms
    return True
