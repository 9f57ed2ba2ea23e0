"""What must become of source records: core.md §1, step by step, with records by hand."""

import json
from typing import Any

import pytest

from tests.checker.card_numbers import holds_personal_number, is_resident_number, passes_luhn
from tests.checker.catalogue import CURRENCIES, forms, source_topics
from tests.checker.log_reader import LogRecord
from tests.checker.rejected_form import ADDED, is_kept
from tests.checker.source_judge import FORWARD, Tenants, depth, fates


AT = 1_700_000_000_000  # 2023-11-14T22:13:20Z
TOLD = Tenants(frozenset({"acme"}), are_told=True)
MET = Tenants(frozenset({"acme"}), are_told=False)
PURCHASE: dict[str, Any] = {
    "id": "1",
    "type": "txn.posted",
    "occurred_at": "2023-11-14T22:13:20Z",
    "customer_token": "c0",
    "tenant": "acme",
    "txn_id": "t1",
    "card_token": "k0",
    "amount_minor": 100,
    "currency": "CNY",
}


def record(value: bytes | None, *headers: tuple[str, bytes], key: bytes = b"c0") -> LogRecord:
    """Return a source record of the spend topic."""
    return LogRecord("card.spend.v1", 0, 0, AT, key, value, headers)


def judged(**change: Any) -> set[str]:  # noqa: ANN401 (any JSON)
    """Return what may become of the purchase with these fields changed; `...` takes one away."""
    body = {name: value for name, value in {**PURCHASE, **change}.items() if value is not ...}
    return set(fates(record(json.dumps(body).encode()), "card.spend.v1", TOLD))


PLAIN: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {FORWARD}),
    ({"type": "txn.posted.v1"}, {FORWARD}),
    ({"unknown": {"a": "\u200b"}}, {FORWARD}),
    ({"id": ""}, {"SCHEMA"}),
    ({"id": ...}, {"SCHEMA"}),
    ({"id": "x" * 257}, {"SCHEMA"}),
    ({"id": "a\u202eb"}, {"SCHEMA"}),
    ({"type": "txn.posted.v2"}, {"UNSUPPORTED_VERSION"}),
    ({"type": "txn.vanished"}, {"UNKNOWN_TYPE"}),
    ({"type": "card.issued"}, {"WRONG_TOPIC"}),
    ({"tenant": "west", "occurred_at": "?"}, {"TENANT_UNKNOWN", "TENANT_MISMATCH"}),
    ({"customer_token": "a|b", "occurred_at": "?"}, {"BAD_CUSTOMER"}),
    ({"customer_token": "é"}, {"BAD_CUSTOMER"}),
    ({"customer_token": "x" * 129}, {"BAD_CUSTOMER"}),
    ({"customer_token": ...}, {"SCHEMA"}),
    ({"occurred_at": "2023-11-14T22:13:20"}, {"BAD_TIME"}),
    ({"occurred_at": "1969-12-31T23:59:59Z", "amount_minor": -1}, {"BAD_TIME"}),
    ({"occurred_at": "2201-01-01T00:00:00Z"}, {"BAD_TIME"}),
    ({"occurred_at": "2023-11-14T22:23:20.0009Z"}, {FORWARD}),
    ({"occurred_at": "2023-11-14T22:23:20.001Z", "amount_minor": -1}, {"FUTURE"}),
    ({"amount_minor": ...}, {"SCHEMA"}),
    ({"amount_minor": "1"}, {"SCHEMA"}),
    ({"amount_minor": True}, {"SCHEMA"}),
    ({"amount_minor": 1.5}, {"BAD_NUMBER"}),
    ({"amount_minor": -1}, {"BAD_AMOUNT"}),
    ({"amount_minor": 10**15 + 1}, {"BAD_AMOUNT"}),
    ({"amount_minor": 10**15}, {FORWARD}),
    ({"amount_minor": 10**30}, {"BAD_NUMBER", "BAD_AMOUNT"}),
    ({"amount_minor": -1, "currency": "???"}, {"BAD_AMOUNT", "CURRENCY"}),
    ({"currency": "cny"}, {"CURRENCY"}),
    ({"currency": "DEM"}, {"CURRENCY"}),
    ({"merchant_token": "a\tb"}, {"SCHEMA"}),
    ({"merchant_token": "x" * 129}, {"SCHEMA"}),
    ({"merchant_token": None}, {"SCHEMA"}),
    ({"posted_date": None}, {FORWARD}),
    ({"posted_date": "2023-02-30"}, {"SCHEMA"}),
    ({"mode": "fax"}, {"SCHEMA"}),
    ({"card_token": ""}, {"SCHEMA"}),
]


