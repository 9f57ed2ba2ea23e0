"""Card and identity numbers are found wherever they stand in a record (docs/core.md 1, step 6)."""

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.incoming import SourceReader
from schemas.personal import PLAUSIBLE_MAX, holds_personal_number
from schemas.rejects import RejectedError
from schemas.routing import SourceBinding
from tests.builders_source import bound, json_bytes, purchase, source_record


Headers = list[tuple[str, bytes]]
VISA = "4111111111111111"
PERSON = "11010519491231002X"
CARDS = (
    # the numbers that schemes publish for tests, and the shortest and longest of each range
    "4222222222222",  # Visa, 13 digits
    VISA,
    "4000000000000000006",  # Visa, 19 digits
    "5105105105105100",  # Mastercard
    "5555555555554444",
    "2221000000000009",
    "2720990000000007",
    "378282246310005",  # American Express
    "341111111111111",
    "3528000000000007",  # JCB
    "3566002020360505",
    "3589000000000000009",
    "6011111111111117",  # Discover
    "6500000000000002",
    "6200000000000005",  # UnionPay, 16 to 19 digits
    "62123456789012347",
    "621234567890123457",
    "6212345678901234569",
)
NO_CARDS = {
    "check digit is another": "4111111111111112",
    "Visa of 14 digits": "42222222222226",
    "Visa of 15 digits": "411111111111116",
    "Mastercard of 17 digits": "51051051051051005",
    "below Mastercard's second range": "2220999999999991",
    "above it": "2721000000000004",
    "Diners Club": "30569309025904",
    "American Express of 16 digits": "3782822463100052",
    "below JCB": "3527000000000008",
    "above JCB": "3590000000000000",
    "UnionPay of 15 digits": "621234567890128",
    "UnionPay of 20 digits": "62123456789012345676",
    "Discover's neighbour": "6012000000000003",
    "milliseconds": "1772442900000",
    "12 digits": "411111111117",
    "in a longer number": "94111111111111111",
    "after a letter": "a4111111111111111",
    "before a letter": "4111111111111111Z",
    "groups of three": "411 111 111 111 111 1",
    "two blanks": "4111  1111 1111 1111",
    "full stops": "4111.1111.1111.1111",
    "first group longer": "94111 1111 1111 1111",
    "last group longer": "4111 1111 1111 11119",
    "last group before a letter": "4111 1111 1111 1111a",
    "blank within a group": "41 11111111111111",
}
WRONG_SUMS = {
    "check digit is another",
    "milliseconds",
    "in a longer number",
    "first group longer",
    "last group longer",
}
GROUPED = (
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111-1111 1111-1111",
    "4222 2222 2222 2",
    "3782 8224 6310 005",
    "6212 3456 7890 1234 7",
    "4000 0000 0000 0000 006",
    "2026 4111 1111 1111 1111 12",
    "-4111 1111 1111 1111-",
)
PERSONS = (PERSON, PERSON.lower(), "440524188001010014", "310101200002290015")
NO_PERSONS = {
    "check character is another": "110105194912310021",
    "30 February": "310101200002300017",
    "29 February of another year": "310101190002290019",
    "month 13": "110105194913310021",
    "born in 1799": "110105179912310024",
    "born in 2100": "110105210012310021",
    "X within": "1101051949123100X2",
    "17 digits": "11010519491231002",
    "after a letter": f"id{PERSON}",
    "before a digit": f"{PERSON}1",
    "in groups": "110105 19491231 002X",
}


def refusal(
    *,
    value: bytes | None = None,
    key: bytes | None = None,
    headers: Headers | None = None,
    binding: SourceBinding | None = None,
) -> RejectedError:
    """Return the refusal of a purchase with these bytes; fails where it is accepted."""
    raw = json_bytes(purchase()) if value is None else value
    record = source_record(raw, key=key, headers=headers or ())
    with pytest.raises(RejectedError) as caught:
        SourceReader(binding or bound(), ["bank-a"]).read(record)
    return caught.value


@pytest.mark.parametrize("number", [*CARDS, *GROUPED, *PERSONS])
@pytest.mark.parametrize(
    "around", ["{}", '{{"a":"{}"}}', "-{}-", "_{}_", "卡{}号", "\n{},0", "{}."]
)
def test_incoming_personal_number_is_found(number: str, around: str) -> None:
    """PII_FORBIDDEN: ranges, lengths and groups, beside whatever is no ASCII letter or digit."""
    assert holds_personal_number(around.format(number).encode())


@pytest.mark.parametrize("fault", NO_CARDS)
def test_incoming_near_misses_have_one_fault_only(fault: str) -> None:
    """What stands in the table passes Luhn's check, so that it shows the rule that it is for."""
    digits = re.sub("[^0-9]", "", NO_CARDS[fault])
    assert passes_luhn(digits) or fault in WRONG_SUMS


@pytest.mark.parametrize("text", [*NO_CARDS.values(), *NO_PERSONS.values()])
def test_incoming_other_numbers_are_none(text: str) -> None:
    """A number that is none by one rule passes: of another length, range, check or surrounding."""
    assert not holds_personal_number(text.encode())
    assert not holds_personal_number(f'{{"a":"{text}"}}'.encode())


