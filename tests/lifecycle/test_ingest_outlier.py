"""One impossible date in a history leaves the times of all others as they are."""

from lifecycle.ingest import IngestFold
from schemas.records import Applied
from tests.builders_source import SPEND, bound, journaled, purchase, rejected, source_record


WRITTEN_AT_MS = 1_760_000_000_000
"""When the history was loaded into its topic: 2025-10-09."""


def test_ingest_history_with_a_sentinel_date_keeps_its_time() -> None:
    """T7: believed, 2099-12-31 would be the journal time of all that follows, past `live_from`."""
    fold = IngestFold(0, 1, bindings=(bound(time_source="records"),), tenants=("bank-a",))
    fold.open([(SPEND, 0)])
    dates = ["2020-09-13T12:00:00Z", "2099-12-31T00:00:00Z", "2020-09-13T12:00:01Z"]
    for offset, date in enumerate(dates):
        at = (SPEND, 0, offset)
        record = source_record(purchase(occurred_at=date), at=at, timestamp=WRITTEN_AT_MS)
        assert Applied.DONE is fold.apply(record)
    fold.close_slice(())
    drained = fold.drain()

    first_ms = 1_599_998_400_000
    assert [first_ms, first_ms + 1_000] == [sent.journal_at_ms for sent in journaled(drained)]
    assert [("FUTURE", "1")] == [
        (headers["cardcue.reason"].decode(), headers["__streams.errors.offset"].decode())
        for headers in (dict(output.headers) for output in rejected(drained))
    ]
