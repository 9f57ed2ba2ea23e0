"""Which numbers a whole-number field takes, and what is said of the others (docs/core.md 1)."""

import pytest

from schemas import forms
from schemas.events import TxnPosted
from schemas.incoming import SourceReader
from schemas.rejects import RejectedError
from tests.builders_source import bound, json_bytes, purchase, source_record


PLAIN = json_bytes(purchase())
INSTALMENTS = "card.instalment.v1"


def refused(value: bytes, topic: str = "card.spend.v1") -> tuple[str, str]:
    """Return reason and message of the refusal; fails where the record is accepted."""
    record = source_record(value, at=(topic, 0, 0), timestamp=2**45)
    with pytest.raises(RejectedError) as caught:
        SourceReader(bound(topic), ["bank-a"]).read(record)
    return caught.value.reason, str(caught.value)


def amount_of(written: bytes) -> bytes:
    """Return a purchase whose amount is written so."""
    return PLAIN.replace(b"1999", written)


FRACTIONS = (b"0.5", b"19.99", b"1.0", b"-0.0", b"1e3", b"1E-2", b"1e400", b"-1e400", b"1e-400")
BEYOND = (
    b"18446744073709551616",
    b"-9223372036854775809",
    b"1" + b"0" * 400,
    b"9" * 5_000,
    b"-" + b"9" * 5_000,
    b"9" * 60_000,
)


@pytest.mark.parametrize(
    "written", [*FRACTIONS, *BEYOND], ids=lambda written: written[:22].decode()
)
def test_incoming_fraction_or_number_beyond_64_bits_is_bad_number(written: bytes) -> None:
    """BAD_NUMBER, of whatever size: Python's limit of 4,300 digits is not ours."""
    wanted = "wanted a whole number of 64 bits at $.amount_minor, found another"
    assert refused(amount_of(written)) == ("BAD_NUMBER", wanted)


@pytest.mark.parametrize("field", ["term_count", "annual_rate_bp", "principal_minor"])
def test_incoming_fraction_is_bad_number_in_every_whole_field(field: str) -> None:
    """BAD_NUMBER does not depend on what the field counts."""
    body = forms.plain("instalment.created") | {"tenant": "bank-a"}
    assert refused(json_bytes(body | {field: 0.5}), INSTALMENTS)[0] == "BAD_NUMBER"


@pytest.mark.parametrize(
    "written", [b"-1", b"1000000000000001", b"-9223372036854775808", b"18446744073709551615"]
)
def test_incoming_amount_out_of_bounds_is_bad_amount(written: bytes) -> None:
    """BAD_AMOUNT: below 0 or above 10^15, within 64 bits."""
    wanted = "wanted int at $.amount_minor, found one out of bounds"
    assert refused(amount_of(written)) == ("BAD_AMOUNT", wanted)


def test_incoming_amounts_at_the_bounds_are_accepted() -> None:
    """0 occurs (fully discounted), and 10^15 is the last; -0 is 0."""
    for written, amount_minor in ((b"0", 0), (b"-0", 0), (b"1000000000000000", 10**15)):
        seen = SourceReader(bound(), ["bank-a"]).read(source_record(amount_of(written))).record
        assert isinstance(seen, TxnPosted)
        assert seen.amount_minor == amount_minor


def test_incoming_other_number_out_of_bounds_is_schema() -> None:
    """SCHEMA: only money has a reason of its own."""
    body = forms.plain("instalment.created") | {"tenant": "bank-a", "term_count": -1}
    assert refused(json_bytes(body), INSTALMENTS)[0] == "SCHEMA"


@pytest.mark.parametrize("currency", ["", "cny", "CNYX", "XXX", "XAU", "156", "人民币"])
def test_incoming_currency_out_of_the_list_is_currency(currency: str) -> None:
    """CURRENCY: a text that is no code of ISO 4217 in which cards are billed."""
    wanted = "wanted a code of ISO 4217 at $.currency, found another"
    assert refused(json_bytes(purchase(currency=currency))) == ("CURRENCY", wanted)


def test_incoming_plan_that_nobody_confirmed_is_schema() -> None:
    """SCHEMA, and the reason is said: the customer did not agree to it (CBIRC, July 2022)."""
    body = forms.plain("instalment.created") | {"tenant": "bank-a"}
    wanted = "wanted a plan that the customer confirmed, found another"
    assert refused(json_bytes(body | {"confirmed_by_customer": False}), INSTALMENTS) == (
        "SCHEMA",
        wanted,
    )


@pytest.mark.parametrize(
    "said_before",
    [
        b'"amount_minor":-1,',
        b'"amount_minor":"x",',
        b'"txn_id":7,',
        b'"id":[],',
        b'"customer_token":5,',
    ],
)
def test_incoming_last_of_repeated_keys_counts(said_before: bytes) -> None:
    """Of a repeated JSON key the last counts, whatever the ones before it were."""
    value = PLAIN.replace(b"{", b"{" + said_before, 1)
    seen = SourceReader(bound(), ["bank-a"]).read(source_record(value))
    assert seen.record == SourceReader(bound(), ["bank-a"]).read(source_record(PLAIN)).record


def test_incoming_last_of_repeated_keys_counts_when_it_is_the_bad_one() -> None:
    """The other way round: a good value before a bad one does not save it."""
    value = PLAIN.replace(b"}", b',"amount_minor":-1}', 1)
    assert refused(value)[0] == "BAD_AMOUNT"
    assert refused(PLAIN.replace(b"}", b',"id":7}', 1))[0] == "SCHEMA"


def test_incoming_last_of_repeated_keys_counts_within_objects() -> None:
    """It holds at every depth of what is declared."""
    body = forms.plain("profile.changed") | {"tenant": "bank-a"}
    value = json_bytes(body)
    twice = value.replace(b'"attributes":{', b'"attributes":{"city_code":5,', 1)
    assert twice != value
    reader = SourceReader(bound("customer.profile.v1"), ["bank-a"])
    first, second = (
        source_record(raw, at=("customer.profile.v1", 0, 0), timestamp=2**45)
        for raw in (value, twice)
    )
    assert reader.read(first).record == reader.read(second).record


def test_incoming_number_without_bounds_in_a_field_that_nobody_reads_is_skipped() -> None:
    """Only declared fields are read; what an unknown one holds is JSON, and that is enough."""
    value = PLAIN.replace(b"{", b'{"x":1e400,"y":' + b"9" * 9_000 + b',"event_type":1e400,', 1)
    assert SourceReader(bound(), ["bank-a"]).read(source_record(value)).event_id == "e-1"
    assert refused(value.replace(b"1999", b"-1"))[0] == "BAD_AMOUNT"
