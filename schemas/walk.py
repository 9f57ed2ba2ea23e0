"""Say how far a policy that concerns customers on file has come with them (SEMANTICS P2)."""

from msgspec import Struct


class WalkState(Struct, array_like=True, gc=False):
    """
    One walk over the customers of a tenant in a journal partition, in the order of their tokens.

    `enters`: who fulfils the campaign's entry begins a journey. `moves`: waiting steps get the due
    times of the active version. `cursor` is the last customer that was looked at.
    """

    campaign_id: str
    enters: bool
    moves: bool
    cursor: str = ""
