"""
Yesterday's bytes still decode, and tomorrow's do no harm.

The files under `tests/golden/yesterday` are frozen: such rows are in changelogs, such records in
journals, and both are read for ever.
"""

from collections.abc import Callable

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from schemas import codec
from schemas.events import (
    CardIssued,
)
from schemas.examples import DECISION, EXPOSURE, OUTCOME, TRIGGER
from schemas.forms import journaled_tripped
from schemas.insight import GuardrailTripped
from schemas.journal import JournalEnvelope, Progress, SourceCoordinates
from schemas.state_source import ClockRow, SourceRow
from schemas.state_tenant import TenantRow
from tests.schemas.golden import golden_lines, golden_row
from tests.schemas.golden_customer_yesterday import (
    OLD_CUSTOMER,
    UNACCUSTOMED_CUSTOMER,
    UNEXPOSED_CUSTOMER,
    UNHASHED_CUSTOMER,
    UNMODELLED_CUSTOMER,
    UNSETTLED_CUSTOMER,
    UNSLOTTED_CUSTOMER,
)
from tests.schemas.golden_insight import EFFECT
from tests.schemas.golden_tenant import TENANT


CARD = "k-1"
WHO = "c-1"

TRIPLESS_TENANT = replace(TENANT, trip_sequences={})
MONEYLESS_TENANT = replace(
    TRIPLESS_TENANT, currency="", value_cap_minor=0, pools_effects=False, campaigns_tripped=[]
)
EFFECT_WITHOUT_ROUNDS = replace(
    EFFECT, versions={1: replace(EFFECT.versions[1], key_count=1, rounds={})}
)
OLD_ROWS: dict[str, tuple[Struct, Callable[[bytes], Struct]]] = {
    "customer": (OLD_CUSTOMER, codec.decode_customer_row),
    "customer_unhashed": (UNHASHED_CUSTOMER, codec.decode_customer_row),
    "customer_unexposed": (UNEXPOSED_CUSTOMER, codec.decode_customer_row),
    "customer_unslotted": (UNSLOTTED_CUSTOMER, codec.decode_customer_row),
    "customer_unsettled": (UNSETTLED_CUSTOMER, codec.decode_customer_row),
    "customer_unmodelled": (UNMODELLED_CUSTOMER, codec.decode_customer_row),
    "customer_unaccustomed": (UNACCUSTOMED_CUSTOMER, codec.decode_customer_row),
    "effect": (EFFECT_WITHOUT_ROUNDS, codec.decode_effect_row),
    "clock": (ClockRow(1_772_673_300_123, 1_772_673_299_000, False), codec.decode_clock_row),  # noqa: FBT003 (as the bytes have it)
    "source": (SourceRow(1_772_673_299_000, {}, 0), codec.decode_source_row),
    "tenant": (
        TenantRow(
            now_at_ms=1_772_673_300_123,
            watermark_at_ms=1_772_673_299_000,
            backfill=True,
            live_from_ms=None,
            paused=False,
        ),
        codec.decode_tenant_row,
    ),
    "tenant_without_zone": (
        TenantRow(
            now_at_ms=1_772_673_300_123,
            watermark_at_ms=1_772_673_299_000,
            live_from_ms=1_772_323_200_000,
            campaigns_paused=["activation_nudge"],
            control_hashes=[785_288_893_157_518_026],
            time_zone="",
            holdout_bp=0,
            holdout_salt="",
        ),
        codec.decode_tenant_row,
    ),
    "tenant_without_keys": (
        TenantRow(
            now_at_ms=1_772_673_300_123,
            watermark_at_ms=1_772_673_299_000,
            live_from_ms=1_772_323_200_000,
            campaigns_paused=["activation_nudge"],
            control_hashes=[785_288_893_157_518_026],
            time_zone="Asia/Shanghai",
            holdout_bp=500,
            holdout_salt="2026",
            configured_version=0,
            signing_keys=(),
        ),
        codec.decode_tenant_row,
    ),
    "tenant_without_trips": (TRIPLESS_TENANT, codec.decode_tenant_row),
    "tenant_without_money": (MONEYLESS_TENANT, codec.decode_tenant_row),
    "tomorrow": (ClockRow(1_772_673_300_123, 1_772_673_299_000), codec.decode_clock_row),
}


@pytest.mark.parametrize("name", OLD_ROWS)
def test_yesterdays_row_still_decodes(name: str) -> None:
    """A row that was written before its last fields existed reads as if they said nothing."""
    row, decode = OLD_ROWS[name]

    assert row == decode(golden_row(f"yesterday/{name}.hex"))


