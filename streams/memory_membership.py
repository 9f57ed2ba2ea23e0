"""Hold a place in a fold's group in memory, and tell the listener what changes."""

from streams.memory_group import GroupMember, MemoryGroup
from streams.memory_pause import Pause
from streams.port import FencedError, LogError, MembershipListener


class MemoryMembership:
    """A place in the group of workers of one fold."""

    def __init__(self, group: MemoryGroup, pause: Pause, name: str) -> None:
        """Make somebody outside the group, who will be its static member `name`."""
        self._group = group
        self._pause = pause
        self._name = name
        self._member = GroupMember(name)
        self._listener: MembershipListener | None = None

    async def join(self, listener: MembershipListener) -> None:
        """Become a member, in the place of whoever had our name."""
        await self._pause("join:before")
        self._listener = listener
        self._member = self._group.enter(self._name)
        await self._tell(listener)

    async def poll(self) -> None:
        """
        Stay a member; give up tasks and take new ones as the group wants.

        Raises:
            FencedError: another member has our name, or we were thrown out.
            LogError: never joined.
        """
        await self._pause("membership:before-poll")
        if self._listener is None:
            raise LogError("wanted a member, found one that has not joined")
        if not self._member.returned:
            if self._member.tasks:
                await self._listener.tasks_revoked(self._member.tasks)
            await self._pause("membership:before-return")
            self._group.give_back(self._member)
        await self._tell(self._listener)

    async def leave(self) -> None:
        """Give up the place; whoever was told to start the tasks has stopped them before."""
        await self._pause("leave:before")
        if self._listener is not None:
            self._group.depart(self._member)

    async def _tell(self, listener: MembershipListener) -> None:
        if self._member.displaced:
            raise FencedError(f"wanted the place of {self._name}, found it taken")
        if self._member.granted is not None:
            self._member.tasks, self._member.granted = self._member.granted, None
            await listener.tasks_assigned(self._member.tasks)
