"""Read source records in the three forms, and say what became of them: for tests of ingest."""

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.incoming import SourceReader
from schemas.rejects import RejectedError
from schemas.routing import SourceBinding
from tests.builders_source import bound, source_record


Body = Mapping[str, Any] | bytes | None


def refused(body: Body, binding: SourceBinding | None = None, **headers: bytes) -> RejectedError:
    """Return the refusal of a record; fails where it is accepted."""
    under = binding or bound()
    record = source_record(body, at=(under.topic, 0, 0), headers=tuple(headers.items()))
    with pytest.raises(RejectedError) as caught:
        SourceReader(under, ["bank-a", "bank-b"]).read(record)
    return caught.value


def accepted_tenant(body: Body, binding: SourceBinding, **headers: bytes) -> str:
    """Return whose record it was."""
    record = source_record(body, at=(binding.topic, 0, 0), headers=tuple(headers.items()))
    return SourceReader(binding, ["bank-a", "bank-b"]).read(record).tenant


def binary(**changed: bytes | None) -> dict[str, bytes]:
    """Return the headers of a purchase in binary mode; None takes one out."""
    headers: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": b"e-1",
        "ce_source": b"/core",
        "ce_type": b"txn.posted.v1",
        "ce_time": b"2026-03-02T09:15:00Z",
        "ce_subject": b"c-1",
    }
    return {name: raw for name, raw in (headers | changed).items() if raw is not None}


def structured(**changed: object) -> dict[str, Any]:
    """Return a purchase in structured mode; `...` takes a member out."""
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/core",
        "type": "txn.posted",
        "time": "2026-03-02T09:15:00Z",
        "subject": "c-1",
        "data": {"txn_id": "t", "card_token": "k", "amount_minor": 1, "currency": "CNY"},
    }
    return {name: value for name, value in (event | changed).items() if value is not ...}
