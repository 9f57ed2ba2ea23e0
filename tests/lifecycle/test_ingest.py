"""Ingest forwards, re-keys, times and rejects (docs/core.md 1, steps 7 to 9)."""

import pytest

from lifecycle.ingest import IngestFold
from schemas import forms
from schemas.events import TxnPosted
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.records import BROADCAST, Applied, Drained, OutputRecord, StoredRecord
from schemas.routing import SourceBinding
from tests.builders_source import (
    SPEND,
    TIME_MS,
    bound,
    heard,
    journaled,
    purchase,
    rejected,
    source_record,
    source_rows,
)


CONTROL = "marketing.control.v1"


def opened(*bindings: SourceBinding, partition_count: int = 1) -> IngestFold:
    """Return the only task of ingest, open on every partition of its topics."""
    bound_to = {binding.tenant for binding in bindings}
    tenants = ("bank-a", "bank-b") if "*" in bound_to else tuple(bound_to)
    fold = IngestFold(0, 1, bindings=bindings, tenants=tenants)
    topics = [binding.topic for binding in bindings]
    fold.open([(topic, partition) for topic in topics for partition in range(partition_count)])
    return fold


def fed(fold: IngestFold, *records: StoredRecord) -> Drained:
    """Apply records in one slice that brings no claims, and return what is new."""
    for record in records:
        assert fold.apply(record) is Applied.DONE
    fold.close_slice(())
    return fold.drain()


def test_ingest_purchase_becomes_one_envelope_by_customer() -> None:
    """B3, T1, T5: key, both times, coordinates and the source's declared lateness, by hand."""
    fold = opened(bound(lateness_ms=7_000))
    record = source_record(purchase(), at=(SPEND, 0, 41), timestamp=TIME_MS + 1_500)
    drained = fed(fold, record)
    (output,) = drained.outputs
    assert (output.topic, output.key) == ("lifecycle.journal.v1", b"bank-a|c-1")
    assert (output.partition, output.headers) == (None, ())
    assert journaled(drained) == [
        JournalEnvelope(
            v=1,
            tenant="bank-a",
            customer_token="c-1",
            journal_at_ms=TIME_MS + 1_500,
            occurred_at_ms=TIME_MS,
            event_id="e-1",
            event_source=SPEND,
            source=SourceCoordinates(SPEND, 0, 41),
            lateness_ms=7_000,
            backfill=False,
            key_id="",
            semantics_version=1,
            record=TxnPosted(txn_id="t-1", card_token="k-1", amount_minor=1_999, currency="CNY"),
        )
    ]
    assert fold.counts() == {"forwarded|bank-a|txn.posted": 1}


def test_ingest_envelope_bytes_are_these() -> None:
    """B3: the journal's bytes, fields in declaration order, all present."""
    drained = fed(opened(bound()), source_record(purchase(), at=(SPEND, 0, 41)))
    assert drained.outputs[0].value == (
        b'{"v":1,"tenant":"bank-a","customer_token":"c-1","journal_at_ms":1772442901500,'
        b'"occurred_at_ms":1772442900000,"event_id":"e-1","event_source":"card.spend.v1",'
        b'"source":["card.spend.v1",0,41],"lateness_ms":0,"backfill":false,"key_id":"",'
        b'"semantics_version":1,"record":{"event_type":"txn.posted","txn_id":"t-1",'
        b'"card_token":"k-1","amount_minor":1999,"currency":"CNY","mcc":"",'
        b'"customer_initiated":true,"auth_id":"","posted_date":null,"scene":"","mode":"",'
        b'"merchant_token":""}}'
    )


def test_ingest_coordinates_name_the_topic_on_the_broker() -> None:
    """B3: the source is where the record lies, the event source is the contract."""
    fold = opened(bound("core.prod.txn", contract=SPEND))
    (envelope,) = journaled(fed(fold, source_record(purchase(), at=("core.prod.txn", 0, 9))))
    assert envelope.source == SourceCoordinates("core.prod.txn", 0, 9)
    assert envelope.event_source == SPEND


