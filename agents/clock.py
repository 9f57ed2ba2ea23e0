"""The clock agent: feeds the clock fold, and decides nothing itself."""

from collections.abc import Callable

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.slices import fold_slices
from streams.slices import Slice


def attach_clock(
    app: faust.App, channel: ChannelT[Slice], fail: Callable[[BaseException], object]
) -> AgentT[Slice]:
    """Register the agent on `channel`; `fail` ends the process."""

    @app.agent(channel, name="clock")
    async def clock(slices: StreamT[Slice]) -> None:
        """Turn the progress of every ingest task into ticks: now and watermark of each tenant."""
        await fold_slices(slices, fail)

    return clock
