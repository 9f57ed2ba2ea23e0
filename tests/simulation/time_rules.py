"""
State the rules of time in plain sums, without any fold: T3, T5 and the milestones of T6.

What the checker cannot know is known here: which record the broker had already appended when a
tick said how far everything was read.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from schemas.codec import decode_customer_row
from schemas.records import StoredRecord
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, STATE_TOPICS
from streams.partitioner import partition_of
from tests.simulation.simulated_log import SimulatedBroker


Facts = dict[str, Any]

MILESTONES: Final = {
    "card.issued": "issued_at_ms",
    "card.activated": "activated_at_ms",
    "wallet.bound": "bound_at_ms",
    "txn.posted": "first_spend_at_ms",
}
PLAIN: Final = frozenset(MILESTONES) | {
    "consent.changed",
    "delivery.receipt",
    "repayment.received",
    "statement.issued",
    "txn.reversed",
}
"""Events after which a milestone is still the least time of all that set it."""


class Heard(NamedTuple):
    """A record of the journal, and what the tenant's watermark was when it was read."""

    partition: int
    watermark_at_ms: int
    envelope: Facts


def faults(broker: SimulatedBroker, known_count: Mapping[str, int]) -> list[str]:
    """Return where T3, T5 or T6 is broken."""
    journal = [
        [msgspec.json.decode(record.value or b"") for record in records]
        for records in broker.committed(JOURNAL_TOPIC)
    ]
    decisions = [
        msgspec.json.decode(record.value or b"")
        for records in broker.committed(DECISIONS_TOPIC)
        for record in records
    ]
    rows = {
        record.key or b"": record.value
        for records in broker.committed(STATE_TOPICS["lifecycle"])
        for record in records
    }
    sources = {topic: broker.committed(topic) for topic in known_count}
    return [
        *claims_that_lied(journal, sources, known_count),
        *absences_too_soon(journal, decisions),
        *milestones_not_least(journal, rows),
    ]


def claims_that_lied(
    journal: Sequence[Sequence[Facts]],
    sources: Mapping[str, Sequence[Sequence[StoredRecord]]],
    known_count: Mapping[str, int],
) -> list[str]:
    """
    Return the records that a tick had said were read already (T3).

    Compared is the broker's own time of the source record, not journal time, which ingest raises
    above what was claimed. Left out are partitions by which a topic grew: they may hold records
    from before anybody knew of them; and histories, which tell time by themselves.
    """
    found = []
    for heard in _heard(journal):
        envelope = heard.envelope
        topic, partition, offset = envelope["source"]
        known = envelope["customer_token"] and partition < known_count.get(topic, 0)
        if not known or envelope["backfill"]:
            continue
        record = next(one for one in sources[topic][partition] if one.offset == offset)
        if record.timestamp <= heard.watermark_at_ms:
            late_ms = heard.watermark_at_ms - record.timestamp
            where = f"{topic}/{partition} at {offset}"
            found.append(f"T3: the watermark was {late_ms} ms above {where}, which came later")
    return found


def absences_too_soon(journal: Sequence[Sequence[Facts]], decisions: Sequence[Facts]) -> list[str]:
    """
    Return absences concluded before event time + delay, or arrival, + lateness (T5, ADR 9).

    A decision is of a tick, since only a tick moves the watermark: its time is the tenant's now
    after it. The watermark must have reached the bound by then.
    """
    watermark_of: dict[tuple[int, str, int], int] = {}
    entries: dict[tuple[str, str, str], list[Facts]] = defaultdict(list)
    delays_ms: dict[tuple[str, str, str], int] = {}
    for heard in _heard(journal):
        _take(heard.envelope, entries, delays_ms)
    for place, watermark_at_ms in _ticks(journal):
        watermark_of[place] = max(watermark_of.get(place, 0), watermark_at_ms)
    found = []
    for decision, candidate in _absences(decisions):
        tenant, token = decision["tenant"], decision["customer_token"]
        delay_ms = delays_ms[tenant, candidate["campaign_id"], candidate["step"]]
        bound_at_ms = min(
            max(entry["occurred_at_ms"] + delay_ms, entry["journal_at_ms"]) + entry["lateness_ms"]
            for entry in entries[tenant, token, candidate["entry_event_id"]]
        )
        partition = partition_of(f"{tenant}|{token}".encode(), len(journal))
        watermark_at_ms = watermark_of.get((partition, tenant, decision["decided_at_ms"]), 0)
        if watermark_at_ms < bound_at_ms:
            early_ms = bound_at_ms - watermark_at_ms
            found.append(f"T5: an absence was concluded {early_ms} ms too soon: {candidate}")
    return found


