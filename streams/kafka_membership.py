"""
Hold a place in a fold's consumer group, and carry no record.

The member subscribes to the fold's changelog with everything paused: the group protocol is used
only to say which tasks are ours. A static member (`group_instance_id`) that is killed and comes
back within the session timeout finds its tasks waiting, without a rebalance.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError

from streams.kafka_closing import close_consumer
from streams.port import LogError, MembershipListener


HEARTBEAT_MS_MAX: Final = 3_000
"""A member hears of a rebalance by its next heartbeat; a long session must not delay it."""

NEVER_MS: Final = 2_000_000_000
"""An idle member must stay a member (a spare worker has nothing to poll for days)."""


class KafkaMembership:
    """A static member of a fold's group (port: `streams.port.Membership`)."""

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        group: str,
        instance_id: str,
        changelog_topic: str,
        session_timeout_ms: int,
    ) -> None:
        """Prepare with client options; `instance_id` is never empty: members are static."""
        self._changelog_topic = changelog_topic
        self._callbacks: _Callbacks | None = None
        self._consumer = AIOKafkaConsumer(
            **options,
            group_id=group,
            group_instance_id=instance_id,
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=session_timeout_ms,
            heartbeat_interval_ms=min(HEARTBEAT_MS_MAX, max(200, session_timeout_ms // 6)),
            max_poll_interval_ms=NEVER_MS,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def join(self, listener: MembershipListener) -> None:
        """Join; the assignment arrives through the listener."""
        self._callbacks = _Callbacks(self._consumer, listener)
        await self._consumer.start()
        self._consumer.subscribe([self._changelog_topic], listener=self._callbacks)

    async def poll(self) -> None:
        """
        Stay a member; returns no record since every partition is paused.

        Raises:
            LogError: the place was lost, to a process of the same instance id or by silence
                longer than the session: the loser must exit, two of them would displace each
                other for ever.

        """
        if self._callbacks is not None and self._callbacks.displaced:
            raise LogError("wanted to keep the place in the group, found it taken away")
        try:
            polled = await self._consumer.getmany(timeout_ms=0)
        except KafkaError as error:
            raise LogError(f"wanted to stay a member, found {type(error).__name__}") from error
        if polled:
            raise LogError("wanted every membership partition paused, found records")

    async def leave(self) -> None:
        """Stop the consumer; a static member's tasks wait for it until the session times out."""
        if self._callbacks is not None:
            coordinating = self._consumer._coordinator._coordination_task  # noqa: SLF001
            async with self._callbacks.telling:
                # a stop would wait for the callback that never returns, or for a join that waits
                # for somebody who is gone as well: 40 s, longer than a supervisor has patience
                coordinating.cancel()
            await asyncio.wait([coordinating])
        await close_consumer(self._consumer)


class _Callbacks(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """Turns partitions of the changelog into task numbers, and notices a lost place."""

    def __init__(self, consumer: AIOKafkaConsumer, listener: MembershipListener) -> None:
        """Keep whom to tell."""
        self._consumer = consumer
        self._listener = listener
        self._member_id = ""
        self.displaced = False
        self.telling = asyncio.Lock()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Stop these tasks before anyone else starts them."""
        if self._member_id and self._current_member_id() != self._member_id:
            # aiokafka says no more than "unknown member"; never return, so never join again
            self.displaced = True
            await asyncio.Event().wait()
        async with self.telling:
            await self._listener.tasks_revoked(sorted(tp.partition for tp in revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Start these tasks."""
        self._member_id = self._current_member_id()
        self._consumer.pause(*assigned)
        async with self.telling:
            await self._listener.tasks_assigned(sorted(tp.partition for tp in assigned))

    def _current_member_id(self) -> str:
        """Return the id the group knows us by, "" after it has told us that we are unknown."""
        member_id: str = self._consumer._coordinator.member_id  # noqa: SLF001 (no public way)
        return member_id
