"""
Find card numbers and identity numbers in bytes, so that they go no further (PCI DSS 3, PIPL 28).

Only tokens enter the house. What is looked for: digits that begin as cards do and pass Luhn's
check (ISO/IEC 7812-1), whole or in groups of four, and resident identity numbers of GB 11643.
Almost every text has neither and pays for one translation and two searches.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final


_CARD: Final = (
    # Visa: 4, with 13, 16 or 19 digits
    rb"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    # Mastercard: 51 to 55 and 2221 to 2720, with 16
    rb"|5[1-5][0-9]{14}"
    rb"|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    # American Express: 34 and 37, with 15
    rb"|3[47][0-9]{13}"
    # JCB: 3528 to 3589, with 16 to 19
    rb"|35(?:2[89]|[3-8][0-9])[0-9]{12,15}"
    # Discover: 6011 and 65, with 16 to 19
    rb"|6011[0-9]{12,15}|65[0-9]{14,17}"
    # UnionPay: 62, with 16 to 19
    rb"|62[0-9]{14,17}"
)
"""How card numbers begin, and how long they are; account numbers of other kinds pass."""

_IDENTITY: Final = (
    rb"[0-9]{6}"
    rb"((?:18|19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"  # somebody's birthday:
    rb"[0-9]{3}[0-9Xx]"  # or one of 300 numbers with 18 digits would be a person
)

PLAUSIBLE_MAX: Final = 1_000
"""
Of more numbers than this that begin or read as they should, one is taken to pass its check.

By chance it does: none of a thousand passes once in 10^41 texts. A text made so that none does
could cost half a second otherwise.
"""

DIGITS_MIN: Final = 13
"""Shorter texts hold neither kind of number."""

_CLASSES: Final = bytes(
    ord("0") if byte in b"0123456789" else ord("-") if byte in b" -" else ord(".")
    for byte in range(256)
)
"""Every digit as 0, what may part groups as -, anything else as a point."""

_RUN: Final = b"0" * DIGITS_MIN
_GROUPS: Final = b"0000-0000-0000-0"
_FOUR_GROUPS: Final = 16

# not behind a point: that is a fraction, and in fifty fractions one passes for a card
_NUMBER: Final = re.compile(
    rb"(?<![0-9A-Za-z.])(?:" + _CARD + rb"|" + _IDENTITY + rb")(?![0-9A-Za-z])"
)
_IN_GROUPS: Final = re.compile(
    rb"""
    (?<![0-9A-Za-z])
    (?: (?=4)     [0-9]{4} (?:[ -][0-9]{4}){2} [ -][0-9]    (?![0-9A-Za-z])
      | (?=3[47]) [0-9]{4} (?:[ -][0-9]{4}){2} [ -][0-9]{3} (?![0-9A-Za-z])
      | (?=4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35(?:2[89]|[3-8])|6011|6[25])
                  [0-9]{4} (?:[ -][0-9]{4}){3}              (?![0-9A-Za-z])
                  (?: [ -] [0-9]{1,3} (?![0-9A-Za-z]) )?
    )""",
    re.VERBOSE,
)
_is_card: Final = re.compile(_CARD).fullmatch
_is_identity: Final = re.compile(_IDENTITY).fullmatch
_DIGIT: Final = bytes(byte - 48 if byte in b"0123456789" else 0 for byte in range(256))
_DOUBLED: Final = bytes(2 * digit // 10 + 2 * digit % 10 for digit in _DIGIT)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = b"10X98765432"


def holds_personal_number(text: bytes) -> bool:
    """Return whether a card number or an identity number stands in a text, in UTF-8 as it is."""
    classes = text.translate(_CLASSES)
    if classes.find(_RUN) < 0 and classes.find(_GROUPS) < 0:
        return False
    return any(
        before == PLAUSIBLE_MAX or _passes(number)
        for before, number in enumerate(_plausible_numbers(text, classes))
    )


def _plausible_numbers(text: bytes, classes: bytes) -> Iterator[bytes]:
    """Yield each number that begins and is as long, or reads, as it should."""
    at = classes.find(_RUN)
    while at >= 0:
        if number := _NUMBER.match(text, at):
            yield number[0]
        at = classes.find(_RUN, at + DIGITS_MIN)
    at = classes.find(_GROUPS)
    groups = _IN_GROUPS.search(text, at) if at >= 0 else None
    while groups:
        number_joined = groups[0].replace(b" ", b"").replace(b"-", b"")
        if len(number_joined) > _FOUR_GROUPS:
            yield number_joined[:_FOUR_GROUPS]
        yield number_joined
        groups = _IN_GROUPS.search(text, groups.start() + 1)  # the next group may begin another


def _passes(number: bytes) -> bool:
    """Return whether a number passes the check of what it can be; it can be both."""
    if _is_card(number) and _passes_luhn(number):
        return True
    identity = _is_identity(number)
    return identity is not None and _is_somebody(identity)


def _passes_luhn(digits: bytes) -> bool:
    """Return whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    plain, doubled = digits[::-2].translate(_DIGIT), digits[-2::-2].translate(_DOUBLED)
    return (sum(plain) + sum(doubled)) % 10 == 0


def _is_somebody(identity: re.Match[bytes]) -> bool:
    """Return whether there is such a day, and the check character is right (ISO 7064)."""
    try:
        date(*map(int, identity.groups()))
    except ValueError:
        return False
    number = identity[0].upper()
    digits = number[:17].translate(_DIGIT)
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return number[17] == _CHECK_CHARACTERS[total % 11]
