"""Put the declared features together."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from lifecycle.features.context import Context
from schemas.decisions import FeatureValue
from schemas.rules import Kind


class Feature(NamedTuple):
    """A declared feature."""

    kind: Kind
    behavioural: bool
    read: Callable[[Context], FeatureValue]


FEATURES: Final[Mapping[str, Feature]] = {
    "spend_count": Feature("int", behavioural=True, read=lambda context: context.row.spend_count)
}
