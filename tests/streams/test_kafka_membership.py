"""A place in a Kafka group is given up promptly, whatever the group is waiting for."""

import asyncio
from collections.abc import Collection

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.kafka_membership import KafkaMembership


pytestmark = pytest.mark.kafka

SESSION_MS = 30_000  # the group waits so long for a member who is silent
LEAVE_S_MAX = 10.0


class Listener:
    """Notes which tasks are ours."""

    def __init__(self) -> None:
        """Begin with none."""
        self.tasks: set[int] = set()

    async def tasks_revoked(self, tasks: Collection[int]) -> None:
        """Forget them."""
        self.tasks -= set(tasks)

    async def tasks_assigned(self, tasks: Collection[int]) -> None:
        """Note them."""
        self.tasks |= set(tasks)


def place(kafka: str, prefix: str, name: str) -> KafkaMembership:
    """Return a place in the group, not yet taken."""
    return KafkaMembership(
        {"bootstrap_servers": kafka},
        group=f"{prefix}group",
        instance_id=name,
        changelog_topic=f"{prefix}rows",
        session_timeout_ms=SESSION_MS,
    )


async def test_member_leaves_while_its_join_waits_for_the_dead(
    kafka: str, topic_prefix: str
) -> None:
    """
    A worker told to stop does not wait for a group that waits for somebody who is gone.

    The first member stays silent, as one that was killed; the second's join waits for its session
    to end. Leaving used to take aiokafka's request timeout, 40 s.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(f"{topic_prefix}rows", 2, 1)])
    await admin.close()
    listener = Listener()
    silent, joining = place(kafka, topic_prefix, "silent"), place(kafka, topic_prefix, "joining")
    await silent.join(listener)
    async with asyncio.timeout(60):
        while listener.tasks != {0, 1}:
            await silent.poll()
            await asyncio.sleep(0.05)
    await silent.leave()  # a static member tells nobody

    newcomer = Listener()
    taking = asyncio.create_task(joining.join(newcomer))
    await asyncio.wait([taking], timeout=2)  # its request is with the broker by then, and stays
    async with asyncio.timeout(LEAVE_S_MAX):
        await joining.leave()

    assert set() == newcomer.tasks
    await asyncio.wait([taking])
