"""The insight agent: feeds the insight fold, and decides nothing itself."""

from collections.abc import Callable

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.slices import fold_slices
from streams.slices import Slice


def attach_insight(
    app: faust.App, channel: ChannelT[Slice], fail: Callable[[BaseException], object]
) -> AgentT[Slice]:
    """Register the agent on `channel`; `fail` ends the process."""

    @app.agent(channel, name="insight")
    async def insight(slices: StreamT[Slice]) -> None:
        """Add up what campaigns have caused, and hold those that do harm."""
        await fold_slices(slices, fail)

    return insight
