"""
Sort purchases into scenes: what the customer was doing, as few words as rules can tell apart.

A scene that the bank names counts where it is one of these; else the merchant category code
(ISO 18245) says it.
"""

from bisect import bisect_right
from typing import Final


SCENES: Final = (
    "other",
    "groceries",
    "dining",
    "travel",
    "fuel",
    "transport",
    "shopping",
    "entertainment",
    "health",
    "education",
    "utilities",
    "digital",
    "home",
    "services",
)
"""Rows keep a scene by its place here: scenes are appended, never moved or removed."""

MCC_RANGES: Final = (
    (742, 780, "services"),
    (1520, 1799, "home"),
    (2741, 2842, "services"),
    (3000, 3999, "travel"),  # airlines, car rentals, hotels, by name
    (4011, 4118, "transport"),
    (4119, 4119, "health"),  # ambulances
    (4121, 4131, "transport"),
    (4214, 4225, "services"),
    (4411, 4582, "travel"),
    (4722, 4723, "travel"),
    (4784, 4789, "transport"),
    (4812, 4812, "shopping"),
    (4813, 4815, "utilities"),
    (4816, 4816, "digital"),
    (4821, 4821, "utilities"),
    (4899, 4899, "digital"),
    (4900, 4900, "utilities"),
    (5013, 5020, "shopping"),
    (5021, 5039, "home"),
    (5040, 5046, "shopping"),
    (5047, 5047, "health"),
    (5048, 5071, "shopping"),
    (5072, 5074, "home"),
    (5075, 5121, "shopping"),
    (5122, 5122, "health"),
    (5123, 5171, "shopping"),
    (5172, 5172, "fuel"),
    (5173, 5197, "shopping"),
    (5198, 5198, "home"),
    (5199, 5199, "shopping"),
    (5200, 5261, "home"),
    (5262, 5262, "shopping"),  # marketplaces
    (5271, 5271, "home"),
    (5300, 5399, "shopping"),
    (5411, 5499, "groceries"),
    (5511, 5540, "shopping"),
    (5541, 5542, "fuel"),
    (5551, 5551, "shopping"),
    (5552, 5552, "fuel"),  # charging of electric vehicles
    (5561, 5699, "shopping"),
    (5712, 5722, "home"),
    (5732, 5735, "shopping"),
    (5811, 5814, "dining"),
    (5815, 5818, "digital"),
    (5912, 5912, "health"),
    (5921, 5921, "groceries"),
    (5931, 5961, "shopping"),
    (5962, 5962, "travel"),
    (5963, 5974, "shopping"),
    (5975, 5976, "health"),
    (5977, 5982, "shopping"),
    (5983, 5983, "utilities"),  # heating fuel
    (5992, 5999, "shopping"),
    (6300, 6300, "services"),
    (6513, 6513, "home"),
    (7011, 7033, "travel"),
    (7210, 7399, "services"),
    (7512, 7519, "travel"),
    (7523, 7524, "transport"),
    (7531, 7699, "services"),
    (7829, 7999, "entertainment"),
    (8011, 8099, "health"),
    (8111, 8111, "services"),
    (8211, 8351, "education"),
    (8734, 8999, "services"),
    (9402, 9402, "services"),
)
"""First and last code of each range, ascending; codes between them are `other`."""

MCC_DIGITS: Final = 4

_FIRST: Final = tuple(first for first, _, _ in MCC_RANGES)


def scene_place(scene: str, mcc: str) -> int:
    """Return the place in `SCENES` of what a purchase says; 0 (`other`) where it says nothing."""
    if scene in SCENES:
        return SCENES.index(scene)
    if len(mcc) != MCC_DIGITS or not (mcc.isascii() and mcc.isdigit()):
        return 0
    code = int(mcc)
    place = bisect_right(_FIRST, code) - 1
    if place < 0 or code > MCC_RANGES[place][1]:
        return 0
    return SCENES.index(MCC_RANGES[place][2])
