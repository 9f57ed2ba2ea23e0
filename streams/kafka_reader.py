"""
Read one task's source partitions from Kafka, without a group, and claim how far time has come.

The reader may outlive its membership: that is harmless, since only the fenced producer commits.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.records import Claim
from streams.kafka_batches import accept_any_header_name
from streams.kafka_closing import close_consumer
from streams.port import LogError, OffsetsLostError, Polled, SourcePartition


FETCH_BYTES_MAX: Final = 1_048_576
"""Per partition and fetch; more prefetches whole backlogs into memory."""


class KafkaReader:
    """The groupless read_committed reader of one task (port: `streams.port.Reader`)."""

    def __init__(self, options: Mapping[str, Any], *, fetch_wait_ms: int) -> None:
        """Prepare with client options; an idle fetch is answered after `fetch_wait_ms`."""
        self._consumer = AIOKafkaConsumer(
            **options,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES_MAX,
            fetch_max_wait_ms=fetch_wait_ms,
        )
        self._started = False
        self._is_patient = False
        self._assigned: set[TopicPartition] = set()
        self._claims: dict[TopicPartition, _PartitionTime] = {}

    async def assign(self, positions: Mapping[SourcePartition, int | None]) -> None:
        """Read these partitions; those already read keep their own position."""
        if not self._started:
            self._started = True
            await self._consumer.start()
        wanted = {TopicPartition(*source): offset for source, offset in positions.items()}
        fresh = {tp: offset for tp, offset in wanted.items() if tp not in self._assigned}
        unplaced = [tp for tp, offset in fresh.items() if offset is None]
        beginnings = await self._consumer.beginning_offsets(unplaced) if unplaced else {}
        # no await from here on: what a poll under way returned before must not be read again.
        # Metadata may shrink for a moment: never drop a partition that is being read.
        offsets = {tp: self._state(tp).position for tp in self._assigned}
        for tp, offset in fresh.items():
            offsets[tp] = beginnings[tp] if offset is None else offset
        self._assigned = set(offsets)
        self._consumer.assign(list(offsets))
        for tp, offset in offsets.items():
            self._consumer.seek(tp, offset)
            self._claims.setdefault(tp, _PartitionTime())

    async def poll(self, timeout_ms: int, record_count_max: int) -> Polled:
        """Return what has arrived, and the claims sampled with no await in between."""
        self._check_fetcher()
        before = {tp: self._state(tp).position for tp in self._assigned}
        try:
            polled = await self._consumer.getmany(
                timeout_ms=timeout_ms, max_records=record_count_max
            )
        except OffsetOutOfRangeError as error:
            raise OffsetsLostError("wanted to read on, found the position out of range") from error
        except KafkaError as error:
            raise LogError(f"wanted to read on, found {type(error).__name__}") from error
        except UnicodeDecodeError:
            self._read_again(before)
            polled = {}
        claims = self._sample(polled)
        records = [record for batch in polled.values() for record in batch]
        return Polled(records, claims)

    def lag_counts(self) -> Mapping[SourcePartition, int]:
        """Return how far each partition's position is below its highwater."""
        states = {tp: self._state(tp) for tp in self._assigned}
        return {
            SourcePartition(tp.topic, tp.partition): state.highwater - state.position
            for tp, state in states.items()
            if state.has_valid_position and state.highwater is not None
        }

    def hold(self, partitions: Collection[SourcePartition]) -> None:
        """Pause exactly these partitions."""
        held = {TopicPartition(*source) for source in partitions}
        paused = self._consumer.paused()
        self._consumer.resume(*(paused - held))
        self._consumer.pause(*(held - paused))

    async def close(self) -> None:
        """Stop the consumer."""
        if self._started:
            await close_consumer(self._consumer)

    def _read_again(self, positions: Mapping[TopicPartition, int]) -> None:
        """
        Go back to where the poll began, and read the names of headers patiently from now on.

        The client has dropped what it had read of other partitions by then, and moved on. Not
        done from the start: it takes 4 microseconds a batch, and hardly anybody needs it.

        Raises:
            LogError: that has not helped, or a partition has joined meanwhile.
        """
        if self._is_patient or positions.keys() != self._assigned:
            raise LogError("wanted to read on, found a text that cannot be read")
        self._is_patient = True
        accept_any_header_name()
        for tp, offset in positions.items():
            self._consumer.seek(tp, offset)

    def _check_fetcher(self) -> None:
        """Refuse to wait for a fetcher that has ended: aiokafka logs its end and polls nothing."""
        if self._consumer._fetcher.error_future.done():  # noqa: SLF001 (no public way)
            raise LogError("wanted a fetcher at work, found it ended")

    def _sample(self, polled: Mapping[TopicPartition, list[Any]]) -> list[Claim]:
        """
        Return a claim for each partition that was heard from (SEMANTICS T3).

        Position is compared with the highwater, not the last stable offset: an open transaction
        is unread. `highwater` is as of the newest response, so the response before it came
        earlier than the moment at which the broker looked: that time is safe to claim.
        """
        claims = []
        for tp, time in self._claims.items():
            state = self._state(tp)
            records = polled.get(tp)
            if records:
                time.last_record_ms = records[-1].timestamp
            time.hear(state.timestamp)
            at_end = state.has_valid_position and state.position == state.highwater
            claim_at_ms = time.previous_response_ms if at_end else time.last_record_ms
            if claim_at_ms:
                claims.append(Claim(tp.topic, tp.partition, claim_at_ms))
        return claims

    def _state(self, tp: TopicPartition) -> Any:  # noqa: ANN401 (aiokafka is untyped)
        """Return what the consumer knows of an assigned partition, without any await."""
        subscription = self._consumer._subscription.subscription  # noqa: SLF001 (position() awaits)
        return subscription.assignment.state_value(tp)


class _PartitionTime:
    """What one partition has told about time, epoch milliseconds, 0 for nothing yet."""

    __slots__ = ("last_record_ms", "previous_response_ms", "response_ms")

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.last_record_ms = 0
        self.response_ms = 0
        self.previous_response_ms = 0

    def hear(self, response_ms: int | None) -> None:
        """Take the time of the newest response; a repeated one changes nothing."""
        if response_ms is not None and response_ms != self.response_ms:
            self.previous_response_ms = self.response_ms
            self.response_ms = response_ms
