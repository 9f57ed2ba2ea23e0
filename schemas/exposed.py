"""Define what a customer's row keeps of a decision whose effect is measured."""

from typing import Final

from msgspec import Struct


EXPOSURES_MAX: Final = 32
"""Of one customer; each takes up to 300 bytes of the row, and 40 more for each fallback."""


VECTORS_MAX: Final = 8
"""Exposures of one customer that keep a model's vector; each takes up to 256 bytes more."""


class ExposureState(Struct, array_like=True, gc=False):
    """
    A decision whose effect is measured, sent or kept back by an experiment (docs/core.md 3.12).

    What is needed to close it and to correct it later: `conversion_on` and `value_field` are the
    policy's of the decision; `sequence` counts its outcomes so far, 0 means open. `converted` and
    `reversed` are 8 bytes for each event that converted it and each purchase that was taken back.
    `vector` is what a model looked at (docs/core.md 3.16), of at most `VECTORS_MAX` exposures.

    Of 3.17: `value_minor` is the sum so far in `currency`, "" where no money is counted;
    `objections` are bits, 1 opt-out, 2 complaint, 4 failure, `active_days` bits for the first,
    second and third 30 days after the decision; `followed_count` of them have been told.
    `fallbacks` are the triggers of the contacts that followed its own in other channels, in order.
    """

    trigger_id: str
    campaign_id: str
    policy_version: int
    card_token: str
    occurrence_key: str
    entered_at_ms: int
    arm: str
    arm_ppm: int
    decided_at_ms: int
    closes_at_ms: int
    conversion_on: str
    value_field: str = ""
    sequence: int = 0
    converted: bytes = b""
    reversed: bytes = b""
    model_id: str = ""
    model_version: int = 0
    model_sequence: int = 0
    score_ppm: int = 0
    vector: bytes = b""
    is_first: bool = False
    pools: bool = False
    holdout_ppm: int = 0
    is_settled: bool = False
    currency: str = ""
    value_minor: int = 0
    objections: int = 0
    active_days: int = 0
    followed_count: int = 0
    option: str = ""
    option_ppm: int = 0
    fallbacks: tuple[str, ...] = ()
