"""
Define what learning says: snapshots for the journal, and what it is told (docs/learning.md).

Plain JSON and msgpack; floats are finite and come out as they went in, to the last bit.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.model import WEIGHTS_MAX, Model


Real = Annotated[float, Meta(ge=-1e300, le=1e300)]
"""Any number that is one: JSON from outside may say 1e999, which the journal could not."""

Square = Annotated[float, Meta(ge=0, le=1e300)]
Weights = Annotated[tuple[Real, ...], Meta(max_length=WEIGHTS_MAX)]
Examples = Annotated[int, Meta(ge=0, le=2**53)]


class Head(Struct, frozen=True, kw_only=True):
    """
    What one group's examples have taught: those contacted, or those of the control.

    `weights` are in the order of the model's inputs: one of a number, of a category one for any
    other text and then one for each value. `squares` are AdaGrad's sums of squared gradients, of
    the weights and last of the intercept, () for another optimizer. The counts are of examples
    learnt from.
    """

    intercept: Real
    weights: Weights
    squares: Annotated[tuple[Square, ...], Meta(max_length=WEIGHTS_MAX + 1)] = ()
    exposure_count: Examples = 0
    conversion_count: Examples = 0


PublishReason = Literal["defined", "learnt", "rolled_back", "fallen_back"]


class ModelPublished(
    Struct, frozen=True, kw_only=True, tag_field="event_type", tag="model.published"
):
    """
    A snapshot that decides from where it stands in the journal (SEMANTICS L1).

    A partition adopts it if its `sequence` is above that of the one it has. `withheld`: no score
    of it may decide, because it was worse than the base rate and nothing good is left to go back
    to.
    """

    model: Model
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    reason: PublishReason
    withheld: bool = False
    contact: Head
    control: Head
