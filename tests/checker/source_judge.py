"""
Say what ingest must make of a source record: forward it, or reject it for which reason.

Written from core.md §1 step by step; a record with several faults has the reason of the first
step that fails. An own reading: own list of cards, own depth count, own catalogue.
"""

import re
from typing import NamedTuple

import orjson

from tests.checker.card_numbers import holds_personal_number
from tests.checker.catalogue import ANYWHERE, ECHOING, OF_TENANTS, SHAPED, forms
from tests.checker.field_rules import field_faults, is_printable
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.source_forms import headers_of, read_form, to_ms


VALUE_BYTES_MAX = 65_536
DEPTH_MAX = 64
NAME_CHARACTERS_MAX = 256
FUTURE_MS = 600_000
YEARS_MS = range(7_289_654_400_000)  # 1970 to 2200
CUSTOMER = re.compile(r"[\x20-\x7b}~]{1,128}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
VERSIONED = re.compile(r"(.+)\.v(\d+)")
BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
FORWARD = "FORWARD"

Fates = frozenset[str]


class Tenants(NamedTuple):
    """The tenants that there are; `are_told` is False where they were only met in the journal."""

    names: frozenset[str]
    are_told: bool


def fates(record: LogRecord, contract: str, tenants: Tenants) -> Fates:
    """
    Return what may become of a source record: `FORWARD` or reasons to reject it.

    One, where the page leaves no choice: more where two faults stand in one step.
    """
    if early := _fate_of_bytes(record):
        return early
    try:
        headers = headers_of(record)
    except UnicodeDecodeError:
        return frozenset({"SCHEMA"})
    try:
        body, unread = orjson.loads(record.value or b""), frozenset[str]()
    except orjson.JSONDecodeError:
        # in headers a record may have another fault, which is met before or after this one
        body, unread = {}, frozenset({"NOT_JSON"})
        if "ce_type" not in headers:
            return unread
    said = read_form(headers, body, contract)
    if said is None:
        return frozenset({"SCHEMA"})
    return (unread | _fate_of_words(said, contract, record, tenants)) - (unread and {FORWARD})


def _fate_of_words(said: Facts, contract: str, record: LogRecord, tenants: Tenants) -> Fates:
    """The rest of step 1, and all that follow."""
    if faults := _faults_of_attributes(said):
        return faults
    found = _fate_of_type(said, contract) or _fate_by_tenant(said, record, tenants)
    is_missing = said["customer_token"] is None and _customers_kind(said)
    if is_missing or not said["occurred_at"]:
        # what may be missing is known by the type only, so it may be looked for before or after
        return (found | {"SCHEMA"}) - {FORWARD}
    return found


def _fate_by_tenant(said: Facts, record: LogRecord, tenants: Tenants) -> Fates:
    """Step 3 and what follows; how a topic is bound is known to the settings only."""
    named = {name for name in said["tenants"] if name}
    if len(named) > 1:
        return frozenset({"TENANT_MISMATCH"})
    if named & tenants.names:
        return _later_fates(said, record)
    unrouted = bare_type(said["event_type"]) in ECHOING and not named
    refused = frozenset({"TENANT_UNKNOWN", "NO_ROUTE"} if unrouted else {"TENANT_UNKNOWN"})
    if named and tenants.are_told:
        return refused | {"TENANT_MISMATCH"}  # which it is where the topic is bound to another
    # a tenant that was only not met may be known to the settings, or be named by a binding
    return refused | _later_fates(said, record)


def _later_fates(said: Facts, record: LogRecord) -> Fates:
    """Steps 4 to 6."""
    return (
        _fate_of_customer(said)
        or _fate_of_time(said, record)
        or _fate_of_fields(said)
        or frozenset({FORWARD})
    )


def depth(text: bytes) -> int:
    """Return how deep brackets are nested outside of strings."""
    if text.count(b"[") + text.count(b"{") <= DEPTH_MAX:
        return 0  # not deep enough to be looked at
    deepest = now = 0
    for found in BRACKET.findall(text):
        if found in b"[{":
            now += 1
            deepest = max(deepest, now)
        elif found in b"]}":
            now -= 1
    return deepest


def _fate_of_bytes(record: LogRecord) -> Fates:
    """Step 1 before the forms, and personal data."""
    texts = (record.key, record.value, *(value for _, value in record.headers))
    if any(holds_personal_number(text) for text in texts if text):
        return frozenset({"PII_FORBIDDEN"})
    if record.value is None:
        return frozenset({"TOMBSTONE_UNEXPECTED"})
    if len(record.value) > VALUE_BYTES_MAX:
        return frozenset({"TOO_LARGE"})
    if depth(record.value) > DEPTH_MAX:
        return frozenset({"TOO_DEEP"})
    return frozenset()


def _faults_of_attributes(said: Facts) -> Fates:
    """Return what is wrong in step 1: attributes missing or ill-typed, a version not ours."""
    named = (said["event_id"], said["event_source"], said["event_type"])
    others = (said["specversion"], said["customer_token"], *said["tenants"])
    texts = (*named, said["occurred_at"], *(one for one in others if one is not None))
    faults = set()
    if said["specversion"] not in (None, "1.0"):
        faults.add("UNSUPPORTED_VERSION" if isinstance(said["specversion"], str) else "SCHEMA")
    are_texts = all(isinstance(text, str) and is_printable(text) for text in texts)
    if not are_texts or not all(named) or max(map(len, named[:2])) > NAME_CHARACTERS_MAX:
        faults.add("SCHEMA")
    return frozenset(faults)


def _customers_kind(said: Facts) -> str:
    """Return the event's type where it concerns a customer, "" for others and unknown ones."""
    kind = bare_type(said["event_type"])
    return kind if kind in forms() and kind not in OF_TENANTS else ""


def bare_type(event_type: str) -> str:
    """Return a type without the version that is the same as none."""
    return event_type.removesuffix(".v1")


def _fate_of_type(said: Facts, contract: str) -> Fates:
    kind = bare_type(said["event_type"])
    if kind == ANYWHERE:
        return frozenset()
    if kind not in forms():
        version = VERSIONED.fullmatch(said["event_type"])
        return frozenset({"UNSUPPORTED_VERSION" if version else "UNKNOWN_TYPE"})
    return frozenset() if forms()[kind].topic == contract else frozenset({"WRONG_TOPIC"})


def _fate_of_customer(said: Facts) -> Fates:
    kind, token = _customers_kind(said), said["customer_token"]
    if not kind or (token is not None and CUSTOMER.fullmatch(token)):
        return frozenset()
    refused = "SCHEMA" if token is None else "BAD_CUSTOMER"
    return frozenset({refused, "NO_ROUTE"} if kind in ECHOING and not token else {refused})


def _fate_of_time(said: Facts, record: LogRecord) -> Fates:
    if not MOMENT.fullmatch(said["occurred_at"]):
        return frozenset({"BAD_TIME"})
    try:
        at = to_ms(said["occurred_at"])
    except ValueError:
        return frozenset({"BAD_TIME"})
    if at not in YEARS_MS:
        return frozenset({"BAD_TIME"})
    if record.timestamp > 0 and at > record.timestamp + FUTURE_MS:
        return frozenset({"FUTURE"})
    return frozenset()


def _fate_of_fields(said: Facts) -> Fates:
    kind = bare_type(said["event_type"])
    found = field_faults(kind, said["data"])
    is_object = isinstance(said["data"], dict)
    if kind in ECHOING and found and not (is_object and said["data"].get("trigger_id")):
        return found | {"NO_ROUTE"}
    if kind in SHAPED and not found:
        return _fate_of_shaped(kind, said)
    return found


def _fate_of_shaped(kind: str, said: Facts) -> Fates:
    """Return what may become of a policy or a calendar: its own shape is not judged here."""
    named = {name for name in said["tenants"] if name}
    is_campaign = kind == "policy.published"
    if is_campaign and named and said["data"]["campaign"].get("tenant") not in named:
        return frozenset({"TENANT_MISMATCH", "SCHEMA"})
    return frozenset({FORWARD, "SCHEMA"})
