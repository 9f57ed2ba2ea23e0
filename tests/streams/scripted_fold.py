"""The counting fold with moods: a record's value says whether it waits, takes bites or is bad."""

from collections.abc import Mapping, Sequence

from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord
from tests.streams.counting_fold import CountingFold, CountingSpec


class BadRecordError(ValueError):
    """The fold met a record that says `boom`."""


class ScriptedFold(CountingFold):
    """
    Counts, and obeys the value of a record.

    `wait <gate>`: WAIT until a row with the gate's name is observed. `again <n>`: AGAIN n times,
    an output each time; `quiet <n>`: AGAIN n times, and nothing to show for it. `boom`: raises.

    Attributes:
        told: what the shell asked of the fold, in order.
    """

    def __init__(self, task: int, task_count: int, output_topic: str) -> None:
        """Start empty."""
        super().__init__(task, task_count, output_topic)
        self.told: list[str] = []
        self.gates: set[bytes] = set()
        self._bite_count = 0
        self._counted = {"counted": 0}

    def restore(self, row: Row) -> None:
        """Take a count back."""
        self.told.append(f"restore {row.key.decode()}")
        super().restore(row)

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """Note the sources."""
        self.told.append("open " + " ".join(str(partition) for _, partition in sources))
        super().open(sources)

    def observe(self, row: Row) -> None:
        """Open a gate."""
        self.told.append(f"observe {row.key.decode()}")
        self.gates.add(row.key)

    def apply(self, record: SourceRecord) -> Applied:
        """Count one record, in its own time."""
        self.told.append(f"apply {record.partition}/{record.offset}")
        mood, _, rest = (record.value or b"").partition(b" ")
        if mood == b"boom":
            raise BadRecordError("wanted a good record, found boom")
        if mood == b"wait" and rest not in self.gates:
            return Applied.WAIT
        if mood in {b"again", b"quiet"}:
            if self._bite_count < int(rest):
                self._bite_count += 1
                if mood == b"again":
                    said = b"bite %d" % self._bite_count
                    self.outputs.append(OutputRecord(self.output_topic, record.key, said))
                return Applied.AGAIN
            self._bite_count = 0
        self._counted["counted"] += 1
        return super().apply(record)

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Say how far time has come, as ingest says its progress."""
        self.told.append(f"close {len(claims)}")
        for claim in claims:
            said = b"claim %d of %d" % (claim.claim_at_ms, claim.partition)
            self.outputs.append(OutputRecord(self.output_topic, b"claim", said))

    def drain(self) -> Drained:
        """Return what the counting fold returns."""
        self.told.append("drain")
        return super().drain()

    def counts(self) -> Mapping[str, int]:
        """Return how many records were counted: the running mapping itself, as a fold may."""
        return self._counted


class ScriptedSpec(CountingSpec, frozen=True, kw_only=True):
    """What the shell must know of the scripted fold."""

    def make(self, task: int, task_count: int) -> ScriptedFold:
        """Return a new fold."""
        return ScriptedFold(task, task_count, self.output_topic)
