"""The second opinion on exposures, outcomes and cancellations: core.md §3.12, §3.13, by hand."""

import json
from collections.abc import Callable

import pytest

from tests.checker.journal_by_hand import NUDGED, card, consent, fold, happened, published, purchase
from tests.checker.log_reader import LogRecord
from tests.checker.oracle import PartitionOracle
from tests.checker.report import Report
from tests.checker.tiny_world import CAMPAIGN, DECIDED, DUE
from tests.checker.verdict import ActualOutput, compare_outputs


DAY = 86_400_000
MEASURED = {
    **CAMPAIGN,
    "conversion": {"on": "txn.posted", "window_ms": DAY, "value": "amount_minor"},
}
RECORDS = (published(MEASURED), *NUDGED[1:])
"""A card issued and not activated; nudged at DECIDED, a purchase within a day converts."""


def told(oracle: PartitionOracle) -> list[str]:
    """Return what there is beside triggers and decisions, in short."""
    lines = []
    for item in oracle.expected:
        record, kind = json.loads(item.output.value), item.output.ce_type
        if kind == "exposure.opened.v1":
            lines.append(record["verdict"])
        elif kind == "outcome.recorded.v1":
            lines.append("{sequence} {label} {reason} {value_minor}".format(**record))
        elif kind == "trigger.cancelled.v1":
            lines.append(record["reason_code"])
    return lines


def tick(at: int, watermark: int) -> dict[str, object]:
    """Return a tick like the one of the nudge."""
    record = {"event_type": "tick", "now_at_ms": at, "watermark_at_ms": watermark}
    last = NUDGED[-1]
    return {**last, "journal_at_ms": at, "occurred_at_ms": at, "record": record}


def test_oracle_opens_and_closes_by_an_event() -> None:
    """The purchase's money; a repeat says nothing more."""
    bought = purchase(DECIDED + 5, "b", 700, card_token="k0")

    assert told(fold(*RECORDS, bought, bought)) == ["sent", "1 1 converted 700"]


def test_oracle_closes_by_the_watermark_only() -> None:
    """A millisecond before the end is not the end, however late it is."""
    early = tick(DECIDED + 9 * DAY, DECIDED + DAY - 1)
    ended = tick(DECIDED + 9 * DAY, DECIDED + DAY)

    assert told(fold(*RECORDS, early)) == ["sent"]
    assert told(fold(*RECORDS, early, ended)) == ["sent", "1 0 not_converted 0"]


def test_oracle_withdraws_and_takes_back_what_late_truth_disproves() -> None:
    """The activation came before the nudge: nothing is learnt, and the trigger is cancelled."""
    late = card("card.activated", DUE, "a") | {"journal_at_ms": DECIDED + 1}

    assert told(fold(*RECORDS, late)) == ["sent", "1 None invalidated 0", "LATE_TRUTH"]


def test_oracle_cancels_once() -> None:
    """An opt-out, then a flag: the first was enough."""
    revoked = consent("revoked", DECIDED + 1, "r")
    flag = happened(DECIDED + 2, "f", "risk.flagged", flag_id="f", flag_class="fraud")

    assert told(fold(*RECORDS, revoked, flag)) == ["sent", "OPTED_OUT"]


def _lose(records: list[LogRecord]) -> None:
    records.pop()


def _double(records: list[LogRecord]) -> None:
    records.append(records[-1]._replace(offset=9))


def _relabel(records: list[LogRecord]) -> None:
    value = (records[-1].value or b"").replace(b'"label":1', b'"label":0')
    records[-1] = records[-1]._replace(value=value)


@pytest.mark.parametrize(
    ("damage", "kind"), [(_lose, "MISSING"), (_double, "DUP_SAME"), (_relabel, "DIFFERENT")]
)
def test_check_names_damage_to_outcomes(
    damage: Callable[[list[LogRecord]], None], kind: str
) -> None:
    """I1, I2: an outcome that is lost, doubled or changed is found under its name."""
    oracle = fold(*RECORDS, purchase(DECIDED + 5, "b", card_token="k0"))
    wanted = [item for item in oracle.expected if item.output.topic == "outcomes"]
    records = [
        LogRecord(
            "t", 0, offset, 0, item.record_key, item.output.value, _headers(item.output.ce_type, n)
        )
        for offset, item in enumerate(wanted)
        for n in [item.output.output_id]
    ]
    clean, spoilt = Report(), Report()
    compare_outputs({0: wanted}, {"outcomes": ActualOutput(records)}, clean)
    damage(records)
    compare_outputs({0: wanted}, {"outcomes": ActualOutput(records)}, spoilt)

    assert clean.passed, str(clean)
    assert set(spoilt.counts) == {kind}


def _headers(ce_type: str, output_id: str) -> list[tuple[str, bytes]]:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", output_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", ce_type.encode()),
        ("ce_subject", b"c0"),
        ("ce_tenantid", b"acme"),
        ("cardcue.semantics_version", b"1"),
    ]
