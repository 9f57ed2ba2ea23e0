"""Follow every customer of the made-up bank, and tell one's story: the most varied."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from confluent_kafka import Message

from cli.demo.setting import BANK
from cli.why.sentences import channels_of, told
from schemas.codec import decode_decision
from schemas.decisions import Decision
from schemas.routing import DECISIONS_TOPIC


LINES_MAX = 24


class Stories:
    """The decision records of each customer, as bytes until one of them is told."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._records: dict[bytes, list[bytes]] = defaultdict(list)

    def take(self, messages: Iterable[Message]) -> None:
        """Keep the bank's decisions among what has arrived."""
        prefix = f"{BANK}|".encode()
        for message in messages:
            key, value = message.key(), message.value()
            if message.topic() == DECISIONS_TOPIC and key and value and key.startswith(prefix):
                self._records[key].append(value)

    def lines(self) -> Sequence[str]:
        """
        Return one customer's story, oldest first, cut to some lines.

        Whose: the one about whom most kinds of things were decided, then of whom there is least to
        read, then the lesser token, so that a run with the same seed tells the same story.
        """
        if not self._records:
            return ()
        decoded = {
            key: [decode_decision(value) for value in values]
            for key, values in self._records.items()
        }
        key = min(decoded, key=lambda one: (-_variety(decoded[one]), len(decoded[one]), one))
        records = sorted(decoded[key], key=lambda record: record.decided_at_ms)
        channels = channels_of(records)
        whole = [line for record in records for line in told(record, "en", channels=channels)]
        return (f"why, for customer {key.decode().partition('|')[2]}:", *whole[:LINES_MAX])


def _variety(records: Sequence[Decision]) -> int:
    """Return how many different things were decided, of how many campaigns."""
    return len(
        {
            (one.campaign_id, one.verdict, one.reason_code)
            for record in records
            for one in record.candidates
        }
    )
