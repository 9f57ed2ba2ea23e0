"""What insight says and keeps, byte for byte: reports as JSON, rows as msgpack."""

from collections.abc import Callable

import pytest
from msgspec import Struct

from lifecycle.ids import derived_id
from schemas import codec
from schemas.examples_insight import EFFECT_REPORT, FUNNEL_REPORT, GUARDRAIL_REPORT, PARTITION
from tests.schemas.golden import golden_lines, golden_row
from tests.schemas.golden_insight import EFFECT, FUNNEL


REPORTS: list[tuple[Struct, Callable[[bytes], Struct]]] = [
    (EFFECT_REPORT, codec.decode_effect),
    (FUNNEL_REPORT, codec.decode_funnel),
    (GUARDRAIL_REPORT, codec.decode_tripped),
]


@pytest.mark.parametrize("place", range(len(REPORTS)))
def test_reports_are_the_golden_bytes(place: int) -> None:
    """Fields in their order, all by name, and read back as they were written."""
    report, decode = REPORTS[place]
    line = golden_lines("insight.jsonl")[place]

    assert codec.encode_json(report) == line
    assert decode(line) == report


def test_rows_of_insight_are_the_golden_bytes() -> None:
    """A successor of any version reads what stands in the changelog."""
    assert codec.encode_row(EFFECT) == golden_row("rows/effect.hex")
    assert codec.decode_effect_row(golden_row("rows/effect.hex")) == EFFECT
    assert codec.encode_row(FUNNEL) == golden_row("rows/funnel.hex")
    assert codec.decode_funnel_row(golden_row("rows/funnel.hex")) == FUNNEL


def test_ids_of_reports_come_from_their_cause() -> None:
    """B1: whose it is, which partition counted, and when, or what has tripped."""
    place, at_ms = str(PARTITION), str(EFFECT_REPORT.at_ms)
    whose = "demo", "activation_nudge"
    assert derived_id("effect", *whose, place, at_ms) == EFFECT_REPORT.report_id
    moved_at_ms = str(FUNNEL_REPORT.at_ms)
    assert derived_id("funnel", "demo", place, moved_at_ms) == FUNNEL_REPORT.report_id
    assert derived_id("guardrail", *whose, "1", "opt_out", place, "1") == GUARDRAIL_REPORT.report_id
