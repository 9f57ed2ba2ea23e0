"""The lifecycle agent: feeds the lifecycle fold, and decides nothing itself."""

from collections.abc import Callable

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.slices import fold_slices
from streams.slices import Slice


def attach_lifecycle(
    app: faust.App, channel: ChannelT[Slice], fail: Callable[[BaseException], object]
) -> AgentT[Slice]:
    """Register the agent on `channel`; `fail` ends the process."""

    @app.agent(channel, name="lifecycle")
    async def lifecycle(slices: StreamT[Slice]) -> None:
        """Fold the journal into customer state, decisions and triggers."""
        await fold_slices(slices, fail)

    return lifecycle