def _absences(decisions: Sequence[Facts]) -> Iterator[tuple[Facts, Facts]]:
    """Yield every candidate that stands for something that did not happen, with its decision."""
    for decision in decisions:
        for candidate in decision["candidates"]:
            # a fallback follows a receipt, whenever that came
            if "waited_ms" in candidate["features"] and not candidate["follows"]:
                yield decision, candidate


def milestones_not_least(
    journal: Sequence[Sequence[Facts]], rows: Mapping[bytes, bytes | None]
) -> list[str]:
    """
    Return the cards whose milestone is not the least time that any event gave it (T6).

    Left to the checker are customers of whom more is told than makes a plain sum: a card that
    continues another inherits its milestones, and who is erased has no row.
    """
    least: dict[tuple[str, str, str], int] = {}
    left_out: set[str] = set()
    for envelope in (one for records in journal for one in records):
        event = envelope["record"]
        key = f"{envelope['tenant']}|{envelope['customer_token']}"
        if event["event_type"] not in PLAIN:
            left_out.add(key)
        if (name := MILESTONES.get(event["event_type"])) is not None:
            place = key, event["card_token"], name
            at_ms = envelope["occurred_at_ms"]
            least[place] = min(at_ms, least.get(place, at_ms))
    found = []
    for (key, card_token, name), at_ms in least.items():
        if key in left_out:
            continue
        value = rows.get(key.encode())
        cards = decode_customer_row(value).cards if value else []
        kept = [getattr(card, name) for card in cards if card.card_token == card_token]
        if kept != [at_ms]:
            found.append(f"T6: wanted {name} {at_ms} of a card of {key}, found {kept}")
    return found


def _heard(journal: Sequence[Sequence[Facts]]) -> Iterator[Heard]:
    """Yield every record that is no tick, with the watermark of its tenant before it."""
    for partition, records in enumerate(journal):
        watermarks: dict[str, int] = defaultdict(int)
        for envelope in records:
            if envelope["record"]["event_type"] == "tick":
                watermarks[envelope["tenant"]] = envelope["record"]["watermark_at_ms"]
            else:
                yield Heard(partition, watermarks[envelope["tenant"]], envelope)


def _ticks(journal: Sequence[Sequence[Facts]]) -> Iterator[tuple[tuple[int, str, int], int]]:
    """Yield (partition, tenant, now) and watermark after every tick."""
    for partition, records in enumerate(journal):
        now_at_ms: dict[str, int] = defaultdict(int)
        for envelope in records:
            tenant, record = envelope["tenant"], envelope["record"]
            at_ms = 0 if envelope["backfill"] else envelope["journal_at_ms"]
            if record["event_type"] == "tick":
                at_ms = record["now_at_ms"]
            now_at_ms[tenant] = max(now_at_ms[tenant], at_ms)
            if record["event_type"] == "tick":
                yield (partition, tenant, now_at_ms[tenant]), record["watermark_at_ms"]


def _take(
    envelope: Facts,
    entries: dict[tuple[str, str, str], list[Facts]],
    delays_ms: dict[tuple[str, str, str], int],
) -> None:
    """Remember an event as what may have begun a journey, or the delays of a policy's steps."""
    tenant, record = envelope["tenant"], envelope["record"]
    if record["event_type"] == "policy.published":
        campaign = record["campaign"]
        for step in campaign["steps"]:
            place = tenant, campaign["id"], step["id"]
            delay_ms = step.get("delay_ms", 0)
            delays_ms[place] = min(delay_ms, delays_ms.get(place, delay_ms))
    elif envelope["customer_token"]:
        entries[tenant, envelope["customer_token"], envelope["event_id"]].append(envelope)