@pytest.mark.parametrize(("change", "wanted"), PLAIN)
def test_judge_gives_the_reason_of_the_first_step_that_fails(
    change: dict[str, Any], wanted: set[str]
) -> None:
    """Core 1, steps 1 to 6: one fault each, and which of two comes first."""
    assert judged(**change) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "TOMBSTONE_UNEXPECTED"),
        (b" " * 65_537, "TOO_LARGE"),
        (b"{half", "NOT_JSON"),
        (b'{"a":"\xff"}', "NOT_JSON"),
        (b'"text"', "SCHEMA"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "TOO_DEEP"),
        (b"4111111111111111 " + b"[" * 70, "PII_FORBIDDEN"),
    ],
)
def test_judge_reads_bytes_before_it_reads_words(value: bytes | None, wanted: str) -> None:
    """Core 1, step 1: no value, too long, personal data, too deep, no JSON, no object."""
    assert fates(record(value), "card.spend.v1", TOLD) == {wanted}


def test_judge_counts_depth_outside_of_strings() -> None:
    """Core 1, step 1: 64 deep is read; brackets in strings and behind escapes do not count."""
    assert depth(b"[" * 64 + b"]" * 64) == 0
    assert depth(b"[" * 65 + b"]" * 65) == 65
    assert depth(b'["' + b"[" * 99 + b'\\"' + b"{" * 99 + b'",{}]') == 2


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        (b"4111111111111111", True),  # what every payment test begins with
        (b"x4111111111111111", False),
        (b"4111111111111111x", False),
        (b"_4111111111111111.", True),
        ("卡4111111111111111号".encode(), True),
        (b"4111111111111112", False),  # fails Luhn
        (b"4111 1111 1111 1111", True),
        (b"4111-1111-1111-1111", True),
        (b"4111  1111 1111 1111", False),
        (b"411 1111 1111 1111 1", False),
        (b"1234 4111 1111 1111 1111 12", True),  # stands inside of a longer row of groups
        (b"4222222222222", True),  # Visa of 13 digits
        (b"4222 2222 2222 2", True),
        (b"6200000000000005", True),
        (b"6200000000000000000", True),
        (b"5105105105105100", True),
        (b"2221000000000009", True),
        (b"2220999999999999", False),
        (b"378282246310005", True),
        (b"3530111333300000", True),
        (b"6011111111111117", True),
        (b"1700000000000", False),
        (b"11010519491231002X", True),
        (b"110105194912310021", False),  # another check character
        (b"411111111111111111", False),  # nobody was born in the year 1111
        (b"11010519490230002X", False),  # no such day
        (b"a11010519491231002X", False),
    ],
)
def test_personal_numbers_are_seen_as_they_stand(text: bytes, *, is_personal: bool) -> None:
    """Core 1: bounds, groups, Luhn, ranges, dates and check characters."""
    assert holds_personal_number(text) is is_personal


def test_check_digits_by_hand() -> None:
    """
    Luhn: 7992739871 and 3 as in the patent; GB 11643: 167 mod 11 is 2, so X.

    11010519491231002: 7+9+0+5+0+20+2+9+24+27+7+18+30+5+0+0+4 (weights 7 9 10 5 8 4 2 1 6 3 ...).
    """
    assert [passes_luhn(f"7992739871{digit}") for digit in range(5)] == [False] * 3 + [True, False]
    assert is_resident_number("11010519491231002X")


@pytest.mark.parametrize("place", ["key", "header", "value"])
def test_judge_looks_for_personal_data_everywhere(place: str) -> None:
    """Core 1: in the key, in a header's value and in the value, before any form is read."""
    number = b"4111111111111111"
    value = b"{half " + (number if place == "value" else b"")
    headers = [("trace", number if place == "header" else b"1")]
    found = record(value, *headers, key=number if place == "key" else b"c0")

    assert fates(found, "card.spend.v1", TOLD) == {"PII_FORBIDDEN"}


