"""The checker's own catalogue is the house's: two lists, written apart, of one agreement."""

from itertools import product
from typing import get_args

import msgspec

from schemas.events.currencies import CurrencyCode
from schemas.personal import holds_personal_number
from schemas.routing import ROUTES, SOURCE_TOPICS
from tests.checker import card_numbers
from tests.checker.catalogue import ANYWHERE, CURRENCIES, OF_TENANTS, forms, source_topics


def test_catalogues_have_the_same_events_topics_and_fields() -> None:
    """Both sides know every event by one topic, with the same fields, required alike."""
    house = {
        route.event_type: (
            route.topic,
            {
                field.encode_name: not field.required
                for field in msgspec.structs.fields(route.shape)
            },
        )
        for route in ROUTES
    }
    assert house.pop(ANYWHERE) == ("*", {})
    assert {route.event_type for route in ROUTES if route.concerns == "tenant"} == OF_TENANTS
    checker = {
        kind: (form.topic, {field.name: field.may_be_missing for field in form.fields})
        for kind, form in forms().items()
    }

    assert checker == house
    assert set(source_topics()) == set(SOURCE_TOPICS)


def test_catalogues_have_the_same_currencies() -> None:
    """ISO 4217, written down twice."""
    assert set(get_args(CurrencyCode)) == CURRENCIES


def test_both_see_the_same_numbers_as_cards() -> None:
    """Every prefix of four digits at every length, with the check digit that fits and another."""
    for first, length in product(range(10_000), range(12, 21)):
        digits = f"{first:04}" + "7" * (length - 5)
        for check in range(10):
            if card_numbers.passes_luhn(f"{digits}{check}"):
                right, wrong = f"{digits}{check}", f"{digits}{(check + 1) % 10}"
        for number in (right, wrong):
            text = number.encode()
            assert card_numbers.holds_personal_number(text) == holds_personal_number(text), number


def test_both_see_the_same_numbers_in_their_surroundings() -> None:
    """Groups, bounds and residents' numbers, in every combination of a few pieces."""
    pieces = ("4111111111111111", "4111", "1111", "11", "11010519491231002X", "11010519491231002x")
    partings = ("", " ", "-", "  ", "x", "_", "é", '"')
    held = 0
    for first, parting, second, other, third in product(
        pieces, partings, pieces, partings, ("1111 1111", "1111-1111 1", "", "5")
    ):
        text = f"{first}{parting}{second}{other}{third}".encode()
        said = card_numbers.holds_personal_number(text)
        assert said == holds_personal_number(text), text
        held += said

    assert 500 < held < 9_000
