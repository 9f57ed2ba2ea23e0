"""Put up the whole house on this machine: broker, topics, the real worker, and our ends of it."""

import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from cli.demo.child import Child
from cli.demo.gateway import Gateway
from cli.demo.ledger import Ledger, total
from cli.demo.lessons import Lessons
from cli.demo.loader import Loader
from cli.demo.offers import OfferSystem
from cli.demo.reconcile import Evidence
from cli.demo.setting import demo_settings, write_settings
from cli.demo.story import Stories
from cli.demo.tail import Tail
from schemas.decisions import Trigger
from schemas.routing import (
    DECISIONS_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    REJECTED_TOPIC,
    STATE_TOPICS,
    TRIGGER_TOPICS,
)
from streams.embedded import EmbeddedBroker
from streams.port import SourcePartition
from streams.settings import Settings
from streams.topic_table import topic_table


PREFERRED_PORT: Final = 9464
WAIT_S: Final = 0.02
"""How long a turn waits for news: a fiftieth of a second is live to an eye."""

LOOK_S: Final = 2.0
"""How often to look whether the broker has dropped something unread: it tells nobody."""

JOURNAL_UNREAD_COUNT_MAX: Final = 10_000

FOLDER_PREFIX: Final = "cardcue-demo-"


class House:
    """Everything that runs, moved on by `turn`; not safe to share between threads."""

    def __init__(
        self, settings: Settings, worker: Child, loader: Loader, rows: Tail, outputs: Tail
    ) -> None:
        """Take what was started, and the readers of changelogs and outputs; `open_house` does."""
        self.settings = settings
        self.worker = worker
        self.loader = loader
        self._rows_tail = rows
        self._outputs_tail = outputs
        self.ledger = Ledger()
        self.gateway = Gateway()
        self.offers = OfferSystem()
        self.stories = Stories()
        self.lessons = Lessons()
        self.outputs: Counter[str] = Counter()
        """Records found in each output topic."""
        self.movement = 0
        """Grows with everything that the worker commits."""
        self._look_due_s = 0.0

    def turn(self) -> list[Trigger]:
        """
        Let everything move on a little; return the triggers that have come.

        Raises:
            WorkerDiedError: the worker has ended.
            TailError: something was dropped before it was read.
            LoaderError: something could not be sent.

        """
        self.worker.check()
        news = self._rows_tail.read(WAIT_S)
        self.ledger.take(news)
        messages = self._outputs_tail.read()
        self.lessons.take((*news, *messages))
        self.movement += len(news) + len(messages)
        self.outputs.update(topic for message in messages if (topic := message.topic()))
        self.stories.take(messages)
        triggers = list(self.gateway.take(messages))
        for trigger in triggers:
            self.loader.add(self.gateway.deliver(trigger))
        self.loader.add(self.offers.take(messages))
        self.loader.turn(self.ledger.positions, has_room=self._journal_has_room())
        if time.monotonic() > self._look_due_s:
            self._look_due_s = time.monotonic() + LOOK_S
            self._rows_tail.refuse_loss(self.ledger.positions)
        return triggers

    @property
    def evidence(self) -> Evidence:
        """Return what can be held against each other."""
        sent_counts = self.loader.sent_counts
        return Evidence(sent_counts, self.ledger, self.gateway, self.offers, self.outputs)

    @property
    def metrics_address(self) -> str:
        """Return where the worker shows its metrics."""
        return f"http://{self.settings.http_host}:{self.settings.http_port}/metrics"

    def all_read(self) -> bool:
        """Return whether ingest has accounted for everything that was to be sent."""
        if self.loader.waiting_count:
            return False
        wanted: Counter[SourcePartition] = Counter()
        for (source, _), count in self.loader.sent_counts.items():
            wanted[source] += count
        return all(self.ledger.read_count(source) == count for source, count in wanted.items())

    def _journal_has_room(self) -> bool:
        """
        Return whether lifecycle is close enough behind ingest to send more.

        A record of the journal is about 430 bytes, so 8 partitions keep some 90,000 unread. The
        sources may hold up to 60,000 that ingest could forward without asking anybody.
        """
        decided = self.ledger.decided()
        done = total(decided, "applied") + total(decided, "ignored")
        return total(self.ledger.ingested(), "forwarded") - done < JOURNAL_UNREAD_COUNT_MAX

    def outputs_read(self) -> bool:
        """Return whether all that was decided, rejected and granted was found, and learnt from."""
        decided = self.ledger.decided()
        decisions = total(decided, "occasion")
        measured = total(decided, "exposure") + total(decided, "outcome")
        rejected = total(self.ledger.ingested(), "rejected")
        return (
            self.outputs[DECISIONS_TOPIC] >= decisions
            and self.outputs[REJECTED_TOPIC] >= rejected
            and self.outputs[OUTCOMES_TOPIC] >= measured
            and self.lessons.all_read(self.ledger.positions)
            and self.offers.held == self.ledger.taken()
        )


@contextmanager
def open_house() -> Iterator[House]:
    """
    Start broker and worker, and take them down again.

    However the block ends, nothing is left behind: no process, no folder, no port.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX)))
        broker = stack.enter_context(EmbeddedBroker())
        settings = demo_settings(broker.bootstrap, free_port(PREFERRED_PORT))
        counts = {topic.name: topic.partition_count for topic in topic_table(settings)}
        for name, count in counts.items():
            broker.create_topic(name, count)
        worker = stack.enter_context(Child(write_settings(settings, folder)))
        loader = Loader(broker.bootstrap)
        stack.callback(loader.close)
        rows = {name: counts[name] for name in STATE_TOPICS.values()}
        outputs = {
            name: counts[name]
            for name in (
                *TRIGGER_TOPICS.values(),
                *(OFFERS_TOPIC, DECISIONS_TOPIC, OUTCOMES_TOPIC, REJECTED_TOPIC),
            )
        }
        yield House(
            settings,
            worker,
            loader,
            stack.enter_context(Tail(broker.bootstrap, rows)),
            stack.enter_context(Tail(broker.bootstrap, outputs)),
        )


def free_port(preferred: int) -> int:
    """Return the preferred port of the loopback if nobody listens there, else a free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("wanted a free port on the loopback, found none")
