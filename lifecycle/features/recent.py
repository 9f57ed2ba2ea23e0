"""
Remember a customer's newest purchases: when, of what scene, in what currency, how much.

Fourteen bytes each, big-endian: event time in 6, the scene's place in 1, the currency in 2, the
amount in 5. They are in the order of their bytes and the least falls out, so that any order of
arrival ends in the same row (SEMANTICS T6).
"""

from functools import cache, lru_cache
from struct import iter_unpack
from typing import Final

from schemas.events import TxnPosted
from schemas.scenes import SCENES, scene_place
from schemas.state import RECENT_SPEND_MAX, CustomerRow


ENTRY_BYTES: Final = 14
AMOUNT_MINOR_MAX: Final = 2**40 - 1
"""Where an amount stops: about eleven billion, of a currency with two decimal places."""

KNOWN_COUNT: Final = 64
"""Rows whose purchases stay unpacked: a rule, a record and an entry read those of one customer."""

_LETTERS: Final = 26
_A: Final = ord("A")

_TIMES: Final = ">HI 8x"
_AMOUNTS: Final = ">7x H BI"
_SCENE_BYTE: Final = 6


def add(row: CustomerRow, event: TxnPosted, occurred_at_ms: int) -> int | None:
    """
    Take a purchase among the newest; one that is older than all of a full row changes none.

    Returns:
        the place in `SCENES` of the purchase that makes room, None where there was room.
    """
    entry = (
        occurred_at_ms.to_bytes(6)
        + _scene_and_currency(event.scene, event.mcc, event.currency)
        + min(event.amount_minor, AMOUNT_MINOR_MAX).to_bytes(5)
    )
    known = row.recent_spend
    if entry >= known[-ENTRY_BYTES:]:  # nearly always; also where there is none
        place = len(known)
    else:
        place = next(
            at for at in range(0, len(known), ENTRY_BYTES) if entry < known[at : at + ENTRY_BYTES]
        )
    grown = known[:place] + entry + known[place:]
    if len(grown) <= RECENT_SPEND_MAX * ENTRY_BYTES:
        row.recent_spend = grown
        return None
    row.recent_spend = grown[ENTRY_BYTES:]
    return grown[_SCENE_BYTE]


@lru_cache(maxsize=4_096)
def _scene_and_currency(scene: str, mcc: str, currency: str) -> bytes:
    """Return the three bytes of an entry that are of few kinds."""
    return scene_place(scene, mcc).to_bytes() + _coded(currency).to_bytes(2)


@lru_cache(KNOWN_COUNT)
def times_ms(known: bytes) -> tuple[int, ...]:
    """Return when a row's `recent_spend` was spent, ascending, in epoch milliseconds UTC."""
    return tuple([high << 32 | low for high, low in iter_unpack(_TIMES, known)])


def places(known: bytes) -> bytes:
    """Return the places in `SCENES` of a row's `recent_spend`, of the oldest first."""
    return known[_SCENE_BYTE::ENTRY_BYTES]


def scenes(known: bytes) -> list[str]:
    """Return the scenes of a row's `recent_spend`, of the oldest first."""
    return [
        SCENES[place] if place < len(SCENES) else SCENES[0]  # a later release may know more
        for place in places(known)
    ]


def amounts_minor(known: bytes, currency: str) -> list[int]:
    """Return the amounts in a currency of a row's `recent_spend`, the oldest first."""
    return [
        high << 32 | low
        for code, high, low in iter_unpack(_AMOUNTS, known)
        if _spelled(code) == currency
    ]


def _coded(currency: str) -> int:
    """Return three letters as a number to the base of 26, A being 0."""
    first, second, third = (ord(letter) - _A for letter in currency)
    return (first * _LETTERS + second) * _LETTERS + third


@cache  # a rule spells sixteen of them at each reading, of the few currencies there are
def _spelled(code: int) -> str:
    first, rest = divmod(code, _LETTERS * _LETTERS)
    return "".join(chr(_A + place) for place in (first, *divmod(rest, _LETTERS)))
