"""A fold small enough to check by eye: it counts records per key and says each new count."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, msgpack

from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord


class CountingFold:
    """Counts per key; output `key -> count` for every record; a row per changed key."""

    def __init__(self, task: int, task_count: int, output_topic: str) -> None:
        """Start empty."""
        self.task = task
        self.task_count = task_count
        self.output_topic = output_topic
        self.count_by_key: dict[bytes, int] = {}
        self.changed: set[bytes] = set()
        self.outputs: list[OutputRecord] = []
        self.sources: Sequence[tuple[str, int]] = ()

    def restore(self, row: Row) -> None:
        """Take a count back."""
        self.count_by_key[row.key] = msgpack.decode(row.value or b"\x00")

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """Note the sources."""
        self.sources = sources

    def observe(self, row: Row) -> None:
        """Ignore."""

    def apply(self, record: SourceRecord) -> Applied:
        """Count one record."""
        key = record.key or b""
        count = self.count_by_key.get(key, 0) + 1
        self.count_by_key[key] = count
        self.changed.add(key)
        self.outputs.append(OutputRecord(self.output_topic, key, b"%d" % count))
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Ignore claims."""

    def drain(self) -> Drained:
        """Return a row per changed key and every count said."""
        rows = [Row(key, msgpack.encode(self.count_by_key[key])) for key in sorted(self.changed)]
        outputs, self.outputs, self.changed = self.outputs, [], set()
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return how many keys there are."""
        return {"keys": len(self.count_by_key)}


class CountingSpec(Struct, frozen=True, kw_only=True):
    """What the shell must know of the counting fold."""

    source_topics: tuple[str, ...]
    changelog_topic: str
    output_topic: str
    name: str = "counting"
    observed_topic: str = ""

    def make(self, task: int, task_count: int) -> CountingFold:
        """Return a new fold."""
        return CountingFold(task, task_count, self.output_topic)