def test_judge_reads_headers_and_structured_events() -> None:
    """Core 1: the other two forms; the last of a header counts, a null one is none."""
    data = {name: PURCHASE[name] for name in ("txn_id", "card_token", "amount_minor", "currency")}
    attributes = {
        "ce_id": b"1",
        "ce_source": b"/core",
        "ce_type": b"txn.posted",
        "ce_time": b"2023-11-14T22:13:20Z",
        "ce_subject": b"c0",
        "ce_tenantid": b"acme",
    }
    value = json.dumps(data).encode()

    def binary(*more: tuple[str, Any]) -> set[str]:
        return set(fates(record(value, *attributes.items(), *more), "card.spend.v1", TOLD))

    assert binary() == {FORWARD}
    assert binary(("ce_specversion", None)) == {FORWARD}
    assert binary(("ce_specversion", b"0.3")) == {"UNSUPPORTED_VERSION"}
    assert binary(("ce_id", b"\xff")) == {"SCHEMA"}
    assert binary(("ce_tenantid", b"west"), ("ce_tenantid", b"acme")) == {FORWARD}
    assert binary(("ce_subject", None)) == {"SCHEMA"}
    assert binary(("ce_subject", b"")) == {"BAD_CUSTOMER"}

    body = {"specversion": "1.0", "id": "1", "source": "/core", "type": "txn.posted.v1"}
    body |= {"time": PURCHASE["occurred_at"], "subject": "c0", "tenantid": "acme"}

    def structured(*headers: tuple[str, bytes], **change: Any) -> set[str]:  # noqa: ANN401
        text = json.dumps({**body, "data": data, **change}).encode()
        return set(fates(record(text, *headers), "card.spend.v1", TOLD))

    assert structured() == {FORWARD}
    assert structured(specversion="2.0") == {"UNSUPPORTED_VERSION"}
    assert structured(("ce_tenantid", b"evil")) == {"TENANT_MISMATCH"}
    assert structured(data=[]) == {"SCHEMA"}
    assert structured(source="") == {"SCHEMA"}


def test_judge_knows_what_it_was_not_told() -> None:
    """N1: a tenant that nobody told of may be known to the settings; all else must be right."""
    west = json.dumps({**PURCHASE, "tenant": "west"}).encode()

    assert fates(record(west), "card.spend.v1", MET) == {FORWARD, "TENANT_UNKNOWN"}
    assert fates(record(west[:-1]), "card.spend.v1", MET) == {"NOT_JSON"}


def test_judge_wants_gateways_to_echo() -> None:
    """G1: without tenant, customer or trigger there is no route."""
    body = {**PURCHASE, "type": "offer.result", "reservation_id": "v", "status": "granted"}
    known = {**body, "trigger_id": "t"}

    def of(told: dict[str, Any]) -> set[str]:
        value = json.dumps(told).encode()
        return set(fates(record(value), "gateway.response.v1", TOLD))

    assert of(known) == {FORWARD}
    assert "NO_ROUTE" in of(body)
    assert "NO_ROUTE" in of({**known, "customer_token": ""})
    assert "NO_ROUTE" in of({name: told for name, told in known.items() if name != "tenant"})


def test_rejected_record_keeps_what_it_may() -> None:
    """Core 1 (9): the whole, a cut with its length, or nothing but a digest."""
    headers = [(name, b"RejectedError" if "exception" in name else b"") for name in sorted(ADDED)]
    small = record(b"{half", ("trace", b"1"))
    kept = small._replace(headers=[*small.headers, *headers])
    assert is_kept(kept, small, "NOT_JSON")
    assert not is_kept(kept._replace(headers=headers), small, "NOT_JSON")

    huge = record(b"x" * 786_400, ("name", b"12345678"), key=b"k" * 13)  # one byte too many
    cut = huge._replace(value=b"x" * 524_288, headers=headers)
    assert is_kept(
        cut._replace(headers=[("cardcue.original_bytes", b"786433"), *headers]), huge, "TOO_LARGE"
    )
    assert not is_kept(cut, huge, "TOO_LARGE")
    assert is_kept(
        huge._replace(key=b"k" * 12, headers=[*huge.headers, *headers]),
        huge._replace(key=b"k" * 12),
        "TOO_LARGE",
    )


def test_catalogue_has_63_events_on_19_topics() -> None:
    """The table is whole: every event once, `history.ended` anywhere, no metal among currencies."""
    assert len(forms()) + 1 == 63
    assert len(source_topics()) == 19
    assert len(CURRENCIES) == 157
    assert {"CNY", "JPY", "USD"} < CURRENCIES
    assert not {"XAU", "XXX", "XTS"} & CURRENCIES
