"""The learning agent: feeds the learning fold, and decides nothing itself."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.slices import fold_slices
from streams.fold import Fold
from streams.slices import Slice


FOLD_MODULE: Final = "lifecycle.learning.fold"
"""Brings River along, so only a worker that learns imports it."""


def attach_learning(
    app: faust.App, channel: ChannelT[Slice], fail: Callable[[BaseException], object]
) -> AgentT[Slice]:
    """Register the agent on `channel`; `fail` ends the process."""
    import_module(FOLD_MODULE)  # now: it takes most of a second, for which no task should wait

    @app.agent(channel, name="learning")
    async def learning(slices: StreamT[Slice]) -> None:
        """Learn from exposures and outcomes, and publish snapshots into the journal."""
        await fold_slices(slices, fail)

    return learning


def learning_fold(task: int, task_count: int) -> Fold:
    """Return a new learning fold."""
    fold: Fold = import_module(FOLD_MODULE).LearningFold(task, task_count)
    return fold