@pytest.mark.parametrize("event_type", ["policy.published", "kill_switch.set", "tenant.configured"])
def test_ingest_control_records_go_to_every_partition(event_type: str) -> None:
    """What concerns everybody is broadcast, with an empty customer token, and counted apart."""
    body = forms.plain(event_type) | {"tenant": "bank-a", "customer_token": "c-9"}
    if event_type == "policy.published":
        body["campaign"]["tenant"] = "bank-a"
    fold = opened(bound(CONTROL))
    drained = fed(fold, source_record(body, at=(CONTROL, 0, 0), timestamp=2**45))
    (output,) = drained.outputs
    assert (output.key, output.partition) == (b"bank-a|", BROADCAST)
    assert journaled(drained)[0].customer_token == ""
    assert fold.counts() == {f"control|bank-a|{event_type}": 1}


def test_ingest_history_end_is_counted_and_writes_nothing() -> None:
    """T7: `history.ended` is a marker of its partition, no event of anybody."""
    fold = opened(bound())
    end = {"id": "end", "type": "history.ended", "occurred_at": "2026-03-02T09:15:00Z"}
    drained = fed(fold, source_record(end))
    assert journaled(drained) == []
    assert rejected(drained) == []
    assert fold.counts() == {"marker||history.ended": 1}
    assert list(source_rows(drained)) == ["#source|card.spend.v1|0"]


def test_ingest_rejected_record_keeps_its_bytes_and_says_why() -> None:
    """I1: original key, value and headers, then ours, in the source's partition number."""
    fold = opened(bound(tenant="*"), partition_count=6)
    body = purchase(tenant="bank-b", amount_minor=-5)
    original = source_record(
        body, at=(SPEND, 5, 77), key=None, headers=(("x", b"\x00"), ("x", b""))
    )
    drained = fed(fold, original)
    assert drained.outputs == [
        OutputRecord(
            topic="card.events.rejected.v1",
            key=None,
            value=original.value,
            headers=[
                ("x", b"\x00"),
                ("x", b""),
                ("__streams.errors.exception", b"RejectedError"),
                (
                    "__streams.errors.message",
                    b"wanted int at $.amount_minor, found one out of bounds",
                ),
                ("__streams.errors.topic", b"card.spend.v1"),
                ("__streams.errors.partition", b"5"),
                ("__streams.errors.offset", b"77"),
                ("cardcue.reason", b"BAD_AMOUNT"),
                ("cardcue.tenant", b"bank-b"),
            ],
            partition=5,
        )
    ]
    assert fold.counts() == {"rejected|bank-b|BAD_AMOUNT": 1}


def test_ingest_goes_on_after_rejected_records() -> None:
    """I1: the partition never blocks; each record ends in exactly one place, and is counted."""
    fold = opened(bound(tenant="*"))
    values = [None, b"garbage", purchase(), purchase(tenant="bank-a"), purchase(tenant="bank-b")]
    records = [source_record(value, at=(SPEND, 0, n)) for n, value in enumerate(values)]
    drained = fed(fold, *records)
    assert [output.value for output in rejected(drained)] == [r.value for r in records[:3]]
    assert [envelope.tenant for envelope in journaled(drained)] == ["bank-a", "bank-b"]
    assert fold.counts() == {
        "rejected||TOMBSTONE_UNEXPECTED": 1,
        "rejected||NOT_JSON": 1,
        "rejected||TENANT_UNKNOWN": 1,
        "forwarded|bank-a|txn.posted": 1,
        "forwarded|bank-b|txn.posted": 1,
    }


def test_ingest_repeated_record_is_forwarded_again() -> None:
    """B2: ingest keeps no ids; a repeat is the lifecycle fold's to see, so nothing is dropped."""
    drained = fed(opened(bound()), *(source_record(purchase(), at=(SPEND, 0, n)) for n in (0, 1)))
    assert [envelope.source.offset for envelope in journaled(drained)] == [0, 1]


