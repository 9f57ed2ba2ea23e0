"""
Bytes that we wrote once are written again, and read as what they meant (B3).

The golden files are the oracle, written by hand; the structs beside them are the worked examples
of `schemas.examples`, or spelled out here.
"""

import hashlib
import zlib
from collections.abc import Callable
from uuid import UUID

import pytest
from msgspec import Struct

from schemas import codec
from schemas.content import content_hash
from schemas.examples import (
    CAMPAIGN,
    CANCELLED,
    DECISION,
    EXPOSURE,
    GRANT,
    MOVED,
    OUTCOME,
    PROGRESS,
    SNAPSHOT,
    TOLD,
    TRIGGER,
)
from schemas.examples_learnt import OBSERVED
from schemas.examples_outcomes import FOLLOWED, OBJECTED, SETTLED
from schemas.forms import (
    journaled,
    journaled_choice,
    journaled_segments,
    journaled_snapshot,
    journaled_tick,
    journaled_tripped,
)
from schemas.routing import ROUTES
from schemas.state import (
    CustomerRow,
)
from schemas.state_source import ClockRow, SourceRow
from schemas.state_tenant import OfferRow, TemplateRow
from schemas.story import OFFER, TEMPLATE
from tests.schemas.golden import golden_lines, golden_row
from tests.schemas.golden_customer import CUSTOMER
from tests.schemas.golden_tenant import TENANT


# An end of history goes no further than ingest: no journal record is ever made of it.
JOURNALED = [route.event_type for route in ROUTES if route.concerns != "partition"]
ENVELOPES = [
    *map(journaled, JOURNALED),
    journaled_tick(),
    journaled_snapshot(),
    journaled_tripped(),
    journaled_choice(),
    journaled_segments(),
]

RECORDS: dict[str, tuple[Struct, Callable[[bytes], Struct]]] = {
    "progress": (PROGRESS, codec.decode_progress),
    "trigger": (TRIGGER, codec.decode_trigger),
    "decision": (DECISION, codec.decode_decision),
    "cancellation": (CANCELLED, codec.decode_cancellation),
    "exposure": (EXPOSURE, codec.decode_exposure),
    "outcome": (OUTCOME, codec.decode_outcome),
    "grant": (GRANT, codec.decode_grant),
    "told": (TOLD, codec.decode_told),
    "settled": (SETTLED, codec.decode_settled),
    "followed": (FOLLOWED, codec.decode_followed),
    "objected": (OBJECTED, codec.decode_objected),
    "moved": (MOVED, codec.decode_moved),
    "observed": (OBSERVED, codec.decode_observed),
}

CLOCK = ClockRow(1_772_673_300_123, 1_772_673_299_000)
SOURCE = SourceRow(
    1_772_673_299_000, {"forwarded|demo|card.activated": 2, "rejected||NOT_JSON": 1}, 1_500
)
TEMPLATE_ROW = TemplateRow("repayment-reminder", 1, "sms", TEMPLATE.variables[:1])
ROWS: dict[str, tuple[Struct, Callable[[bytes], Struct]]] = {
    "customer": (CUSTOMER, codec.decode_customer_row),
    "stranger": (CustomerRow(), codec.decode_customer_row),
    "clock": (CLOCK, codec.decode_clock_row),
    "source": (SOURCE, codec.decode_source_row),
    "tenant": (TENANT, codec.decode_tenant_row),
    "template": (TEMPLATE_ROW, codec.decode_template_row),
    "offer": (OfferRow(OFFER, 7), codec.decode_offer_row),
    "model": (SNAPSHOT, codec.decode_snapshot_row),
}


@pytest.mark.parametrize(
    "number",
    range(len(ENVELOPES)),
    ids=[*JOURNALED, "tick", "snapshot", "tripped", "choice", "segments"],
)
def test_journal_has_the_golden_bytes(number: int) -> None:
    """Whatever the journal carries is printed into it byte by byte as ever (B3)."""
    golden = golden_lines("journal.jsonl")

    assert len(ENVELOPES) == len(golden)
    assert golden[number] == codec.encode_json(ENVELOPES[number])
    assert ENVELOPES[number] == codec.decode_envelope(golden[number])


@pytest.mark.parametrize("name", RECORDS)
def test_record_has_the_golden_bytes(name: str) -> None:
    """Progress and whatever a decision leads to are printed byte by byte as ever (I2)."""
    golden = dict(zip(RECORDS, golden_lines("records.jsonl"), strict=True))[name]
    record, decode = RECORDS[name]

    assert golden == codec.encode_json(record)
    assert record == decode(golden)


