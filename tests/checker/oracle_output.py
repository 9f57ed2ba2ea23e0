"""Say what the oracle expects in an output topic."""

from typing import NamedTuple


class Output(NamedTuple):
    """A record that must be in a channel's trigger topic, or in `decisions outcomes offers`."""

    topic: str
    output_id: str
    value: bytes
    ce_type: str = "decision.recorded.v1"
