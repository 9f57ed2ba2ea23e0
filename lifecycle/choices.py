"""Keep what the options of a tenant's campaigns have brought, in one journal partition (L1)."""

from schemas.codec import encode_row
from schemas.insight import ChoicePublished
from schemas.records import Row
from schemas.rejects import IgnoreReason


class Choices:
    """The newest counts of each campaign that chooses by them, by campaign id."""

    __slots__ = ("_changed", "in_force")

    def __init__(self) -> None:
        """Begin without any."""
        self.in_force: dict[str, ChoicePublished] = {}
        self._changed: dict[str, ChoicePublished] = {}

    def adopt(self, published: ChoicePublished) -> IgnoreReason | None:
        """Let counts decide from now on; return why they do not."""
        before = self.in_force.get(published.campaign_id)
        if before is not None and published.sequence <= before.sequence:
            return "STALE_VERSION"
        self.in_force[published.campaign_id] = published
        self._changed[published.campaign_id] = published
        return None

    def restore(self, published: ChoicePublished) -> None:
        """Take counts back from their row."""
        self.in_force[published.campaign_id] = published

    def drain(self, where: str, rows: list[Row]) -> None:
        """Append what has changed since the last time; `where` is `partition|tenant`."""
        for campaign_id, published in self._changed.items():
            rows.append(Row(f"#choice|{where}|{campaign_id}".encode(), encode_row(published)))
        self._changed.clear()