@pytest.mark.parametrize("name", ROWS)
def test_row_has_the_golden_bytes(name: str) -> None:
    """A changelog row is printed byte by byte as ever, so that a restore reads every row."""
    golden = golden_row(f"rows/{name}.hex")
    row, decode = ROWS[name]

    assert golden == codec.encode_row(row)
    assert row == decode(golden)


def test_ring_of_the_customer_is_that_of_the_journal() -> None:
    """The golden ring holds the two events' own checks: low 8 bits of CRC-32 of the record."""
    printed = [codec.encode_json(journaled(name).record) for name in ("card.issued", "txn.posted")]

    assert CUSTOMER.ring_content == bytes(zlib.crc32(record) & 0xFF for record in printed)


def test_policy_hash_of_the_example_is_that_of_its_campaign() -> None:
    """P3: SHA-256 of the campaign's JSON, names in order, without what its defaults say."""
    content = (
        b'{"caps":[{"count":2,"scope":"campaign","window_ms":2592000000},'
        b'{"count":3,"scope":"all","window_ms":604800000}],"entry":{"after":"card.issued",'
        b'"kind":"absence","without":"card.activated"},"exit_on":["card.activated"],'
        b'"id":"activation_nudge","message_class":"marketing","occurrence":"card",'
        b'"owner":"card-lifecycle","priority":60,"purpose":"marketing","stage":"activate",'
        b'"steps":[{"delay_ms":259200000,"id":"first"},{"delay_ms":604800000,"id":"second"}],'
        b'"tenant":"demo","title":"Activate your new card","treatment":{"channel":"sms",'
        b'"template_id":"activation-nudge","template_version":1},'
        b'"trigger_type":"activation_nudge","version":1}'
    )
    expected = "c489a4835ea94760251910046b0dd31f90eda7dc86a55c180b1372408754471f"

    assert expected == TRIGGER.policy_hash
    assert expected == hashlib.sha256(content).hexdigest() == content_hash(CAMPAIGN)


def test_ids_of_the_example_come_from_their_cause() -> None:
    """B1: of tenant, customer, campaign, occurrence, step and slot; the decision's of that."""
    occurrence_key = "k-1|5ff4ffbdfcad86e2"  # BLAKE2b-64 of (card.issue.v1, iss-1)
    trigger_id = uuid8("demo", "c-1", "activation_nudge", occurrence_key, "first", "0")

    assert trigger_id == TRIGGER.trigger_id == TRIGGER.idempotency_key
    assert (trigger_id,) == DECISION.chosen
    assert [trigger_id] == [one.trigger_id for one in DECISION.candidates]
    decision_id = uuid8("decision", "1772673300123", trigger_id)
    assert decision_id == TRIGGER.decision_id == DECISION.decision_id
    assert uuid8("cancellation", trigger_id) == CANCELLED.cancellation_id
    assert uuid8("exposure", trigger_id) == EXPOSURE.exposure_id == OUTCOME.exposure_id
    assert uuid8("outcome", trigger_id, "1") == OUTCOME.outcome_id
    assert uuid8("settled", trigger_id) == SETTLED.settled_id
    assert uuid8("followed", trigger_id, "30") == FOLLOWED.followed_id
    assert uuid8("objected", trigger_id, "opt_out") == OBJECTED.objected_id
    assert uuid8("told", "marketing.control.v1", "mod-1") == TOLD.told_id
    activation = "35914949ec9dce6e"  # BLAKE2b-64
    moved = uuid8("moved", "demo", "c-1", activation, "k-1", "issued+activated")
    assert moved == MOVED.moved_id
    assert uuid8("observed", "demo", "c-1", "5a8232a41fd03ade") == OBSERVED.observed_id
    later = uuid8("demo", "c-1", "win_back", "k-1|a9e76872e0064295", "only", "0")
    assert (later, uuid8("reservation", later)) == (GRANT.trigger_id, GRANT.reservation_id)


def uuid8(*parts: str) -> str:
    """Return the id of a cause: SHA-256 over length-prefixed parts, shaped as a UUID (B1)."""
    prefixed = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    digest = bytearray(hashlib.sha256(prefixed).digest()[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return str(UUID(bytes=bytes(digest)))
