"""Say which world a seed lives in."""

from functools import partial
from typing import Final

from tests.simulation.house_world import BRIEF_HOUSE, LONG_HOUSE, HouseWorld, Shape
from tests.simulation.misfortunes import BRIEF, CALM, Weather
from tests.simulation.story import Setting
from tests.simulation.tally_world import TallyWorld


LONG_EVERY: Final = 200
"""A long house costs as much as twenty brief ones."""
TALLY_EVERY: Final = 50


def house(shape: Shape, weather: Weather | None = None) -> Setting:
    """Return the setting of a house."""
    return Setting(
        partial(HouseWorld, shape=shape),
        weather or shape.weather,
        shape.step_s,
        shape.look_count_max,
    )


SETTINGS: Final = {
    "brief": house(BRIEF_HOUSE),
    "calm": house(BRIEF_HOUSE, CALM),
    "long": house(LONG_HOUSE),
    "tally": Setting(TallyWorld, BRIEF, 0.25, 400),
}
"""Every setting by name."""


def world_of(seed: int) -> str:
    """Return the name of the setting of a seed: mostly a brief house."""
    if seed % LONG_EVERY == 0:
        return "long"
    return "tally" if seed % TALLY_EVERY == 1 else "brief"