def test_yesterdays_envelope_still_decodes() -> None:
    """An envelope without the fields that have defaults means just those (B3)."""
    lean = golden_lines("yesterday/records.jsonl")[0]

    assert codec.decode_envelope(lean) == JournalEnvelope(
        v=1,
        tenant="demo",
        customer_token=WHO,
        journal_at_ms=1_772_414_101_500,
        occurred_at_ms=1_772_414_100_000,
        event_id="iss-1",
        event_source="card.issue.v1",
        source=SourceCoordinates("card.issue.v1", 3, 41),
        lateness_ms=0,
        backfill=False,
        key_id="",
        semantics_version=1,
        record=CardIssued(card_token=CARD, product_code="unknown", issue_type="new"),
    )


def test_tomorrows_envelope_decodes_without_what_is_new() -> None:
    """Fields that we do not know, at any depth, are skipped and change nothing (B3)."""
    more = golden_lines("yesterday/records.jsonl")[1]

    assert codec.decode_envelope(more) == JournalEnvelope(
        tenant="demo",
        customer_token=WHO,
        journal_at_ms=1_772_414_101_500,
        occurred_at_ms=1_772_414_100_000,
        event_id="iss-1",
        event_source="card.issue.v1",
        source=SourceCoordinates("card.issue.v1", 3, 41),
        lateness_ms=60_000,
        backfill=True,
        record=CardIssued(card_token=CARD, product_code="gold", issue_type="renewal"),
    )


def test_yesterdays_progress_still_decodes() -> None:
    """A progress record without version and backfill, with a field more, is read (T3)."""
    expected = Progress(v=1, task=1, task_count=2, claims={}, tenants=("demo",), backfill=())

    assert expected == codec.decode_progress(golden_lines("yesterday/records.jsonl")[2])


def test_yesterdays_trigger_and_decision_still_decode() -> None:
    """Records of before there were channels in an order: slot 0, no sender of its own, no offer."""
    trigger, decision = golden_lines("yesterday/records.jsonl")[3:5]
    (candidate,) = codec.decode_decision(decision).candidates

    assert replace(TRIGGER, sender_profile="") == codec.decode_trigger(trigger)
    (now,) = DECISION.candidates
    before = tuple(one for one in now.gates if one.gate != "content")
    assert replace(now, gates=before) == candidate


def test_yesterdays_records_of_learning_still_decode() -> None:
    """Records of before there were models: no score, no vector, nothing that moved it."""
    decision, exposure, outcome = golden_lines("yesterday/records.jsonl")[5:8]
    unsettled = replace(EXPOSURE, is_first=False, shares_ppm={}, holdout_ppm=0)

    assert DECISION.candidates == codec.decode_decision(decision).candidates
    assert unsettled == codec.decode_exposure(exposure)
    assert OUTCOME == codec.decode_outcome(outcome)


def test_yesterdays_unsettled_records_still_decode() -> None:
    """Records of before exposures were settled: nobody was the first, no money is counted."""
    exposure, outcome = golden_lines("yesterday/records.jsonl")[8:10]
    unsettled = replace(EXPOSURE, is_first=False, shares_ppm={}, holdout_ppm=0)

    assert unsettled == codec.decode_exposure(exposure)
    assert OUTCOME == codec.decode_outcome(outcome)


def test_yesterdays_decision_without_options_still_decodes() -> None:
    """A record of before campaigns chose among options: none was."""
    decision = codec.decode_decision(golden_lines("yesterday/records.jsonl")[10])

    assert DECISION.candidates == decision.candidates


def test_yesterdays_exposure_and_trip_still_decode() -> None:
    """Of before alpha was divided: one key; the first trip of its kind, counted in partition 0."""
    exposure, trip = golden_lines("yesterday/records.jsonl")[11:13]
    now = journaled_tripped()
    assert isinstance(now.record, GuardrailTripped)
    record = replace(now.record, alpha_ppm=0, partition=0, sequence=1)
    before = replace(now, event_id="activation_nudge-1-opt_out", record=record)

    assert codec.decode_exposure(exposure) == EXPOSURE
    assert codec.decode_envelope(trip) == before


@pytest.mark.parametrize(
    "broken",
    [
        b'{"tenant":"demo"}',
        b'{"v":1,"task":"0","task_count":2,"claims":{},"tenants":[]}',
        b"",
        b"[]",
    ],
)
def test_bytes_that_we_never_wrote_are_refused(broken: bytes) -> None:
    """What lacks a field without default, or has another type, stops the reader."""
    for decode in (codec.decode_envelope, codec.decode_progress, codec.decode_trigger):
        with pytest.raises(msgspec.DecodeError):
            decode(broken)
