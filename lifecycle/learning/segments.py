"""Keep what is learnt of how each bank's customers spend, and say when it is to be published."""

from typing import Final

from lifecycle.features.context import PPM
from lifecycle.models.spend_clusters import SpendClusters, shares_of
from lifecycle.models.spend_tiers import SpendTiers
from schemas.codec import decode_row, encode_row
from schemas.learning_rows import SegmentsRow
from schemas.records import Row
from schemas.scenes import SCENES
from schemas.segments import CustomerObserved, SegmentsPublished


CURRENCIES_MAX: Final = 4
FIRST_COUNT: Final = 200
PUBLISH_COUNT: Final = 500
PUBLISH_EVERY_MS: Final = 86_400_000


class Segments:
    """The segments of every bank of a task, by tenant."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: dict[str, SegmentsRow] = {}
        self._changed: dict[str, None] = {}

    def restore(self, tenant: str, value: bytes) -> None:
        """Take a row back."""
        self._rows[tenant] = decode_row(value, SegmentsRow)

    def take(self, seen: CustomerObserved) -> SegmentsPublished | None:
        """Learn from one customer; return the segments where it is time."""
        row = self._rows.setdefault(seen.tenant, SegmentsRow())
        self._changed[seen.tenant] = None
        _learn(row, seen)
        if not _due(row, seen.observed_at_ms):
            return None
        row.sequence += 1
        row.published_at_ms, row.observed_count = seen.observed_at_ms, 0
        return published(row)

    def drain(self, rows: list[Row]) -> None:
        """Append what has changed since the last time."""
        rows += (
            Row(f"#segments|{name}".encode(), encode_row(self._rows[name]))
            for name in self._changed
        )
        self._changed.clear()


def _learn(row: SegmentsRow, seen: CustomerObserved) -> None:
    """Let both models learn from one customer; a fifth currency is passed over."""
    known = row.tiers.get(seen.currency)
    if known is not None or len(row.tiers) < CURRENCIES_MAX:
        tiers = SpendTiers(known)
        tiers.learn(seen.spend_minor)
        row.tiers[seen.currency] = tiers.snapshot()
    clusters = SpendClusters(seen.tenant, row.clusters)
    clusters.learn(shares_of(seen.scene_share_ppm))
    row.clusters = clusters.snapshot()
    row.observed_count += 1


def published(row: SegmentsRow) -> SegmentsPublished:
    """Return the segments as they are now; a scene that a cluster has nothing of is left out."""
    edges = {currency: SpendTiers(known).edges_minor() for currency, known in row.tiers.items()}
    return SegmentsPublished(
        sequence=row.sequence,
        edges_minor={currency: found for currency, found in edges.items() if found},
        clusters={
            centre.name: {
                scene: int(share * PPM)
                for scene, share in zip(SCENES, centre.shares, strict=True)
                if int(share * PPM)
            }
            for centre in row.clusters.centres
        },
    )


def _due(row: SegmentsRow, observed_at_ms: int) -> bool:
    """Return whether it is time to publish."""
    if not row.sequence:
        return row.observed_count >= FIRST_COUNT
    return (
        row.observed_count >= PUBLISH_COUNT
        or observed_at_ms - row.published_at_ms >= PUBLISH_EVERY_MS
    )
