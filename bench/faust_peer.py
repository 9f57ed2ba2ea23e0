"""
The peer: the same counting as an idiomatic Faust agent, a Record and a Table, at least once.

Run by `bench.run` with PEER_BOOTSTRAP; reads the journal that our ingest wrote, counts purchases
and amounts per customer, says the new count. No deduplication, no timers, no transactions.
"""

import os

import faust


class Purchase(faust.Record, serializer="json"):
    """One journal record, as much as counting needs."""

    tenant: str
    customer_token: str
    journal_at_ms: int
    record: dict


app = faust.App(
    "bench-peer",
    broker=f"kafka://{os.environ['PEER_BOOTSTRAP']}",
    store="memory://",
    topic_partitions=int(os.environ["PEER_PARTITIONS"]),
    topic_replication_factor=1,
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
)
journal = app.topic("lifecycle.journal.v1", value_type=Purchase)
counted = app.topic("bench.peer.counted")
spend = app.Table("spend", default=dict)


@app.agent(journal)
async def count_purchases(purchases: faust.StreamT) -> None:
    """Count purchases and amounts per customer."""
    async for purchase in purchases:
        if purchase.record.get("event_type") != "txn.posted":
            continue
        known = spend[purchase.customer_token]
        known["count"] = known.get("count", 0) + 1
        known["amount_minor"] = known.get("amount_minor", 0) + purchase.record["amount_minor"]
        known["last_at_ms"] = max(known.get("last_at_ms", 0), purchase.journal_at_ms)
        spend[purchase.customer_token] = known
        await counted.send(key=purchase.customer_token, value=known["count"])
