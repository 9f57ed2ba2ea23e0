"""Make records that carry a card number or a person's (docs/core.md 1, step 6)."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.cases import CASES_A_CLASS, NAMED, SEEDS, Case, Pen, as_bytes, beside


STEMS: Final = (
    *(("4", 13), ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16)),
    *(("34", 15), ("37", 15), ("3528", 16), ("3589", 19), ("6011", 16), ("6011", 18), ("65", 17)),
    *(("62", 16), ("62", 17), ("62", 18), ("62", 19)),
)
"""How cards begin, and how many digits they then have."""

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def card(pen: Pen, number: int) -> str:
    """Return a card number with the right last digit."""
    stem, length = STEMS[number % len(STEMS)]
    rest = "".join(pen.chance.choice("0123456789") for _ in range(length - len(stem) - 1))
    return stem + rest + last_digit(stem + rest)


def last_digit(digits: str) -> str:
    """Return the check digit of Luhn: every second digit doubled, from the right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def person(pen: Pen) -> str:
    """Return a resident identity number with a day that was and the right last character."""
    place = pen.chance.choice(("110105", "310101", "440305", "650102"))
    year, month, day = (pen.chance.randint(*bounds) for bounds in ((1930, 2015), (1, 12), (1, 28)))
    digits = f"{place}{year}{month:02}{day:02}{pen.chance.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    last = "10X98765432"[total % 11]
    return digits + (last.lower() if pen.chance.random() < 0.5 else last)


def grouped(digits: str, pen: Pen) -> str:
    """Return digits in groups of four, parted by blanks or hyphens."""
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return "".join(group + pen.chance.choice(" -") for group in groups)[:-1]


def placed(pen: Pen, number: int, secret: str) -> Case:
    """Return a record with the secret in one place after the other, where it is whole UTF-8."""
    event_type = pen.any_type()
    topic, body = pen.plain(event_type)
    raw = secret.encode()
    value, headers, key = as_bytes(body), tuple(NAMED), b"k"
    place = number % 8
    if place == 0:
        value = as_bytes(body | {"note": f"卡号{secret}。"})
    elif place == 1:
        value = as_bytes(body | {"id": secret})
    elif place == 2:
        value = as_bytes(body | {f"x_{secret}_": 1})
    elif place == 3:
        key = b"tenant|" + raw
    elif place == 4:
        headers = (("trace", b"[" + raw + b"]"), *NAMED)
    elif place == 5:
        value = b"no json: " + raw + b", and bytes \xff"
    elif place == 6:
        value = b"[" * 100 + raw
    else:
        headers = tuple(pen.headers(event_type, ce_subject=raw).items())
        value = as_bytes(SEEDS[event_type][1])
    return Case("PII_FORBIDDEN", topic, value, headers, key, tenant="")


def cards(pen: Pen) -> Iterator[Case]:
    """A card number in one piece, of every scheme and length."""
    for number in range(CASES_A_CLASS):
        yield placed(pen, number, card(pen, number // 4))


def cards_in_groups(pen: Pen) -> Iterator[Case]:
    """A card number as it is printed on the card, among other groups or alone."""
    for number in range(CASES_A_CLASS):
        secret = grouped(card(pen, number // 4), pen)
        yield placed(pen, number, secret if number % 3 else f"1234 {secret}")


def persons(pen: Pen) -> Iterator[Case]:
    """A resident identity number, with a digit or an X at its end."""
    for number in range(CASES_A_CLASS):
        yield placed(pen, number, person(pen))


def amounts_that_are_cards(pen: Pen) -> Iterator[Case]:
    """A card number where a number is wanted, or beside every other fault a record can have."""
    for number in range(CASES_A_CLASS):
        topic, body = pen.plain("txn.posted", amount_minor=-1, type="x", tenant="nobody")
        value = as_bytes(body).replace(b"-1", card(pen, number).encode())
        yield Case("PII_FORBIDDEN", topic, beside(value, b'"x":1e400'), NAMED, tenant="")


CLASSES = {
    "cards": cards,
    "cards in groups": cards_in_groups,
    "persons": persons,
    "cards among other faults": amounts_that_are_cards,
}
