"""Keep where a tenant's cards stand, and how long they took to get there (docs/insight.md 2)."""

from lifecycle.funnel import HOUR_MS
from schemas.codec import encode_row
from schemas.insight_rows import WAITED_BIN_COUNT, FunnelRow
from schemas.outcomes import CardMoved
from schemas.records import Row


class Funnel:
    """The cards of one tenant, as one partition has heard of them."""

    __slots__ = ("partition", "row", "tenant")

    def __init__(self, partition: int, tenant: str, row: FunnelRow) -> None:
        """Go on where a row was written."""
        self.partition = partition
        self.tenant = tenant
        self.row = row

    def take(self, moved: CardMoved) -> None:
        """Count a card elsewhere from now on."""
        row = self.row
        row.at_ms = max(row.at_ms, moved.moved_at_ms)
        _add(row.cards, moved.before, -1)
        _add(row.cards, moved.after, 1)
        if moved.reached:
            row.reached[moved.reached] = row.reached.get(moved.reached, 0) + 1
            if moved.waited_ms >= 0:
                bins = row.waited.setdefault(moved.reached, [0] * WAITED_BIN_COUNT)
                bins[bin_of(moved.waited_ms)] += 1

    def drain(self) -> Row:
        """Return the row as it is now."""
        return Row(f"#funnel|{self.partition}|{self.tenant}".encode(), encode_row(self.row))


def bin_of(waited_ms: int) -> int:
    """
    Return the bin of a waiting time: below an hour, below 2, below 4, and so on.

    >>> [bin_of(hours * HOUR_MS) for hours in (0, 1, 2, 3, 4, 2**22, 2**40)]
    [0, 1, 2, 2, 3, 23, 23]
    """
    return min((waited_ms // HOUR_MS).bit_length(), WAITED_BIN_COUNT - 1)


def _add(cards: dict[str, int], where: str, count: int) -> None:
    """Add cards to a place, "" for none; what is 0 is not kept."""
    if where:
        cards[where] = cards.get(where, 0) + count
        if not cards[where]:
            del cards[where]
