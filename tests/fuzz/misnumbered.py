"""Make amounts, counts and currencies that none can be (docs/core.md 1, step 1)."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.cases import CASES_A_CLASS, MONEY, NAMED, SEEDS, Case, Json, Pen, as_bytes, beside


WHOLE: Final = {"instalment.created": ("term_count", "annual_rate_bp")}
FRACTIONS: Final = (
    *("0.5", "19.99", "1.5e0", "-0.1", "1e-3", "2.5E+1", "1e400", "-1e400", "0.1e400", "1e-400"),
    *("123456789012345678.25", "99999999999999999999.5", f"0.{'3' * 5_000}", f"1{'0' * 400}.5"),
)
BEYOND: Final = (
    *(str(2**64), str(-(2**63) - 1), str(2**70), str(10**20), str(-(10**30)), "1" + "0" * 400),
    *("9" * 4_299, "9" * 4_300, "9" * 4_301, "7" * 20_000, "-" + "8" * 50_000),
)
OUT_OF_BOUNDS: Final = (
    *(-1, -2, -100, -(10**15), 10**15 + 1, 10**15 + 2, 10**16, 10**18, 2**62, 2**63 - 1),
    *(-(2**62), -(2**63), -(2**63) + 1),
)
NO_CURRENCIES: Final = (
    *(
        "",
        "cny",
        "Cny",
        "CN",
        "CNYX",
        "CNY ",
        " CNY",
        "RMB",
        "156",
        "¥",
        "人民币",
        "XXX",
        "XTS",
        "DEM",
    ),
    *("BTC", "USDT", "{{currency}}", "A" * 200),
)


def written_as(pen: Pen, reason: str, event_type: str, field: str, number: str) -> Iterator[Case]:
    """Yield an event in one of the forms whose field is written so, as no library would."""
    topic, own = SEEDS[event_type]
    form = pen.chance.randrange(3)
    if form == 0:
        body: Json = pen.plain(event_type, **{field: 0})[1]
        headers = NAMED
    elif form == 1:
        body, headers = pen.cloud(event_type, data=own | {field: 0})[1], NAMED
    else:
        body, headers = own | {field: 0}, tuple(pen.headers(event_type).items())
    value = as_bytes(body).replace(f'"{field}":0'.encode(), f'"{field}":{number}'.encode())
    yield Case(reason, topic, value, headers)


def fractions(pen: Pen) -> Iterator[Case]:
    """A fraction where a whole number belongs, of any size, however it is written."""
    for number in range(CASES_A_CLASS):
        event_type = pen.chance.choice(sorted(MONEY))
        field = pen.chance.choice((MONEY[event_type], *WHOLE.get(event_type, ())))
        fraction = FRACTIONS[number % len(FRACTIONS)]
        yield from written_as(pen, "BAD_NUMBER", event_type, field, fraction)


def beyond_64_bits(pen: Pen) -> Iterator[Case]:
    """A whole number that no 64 bits hold, up to more digits than Python turns into one."""
    for number in range(CASES_A_CLASS):
        event_type = pen.chance.choice(sorted(MONEY))
        field = pen.chance.choice((MONEY[event_type], *WHOLE.get(event_type, ())))
        beyond = BEYOND[number % len(BEYOND)]
        yield from written_as(pen, "BAD_NUMBER", event_type, field, beyond)


def amounts(pen: Pen) -> Iterator[Case]:
    """Money below zero, or above 10^15 minor units."""
    for number in range(CASES_A_CLASS):
        event_type = sorted(MONEY)[number % len(MONEY)]
        amount = OUT_OF_BOUNDS[number % len(OUT_OF_BOUNDS)]
        yield from written_as(pen, "BAD_AMOUNT", event_type, MONEY[event_type], str(amount))


def amounts_beside_others(pen: Pen) -> Iterator[Case]:
    """The same, beside numbers of any size that nobody reads, and said well before."""
    for number in range(CASES_A_CLASS):
        event_type = sorted(MONEY)[number % len(MONEY)]
        field = MONEY[event_type]
        topic, body = pen.plain(event_type, **{field: OUT_OF_BOUNDS[number % len(OUT_OF_BOUNDS)]})
        before = (f'"x":{BEYOND[number % len(BEYOND)]}', '"x":1e400', f'"{field}":1')[number % 3]
        yield Case("BAD_AMOUNT", topic, beside(as_bytes(body), before.encode()), NAMED)


def currencies(pen: Pen) -> Iterator[Case]:
    """A text that is no code of a currency in which cards are billed."""
    for number in range(CASES_A_CLASS):
        event_type = sorted(MONEY)[number % len(MONEY)]
        currency = NO_CURRENCIES[number % len(NO_CURRENCIES)]
        topic, body = pen.plain(event_type, currency=currency)
        yield Case("CURRENCY", topic, as_bytes(body), NAMED)


CLASSES = {
    "fractions": fractions,
    "beyond 64 bits": beyond_64_bits,
    "amounts out of bounds": amounts,
    "amounts beside other numbers": amounts_beside_others,
    "no currency": currencies,
}
