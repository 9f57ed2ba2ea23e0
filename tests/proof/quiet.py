"""Watch a shell and say nothing: for a shell that runs inside a test."""

from streams.port import Transaction
from streams.task import Task


class Quiet:
    """An observer that keeps nothing (port: `streams.shell.ShellObserver`)."""

    def joined(self, fold: str) -> None:
        """Ignore it."""

    def task_assigned(self, task: Task) -> None:
        """Ignore it."""

    def rows_restored(self, task: Task, remaining_count: int) -> None:
        """Ignore it."""

    def task_opened(self, task: Task, seconds: float) -> None:
        """Ignore it."""

    def task_closed(self, task: Task) -> None:
        """Ignore it."""

    def committed(
        self, task: Task, transaction: Transaction, record_count: int, seconds: float
    ) -> None:
        """Ignore it."""
