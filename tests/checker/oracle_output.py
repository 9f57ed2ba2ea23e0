"""Say what the oracle expects in an output topic."""

from typing import NamedTuple


class Output(NamedTuple):
    """
    A record that must be in a channel's trigger topic, or in `decisions outcomes offers`.

    `key` is the record's where that is not `tenant|customer_token`.
    """

    topic: str
    output_id: str
    value: bytes
    ce_type: str = "decision.recorded.v1"
    key: bytes | None = None
