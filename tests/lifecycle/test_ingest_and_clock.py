"""
Ingest's tasks and the clock in one small world of logs, in any order of events.

The property that everything about absence rests on (T3): no tick's watermark is at or above the
journal time of a record that follows it.
"""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifecycle.clock import ClockFold
from lifecycle.ingest import IngestFold
from schemas.codec import decode_envelope
from schemas.journal import Tick
from schemas.records import Applied, Claim, Drained, OutputRecord, Row, StoredRecord
from schemas.routing import JOURNAL_TOPIC, PROGRESS_TOPIC
from tests.builders_source import SPEND, bound, purchase, source_record


TASK_COUNT = 3
START_MS = 2_000_000
Step = tuple[str, int, int]


class World:
    """One source topic that grows, three ingest tasks, one clock, the journal they write."""

    def __init__(self) -> None:
        """Begin with one partition: two tasks have nothing to read."""
        self.now_ms = START_MS
        self.logs: list[list[StoredRecord]] = [[]]
        self.progress: list[StoredRecord] = []
        self.clock_rows: list[Row] = []
        self.journal: list[OutputRecord] = []
        self.tasks = [_Task(self, number) for number in range(TASK_COUNT)]
        self.clock = ClockFold(0, 1)
        self.clock.open([(PROGRESS_TOPIC, 0)])
        self.read_by_clock_count = 0

    def step(self, what: str, which: int, ms: int) -> None:
        """Let one thing happen."""
        self.now_ms += ms
        task = self.tasks[which % TASK_COUNT]
        if what == "append":
            self.append(which % len(self.logs))
        elif what == "grow":
            self.logs.append([])
        elif what == "clock":
            self.run_clock()
        elif what == "kill":
            self.tasks[which % TASK_COUNT] = task.successor()
        elif what == "observe":
            task.observe()
        else:
            task.poll(sees_growth=what == "poll and refresh")

    def append(self, partition: int) -> None:
        """Append a purchase; the broker stamps it."""
        log = self.logs[partition]
        body = purchase(occurred_at="1970-01-01T00:00:01Z")
        log.append(source_record(body, at=(SPEND, partition, len(log)), timestamp=self.now_ms))

    def run_clock(self) -> None:
        """Let the clock read all progress there is."""
        for record in self.progress[self.read_by_clock_count :]:
            self.clock.apply(record)
        self.read_by_clock_count = len(self.progress)
        self.clock.close_slice(())
        drained = self.clock.drain()
        self.clock_rows.extend(drained.rows)
        self.journal.extend(drained.outputs)

    def take(self, drained: Drained) -> None:
        """Append what an ingest task committed."""
        for output in drained.outputs:
            if output.topic == JOURNAL_TOPIC:
                self.journal.append(output)
            else:
                at = (PROGRESS_TOPIC, 0, len(self.progress))
                self.progress.append(StoredRecord(*at, self.now_ms, output.key, output.value))


