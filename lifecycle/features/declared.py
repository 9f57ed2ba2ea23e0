"""
Declare every feature that a rule, a score or a record may read: the portrait of a customer.

What is not here cannot be read. docs/features.md is made of this.
"""

from collections.abc import Mapping
from typing import Final

from lifecycle.features.behaviour import BEHAVIOUR
from lifecycle.features.context import Feature
from lifecycle.features.credit import CREDIT
from lifecycle.features.holder import HOLDER
from lifecycle.features.preference import PREFERENCE
from lifecycle.features.segments import SEGMENTS
from lifecycle.features.spend import SPEND


PORTRAIT: Final[Mapping[str, Mapping[str, Feature]]] = {
    "Base": HOLDER,
    "Spend habits": {**SPEND, **SEGMENTS},
    "Credit": CREDIT,
    "Behaviour": BEHAVIOUR,
    "Preference": PREFERENCE,
}
"""The features by the five groups of a portrait."""

FEATURES: Final[Mapping[str, Feature]] = {
    name: feature for group in PORTRAIT.values() for name, feature in group.items()
}
"""Every feature, by name."""
