"""Follow every customer of the made-up bank: tell one's story, and count what was tried instead."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

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
        Return one customer's story, oldest first, its beginning left out where it is long.

        Whose: one for whom another channel was tried, if there is any, about whom most kinds of
        things were decided, then of whom there is least to read, then the lesser token, so that a
        run with the same seed tells the same story.
        """
        if not self._records:
            return ()
        decoded = self._decoded()
        key = min(decoded, key=lambda one: (*_rank(decoded[one]), len(decoded[one]), one))
        records = sorted(decoded[key], key=lambda record: record.decided_at_ms)
        channels = channels_of(records)
        whole: list[str] = []
        for record in reversed(records):
            lines = [*told(record, "en", channels=channels)]
            if len(whole) + len(lines) > LINES_MAX:
                break
            whole = lines + whole
        return (f"why, for customer {key.decode().partition('|')[2]}:", *whole)

    def fallbacks(self) -> Counter[str]:
        """Return how often which channel was tried after which had failed, and what came of it."""
        found: Counter[str] = Counter()
        for records in self._decoded().values():
            channels = channels_of(records)
            for one in (one for record in records for one in record.candidates if one.follows):
                ended = f"{one.verdict} {one.reason_code}".rstrip()
                found[f"{channels[one.follows]} > {one.channel} {ended}"] += 1
        return found

    def _decoded(self) -> Mapping[bytes, Sequence[Decision]]:
        return {key: [*map(decode_decision, values)] for key, values in self._records.items()}


def _rank(records: Sequence[Decision]) -> tuple[bool, int]:
    """Return what makes a story worth telling, least first: a fallback, then variety."""
    considered = [one for record in records for one in record.candidates]
    kinds = {(one.campaign_id, one.verdict, one.reason_code) for one in considered}
    return not any(one.follows and one.verdict == "sent" for one in considered), -len(kinds)
