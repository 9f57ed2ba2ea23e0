"""Say which world a seed lives in."""

from functools import partial
from typing import Final

from tests.simulation.house_world import BRIEF_HOUSE, LONG_HOUSE, HouseWorld, Shape
from tests.simulation.misfortunes import BRIEF, CALM, Weather
from tests.simulation.story import Setting
from tests.simulation.tally_world import TallyWorld


LONG_EVERY: Final = 400
"""A long house costs as much as a dozen brief ones."""
TALLY_EVERY: Final = 50
STEP_S: Final = 0.13
LOOK_COUNT_MAX: Final = 800


def house(shape: Shape, weather: Weather | None = None) -> Setting:
    """Return the setting of a house."""
    make = partial(HouseWorld, shape=shape)
    return Setting(make, weather or shape.weather, shape.over_s, STEP_S, LOOK_COUNT_MAX)


SETTINGS: Final = {
    "brief": house(BRIEF_HOUSE),
    "calm": house(BRIEF_HOUSE, CALM),
    "long": house(LONG_HOUSE),
    "tally": Setting(TallyWorld, BRIEF, 5.0, STEP_S, LOOK_COUNT_MAX),
}
"""Every setting by name."""


def world_of(seed: int) -> str:
    """Return the name of the setting of a seed: mostly a brief house."""
    if seed % LONG_EVERY == 0:
        return "long"
    return "tally" if seed % TALLY_EVERY == 1 else "brief"
