"""Keep what the options of campaigns bring: rows of one task, and what is due to be published."""

from lifecycle.learning import counting
from schemas.codec import decode_row, encode_row
from schemas.insight import ChoicePublished
from schemas.learning_rows import ChoiceRow
from schemas.outcomes import ExposureSettled
from schemas.records import Row


class Choices:
    """Campaigns that choose by counts, by `tenant|campaign`."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: dict[str, ChoiceRow] = {}
        self._changed: dict[str, None] = {}

    def restore(self, name: str, value: bytes) -> None:
        """Take a row back."""
        self._rows[name] = decode_row(value, ChoiceRow)

    def take(self, name: str, settled: ExposureSettled) -> ChoicePublished | None:
        """Count a contact whose window is over; return the new rates where it is time."""
        row = self._rows.setdefault(name, ChoiceRow())
        self._changed[name] = None
        counting.count(row, settled)
        if not counting.due(row, settled.settled_at_ms):
            return None
        return counting.publish(row, settled.campaign_id, settled.settled_at_ms)

    def drain(self, rows: list[Row]) -> None:
        """Append what has changed since the last time."""
        rows += (
            Row(f"#choice|{name}".encode(), encode_row(self._rows[name])) for name in self._changed
        )
        self._changed.clear()
