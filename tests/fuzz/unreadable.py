"""Make what is no JSON, or more of it than anybody reads (docs/core.md 1, step 1)."""

import json
from collections.abc import Iterator

from tests.fuzz.cases import CASES_A_CLASS, NAMED, SEEDS, Case, Pen, as_bytes, beside


UNKNOWN = ""
"""Whose record it is: nobody can tell before it is read."""


def refused(reason: str, topic: str, value: bytes | None) -> Case:
    """Return a case that is refused before anybody knows whose it is."""
    return Case(reason, topic, value, headers=NAMED, tenant=UNKNOWN)


def good(pen: Pen) -> tuple[str, bytes]:
    """Return topic and bytes of any good event."""
    topic, body = pen.plain(pen.any_type())
    return topic, as_bytes(body)


def no_value(pen: Pen) -> Iterator[Case]:
    """A tombstone, with and without a key, under any headers, null and no text among them."""
    odd = (("x", None), ("x", b"\xff"), ("", b""), ("y", b"4111 1111 1111 1112"))
    for number in range(CASES_A_CLASS):
        topic, _ = good(pen)
        headers = (NAMED, (), tuple(pen.headers(pen.any_type()).items()), odd)[number % 4]
        key = (None, b"", b"k-%d" % number)[number % 3]
        yield Case("TOMBSTONE_UNEXPECTED", topic, None, headers, key, UNKNOWN)


def random_bytes(pen: Pen) -> Iterator[Case]:
    """Bytes by chance, and none at all, that are no JSON by the word of another library."""
    topics = sorted({topic for topic, _ in SEEDS.values()})
    yield refused("NOT_JSON", topics[0], b"")
    for _ in range(CASES_A_CLASS):
        value = pen.chance.randbytes(pen.chance.randint(2, 400))
        if not is_json(value):
            yield refused("NOT_JSON", pen.chance.choice(topics), value)


def is_json(value: bytes) -> bool:
    """Return whether Python's own parser reads it, which takes even more than JSON."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def other_encodings(pen: Pen) -> Iterator[Case]:
    """UTF-16, UTF-32, Latin-1, byte order marks, overlong forms, lone surrogates."""
    for _ in range(CASES_A_CLASS // 9 + 1):
        topic, value = good(pen)
        text = value.decode()
        broken = (
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xf8\x88\x80\x80\x80",
            b"\xff",
            b"\xe4\xba",
            b"\x80",
        )
        yield refused("NOT_JSON", topic, text.encode("utf-16"))
        yield refused("NOT_JSON", topic, text.encode("utf-32-le"))
        yield refused("NOT_JSON", topic, b"\xef\xbb\xbf" + value)
        yield refused("NOT_JSON", topic, text.replace("e-", "é-").encode("latin-1"))
        yield refused("NOT_JSON", topic, beside(value, b'"x":"%b"' % pen.chance.choice(broken)))
        yield refused("NOT_JSON", topic, value.replace(b"e-", pen.chance.choice(broken)))
        yield refused("NOT_JSON", topic, value.replace(b"e-", b"\\ud83d"))
        yield refused("NOT_JSON", topic, value.replace(b"e-", b"\\udc00\\ud800"))
        yield refused("NOT_JSON", topic, value + pen.chance.choice(broken))


def cut_short(pen: Pen) -> Iterator[Case]:
    """An object that ends before its end, and one that goes on after it."""
    for number in range(CASES_A_CLASS):
        topic, value = good(pen)
        if number % 6:
            yield refused("NOT_JSON", topic, value[: pen.chance.randrange(1, len(value))])
        else:
            yield refused(
                "NOT_JSON", topic, value + pen.chance.choice((b"}", b",", b"{}", b"0", b"\0"))
            )


WRONG_WORDS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"nan", b"undefined", b"None", b"True", b"'x'", b"01"),
    *(
        b"+1",
        b"1.",
        b".5",
        b"0x10",
        b"1_000",
        b"1e",
        b"--1",
        b'"\\x41"',
        b'"\\u12"',
        b'"\n"',
        b'"\0"',
    ),
    *(
        b"[1,]",
        b'{"a":1,}',
        b"{a:1}",
        b"[1 2]",
        b'{"a" 1}',
        b"[",
        b"]",
        b"}",
        b'"',
        b"/**/1",
        b"tru",
    ),
)


def wrong_words(pen: Pen) -> Iterator[Case]:
    """One word that JSON does not have, in a field that is read and in one that nobody reads."""
    for number in range(CASES_A_CLASS):
        topic, value = good(pen)
        word = WRONG_WORDS[number % len(WRONG_WORDS)]
        yield refused("NOT_JSON", topic, beside(value, b'"x":' + word))
        if number % 2:
            spend, body = pen.plain("txn.posted")
            yield refused("NOT_JSON", spend, as_bytes(body).replace(b"1999", word))


def too_deep(pen: Pen) -> Iterator[Case]:
    """From 65 levels to as many as fit, closed or not, in every form and place."""
    for number in range(CASES_A_CLASS):
        depth = (65, 66, 100, 900, 1_100, 5_000)[number % 6]
        opening = (b"[", b'{"a":', b'[{"a":')[number % 3]
        closing = (b"]", b"}", b"}]")[number % 3]
        nested = opening * depth + b"1" + (closing * depth if number % 4 else b"")
        topic, value = good(pen)
        yield refused(
            "TOO_DEEP", topic, nested if number % 5 == 0 else beside(value, b'"x":' + nested)
        )
    for number in range(CASES_A_CLASS // 8):
        event_type = pen.any_type()
        topic, event = pen.cloud(event_type)
        nested = b"[" * (64 + number) + b"]" * (64 + number)
        deep = as_bytes(event).replace(b'"data":{', b'"data":{"x":' + nested + b",")
        yield refused("TOO_DEEP", topic, deep)
        headers = tuple(pen.headers(event_type).items())
        content = beside(as_bytes(SEEDS[event_type][1]), b'"x":' + nested)
        yield Case("TOO_DEEP", topic, content, headers, tenant=UNKNOWN)


def too_large(pen: Pen) -> Iterator[Case]:
    """One byte too many, a hundred thousand, nearly a megabyte; JSON or not."""
    for number in range(CASES_A_CLASS - 4):
        topic, value = good(pen)
        size = (65_537, 65_538, 70_000, 100_000)[number % 4]
        filling = b'"x":"' + b"y" * (size - len(value) - 7) + b'"'
        yield refused(
            "TOO_LARGE", topic, beside(value, filling) if number % 3 else value.ljust(size)
        )
    topic, value = good(pen)
    for dear in (b'"x":[' + b"1," * 440_000 + b"1]", b'"x":"' + b"y" * 900_000 + b'"'):
        yield refused("TOO_LARGE", topic, beside(value, dear))
    yield refused("TOO_LARGE", topic, b"[" * 900_000)
    yield refused("PII_FORBIDDEN", topic, b"4111111111111111 " * 4_000)


CLASSES = {
    "no value": no_value,
    "random bytes": random_bytes,
    "other encodings": other_encodings,
    "cut short": cut_short,
    "words that JSON has not": wrong_words,
    "too deep": too_deep,
    "too large": too_large,
}
