"""Send bursts of the corpus to a real broker, good traffic among them and behind them."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from streams.clock import wall_clock_ms
from tests.agents.house import House
from tests.fuzz.cases import APPLIED, SEEDS, Case, Pen, case
from tests.fuzz.corpus import corpus
from tests.fuzz.verdict import Place, Sent


BURST_CASES: Final = 200
GOOD_RATIO: Final = 0.2
FLUSH_S_MAX: Final = 60.0
PARTITIONS: Final = 2
"""Every source topic of the house has so many."""


class Sending(NamedTuple):
    """A case on its way: its class, and which partition it goes to."""

    name: str
    case: Case
    partition: int


class Story:
    """
    What is sent to a house, and where the broker has put it.

    Attributes:
        sent: every case that the broker has.
        behind: when the broker got the good records that stand right behind a burst, epoch ms.
    """

    def __init__(self, house: House, seed: int) -> None:
        """Draw the corpus for now; the order of what does not belong together is drawn, too."""
        self.house = house
        self.sent: list[Sent] = []
        self.behind: dict[Place, int] = {}
        now_ms = wall_clock_ms()
        self._good = Pen(seed, now_ms)
        self._coming = list(self._mixed(Random(seed), now_ms))  # noqa: S311 (the same each time)
        self._producer = Producer(
            {"bootstrap.servers": house.bootstrap, "linger.ms": 5, "log_level": 0}
        )

    def bursts(self) -> Iterator[None]:
        """Send burst after burst; the broker has a burst, and what is behind it, at each yield."""
        coming = iter(self._coming)
        while burst := list(islice(coming, BURST_CASES)):
            for one in burst:
                self._send(one)
            self._flush()
            places = {(one.case.topic, one.partition) for one in burst}
            by_topic = {topic: event_type for event_type, (topic, _) in SEEDS.items()}
            for topic, partition in sorted(places):
                if topic in by_topic:
                    good = case(APPLIED, self._good_event(by_topic[topic]))
                    self._send(Sending("behind a burst", good, partition))
            self._flush()
            yield

    def _good_event(self, event_type: str) -> tuple[str, dict[str, object]]:
        """Return a good event of a customer whom nobody else's event is about."""
        topic, body = self._good.plain(event_type)
        return topic, body | {"customer_token": f"good-{body['id']}", "id": f"good-{body['id']}"}

    def _mixed(self, chance: Random, now_ms: int) -> Iterator[Sending]:
        """Yield all cases, those of a pair in one partition and in order, good ones in between."""
        pairs: list[list[Sending]] = []
        for name, cases in corpus(now_ms).items():
            numbered = [
                Sending(name, one, number // 2 % PARTITIONS) for number, one in enumerate(cases)
            ]
            pairs += [numbered[at : at + 2] for at in range(0, len(numbered), 2)]
        chance.shuffle(pairs)
        for pair in pairs:
            yield from pair
            if chance.random() < 2 * GOOD_RATIO:
                good = case(APPLIED, self._good_event(self._good.any_type()))
                yield Sending("good traffic", good, chance.randrange(PARTITIONS))

    def _send(self, sending: Sending) -> None:
        one = sending.case
        self._producer.produce(
            one.topic,
            one.value,
            one.key,
            partition=sending.partition,
            headers=list(one.headers),
            on_delivery=partial(self._delivered, sending),
        )
        self._producer.poll(0)

    def _delivered(self, sending: Sending, error: KafkaError | None, message: Message) -> None:
        """Take note of where the broker has put it."""
        assert error is None, error
        partition, offset = message.partition(), message.offset()
        assert partition is not None
        assert offset is not None
        place = (sending.case.topic, partition, offset)
        self.sent.append(Sent(sending.name, sending.case, place))
        self.house.sent_count += 1
        if sending.name == "behind a burst":
            self.behind[place] = message.timestamp()[1]

    def _flush(self) -> None:
        assert self._producer.flush(FLUSH_S_MAX) == 0


def named(sent: Iterable[Sent], name: str) -> list[Sent]:
    """Return the cases of one class."""
    return [one for one in sent if one.name == name]
