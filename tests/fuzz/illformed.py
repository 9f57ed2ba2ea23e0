"""Make JSON that is no event: parts missing, ill-typed, out of bounds (docs/core.md 1, step 1)."""

from collections.abc import Iterator
from typing import Any, Final

from tests.fuzz.cases import CASES_A_CLASS, MONEY, NAMED, SEEDS, Case, Pen, as_bytes, beside, case
from tests.fuzz.unreadable import refused


SPOILT: Final = ("", None, 7, -1.5, True, [], ["x"], {}, {"a": "b"}, "x" * 129)
"""Values of every JSON type, and texts that are too short and too long for a token."""

TOKENS: Final = {
    "txn.posted": "txn_id",
    "card.issued": "card_token",
    "statement.issued": "statement_id",
    "consent.changed": "purpose",
    "risk.flagged": "flag_id",
}
"""A field of each that is a token: 1 to 128 characters."""

LISTED: Final = {
    "card.issued": "issue_type",
    "wallet.bound": "wallet",
    "limit.changed": "kind",
    "consent.changed": "status",
    "risk.flagged": "flag_class",
}
"""A field of each that must be one of a list of words."""

UNPRINTABLE: Final = (
    *("\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "\u061c", "\u200b", "\u200d"),
    *("\u200e", "\u2028", "\u202e", "\u2066", "\u3000", "\ufeff", "\ufff9", "\ue000", "\U000e0001"),
)


def no_object(pen: Pen) -> Iterator[Case]:
    """JSON, but no object: as a record, and as the content of a CloudEvent."""
    values = (
        b"null",
        b"true",
        b"0",
        b"-1.5e3",
        b'""',
        b'"{}"',
        b"[]",
        b'[{"id":"e"}]',
        b" 7 ",
        b"[[]]",
    )
    for number in range(CASES_A_CLASS):
        value = values[number % len(values)]
        event_type = pen.any_type()
        topic, event = pen.cloud(event_type)
        if number % 3 == 0:
            yield refused("SCHEMA", topic, value)
        elif number % 3 == 1:
            yield Case("SCHEMA", topic, value, tuple(pen.headers(event_type).items()))
        else:
            said = as_bytes(event | {"data": 0}).replace(b'"data":0', b'"data":' + value)
            yield Case("SCHEMA", topic, said, NAMED)


def attributes_missing(pen: Pen) -> Iterator[Case]:
    """Without one of the attributes that every event has, left out or empty, in every form."""
    for number in range(CASES_A_CLASS // 3):
        left: Any = ... if number % 2 else ""
        event_type = pen.any_type()
        plain = ("id", "type", "occurred_at")[number % 3]
        yield case("SCHEMA", pen.plain(event_type, **{plain: left}), tenant="")
        cloud = ("id", "source", "type", "time")[number % 4]
        yield case("SCHEMA", pen.cloud(event_type, **{cloud: left}), tenant="")
        header = ("ce_id", "ce_source", "ce_time")[number % 3]
        headers = pen.headers(event_type, **{header: None if number % 2 else b""})
        topic, own = SEEDS[event_type]
        yield Case("SCHEMA", topic, as_bytes(own), tuple(headers.items()), tenant="")


def attributes_ill_typed(pen: Pen) -> Iterator[Case]:
    """An attribute that is no text, too long, or no UTF-8 in a header."""
    for number in range(CASES_A_CLASS // 3):
        event_type = pen.any_type()
        spoilt = SPOILT[2 + number % 7]
        plain = ("id", "type", "occurred_at", "customer_token", "tenant")[number % 5]
        yield case("SCHEMA", pen.plain(event_type, **{plain: spoilt}), tenant="")
        cloud = ("id", "source", "type", "time", "subject", "tenantid")[number % 6]
        yield case("SCHEMA", pen.cloud(event_type, **{cloud: spoilt}), tenant="")
        topic, own = SEEDS[event_type]
        if number % 2:
            broken = {("ce_id", "ce_source", "ce_time", "ce_tenantid")[number % 4]: b"a\xff"}
        else:
            broken = {("ce_id", "ce_source")[number // 2 % 2]: b"x" * (257 + number)}
        headers = tuple(pen.headers(event_type, **broken).items())
        yield Case("SCHEMA", topic, as_bytes(own), headers, tenant="")


def customer_missing(pen: Pen) -> Iterator[Case]:
    """An event about a customer that says nothing about which: left out, or null."""
    for number in range(CASES_A_CLASS // 3):
        left: Any = ... if number % 2 else None
        event_type = pen.any_type()
        yield case("SCHEMA", pen.plain(event_type, customer_token=left))
        yield case("SCHEMA", pen.cloud(event_type, subject=left))
        topic, own = SEEDS[event_type]
        headers = tuple(pen.headers(event_type, ce_subject=None).items())
        yield Case("SCHEMA", topic, as_bytes(own), headers)


def in_forms(pen: Pen, event_type: str, own: dict[str, Any], reason: str) -> Iterator[Case]:
    """Yield an event with these own fields in one form, each in its turn."""
    topic, _ = SEEDS[event_type]
    form = pen.chance.randrange(3)
    if form == 0:
        _, body = pen.plain(event_type)
        attributes = {name: body[name] for name in ("id", "type", "occurred_at", "customer_token")}
        yield Case(reason, topic, as_bytes(attributes | own), NAMED)
    elif form == 1:
        yield case(reason, pen.cloud(event_type, data=own))
    else:
        yield Case(reason, topic, as_bytes(own), tuple(pen.headers(event_type).items()))


def fields_missing(pen: Pen) -> Iterator[Case]:
    """Without one of the fields that the event must have."""
    optional = {"product_code", "issue_type", "entry_channel", "wallet", "kind"}
    for _ in range(CASES_A_CLASS):
        event_type = pen.any_type()
        own = dict(SEEDS[event_type][1])
        del own[pen.chance.choice(sorted(own.keys() - optional))]
        yield from in_forms(pen, event_type, own, "SCHEMA")


def fields_ill_typed(pen: Pen) -> Iterator[Case]:
    """A field of another JSON type: true for 1, "12" for 12, null, a list of what was wanted."""
    for _ in range(CASES_A_CLASS):
        event_type = pen.any_type()
        own = dict(SEEDS[event_type][1])
        field = pen.chance.choice(sorted(own))
        right = own[field]
        others: list[Any] = [None, [right], {field: right}]
        if isinstance(right, str):
            others += [12, True, 0.5]
        elif isinstance(right, bool):
            others += [1, 0, "true"]
        else:
            others += [True, str(right), ""]
        own[field] = pen.chance.choice(others)
        yield from in_forms(pen, event_type, own, "SCHEMA")


def fields_out_of_bounds(pen: Pen) -> Iterator[Case]:
    """A token too long or empty, a word out of its list, a date that is none, a count too great."""
    for _ in range(CASES_A_CLASS // 4 + 1):
        event_type = pen.chance.choice(sorted(TOKENS))
        too_long = pen.chance.choice(("", "x" * 129, "易" * 200, "y" * 20_000))
        own = SEEDS[event_type][1] | {TOKENS[event_type]: too_long}
        yield from in_forms(pen, event_type, own, "SCHEMA")
        event_type = pen.chance.choice(sorted(LISTED))
        word = pen.chance.choice(("NEW", "other thing", "granted ", "x"))
        own = SEEDS[event_type][1] | {LISTED[event_type]: word}
        yield from in_forms(pen, event_type, own, "SCHEMA")
        day = pen.chance.choice(("2026-02-30", "2026-13-01", "01.04.2026", "", "2026-4-1"))
        own = SEEDS["statement.issued"][1] | {"due_date": day}
        yield from in_forms(pen, "statement.issued", own, "SCHEMA")
        count = pen.chance.choice((-1, 10**9 + 1, 2**40))
        own = SEEDS["instalment.created"][1] | {"term_count": count}
        yield from in_forms(pen, "instalment.created", own, "SCHEMA")


def not_confirmed(pen: Pen) -> Iterator[Case]:
    """A plan in instalments that the customer did not confirm."""
    for number in range(CASES_A_CLASS):
        own = SEEDS["instalment.created"][1] | {
            "confirmed_by_customer": False,
            "plan_id": f"p{number}",
        }
        yield from in_forms(pen, "instalment.created", own, "SCHEMA")


def unprintable_attributes(pen: Pen) -> Iterator[Case]:
    """A control, format or other unprintable character in an attribute, raw or escaped."""
    for number in range(CASES_A_CLASS // 3):
        character = UNPRINTABLE[number % len(UNPRINTABLE)]
        event_type = pen.any_type()
        name = ("id", "type", "occurred_at", "customer_token")[number % 4]
        topic, body = pen.plain(event_type)
        body[name] += character
        value = as_bytes(body) if number % 2 else escaped(body)
        yield Case("SCHEMA", topic, value, NAMED, tenant="")
        name = ("id", "source", "type", "time", "subject")[number % 5]
        topic, event = pen.cloud(event_type)
        event[name] = character + event[name]
        yield Case("SCHEMA", topic, as_bytes(event), NAMED, tenant="")
        name = ("ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_tenantid")[number % 6]
        headers = pen.headers(event_type)
        headers[name] += character.encode()
        own = as_bytes(SEEDS[event_type][1])
        yield Case("SCHEMA", topic, own, tuple(headers.items()), tenant="")


def unprintable_fields(pen: Pen) -> Iterator[Case]:
    """Such a character in a field of the event's own: line breaks, overrides, joiners."""
    for number in range(CASES_A_CLASS):
        character = UNPRINTABLE[number % len(UNPRINTABLE)]
        event_type = sorted(TOKENS)[number % len(TOKENS)]
        field = TOKENS[event_type]
        topic, body = pen.plain(event_type, **{field: f"a{character}b"})
        yield Case("SCHEMA", topic, as_bytes(body) if number % 2 else escaped(body), NAMED)


def escaped(body: dict[str, Any]) -> bytes:
    """Return JSON with nothing beyond ASCII, and DEL behind an escape, too."""
    value = as_bytes(body).decode().replace("\x7f", "\\u007f")
    return "".join(one if ord(one) < 128 else as_escapes(one) for one in value).encode()


def as_escapes(character: str) -> str:
    """Return a character as one or two escapes of JSON."""
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def tag_and_fault(pen: Pen) -> Iterator[Case]:
    """A field named as our tag, of any type, is a field that nobody declares: the fault is seen."""
    for number in range(CASES_A_CLASS):
        event_type = pen.chance.choice(sorted(MONEY))
        tag = ('"x"', "5", "null", "{}", '"card.issued"', "1e400")[number % 6]
        topic, body = pen.plain(event_type, card_token=pen.chance.choice((7, None, "", [])))
        yield Case("SCHEMA", topic, beside(as_bytes(body), f'"event_type":{tag}'.encode()), NAMED)


CLASSES = {
    "no object": no_object,
    "attributes missing": attributes_missing,
    "attributes ill-typed": attributes_ill_typed,
    "customer missing": customer_missing,
    "fields missing": fields_missing,
    "fields ill-typed": fields_ill_typed,
    "fields out of bounds": fields_out_of_bounds,
    "plan not confirmed": not_confirmed,
    "unprintable attributes": unprintable_attributes,
    "unprintable fields": unprintable_fields,
    "our tag, and a fault": tag_and_fault,
}
