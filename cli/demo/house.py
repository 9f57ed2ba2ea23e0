"""Put up the whole house on this machine: broker, topics, the real workers, and our ends of it."""

import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from confluent_kafka import Message

from cli.demo.child import Child
from cli.demo.effects import Effects
from cli.demo.gateway import Gateway
from cli.demo.ledger import Ledger, total
from cli.demo.lessons import Lessons
from cli.demo.loader import Loader
from cli.demo.offers import OfferSystem
from cli.demo.reconcile import Evidence
from cli.demo.room import Room
from cli.demo.setting import WORKER_COUNT, demo_settings, write_settings
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
from streams.topic_table import FOLDS, topic_table


PREFERRED_PORT: Final = 9464
WAIT_S: Final = 0.05
"""How long a turn waits for news: a fiftieth of a second is live to an eye."""

LOOK_S: Final = 2.0
"""How often to look whether the broker has dropped something unread: it tells nobody."""

FOLDER_PREFIX: Final = "cardcue-demo-"

CARD_MOVED: Final = ("ce_type", b"card.moved.v1")


class House:
    """Everything that runs, moved on by `turn`; not safe to share between threads."""

    def __init__(
        self,
        settings: Sequence[Settings],
        workers: Sequence[Child],
        loader: Loader,
        rows: Tail,
        outputs: Tail,
    ) -> None:
        """Take what was started, and the readers of changelogs and outputs; `open_house` does."""
        self.settings = settings
        self.workers = workers
        self.loader = loader
        self._rows_tail = rows
        self._outputs_tail = outputs
        self.ledger = Ledger()
        self.gateway = Gateway()
        self.offers = OfferSystem()
        self.stories = Stories()
        self.lessons = Lessons()
        self.effects = Effects()
        self._room = Room()
        self.outputs: Counter[str] = Counter()
        """Records found in each output topic."""
        self.movement = 0
        """Grows with everything that the worker commits."""
        self._look_due_s = 0.0

    def turn(self) -> list[Trigger]:
        """
        Let everything move on a little; return the triggers that have come.

        Raises:
            WorkerDiedError: a worker has ended.
            TailError: something was dropped before it was read.
            LoaderError: something could not be sent.

        """
        for worker in self.workers:
            worker.check()
        news = self._rows_tail.read(WAIT_S)
        self.ledger.take(news)
        messages = self._outputs_tail.read()
        self.lessons.take((*news, *messages))
        self.effects.take((*news, *messages))
        self.movement += len(news) + len(messages)
        self.outputs.update(map(_counted_as, messages))
        self.stories.take(messages)
        triggers = list(self.gateway.take(messages))
        for trigger in triggers:
            self.loader.add(self.gateway.deliver(trigger))
        self.loader.add(self.offers.take(messages))
        self.loader.turn(self.ledger.positions, has_room=self._has_room())
        if time.monotonic() > self._look_due_s:
            self._look_due_s = time.monotonic() + LOOK_S
            self._rows_tail.refuse_loss(self.ledger.positions)
            self._rows_tail.refuse_loss(self.effects.positions)
        return triggers

    @property
    def evidence(self) -> Evidence:
        """Return what can be held against each other."""
        sent_counts = self.loader.sent_counts
        return Evidence(sent_counts, self.ledger, self.gateway, self.offers, self.outputs)

    @property
    def metrics_addresses(self) -> str:
        """Return where each worker shows its metrics, by the name of what it does."""
        return ", ".join(
            f"{one.instance_id} http://{one.http_host}:{one.http_port}/metrics"
            for one in self.settings
        )

    def all_read(self) -> bool:
        """Return whether ingest has accounted for everything that was to be sent."""
        if self.loader.waiting_count:
            return False
        wanted: Counter[SourcePartition] = Counter()
        for (source, _), count in self.loader.sent_counts.items():
            wanted[source] += count
        return all(self.ledger.read_count(source) == count for source, count in wanted.items())

    def _has_room(self) -> bool:
        """Return whether lifecycle keeps up with ingest, and who reads outcomes with lifecycle."""
        decided = self.ledger.decided()
        done = total(decided, "applied") + total(decided, "ignored")
        self._room.see(done, self.lessons.found_counts)
        unread_count = max(
            self.lessons.unread_count(self.ledger.positions), self.effects.unread_count()
        )
        return self._room.is_left(total(self.ledger.ingested(), "forwarded") - done, unread_count)

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
            and self.effects.settled_count >= total(decided, "settled")
            and self.effects.all_read()
            and self.offers.held == self.ledger.taken()
        )


def _counted_as(message: Message) -> str:
    """Return a record's topic, but for moves of cards: of these no row says how many there are."""
    return "moves" if CARD_MOVED in (message.headers() or ()) else message.topic() or ""


@contextmanager
def open_house() -> Iterator[House]:
    """
    Start broker and workers, and take them down again.

    However the block ends, nothing is left behind: no process, no folder, no port.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX)))
        broker = stack.enter_context(EmbeddedBroker())
        preferred = range(PREFERRED_PORT, PREFERRED_PORT + WORKER_COUNT)
        ports = [stack.enter_context(claimed_port(port)) for port in preferred]
        settings = demo_settings(broker.bootstrap, ports)
        counts = {topic.name: topic.partition_count for topic in topic_table(settings[0])}
        for name, count in counts.items():
            broker.create_topic(name, count)
        workers = [stack.enter_context(Child(write_settings(one, folder))) for one in settings]
        loader = Loader(broker.bootstrap)
        stack.callback(loader.close)
        rows = {name: counts[name] for name in (STATE_TOPICS[fold] for fold in FOLDS)}
        outputs = {
            name: counts[name]
            for name in (
                *TRIGGER_TOPICS.values(),
                *(OFFERS_TOPIC, DECISIONS_TOPIC, OUTCOMES_TOPIC, REJECTED_TOPIC),
            )
        }
        yield House(
            settings,
            workers,
            loader,
            stack.enter_context(Tail(broker.bootstrap, rows)),
            stack.enter_context(Tail(broker.bootstrap, outputs)),
        )


@contextmanager
def claimed_port(preferred: int) -> Iterator[int]:
    """
    Keep a free port of the loopback, the preferred one if possible, from every other demonstration.

    The worker binds it seconds after we have looked. So until the block ends we hold the UDP port
    of the same number, which nothing else of ours uses: two demonstrations cannot both have it.
    """
    with socket.socket(type=socket.SOCK_DGRAM) as claim:
        while True:
            port = free_port(preferred)
            try:
                claim.bind(("127.0.0.1", port))
            except OSError:
                preferred = 0
            else:
                break
        yield port


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
