"""Read what a model looked at from an exposure's vector, or find that it is no such vector."""

from math import isfinite
from struct import unpack
from typing import Final

from lifecycle.model_shape import NUMBER_MAX, offsets
from schemas.model import CategoryInput, Model


FLOAT_BYTES: Final = 4


class VectorReader:
    """The inputs of a model, as their vectors are read."""

    __slots__ = ("_format", "_inputs")

    def __init__(self, model: Model) -> None:
        """Lay the inputs out: where the weights of each begin, and of a category how many more."""
        values = (len(one.values) if isinstance(one, CategoryInput) else 0 for one in model.inputs)
        self._inputs = tuple(zip(offsets(model), values, strict=True))
        self._format = f"<{len(self._inputs)}f"

    def read(self, vector: bytes) -> dict[int, float] | None:
        """
        Return by the place of its weight what is not 0, in the order of the inputs.

        None: too short or too long, not finite, a number beyond 4 of 0, no category's place.
        """
        if len(vector) != FLOAT_BYTES * len(self._inputs):
            return None
        x: dict[int, float] = {}
        for (place, value_count), said in zip(
            self._inputs, unpack(self._format, vector), strict=True
        ):
            if not value_count:
                if not -NUMBER_MAX <= said <= NUMBER_MAX:  # a NaN neither
                    return None
                if said:
                    x[place] = said
            elif isfinite(said) and said == int(said) and 0 <= said <= value_count:
                x[place + int(said)] = 1.0
            else:
                return None
        return x
