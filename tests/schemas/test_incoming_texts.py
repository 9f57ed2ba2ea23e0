"""How deep JSON may nest, and which characters a text may have (docs/core.md 1, step 1)."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.incoming import SourceReader
from schemas.legible import require_shallow
from schemas.rejects import RejectedError
from tests.builders_source import bound, json_bytes, purchase, source_record
from tests.schemas.refusals import binary, structured


PLAIN = json_bytes(purchase())


def outcome(value: bytes, **headers: bytes) -> str:
    """Return the reason of the refusal, "" where the record is accepted."""
    record = source_record(value, headers=tuple(headers.items()))
    try:
        SourceReader(bound(), ["bank-a"]).read(record)
    except RejectedError as refusal:
        return refusal.reason
    return ""


def beside(nested: bytes) -> bytes:
    """Return a purchase with a field that nobody reads."""
    return PLAIN.replace(b"{", b'{"x":' + nested + b",", 1)


NESTED: dict[str, Callable[[int], bytes]] = {
    "arrays": lambda depth: b"[" * depth + b"]" * depth,
    "objects": lambda depth: b'{"a":' * depth + b"1" + b"}" * depth,
    "both": lambda depth: (
        b"[" * (depth % 2)
        + b'[{"a":' * (depth // 2)
        + b"1"
        + b"}]" * (depth // 2)
        + b"]" * (depth % 2)
    ),
    "after others": lambda depth: b"[" + b"[]," * 900 + b"[" * (depth - 1) + b"]" * depth,
    "beside strings": lambda depth: b'["]",' * depth + b'"\\\\"' + b"]" * depth,
}


@pytest.mark.parametrize("form", NESTED)
def test_incoming_nesting_up_to_64_is_read(form: str) -> None:
    """TOO_DEEP from 65 on; the record itself is the first level."""
    assert outcome(beside(NESTED[form](63))) == ""
    assert outcome(beside(NESTED[form](64))) == "TOO_DEEP"


@pytest.mark.parametrize("depth", [65, 200, 990, 1_000, 10_000, 32_000])
def test_incoming_nesting_does_not_depend_on_the_stack(depth: int) -> None:
    """TOO_DEEP however deep, however much of the interpreter's stack is in use."""

    def from_deeper(frames: int) -> str:
        if frames:
            return from_deeper(frames - 1)
        return outcome(beside(b"[" * depth + b"]" * depth))

    assert from_deeper(0) == "TOO_DEEP"
    assert from_deeper(sys.getrecursionlimit() // 2) == "TOO_DEEP"


@pytest.mark.parametrize("value", [b"[" * 60_000, b'{"a":' * 65, b"{" * 65, b"[" * 65 + b"}" * 65])
def test_incoming_nesting_is_counted_before_anything_is_parsed(value: bytes) -> None:
    """TOO_DEEP, also where what is too deep is no JSON in the end."""
    assert outcome(value) == "TOO_DEEP"


def test_incoming_brackets_in_strings_do_not_nest() -> None:
    """Counted outside of strings: escaped quotes do not end one, and one may not end at all."""
    for text in (b"[" * 9_000, b'\\"' + b"{" * 200, b'\\\\\\"' + b"[" * 200, b'[\\"' * 3_000):
        assert outcome(beside(b'"' + text + b'"')) == ""
    assert outcome(beside(b'"\\\\"') + b"[" * 200) == "TOO_DEEP"  # the string ended before them
    assert outcome(b'"' + b"[" * 200) == "NOT_JSON"
    assert outcome(b'"' + b"[" * 200 + b"\\") == "NOT_JSON"


@given(st.text('[]{}"\\a,', max_size=400).map(lambda text: "[" * 40 + text))
def test_incoming_depth_agrees_with_a_walk_over_the_characters(text: str) -> None:
    """The depth is what a reader counts who walks over the characters one by one."""
    depth = deepest = 0
    inside = escaped = False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            inside = True
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(character, 0)
            deepest = max(deepest, depth)
    try:
        require_shallow(text.encode())
        found = ""
    except RejectedError as refusal:
        found = refusal.reason
    assert found == ("TOO_DEEP" if deepest > 64 else "")


UNPRINTABLE = {
    "null": "\0",
    "line break": "\n",
    "escape": "\x1b",
    "DEL": "\x7f",
    "next line": "\x85",
    "no-break space": "\xa0",
    "zero width joiner": "\u200d",
    "right-to-left override": "\u202e",
    "line separator": "\u2028",
    "ideographic space": "\u3000",
    "byte order mark": "\ufeff",
    "private use": "\ue000",
    "tag": "\U000e0041",
}
PRINTABLE = ("交易", "é", "😀", "{{x}}", "${x}", "【】", "https://a.example/?b=1", "<b>", "؟", "`")


@pytest.mark.parametrize("character", UNPRINTABLE.values(), ids=UNPRINTABLE)
@pytest.mark.parametrize("field", ["id", "type", "occurred_at", "customer_token", "tenant", "mcc"])
def test_incoming_unprintable_text_is_schema(field: str, character: str) -> None:
    """SCHEMA, in each attribute and in own fields, raw or behind an escape."""
    body = purchase(tenant="bank-a", mcc="5411")
    body[field] += character
    escaped = json_bytes(body)
    assert outcome(escaped) == "SCHEMA"
    numbers = character.encode("utf-16-be").hex()
    written = "".join(f"\\u{numbers[at : at + 4]}" for at in range(0, len(numbers), 4))
    ascii_only = escaped.decode().replace(character, written).encode()
    assert outcome(ascii_only) == "SCHEMA"


@pytest.mark.parametrize("character", UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_incoming_unprintable_attribute_of_a_cloud_event_is_schema(character: str) -> None:
    """SCHEMA: in structured form, and in headers, where there are no escapes."""
    for name in ("id", "source", "type", "time", "subject"):
        told = structured()[name] + character
        assert outcome(json_bytes(structured(**{name: told}))) == "SCHEMA"
    content = json_bytes(structured()["data"])
    assert outcome(content, **binary()) == ""
    for name in ("ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_tenantid"):
        told = {"ce_tenantid": b"bank-a", **binary()}[name] + character.encode()
        assert outcome(content, **binary(**{name: told})) == "SCHEMA"


@pytest.mark.parametrize("text", PRINTABLE)
def test_incoming_odd_text_that_can_be_shown_is_accepted(text: str) -> None:
    """What a text means to others is no matter here: it is never more than a text."""
    assert outcome(json_bytes(purchase(mcc=text, id=text))) == ""


def test_incoming_unprintable_text_that_nobody_reads_is_accepted() -> None:
    """Only attributes and declared fields are texts of ours."""
    for character in UNPRINTABLE.values():
        assert outcome(json_bytes(purchase(note=character, **{f"x{character}": 1}))) == ""


def test_incoming_unprintable_field_is_named_without_its_text() -> None:
    """A refusal says where, and quotes nothing."""
    record = source_record(purchase(mcc="54\u202e11"))
    with pytest.raises(RejectedError) as caught:
        SourceReader(bound(), ["bank-a"]).read(record)
    assert str(caught.value) == "wanted printable text at $.mcc, found another"


@given(st.text(max_size=8))
def test_incoming_text_is_accepted_exactly_if_it_can_be_shown(text: str) -> None:
    """Printable: neither of category C nor Z, but for the blank (Python's `str.isprintable`)."""
    shown = all(one == " " or unicodedata.category(one)[0] not in "CZ" for one in text)
    assert outcome(json_bytes(purchase(merchant_token=text))) == ("" if shown else "SCHEMA")
