"""Check the clocks of the journal (SEMANTICS T2, T3): no tick may promise what a record breaks."""

from collections import defaultdict

from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.report import Report


MOVE_MS_MIN = 1_000


class TimeCheck:
    """
    Watches all journal partitions, each in its own order.

    T3: no tick's watermark is above the journal time of a later customer record of the tenant,
    except while history is being loaded. T2: neither clock ever goes back, and a tick moves the
    watermark by a second or more. Every partition has the same ticks in the same order.
    """

    def __init__(self, report: Report) -> None:
        """Report what is found to `report`."""
        self._report = report
        self._clocks: dict[tuple[int, str], tuple[int, int, str]] = {}
        self._ticks: dict[int, list[str]] = defaultdict(list)

    def see(self, record: LogRecord, envelope: Facts) -> None:
        """Take the next record of a journal partition."""
        place = (record.partition, envelope["tenant"])
        if envelope["record"]["event_type"] == "tick":
            self._see_tick(record, envelope)
        elif envelope["customer_token"] and not envelope.get("backfill") and place in self._clocks:
            _now, watermark, tick = self._clocks[place]
            if watermark > envelope["journal_at_ms"]:
                self._report.find(
                    "TICK_ABOVE_EVENT",
                    f"{record.topic}[{record.partition}]@{record.offset} at "
                    f"{envelope['journal_at_ms']} follows {tick}",
                )

    def _see_tick(self, record: LogRecord, envelope: Facts) -> None:
        place = (record.partition, envelope["tenant"])
        now, watermark = (envelope["record"][n] for n in ("now_at_ms", "watermark_at_ms"))
        self._ticks[record.partition].append(envelope["event_id"])
        self._report.seen["ticks"] += 1
        if place in self._clocks:
            before_now, before, tick = self._clocks[place]
            where = f"{envelope['event_id']} follows {tick} in partition {record.partition}"
            if now < before_now or watermark < before:
                self._report.find("TICK_BACKWARDS", where)
            elif watermark - before < MOVE_MS_MIN:
                self._report.find("TICK_TOO_SOON", where)
        self._clocks[place] = (now, watermark, envelope["event_id"])

    def close(self, partition_count: int) -> None:
        """Compare the partitions' ticks, once all journal records were seen."""
        longest = max(self._ticks.values(), key=len, default=[])
        for partition in range(partition_count):
            if (mine := self._ticks.get(partition, [])) != longest:
                differ = [a for a, b in zip(mine, longest, strict=False) if a != b]
                what = f"{len(mine)} of {len(longest)} ticks, first other one {differ[:1]}"
                self._report.find("TICK_UNEVEN", f"partition {partition}: {what}")
