"""Follow what insight counts, and say at the end what each campaign caused."""

from collections.abc import Iterable, Iterator
from typing import Final

from confluent_kafka import Message

from cli.effect.campaign import campaign_told
from cli.effect.lines import bank_money, overview_line
from cli.effect.rows import rows_of
from cli.effect.told import CampaignTold
from cli.effect.words import BOUGHT, rates_words
from schemas.codec import decode_offsets_row
from schemas.routing import OUTCOMES_TOPIC, STATE_TOPICS
from schemas.state import OFFSETS_KEY
from streams.port import SourcePartition


INSIGHT_TOPIC: Final = STATE_TOPICS["insight"]
SETTLED: Final = ("ce_type", b"exposure.settled.v1")


class Effects:
    """The newest rows of insight, and how far its source goes."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.positions: dict[SourcePartition, int] = {}
        """The next offset that insight reads of each partition of its sources."""
        self.settled_count = 0
        """Exposures of which it was found what they have come to."""
        self._rows: dict[bytes, bytes | None] = {}
        self._last: dict[SourcePartition, int] = {}

    def take(self, messages: Iterable[Message]) -> None:
        """Read rows of insight, and where the last outcome of each partition lies."""
        for message in messages:
            topic, key, offset = message.topic(), message.key(), message.offset()
            if topic == INSIGHT_TOPIC and key is not None:
                self._take_row(key, message.value())
            elif topic == OUTCOMES_TOPIC and offset is not None:
                self._last[SourcePartition(topic, message.partition() or 0)] = offset
                self.settled_count += SETTLED in (message.headers() or ())

    def all_read(self) -> bool:
        """Return whether insight has read all that was found, wherever it has read anything."""
        return not self.positions or all(
            self.positions.get(place, 0) > offset for place, offset in self._last.items()
        )

    def unread_count(self) -> int:
        """Return how many records of one partition, at most, insight has still to read."""
        unread = (offset + 1 - self.positions.get(place, 0) for place, offset in self._last.items())
        return max(unread, default=0)

    def lines(self, tenants: Iterable[str]) -> Iterator[str]:
        """Yield one line for each campaign of each bank, then what all its contacts brought."""
        rows = rows_of(self._rows)
        for tenant in tenants:
            for campaign_id in sorted(named for whose, named in rows if whose == tenant and named):
                told = campaign_told(tenant, campaign_id, rows[tenant, campaign_id])
                yield f"effect in {tenant} of {overview_line(told)}"
            if (tenant, "") in rows:
                told = campaign_told(tenant, "", rows[tenant, ""])
                yield f"effect in {tenant} of all contacts: {_total(told)}"

    def _take_row(self, key: bytes, value: bytes | None) -> None:
        """Take a row; that of a task's offsets is about its own partitions only."""
        if key != OFFSETS_KEY:
            self._rows[key] = value
            return
        for topic, partitions in decode_offsets_row(value or b"").items():
            for partition, offset in partitions.items():
                self.positions[SourcePartition(topic, partition)] = offset


def _total(told: CampaignTold) -> str:
    """Return what those who are not held out do more, and for how many that is not known yet."""
    if told.effects:
        (one,) = told.effects.values()
        money = (line for found in one.money for line in bank_money(found))
        return "; ".join([f"bought {rates_words(one.conversion, BOUGHT)}", *money])
    counts = {arm: counts["first_count"] for arm, counts in told.arms.items()}
    customers = ", ".join(f"{arm} {count:,}" for arm, count in counts.items())
    return f"not known before their windows have closed; customers {customers}"
