"""Follow how many events lifecycle has applied, by the counts rows of its changelog."""

from bench.kafka_side import Outlet
from schemas.codec import decode_counts_row
from schemas.routing import STATE_TOPICS


class AppliedCount:
    """A reader of `#counts|p` rows: committed counts, the newest of each journal partition."""

    def __init__(self, bootstrap: str) -> None:
        """Begin at the beginning."""
        self._outlet = Outlet(bootstrap, [STATE_TOPICS["lifecycle"]])
        self._count_by_row: dict[bytes, int] = {}

    def read(self) -> int:
        """Return the events applied or ignored so far."""
        for key, value, _ in self._outlet.read():
            if key.startswith(b"#counts|") and value:
                counts = decode_counts_row(value)
                self._count_by_row[key] = sum(
                    count
                    for name, count in counts.items()
                    if name.startswith(("applied|", "ignored|"))
                )
        return sum(self._count_by_row.values())