def test_ingest_journal_time_is_above_every_claim_made_before() -> None:
    """T3: journal time = max(record timestamp, claim + 1); what is raised is counted."""
    fold = opened(bound())
    fold.close_slice([heard(TIME_MS + 5_001)])  # less 1 ms: the claim is TIME_MS + 5,000
    at_ms = [TIME_MS + 5_001, TIME_MS + 5_000, TIME_MS + 1_000]
    records = [
        source_record(purchase(), at=(SPEND, 0, n), timestamp=t) for n, t in enumerate(at_ms)
    ]
    drained = fed(fold, *records)
    assert [e.journal_at_ms for e in journaled(drained)] == [TIME_MS + 5_001] * 3
    assert fold.counts()["clamped|bank-a|"] == 2
    assert source_rows(drained)["#source|card.spend.v1|0"].clamped_ms_max == 4_001


def test_ingest_claim_binds_its_tenant_only() -> None:
    """T2: one bank's claim never moves another's clock."""
    fold = opened(bound(), bound("b.spend", "bank-b", contract=SPEND))
    fold.close_slice([heard(TIME_MS + 60_001)])
    drained = fed(fold, source_record(purchase(), at=("b.spend", 0, 0), timestamp=TIME_MS))
    assert journaled(drained)[0].journal_at_ms == TIME_MS


def test_ingest_records_of_a_slice_come_before_its_claims() -> None:
    """T3: a claim follows the records that were read before it was sampled."""
    fold = opened(bound())
    assert fold.apply(source_record(purchase(), timestamp=TIME_MS)) is Applied.DONE
    fold.close_slice([heard(TIME_MS + 60_001)])
    assert journaled(fold.drain())[0].journal_at_ms == TIME_MS


def test_ingest_history_is_timed_by_its_events() -> None:
    """T7: journal time = event time whatever the broker says, never back within a partition."""
    fold = opened(bound(time_source="records"))
    times = ["2020-01-01T00:00:05Z", "2020-01-01T00:00:03Z", "2020-01-01T00:00:06Z"]
    records = [
        source_record(purchase(occurred_at=time), at=(SPEND, 0, n)) for n, time in enumerate(times)
    ]
    drained = fed(fold, *records)
    envelopes = journaled(drained)
    start_ms = 1_577_836_800_000
    assert [e.journal_at_ms - start_ms for e in envelopes] == [5_000, 5_000, 6_000]
    assert [e.occurred_at_ms - start_ms for e in envelopes] == [5_000, 3_000, 6_000]
    assert all(envelope.backfill for envelope in envelopes)
    assert fold.counts()["clamped|bank-a|"] == 1
    assert source_rows(drained)["#source|card.spend.v1|0"].clamped_ms_max == 2_000


def test_ingest_backfill_is_the_tenants_not_the_topics() -> None:
    """T7: while a tenant's history loads, its live records say so too, and no other tenant's."""
    fold = opened(
        bound("a.history", contract=SPEND, time_source="records"), bound(SPEND, tenant="*")
    )
    records = [source_record(purchase(tenant=tenant)) for tenant in ("bank-a", "bank-b")]
    assert [e.backfill for e in journaled(fed(fold, *records))] == [True, False]


def test_ingest_nothing_new_drains_to_nothing() -> None:
    """A slice that changes nothing gives the shell nothing to commit."""
    fold = opened(bound())
    assert fed(fold) == Drained((), ())
    fold.close_slice([heard(TIME_MS)])
    assert fold.drain().outputs
    assert fold.drain() == Drained((), ())
    fold.close_slice([heard(TIME_MS + 999)])
    assert fold.drain() == Drained((), ())


def test_ingest_rows_are_of_touched_partitions_only() -> None:
    """A commit carries the rows of what it touched, not of every partition of the task."""
    fold = opened(bound(), partition_count=3)
    drained = fed(fold, source_record(purchase(), at=(SPEND, 1, 0)))
    assert [row.key for row in drained.rows] == [b"#source|card.spend.v1|1"]
