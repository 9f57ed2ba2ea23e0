"""Find personal data in bytes: card numbers and resident identity numbers (core.md §1)."""

import re
from collections.abc import Iterator
from datetime import date


CARD_RANGES: tuple[tuple[int, int, range], ...] = (
    (62, 62, range(16, 20)),  # UnionPay
    (4, 4, range(13, 20, 3)),  # Visa: 13, 16, 19
    (51, 55, range(16, 17)),  # Mastercard
    (2221, 2720, range(16, 17)),  # Mastercard
    (34, 34, range(15, 16)),  # American Express
    (37, 37, range(15, 16)),  # American Express
    (3528, 3589, range(16, 20)),  # JCB
    (6011, 6011, range(16, 20)),  # Discover
    (65, 65, range(16, 20)),  # Discover
)
"""First and last prefix, and how many digits the number has."""

DIGITS = range(13, 20)
GROUP = 4
BOUND = rb"(?<![0-9A-Za-z.])%b(?![0-9A-Za-z])"
RUN = re.compile(BOUND % rb"[0-9]{13,19}")
GROUPS = re.compile(rb"(?<![0-9A-Za-z])(?:[0-9]{4}[ -]){2,}[0-9]{1,4}(?![0-9A-Za-z])")
RESIDENT = re.compile(BOUND % rb"[0-9]{17}[0-9Xx]")
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"
BIRTH_YEARS = range(1800, 2100)


def holds_personal_number(text: bytes) -> bool:
    """Return whether the bytes, read as they stand, hold a card's or a resident's number."""
    return any(is_card_number(number) for number in _numbers(text)) or any(
        is_resident_number(found.decode()) for found in RESIDENT.findall(text)
    )


def is_card_number(number: str) -> bool:
    """Return whether digits begin and end as a card's number does."""
    return any(
        len(number) in lengths and first <= int(number[: len(str(first))]) <= last
        for first, last, lengths in CARD_RANGES
    ) and passes_luhn(number)


def passes_luhn(number: str) -> bool:
    """Return whether the last digit is the check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        if place % 2:
            value = value * 2 if value < 5 else value * 2 - 9
        total += value
    return total % 10 == 0


def is_resident_number(number: str) -> bool:
    """Return whether 18 characters are right by GB 11643: somebody's birthday, and the last."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    if born.year not in BIRTH_YEARS:
        return False
    weighed = sum(int(d) * weight for d, weight in zip(number, RESIDENT_WEIGHTS, strict=False))
    return number[17].upper() == RESIDENT_CHECKS[weighed % 11]


def _numbers(text: bytes) -> Iterator[str]:
    """Yield every run of digits that is as long as a card's number, with and without parting."""
    for found in RUN.findall(text):
        yield found.decode()
    for found in GROUPS.findall(text):
        groups = re.split(r"[ -]", found.decode())
        for begin in range(len(groups)):
            for end in range(begin + 4, len(groups) + 1):
                number = "".join(groups[begin:end])
                if len(number) in DIGITS:
                    yield number
