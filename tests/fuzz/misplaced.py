"""Make events of the wrong type, bank, customer and time (docs/core.md 1, steps 2 to 6)."""

from collections.abc import Iterator
from typing import Any, Final

from tests.fuzz.cases import (
    ANSWERS,
    CASES_A_CLASS,
    NAMED,
    OTHER_TENANT,
    SEEDS,
    TENANT,
    Case,
    Pen,
    as_bytes,
    case,
)


DAY_MS: Final = 86_400_000
UNKNOWN_TYPES: Final = (
    *("x", "txn", "txn.", "txn.imagined", "TXN.POSTED", "Txn.Posted", " txn.posted", "txn.posted "),
    *(
        "tick",
        "txn.posted.v",
        "txn.posted.1",
        "txn.posted.vx",
        "交易",
        "{{type}}",
        "a" * 5_000,
        "null",
    ),
    *("policy", "decision", "txn.posted/v1", "txn.posted.v1.v1", "..", "trigger.requested"),
)
WRONG_TIMES: Final = (
    *("now", "0", "-1", "1772442900", "1772442900000", "2026-03-02", "2026-03-02T09:15Z"),
    *("2026-03-02T09:15:00", "2026-03-02T09:15:00.123", "2026-03-02T09:15:00+0800"),
    *(
        "2026-03-02T25:15:00Z",
        "2026-03-02T09:61:00Z",
        "2026-03-02T09:15:61Z",
        "2026-02-29T00:00:00Z",
    ),
    *("2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "02.03.2026 09:15", "20260302T091500Z"),
    *(
        "2026-W10-1T09:15:00Z",
        "\N{FULLWIDTH DIGIT TWO}026-03-02T09:15:00Z",
        "2026-03-02T09:15:00 CST",
        "yesterday",
    ),
    *("1969-12-31T23:59:59Z", "1900-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z"),
    *("2201-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2300-01-01T00:00:00-05:00", "9" * 3_000),
)
WRONG_CUSTOMERS: Final = (
    *(
        "a|b",
        "|",
        "bank-a|c",
        "c" * 129,
        "c" * 20_000,
        "客户",
        "é",
        "c\N{EMOJI MODIFIER FITZPATRICK TYPE-3}",
    ),
    *("c\N{LATIN SMALL LETTER SHARP S}", "—", "c\N{RIGHT SINGLE QUOTATION MARK}", "Ω", "½"),
)
NO_TENANTS: Final = (
    "BANK-A",
    "bank-c",
    "bank-a ",
    "*",
    "-",
    "bank",
    "null",
    "a" * 3_000,
    "银行",
    "../bank-a",
)


def unknown_types(pen: Pen) -> Iterator[Case]:
    """A type that nobody has declared, in any form."""
    for number in range(CASES_A_CLASS):
        told = UNKNOWN_TYPES[number % len(UNKNOWN_TYPES)]
        written = pen.cloud if number % 2 else pen.plain
        yield case("UNKNOWN_TYPE", written(pen.any_type(), type=told), tenant="")


def other_versions(pen: Pen) -> Iterator[Case]:
    """Another version of an event, or of CloudEvents itself."""
    for number in range(CASES_A_CLASS // 3):
        event_type = pen.any_type()
        version = ("v2", "v0", "v99", "v10", "v02")[number % 5]
        told = f"{(event_type, 'txn.imagined')[number % 2]}.{version}"
        yield case("UNSUPPORTED_VERSION", pen.plain(event_type, type=told), tenant="")
        specversion = ("0.3", "1", "1.1", "2.0", "v1.0", " 1.0", "x" * 200, "一")[number % 8]
        yield case("UNSUPPORTED_VERSION", pen.cloud(event_type, specversion=specversion), tenant="")
        headers = pen.headers(event_type, ce_specversion=specversion.encode())
        topic, own = SEEDS[event_type]
        yield Case("UNSUPPORTED_VERSION", topic, as_bytes(own), tuple(headers.items()), tenant="")


def other_topics(pen: Pen) -> Iterator[Case]:
    """An event that another topic carries."""
    topics = sorted({topic for topic, _ in (SEEDS | ANSWERS).values()})
    for number in range(CASES_A_CLASS):
        right, body = (pen.cloud if number % 2 else pen.plain)(pen.any_type())
        wrong = pen.chance.choice([topic for topic in topics if topic != right])
        yield Case("WRONG_TOPIC", wrong, as_bytes(body), NAMED, tenant="")


def no_tenants(pen: Pen) -> Iterator[Case]:
    """A bank that there is not, or none, wherever it may be named."""
    for number in range(CASES_A_CLASS // 4):
        event_type = pen.any_type()
        told = NO_TENANTS[number % len(NO_TENANTS)]
        yield case("TENANT_UNKNOWN", pen.plain(event_type, tenant=told), headers=(), tenant="")
        yield case("TENANT_UNKNOWN", pen.cloud(event_type, tenantid=told), headers=(), tenant="")
        left: Any = (..., "", None)[number % 3]
        yield case("TENANT_UNKNOWN", pen.plain(event_type, tenant=left), headers=(), tenant="")
        named = (told.encode(), b"", None)[number % 3]
        headers = tuple(pen.headers(event_type, ce_tenantid=named).items())
        topic, own = SEEDS[event_type]
        yield Case("TENANT_UNKNOWN", topic, as_bytes(own), headers, tenant="")


def two_tenants(pen: Pen) -> Iterator[Case]:
    """One bank in the header and another in the body, known or not; of two headers the last."""
    for number in range(CASES_A_CLASS // 2):
        event_type = pen.any_type()
        other = (OTHER_TENANT, "nobody", "BANK-A")[number % 3]
        named = (("ce_tenantid", other.encode()), *NAMED) if number % 2 else NAMED
        yield case("TENANT_MISMATCH", pen.plain(event_type, tenant=other), headers=named, tenant="")
        named = (("ce_tenantid", other.encode()),)
        written = pen.cloud(event_type, tenantid=TENANT)
        yield case("TENANT_MISMATCH", written, headers=named, tenant="")


def wrong_customers(pen: Pen) -> Iterator[Case]:
    """A customer whose token is too long, or has another character than it may have."""
    for number in range(CASES_A_CLASS // 3):
        event_type = pen.any_type()
        token = WRONG_CUSTOMERS[number % len(WRONG_CUSTOMERS)]
        yield case("BAD_CUSTOMER", pen.plain(event_type, customer_token=token))
        yield case("BAD_CUSTOMER", pen.cloud(event_type, subject=token if number % 4 else ""))
        headers = tuple(pen.headers(event_type, ce_subject=token.encode()).items())
        topic, own = SEEDS[event_type]
        yield Case("BAD_CUSTOMER", topic, as_bytes(own), headers)


def no_way_back(pen: Pen) -> Iterator[Case]:
    """What a gateway says without the bank, the customer or the trigger that it is about."""
    for number in range(CASES_A_CLASS // 3):
        event_type = sorted(ANSWERS)[number % 3]
        left: Any = (..., "", None)[number // 3 % 3]
        yield case("NO_ROUTE", pen.plain(event_type, tenant=left), headers=(), tenant="")
        yield case("NO_ROUTE", pen.plain(event_type, customer_token=left))
        topic, own = ANSWERS[event_type]
        rest = {name: value for name, value in own.items() if name != "trigger_id"}
        own = rest if left is ... else rest | {"trigger_id": left}
        headers = tuple(pen.headers(event_type).items())
        yield Case("NO_ROUTE", topic, as_bytes(own), headers)


def wrong_times(pen: Pen) -> Iterator[Case]:
    """A text that is no time with an offset, or a year before 1970 or after 2200."""
    for number in range(CASES_A_CLASS // 2):
        event_type = pen.any_type()
        told = WRONG_TIMES[number % len(WRONG_TIMES)]
        yield case("BAD_TIME", pen.plain(event_type, occurred_at=told))
        headers = tuple(pen.headers(event_type, ce_time=told.encode()).items())
        topic, own = SEEDS[event_type]
        yield Case("BAD_TIME", topic, as_bytes(own), headers)


def future(pen: Pen) -> Iterator[Case]:
    """More than ten minutes ahead of when the broker has it: an hour, a year, in another zone."""
    for number in range(CASES_A_CLASS // 2):
        event_type = pen.any_type()
        ahead_ms = pen.chance.choice((3_600_000, 7_200_000, DAY_MS, 400 * DAY_MS, 30_000 * DAY_MS))
        told = pen.time(ahead_ms + number)
        told = told.replace("Z", ("Z", "+00:00", "-00:00", "123Z")[number % 4])
        yield case("FUTURE", pen.plain(event_type, occurred_at=told))
        yield case("FUTURE", pen.cloud(event_type, time=told.lower() if number % 2 else told))


CLASSES = {
    "unknown types": unknown_types,
    "other versions": other_versions,
    "other topics": other_topics,
    "no tenant of ours": no_tenants,
    "two tenants": two_tenants,
    "wrong customers": wrong_customers,
    "no way back": no_way_back,
    "wrong times": wrong_times,
    "the future": future,
}
