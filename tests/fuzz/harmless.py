"""Make records that look odd and are well-formed: applied, or ignored for a reason of their own."""

import json
from collections.abc import Iterator
from typing import Final

from tests.fuzz.cases import (
    ANSWERS,
    APPLIED,
    CASES_A_CLASS,
    NAMED,
    TENANT,
    Case,
    Json,
    Pen,
    as_bytes,
    beside,
    case,
)


TEN_YEARS_MS: Final = 3_652 * 86_400_000
ODD_TEXTS: Final = (
    *(
        "{{name}}",
        "${jndi:x}",
        "【银行】",
        "https://a.example/?q=1&b=<c>",
        "'; drop table x;--",
        "😀👍",
    ),
    *(
        "../../etc/passwd",
        "<script>",
        "%s%n",
        "NULL",
        "0",
        "true",
        "-",
        "á",
        "ﷺ",
        "\N{FULLWIDTH LATIN CAPITAL LETTER A}",
        "√",
        "`id`",
    ),
)
ODD_VALUES: Final = (
    *(
        "null",
        "1e400",
        "9" * 5_000,
        "[[[]]]",
        '{"a":{"a":[]}}',
        '"\\u0000\\n"',
        '"\\u202e"',
        "-0",
        "1e-400",
    ),
    *(
        '"4111111111111112"',
        '"\\u0034111111111111111"',
        "[" + "1," * 9_000 + "1]",
        '"' + "x" * 60_000 + '"',
    ),
)
"""JSON for fields that nobody reads: of any size, with any character behind an escape."""


def odd_keys(pen: Pen) -> Iterator[Case]:
    """Upstream keys as it likes: no key, an empty one, a long one, another customer's, no text."""
    keys = (
        None,
        b"",
        b"x" * 257,
        b"x" * 30_000,
        b"bank-b|somebody else",
        b"\xff\0",
        "客户".encode(),
    )
    for number in range(CASES_A_CLASS):
        yield case(APPLIED, pen.plain(pen.any_type()), key=keys[number % len(keys)])


def odd_headers(pen: Pen) -> Iterator[Case]:
    """Headers that are not ours: a reply address, a forged tenant, no text, thousands, null."""
    odd: tuple[tuple[tuple[str, bytes | None], ...], ...] = (
        (("Faust-Ag-ReplyTo", b"attacker"), ("Faust-Ag-CorrelationId", b"1")),
        (("x-tenant", b"bank-b"), ("tenant", b"bank-b"), ("CE_TENANTID", b"bank-b")),
        (("x", b"\xff\xfe"), ("y", None), ("", b""), ("", b"")),
        (("überschrift", b"1"), ("标头", b"2"), ("a\nb", b"3")),
        (("cardcue.reason", b"NOT_JSON"), ("__streams.errors.offset", b"-1")),
        (("ce_tenantid", b"nobody"), ("content-type", b"text/plain")),
        (("content-type", b"application/json"), ("traceparent", b"00-" + b"a" * 32)),
    )
    for number in range(CASES_A_CLASS - 2):
        headers = (*odd[number % len(odd)], *NAMED)
        yield case(APPLIED, pen.plain(pen.any_type()), headers=headers)
    many = tuple((f"h{number}", b"x" * (number % 50)) for number in range(10_000))
    yield case(APPLIED, pen.plain("txn.posted"), headers=(*many, *NAMED))
    yield case(
        APPLIED, pen.plain("txn.posted"), headers=(*[("ce_tenantid", b"x")] * 10_000, *NAMED)
    )


def odd_texts(pen: Pen) -> Iterator[Case]:
    """Text that means something to others: templates, markup, paths, signs of other alphabets."""
    for number in range(CASES_A_CLASS):
        text = ODD_TEXTS[number % len(ODD_TEXTS)]
        field = ("txn_id", "mcc", "scene", "merchant_token")[number % 4]
        topic, body = pen.plain("txn.posted", id=f"{text} {number}", **{field: text})
        value = as_bytes(body) if number % 2 else json.dumps(body).encode()
        yield Case(APPLIED, topic, value, NAMED)


