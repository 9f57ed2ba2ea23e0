"""Count decisions by what became of them, and how hard caps press (docs/insight.md 1)."""

from lifecycle.counts import Counts
from schemas.codec import decode_counted_decision


def count(value: bytes, counts: Counts) -> None:
    """Count every candidate of a decision record, and every cap that it met."""
    decision = decode_counted_decision(value)
    tenant = decision.tenant
    for one in decision.candidates:
        if decision.shadow:
            counts.add(f"passed|{tenant}")
            continue
        counts.add(f"decision|{tenant}|{one.campaign_id}|{one.verdict}|{one.reason_code}")
        for cap in one.caps:
            counts.add(f"cap|{tenant}|{cap.scope}|asked")
            if cap.count_before >= cap.count_max:
                counts.add(f"cap|{tenant}|{cap.scope}|stopped")
            elif cap.count_after == cap.count_max:
                counts.add(f"cap|{tenant}|{cap.scope}|filled")