def test_incoming_personal_number_in_any_place_refuses_the_record() -> None:
    """Step 6: key, value and header values, also where nobody reads them; not headers' names."""
    found = VISA.encode()
    for refused in (
        refusal(value=json_bytes(purchase(note=VISA))),
        refusal(value=json_bytes(purchase(amount_minor=int(VISA)))),
        refusal(value=b"no json " + found),
        refusal(value=b"\xff" + found),
        refusal(key=b"key-" + found),
        refusal(key=PERSON.encode()),
        refusal(headers=[("x", found)]),
        refusal(headers=[("x", found), ("x", b"")]),
    ):
        assert refused.reason == "PII_FORBIDDEN"
        assert str(refused) == "wanted tokens only, found the number of a card or of a person"
    named = source_record(purchase(), headers=[(VISA, b"x")], key=None)
    assert SourceReader(bound(), ["bank-a"]).read(named).event_id == "e-1"


def test_incoming_personal_number_behind_an_escape_is_not_seen() -> None:
    """Step 6: seen only in UTF-8 as it stands."""
    escaped = json_bytes(purchase(note=VISA)).replace(VISA.encode(), b"\\u0034" + VISA[1:].encode())
    record = source_record(escaped)
    assert SourceReader(bound(), ["bank-a"]).read(record).event_id == "e-1"


def test_incoming_personal_refusal_names_the_tenant_of_the_binding() -> None:
    """It comes before the form is read: a producer that names the tenant itself has named none."""
    value = json_bytes(purchase(note=VISA, tenant="bank-a"))
    assert refusal(value=value, binding=bound(tenant="bank-a")).tenant == "bank-a"
    assert refusal(value=value, binding=bound(tenant="*")).tenant == ""


def test_incoming_text_of_a_thousand_near_misses_is_taken_for_one() -> None:
    """Bounded cost: by chance one of so many passes, so that none does is made, and refused."""
    near_misses = [f"4{number:014}" for number in range(2 * PLAUSIBLE_MAX)]
    failing = [
        next(f"{stem}{last}" for last in range(10) if not passes_luhn(f"{stem}{last}"))
        for stem in near_misses
    ]
    assert not holds_personal_number(",".join(failing[:PLAUSIBLE_MAX]).encode())
    assert holds_personal_number(",".join(failing[: PLAUSIBLE_MAX + 1]).encode())


def passes_luhn(digits: str) -> bool:
    """Return whether Luhn's sum is right, as a pupil would add it up."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Return whether digits are a card number by the ranges, written down once more."""
    ranges = {
        "4": (13, 16, 19),
        **{str(first): (16,) for first in range(51, 56)},
        **{str(first): (16,) for first in range(2221, 2721)},
        "34": (15,),
        "37": (15,),
        **{str(first): (16, 17, 18, 19) for first in (62, 65, 6011, *range(3528, 3590))},
    }
    begins = any(
        digits.startswith(first) and len(digits) in lengths for first, lengths in ranges.items()
    )
    return begins and passes_luhn(digits)


def is_person(word: str) -> bool:
    """Return whether a word is an identity number: ISO 7064 MOD 11-2 over all 18 characters."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", word) or word[6:8] not in {"18", "19", "20"}:
        return False
    try:
        date(int(word[6:10]), int(word[10:12]), int(word[12:14]))
    except ValueError:
        return False
    total = 0
    for character in word:
        total = total * 2 + (10 if character in "Xx" else int(character))
    return total % 11 == 1


def holds_by_hand(text: str) -> bool:
    """Return the same as `holds_personal_number`: word by word, and every four or five of them."""
    parts = re.split(r"([^0-9A-Za-z])", text)  # words at even places, what parts them between
    words, parted = parts[::2], [*parts[1::2], ""]
    for at, word in enumerate(words):
        if is_person(word) or (13 <= len(word) <= 19 and word.isdigit() and is_card(word)):
            return True
        for count in (4, 5):
            group = words[at : at + count]
            blanks = set(parted[at : at + count - 1]) <= {" ", "-"}
            full = all(len(one) == 4 for one in group[:-1]) and 1 <= len(group[-1]) <= 4
            digits = "".join(group)
            if len(group) == count and blanks and full and digits.isdigit() and is_card(digits):
                return True
    return False


NUMBERS = st.sampled_from([*CARDS, *GROUPED, *PERSONS, *NO_CARDS.values(), *NO_PERSONS.values()])
DIGITS = st.text("0123456789", min_size=1, max_size=20)
FOURS = st.lists(st.from_regex(r"[2-6][0-9]{3}", fullmatch=True), min_size=3, max_size=6).map(
    " ".join
)
BETWEEN = st.sampled_from(["", " ", "-", "--", ",", "x", "X", "é", "\n"])


@given(st.lists(st.tuples(NUMBERS | DIGITS | FOURS, BETWEEN), max_size=6))
@example([("4111 1111 1111 1111", " "), ("4", "")])
def test_incoming_search_agrees_with_a_search_word_by_word(parts: list[tuple[str, str]]) -> None:
    """The quick search finds exactly what a slow one finds that shares nothing with it."""
    text = "".join(number + between for number, between in parts)
    assert holds_personal_number(text.encode()) == holds_by_hand(text)