def unknown_fields(pen: Pen) -> Iterator[Case]:
    """Fields that nobody declares, of every kind: an event may grow before we do."""
    for number in range(CASES_A_CLASS):
        name = (
            "event_type" if number % 5 == 0 else f"x{number}"
        )  # our own tag is no field of theirs
        member = f'"{name}":{ODD_VALUES[number % len(ODD_VALUES)]}'.encode()
        topic, body = pen.plain(pen.any_type())
        yield Case(APPLIED, topic, beside(as_bytes(body), member), NAMED)


def repeated_keys(pen: Pen) -> Iterator[Case]:
    """A key said before, well or ill: the last counts."""
    before = (
        '"id":"x"',
        '"id":7',
        '"amount_minor":-1',
        '"amount_minor":"x"',
        '"currency":"XXX"',
        '"x":1',
    )
    for number in range(CASES_A_CLASS):
        topic, body = pen.plain("txn.posted")
        member = before[number % len(before)]
        said = ",".join([member] * (1 + number % 3 * 200)).encode()
        yield Case(APPLIED, topic, beside(as_bytes(body), said), NAMED)


def odd_spellings(pen: Pen) -> Iterator[Case]:
    """White space, escapes, other orders, every form and version 1: the same event."""
    for number in range(CASES_A_CLASS // 3):
        event_type = pen.any_type()
        topic, body = pen.plain(event_type, type=f"{event_type}.v1")
        spread = json.dumps(body, indent=number % 9 or "\t", sort_keys=True).encode()
        yield Case(APPLIED, topic, b"\r\n\t " + spread + b" \n", NAMED)
        topic, body = pen.plain(event_type)
        escaped = "".join(f"\\u{ord(one):04x}" for one in body["id"])
        value = as_bytes(body).replace(body["id"].encode(), escaped.encode())
        yield Case(APPLIED, topic, value.replace(b'"id"', b'"\\u0069d"'), NAMED)
        announced = (("content-type", b"application/cloudevents+json; charset=utf-8"), *NAMED)
        yield case(APPLIED, pen.cloud(event_type, tenantid=TENANT), headers=announced)


def repeats(pen: Pen) -> Iterator[Case]:
    """An event, and the same once more: ignored, whatever its form and its undeclared fields."""
    for number in range(CASES_A_CLASS):
        topic, body = pen.plain("card.issued")
        yield Case(APPLIED, topic, as_bytes(body), NAMED)
        again: Json = body | ({"x": number} if number % 2 else {})
        yield Case("DUPLICATE", topic, as_bytes(again), NAMED)


def conflicts(pen: Pen) -> Iterator[Case]:
    """
    An event, and its id once more with other content: ignored, and counted as what it is.

    One byte tells them apart (docs/core.md 3.2), so there are many others for each.
    """
    for number in range(CASES_A_CLASS):
        topic, body = pen.plain("risk.flagged", severity=f"{number}")
        yield Case(APPLIED, topic, as_bytes(body), NAMED)
        yield Case("ID_CONFLICT", topic, as_bytes(body | {"severity": f"other {number}"}), NAMED)


def unknown_triggers(pen: Pen) -> Iterator[Case]:
    """What a gateway says of a trigger that was never sent."""
    for number in range(CASES_A_CLASS):
        event_type = sorted(ANSWERS)[number % 3]
        yield case("UNKNOWN_TRIGGER", pen.plain(event_type, trigger_id=f"g-{number}"))


def very_late(pen: Pen) -> Iterator[Case]:
    """A purchase of ten years ago: too late to be counted."""
    for number in range(CASES_A_CLASS):
        told = pen.time(-TEN_YEARS_MS - number)
        yield case("LATE_FOR_COUNTERS", pen.plain("txn.posted", occurred_at=told))


CLASSES = {
    "odd keys": odd_keys,
    "odd headers": odd_headers,
    "odd texts": odd_texts,
    "unknown fields": unknown_fields,
    "repeated keys": repeated_keys,
    "odd spellings": odd_spellings,
    "repeats": repeats,
    "ids with other content": conflicts,
    "unknown triggers": unknown_triggers,
    "very late": very_late,
}
