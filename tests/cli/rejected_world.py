"""A log in memory with source topics, refused records and markers; time moves when a test says."""

from collections.abc import Sequence
from typing import Final

import msgspec

from cli.rejected.filters import Filter
from cli.rejected.replay import Wish, give_back
from cli.rejected.sending import Tally
from lifecycle.rejected import rejected_record
from schemas.records import OutputRecord, StoredRecord
from schemas.rejects import RejectedError, RejectReason
from schemas.routing import REJECTED_TOPIC, REPLAYED_TOPIC
from streams.memory_broker import MemoryBroker
from streams.memory_pause import Pause, breathe
from streams.port import SourcePartition
from streams.settings import Settings
from tests.builders_source import ISSUE, SPEND, TIME_MS
from tests.cli.memory_log import MemoryTopicLog


CONTROL: Final = "marketing.control.v1"
SETTINGS: Final = Settings(tenants=("bank-a",))
EVERYTHING: Final = Filter()
YES: Final = Wish(yes=True, rate=1_000_000, max_replays=3, limit=None, by="ops")
LOOK: Final = msgspec.structs.replace(YES, yes=False)

Headers = Sequence[tuple[str, bytes | None]]


class RejectedWorld:
    """
    Source topics of three partitions, and what was refused of them.

    Attributes:
        now_ms: what the broker's clock says.
    """

    def __init__(self) -> None:
        """Make the topics."""
        self.now_ms = TIME_MS
        self.broker = MemoryBroker(lambda: self.now_ms)
        for topic in (SPEND, ISSUE, CONTROL, REJECTED_TOPIC):
            self.broker.create_topic(topic, 3)
        self.broker.create_topic(REPLAYED_TOPIC, 1)
        self._refused: set[tuple[str, int, int]] = set()

    def log(self, pause: Pause = breathe) -> MemoryTopicLog:
        """Return a client."""
        return MemoryTopicLog(self.broker, pause)

    def send(
        self, value: bytes | None, topic: str = SPEND, partition: int = 0, headers: Headers = ()
    ) -> StoredRecord:
        """Put a record into a source topic, as its producer does."""
        output = OutputRecord(topic, b"key", value, tuple(headers), partition)  # type: ignore[arg-type]
        return self.broker.append(output)[0]

    def refuse(self, reason: RejectReason = "UNKNOWN_TYPE", tenant: str = "bank-a") -> None:
        """Be an ingest that refuses whatever it has not yet read."""
        refusal = RejectedError(reason, "wanted one thing, found another", tenant)
        for topic in (SPEND, ISSUE, CONTROL):
            for record in self.committed(topic):
                place = (record.topic, record.partition, record.offset)
                if place not in self._refused:
                    self._refused.add(place)
                    self.broker.append(rejected_record(record, refusal))

    def refused(self, *values: bytes, topic: str = SPEND) -> None:
        """Send values and refuse them."""
        for value in values:
            self.send(value, topic)
        self.refuse()

    def committed(self, topic: str) -> list[StoredRecord]:
        """Return every committed record of a topic."""
        count = self.broker.partition_count(topic)
        places = [SourcePartition(topic, number) for number in range(count)]
        partitions = [self.broker.partition(place) for place in places]
        return [one for each in partitions for one in each.read(each.log_start, 10_000)[0]]

    def values(self, topic: str = SPEND) -> list[bytes | None]:
        """Return the values of a topic's committed records."""
        return [record.value for record in self.committed(topic)]

    async def replay(
        self, chosen: Filter = EVERYTHING, wish: Wish = YES, settings: Settings = SETTINGS
    ) -> Tally:
        """Run `cardcue rejected replay`."""
        return await give_back(self.log(), settings, chosen, wish)
