"""The ingest agent: feeds the ingest fold, and decides nothing itself."""

from collections.abc import Callable

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.slices import fold_slices
from streams.slices import Slice


def attach_ingest(
    app: faust.App, channel: ChannelT[Slice], fail: Callable[[BaseException], object]
) -> AgentT[Slice]:
    """Register the agent on `channel`; `fail` ends the process."""

    @app.agent(channel, name="ingest")
    async def ingest(slices: StreamT[Slice]) -> None:
        """Validate source records and re-key them to their customer's journal partition."""
        await fold_slices(slices, fail)

    return ingest
