"""
Keep what a tenant's journal partition has of offers and budgets: a fixed share, and what is taken.

No other partition can take from it, so nothing is ever oversold and nobody has to be asked; what
one has left over, another may lack (docs/core.md 3.15).
"""

from schemas.codec import encode_row
from schemas.offer import OFFERS_MAX, Offer
from schemas.records import Row
from schemas.rejects import IgnoreReason
from schemas.state_tenant import OfferRow


class Stock:
    """Offers by id with the units taken here, and the money spent here by campaign."""

    __slots__ = ("_changed", "_partition", "_partition_count", "offers", "spent_minor")

    def __init__(self, partition: int, partition_count: int) -> None:
        """Begin without offers, nothing spent."""
        self._partition = partition
        self._partition_count = partition_count
        self._changed: dict[tuple[str, str], OfferRow | int] = {}
        self.offers: dict[str, OfferRow] = {}
        self.spent_minor: dict[str, int] = {}

    def define(self, offer: Offer) -> IgnoreReason | None:
        """Let there be so much of an offer from now on; return why it is not so."""
        known = self.offers.get(offer.id)
        if known is None and len(self.offers) >= OFFERS_MAX:
            return "STATE_FULL"
        if known is not None and offer.version <= known.offer.version:
            return "STALE_VERSION"
        self.offers[offer.id] = OfferRow(offer, known.taken_count if known else 0)
        self.take(offer.id, 0)
        return None

    def left_count(self, known: OfferRow) -> int:
        """Return how many units of an offer are left here."""
        return self._share(known.offer.inventory_count) - known.taken_count

    def left_minor(self, campaign_id: str, budget_minor: int) -> int:
        """Return what is left here of a campaign's budget."""
        return self._share(budget_minor) - self.spent_minor.get(campaign_id, 0)

    def take(self, offer_id: str, unit_count: int) -> None:
        """Take units of an offer that is defined; give back where the count is below 0."""
        row = self.offers[offer_id]
        row.taken_count += unit_count
        self._changed["offer", offer_id] = row

    def spend(self, campaign_id: str, amount_minor: int) -> None:
        """Spend of a campaign's budget; give back where the amount is below 0."""
        if amount_minor:
            spent_minor = self.spent_minor.get(campaign_id, 0) + amount_minor
            self.spent_minor[campaign_id] = spent_minor
            self._changed["budget", campaign_id] = spent_minor

    def drain(self, where: str, rows: list[Row]) -> None:
        """Append what has changed since the last time; `where` is `partition|tenant`."""
        for (kind, name), value in self._changed.items():
            rows.append(Row(f"#{kind}|{where}|{name}".encode(), encode_row(value)))
        self._changed.clear()

    def _share(self, total: int) -> int:
        """Return this partition's share of a total; the shares of all are the total."""
        each, over = divmod(total, self._partition_count)
        ours = self._partition < self._partition_count
        return each + (self._partition < over) if ours else 0
