"""
Share the tasks of a fold among members, as a Kafka group with an eager round robin does it.

A change of members asks everybody back: each gives up all its tasks, and only when the last one
has does anybody get new ones. Members are static: who comes back under its name finds its tasks.
"""

from collections.abc import Callable


class GroupMember:
    """
    One incarnation of a static member.

    Attributes:
        tasks: what it works on, as its listener was told.
        granted: what it may work on from now, None once the listener was told.
        returned: whether it has given up its tasks for the coming generation.
        displaced: whether another incarnation has its name, or it was thrown out.
    """

    def __init__(self, name: str) -> None:
        """Make a member that is in no group yet."""
        self.name = name
        self.tasks: frozenset[int] = frozenset()
        self.granted: frozenset[int] | None = None
        self.returned = True
        self.displaced = False


class MemoryGroup:
    """The members of a group and what each of them may work on."""

    def __init__(self, task_count: Callable[[], int]) -> None:
        """Make an empty group; `task_count` is asked at every generation."""
        self._task_count = task_count
        self._members: dict[str, GroupMember] = {}
        self._gathering = False

    def enter(self, name: str) -> GroupMember:
        """Take the place `name`: a new one, or that of a predecessor with the tasks it has."""
        member, predecessor = GroupMember(name), self._members.get(name)
        if predecessor is None:
            self._gather()
        else:
            predecessor.displaced = True
            if not self._gathering:
                member.granted = predecessor.tasks | (predecessor.granted or frozenset())
        self._members[name] = member
        self._grant()
        return member

    def give_back(self, member: GroupMember) -> None:
        """Say that the member has stopped all its tasks."""
        member.tasks = frozenset()
        member.returned = True
        self._grant()

    def depart(self, member: GroupMember) -> None:
        """Take a member out, with or without its will; its tasks go to the others."""
        if member.displaced:
            return
        member.displaced = True
        del self._members[member.name]
        self._gather()
        self._grant()

    def evict(self, name: str) -> None:
        """Take out whoever has this name, as the end of its session does."""
        if member := self._members.get(name):
            self.depart(member)

    def _gather(self) -> None:
        """Ask everybody back; what was granted and not yet told is off."""
        self._gathering = True
        for member in self._members.values():
            member.granted = None
            member.returned = False

    def _grant(self) -> None:
        """Share the tasks out once everybody is back: task t to member t modulo their number."""
        members = [self._members[name] for name in sorted(self._members)]
        if not self._gathering or not all(member.returned for member in members):
            return
        self._gathering = False
        for place, member in enumerate(members):
            member.granted = frozenset(range(place, self._task_count(), len(members)))
