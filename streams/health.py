"""
Know whether this worker lives and whether it is ready, from what the shell reports.

Alive means that the event loop turns: no dependency is asked, so that a restart never makes an
outage of Kafka worse, and a long restore kills nobody. Ready means that every fold has its place
in the group, every task that is ours is restored, and what was read gets committed.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, field


LOOP_SILENCE_S_MAX: Final = 10.0
"""A loop that has not turned for so long serves nobody: the supervisor should restart it."""

COMMIT_AGE_S_MAX: Final = 30.0
"""A record that waits longer for its commit says that the log does not answer."""


class TaskHealth(Struct):
    """One task that is ours; times are monotonic seconds, None where nothing waits."""

    restored: bool = False
    waiting_since_s: float | None = None


class FoldReport(Struct, frozen=True):
    """What `/readyz` says of a fold; task numbers ascend."""

    joined: bool
    tasks_restored: list[int]
    tasks_restoring: list[int]
    commit_age_s: dict[int, float]


class Readiness(Struct, frozen=True):
    """The body of `/readyz`: ready if and only if there is no reason against it."""

    ready: bool
    reasons: list[str]
    folds: dict[str, FoldReport] = field(default_factory=dict)


class Health:
    """What the shell has told about its folds and tasks; not safe to share between threads."""

    def __init__(
        self, folds: Sequence[str], *, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Expect these folds; nothing has joined yet.

        Args:
            folds: the names of those that this worker runs.
            now_s: monotonic seconds.

        """
        self._now_s = now_s
        self._joined = dict.fromkeys(folds, False)
        self._tasks: dict[tuple[str, int], TaskHealth] = {}
        self._turned_at_s = now_s()

    def loop_turned(self) -> None:
        """Take note that the event loop got round; to be called each second."""
        self._turned_at_s = self._now_s()

    def joined(self, fold: str) -> None:
        """Take note that the fold has its place in the group, with or without tasks."""
        self._joined[fold] = True

    def task_assigned(self, fold: str, task: int) -> None:
        """Take note that a task is ours and begins to restore its rows."""
        self._joined[fold] = True
        self._tasks[fold, task] = TaskHealth()

    def task_opened(self, fold: str, task: int) -> None:
        """Take note that a task has its rows and reads its sources."""
        self._joined[fold] = True
        self._tasks[fold, task] = TaskHealth(restored=True)

    def task_closed(self, fold: str, task: int) -> None:
        """Take note that a task is no longer ours."""
        self._tasks.pop((fold, task), None)

    def work_waits(self, fold: str, task: int) -> None:
        """Take note that something was read that is not committed; later calls change nothing."""
        known = self._tasks.get((fold, task))
        if known is not None and known.waiting_since_s is None:
            known.waiting_since_s = self._now_s()

    def committed(self, fold: str, task: int, *, work_left: bool = False) -> None:
        """Take note of a commit; `work_left` says that more was read meanwhile."""
        known = self._tasks.get((fold, task))
        if known is not None:
            known.waiting_since_s = self._now_s() if work_left else None

    def alive(self) -> bool:
        """Return whether the loop has turned lately."""
        return self._now_s() - self._turned_at_s < LOOP_SILENCE_S_MAX

    def readiness(self) -> Readiness:
        """Return whether we are ready, and every reason why not, folds and tasks in order."""
        folds = {fold: self._report(fold) for fold in self._joined}
        reasons = [reason for fold, report in folds.items() for reason in _reasons(fold, report)]
        return Readiness(ready=not reasons, reasons=reasons, folds=folds)

    def _report(self, fold: str) -> FoldReport:
        """Return what is known of a fold."""
        now_s = self._now_s()
        ours = sorted((task, known) for (of, task), known in self._tasks.items() if of == fold)
        return FoldReport(
            joined=self._joined[fold],
            tasks_restored=[task for task, known in ours if known.restored],
            tasks_restoring=[task for task, known in ours if not known.restored],
            commit_age_s={
                task: 0.0 if known.waiting_since_s is None else now_s - known.waiting_since_s
                for task, known in ours
            },
        )


def _reasons(fold: str, report: FoldReport) -> list[str]:
    """Return why a fold is not ready. A fold without a task is: it stands by for another."""
    reasons = []
    if not report.joined:
        reasons.append(f"{fold} has not joined its group")
    for task in report.tasks_restoring:
        reasons.append(f"{fold} task {task} restores its rows")  # noqa: PERF401 (three kinds)
    for task, age_s in report.commit_age_s.items():
        if age_s > COMMIT_AGE_S_MAX:
            wanted = f"wanted {COMMIT_AGE_S_MAX:.0f} s or less"
            reasons.append(f"{fold} task {task} waits {age_s:.0f} s for a commit, {wanted}")
    return reasons
