"""What a history may claim of its own time (SEMANTICS T7; docs/core.md 1, step 5)."""

import pytest

from schemas.incoming import SourceReader
from schemas.rejects import RejectedError
from tests.builders_source import TIME_MS, bound, purchase, source_record


@pytest.mark.parametrize("timestamp", [0, -1])
def test_incoming_history_without_record_times_knows_no_future(timestamp: int) -> None:
    """T7: with `time_source = records` a timestamp that is none says nothing about the event."""
    binding = bound(time_source="records")
    late = source_record(purchase(occurred_at="2100-01-01T00:00:00Z"), timestamp=timestamp)
    assert SourceReader(binding, ["bank-a"]).read(late).occurred_at_ms == 4_102_444_800_000


@pytest.mark.parametrize(("ahead_ms", "accepted"), [(600_000, True), (600_001, False)])
def test_incoming_history_is_not_written_before_it_happens(
    ahead_ms: int,
    accepted: bool,  # noqa: FBT001 (the expected outcome)
) -> None:
    """T7: a date like 2099-12-31 would carry the tenant's clocks there, and history be live."""
    reader = SourceReader(bound(time_source="records"), ["bank-a"])
    record = source_record(purchase(), timestamp=TIME_MS - ahead_ms)
    if accepted:
        assert TIME_MS == reader.read(record).occurred_at_ms
        return
    with pytest.raises(RejectedError) as refused:
        reader.read(record)
    assert "FUTURE" == refused.value.reason