class _Task:
    """The shell of one ingest task, as far as time is concerned."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.rows: dict[bytes, bytes | None] = {}
        self.positions: dict[int, int] = {}
        self.begin()

    def begin(self) -> None:
        """Make and restore a fold; read from the committed positions."""
        self.fold = IngestFold(self.number, TASK_COUNT, bindings=(bound(),), tenants=("bank-a",))
        for key, value in self.rows.items():
            self.fold.restore(Row(key, value))
        self.read = dict(self.positions)
        self.polled_at_ms: int | None = None
        self.observed_count = 0
        self.held: list[StoredRecord] = []
        self.partitions = sorted(self.positions)
        self.fold.open([(SPEND, partition) for partition in self.partitions])

    def successor(self) -> "_Task":
        """Return the next owner, who knows what was committed and nothing else."""
        heir = _Task(self.world, self.number)
        heir.rows, heir.positions = self.rows, self.positions
        heir.begin()
        return heir

    def poll(self, *, sees_growth: bool) -> None:
        """Read everything, claim by T3, fold and commit."""
        logs = self.world.logs
        if sees_growth:
            self.partitions = list(range(self.number, len(logs), TASK_COUNT))
            self.fold.open([(SPEND, partition) for partition in self.partitions])
        records = []
        claims = []
        for partition in self.partitions:
            records += logs[partition][self.read.get(partition, 0) :]
            self.read[partition] = len(logs[partition])
            if self.polled_at_ms is not None:
                claims.append(Claim(SPEND, partition, self.polled_at_ms))
        self.polled_at_ms = self.world.now_ms
        self.fold_slice(records, claims)

    def observe(self) -> None:
        """Follow the clock's rows."""
        for row in self.world.clock_rows[self.observed_count :]:
            self.fold.observe(row)
        self.observed_count = len(self.world.clock_rows)
        self.fold_slice([], [])

    def fold_slice(self, records: list[StoredRecord], claims: list[Claim]) -> None:
        """Fold what waited and what is new, close, commit."""
        offered, self.held = [*self.held, *records], []
        for record in offered:
            behind = any(record.partition == other.partition for other in self.held)
            if behind or self.fold.apply(record) is Applied.WAIT:
                self.held.append(record)
            else:
                self.positions[record.partition] = record.offset + 1
        self.fold.close_slice(claims)
        drained = self.fold.drain()
        self.rows.update(drained.rows)
        self.world.take(drained)


def times(world: World) -> list[tuple[str, int]]:
    """Return the journal as ("tick", watermark) and ("event", journal time)."""
    found = []
    for output in world.journal:
        envelope = decode_envelope(output.value or b"")
        record = envelope.record
        if isinstance(record, Tick):
            found.append(("tick", record.watermark_at_ms))
        else:
            found.append(("event", envelope.journal_at_ms))
    return found


HAPPENINGS = [
    *("append", "append", "poll", "poll", "poll and refresh", "poll and refresh"),
    *("clock", "clock", "observe", "observe", "grow", "kill"),
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(HAPPENINGS), st.integers(0, 5), st.sampled_from([0, 1, 400, 1_000, 5_000])
    ),
    max_size=60,
)


def settle(world: World) -> None:
    """Let everybody read everything, often enough for the last word to arrive."""
    for _ in range(6):
        for number in range(TASK_COUNT):
            world.step("poll and refresh", number, 1_000)
            world.step("observe", number, 0)
        world.step("clock", 0, 0)


# growth gives task 1 its first partition, with a record older than the newest tick
JOINING: list[Step] = [
    *(("poll and refresh", task, 1_000) for task in (0, 1, 2, 0)),
    ("clock", 0, 0),
    ("grow", 0, 0),
    ("append", 1, 0),
    ("poll", 0, 5_000),
    ("poll", 0, 5_000),
    ("clock", 0, 0),
    ("poll and refresh", 1, 0),
    ("clock", 0, 0),
]


@settings(max_examples=400, deadline=None)
@given(STEPS)
@example(JOINING)
def test_no_record_follows_a_tick_that_it_belies(steps: list[Step]) -> None:
    """T3: under growth, kills, lag and any order of commits, a tick's watermark is the truth."""
    world = World()
    for step in steps:
        world.step(*step)
    settle(world)
    watermark_ms = 0
    for what, at_ms in times(world):
        if what == "tick":
            watermark_ms = at_ms
        else:
            assert at_ms > watermark_ms
    appended_count = sum(len(log) for log in world.logs)
    assert sum(what == "event" for what, _ in times(world)) == appended_count
    assert watermark_ms > START_MS
    assert not any(task.held for task in world.tasks)


def test_the_joining_world_is_one_where_waiting_matters() -> None:
    """T3: the example above ends in a record that is older than the tick before it, and raised."""
    world = World()
    for step in JOINING:
        world.step(*step)
    (record,) = world.logs[1]
    assert times(world)[-1][0] == "tick"
    assert times(world)[-1][1] > record.timestamp
    settle(world)
    (at_ms,) = [at_ms for what, at_ms in times(world) if what == "event"]
    assert at_ms > record.timestamp
