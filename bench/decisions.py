"""
Measure what deciding costs: the lifecycle fold over three banks, with and without campaigns.

Every campaign of `campaigns/`, a calendar and a contact policy in each bank, all gates and records
on; beside it the same journal without campaigns, and with the models that they name, of which each
has evidence enough to decide by contact and control. Microseconds of one core a card event, and
where they go. `python -m bench.decisions [--customers 1500]`.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from agents.runtime import calm_collector
from cli.calendar_file import read_calendar
from cli.contact_policy_file import read_contact_policy
from cli.demo.bank import BankRecord, generate, side_by_side
from cli.model_file import read_models_of
from cli.offer_file import read_offers_of
from cli.policy_file import policy_hash, read_policy
from lifecycle import occasion
from lifecycle import step as front_door
from lifecycle.fold import LifecycleFold
from lifecycle.model_shape import weight_count
from schemas.codec import decode_envelope, encode_json
from schemas.events import (
    AnyEvent,
    CalendarPublished,
    ContactPolicyPublished,
    OfferDefined,
    PolicyPublished,
    TenantConfigured,
)
from schemas.incoming import SourceReader
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.learning import Head, ModelPublished
from schemas.records import Applied, StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, SourceBinding


ROOT: Final = Path(__file__).resolve().parent.parent
TENANTS: Final = ("east", "north", "south")
START_MS: Final = 1_704_067_200_000
"""2024-01-01."""

DAY_COUNT: Final = 90
TICK_MS: Final = 3_600_000
RECORDS_A_DRAIN: Final = 1_000


class Measured(NamedTuple):
    """CPU of one pass in seconds, and what came of it."""

    total_s: float
    decide_s: float
    drain_s: float
    occasion_count: int
    candidate_count: int
    trigger_count: int


def journal(
    customer_count: int, *, campaigns: bool, models: bool = False
) -> tuple[list[StoredRecord], int]:
    """Return a journal partition of three banks, and how many card events it holds."""
    banks = [generate(7, customer_count, DAY_COUNT, tenant, START_MS + 1_000) for tenant in TENANTS]
    stored: list[StoredRecord] = []
    event_count = 0
    controls = chain(_controls(campaigns=campaigns), _snapshots() if models else ())
    for envelope in _timed(controls, side_by_side(*banks)):
        event_count += envelope.customer_token != ""
        value = encode_json(envelope)
        at_ms, offset = envelope.journal_at_ms, len(stored)
        stored.append(StoredRecord(JOURNAL_TOPIC, 0, offset, at_ms, None, value, ()))
    return stored, event_count


def _controls(*, campaigns: bool) -> Iterator[tuple[str, AnyEvent]]:
    """Yield what makes each bank live."""
    calendar = read_calendar(ROOT / "deploy" / "calendars" / "cn-2026.yaml")
    caps = read_contact_policy(ROOT / "deploy" / "contact-policies" / "cautious.yaml")
    for tenant in TENANTS:
        yield tenant, TenantConfigured(time_zone="Asia/Shanghai")
        yield tenant, CalendarPublished(calendar=calendar)
        yield tenant, ContactPolicyPublished(contact_policy=caps)
        for offer in read_offers_of(ROOT / "deploy" / "offers").values():
            yield tenant, OfferDefined(offer=offer)
        for file in sorted((ROOT / "campaigns").glob("*.yaml")) if campaigns else ():
            campaign = read_policy(file, tenant=tenant)
            yield tenant, PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))


def _snapshots() -> Iterator[tuple[str, ModelPublished]]:
    """Yield a snapshot of every model of `deploy/models` in each bank: weights of some size."""
    for tenant in TENANTS:
        for model in read_models_of(ROOT / "deploy" / "models").values():
            count = weight_count(model)
            weights = tuple(((place * 7) % 11 - 5) / 20 for place in range(count))
            contact = Head(
                intercept=-2.0,
                weights=weights,
                exposure_count=model.exposure_count_min,
                conversion_count=model.conversion_count_min,
            )
            yield (
                tenant,
                ModelPublished(
                    model=model,
                    sequence=1,
                    reason="learnt",
                    contact=contact,
                    control=replace(contact, intercept=-3.0),
                ),
            )


def _timed(
    controls: Iterable[tuple[str, AnyEvent | ModelPublished]], records: Iterable[BankRecord]
) -> Iterator[JournalEnvelope]:
    """Yield controls, then what can be read of the records with a tick of each bank an hour."""
    for number, (tenant, event) in enumerate(controls):
        yield _envelope(tenant, "", START_MS, START_MS, f"control-{number}", event)
    readers: dict[str, SourceReader] = {}
    ticked_ms = START_MS
    for number, record in enumerate(records):
        while record.sent_at_ms - ticked_ms >= TICK_MS:
            ticked_ms += TICK_MS
            yield from _ticks(ticked_ms)
        if record.topic not in readers:
            readers[record.topic] = SourceReader(SourceBinding(topic=record.topic), set(TENANTS))
        at_ms = record.sent_at_ms
        stored = StoredRecord(
            record.topic, 0, number, at_ms, record.key, record.value, record.headers
        )
        try:
            said = readers[record.topic].read(stored)
        except RejectedError:
            continue
        yield _envelope(
            said.tenant, said.customer_token, at_ms, said.occurred_at_ms, said.event_id, said.record
        )
    yield from _ticks(START_MS + (DAY_COUNT + 30) * 24 * TICK_MS)


def _ticks(at_ms: int) -> Iterator[JournalEnvelope]:
    """Yield a tick of every bank."""
    for tenant in TENANTS:
        tick = Tick(now_at_ms=at_ms, watermark_at_ms=at_ms)
        yield _envelope(tenant, "", at_ms, at_ms, f"tick-{at_ms}", tick)


def _envelope(
    tenant: str,
    token: str,
    journal_at_ms: int,
    at_ms: int,
    name: str,
    event: AnyEvent | Tick | ModelPublished,
) -> JournalEnvelope:
    """Return a journal record."""
    return JournalEnvelope(
        tenant=tenant,
        customer_token=token,
        journal_at_ms=journal_at_ms,
        occurred_at_ms=at_ms,
        event_id=name,
        event_source="bench",
        source=SourceCoordinates("bench", 0, 0),
        record=event,
    )


def fold(records: Sequence[StoredRecord]) -> Measured:
    """Fold a journal, draining as a worker does; deciding is timed by itself."""
    clock = time.process_time
    decide, decide_s, drain_s = occasion.decide, 0.0, 0.0
    counted = {"occasion": 0, "trigger": 0}

    def timed(*arguments: object) -> object:
        nonlocal decide_s
        began = clock()
        effects = decide(*arguments)  # type: ignore[arg-type]
        decide_s += clock() - began
        return effects

    setattr(front_door, "decide", timed)  # noqa: B010 (where step looks it up)
    house = LifecycleFold(0, 1)
    house.open([(JOURNAL_TOPIC, 0)])
    began = clock()
    for number, record in enumerate(records, 1):
        while house.apply(record) is Applied.AGAIN:
            pass
        if number % RECORDS_A_DRAIN == 0 or number == len(records):
            before = clock()
            for output in house.drain().outputs:
                counted["occasion" if output.topic == DECISIONS_TOPIC else "trigger"] += 1
            drain_s += clock() - before
    total_s = clock() - began
    setattr(front_door, "decide", decide)  # noqa: B010
    candidate_count = sum(
        count for key, count in house.counts().items() if key.startswith("decision|")
    )
    return Measured(
        total_s, decide_s, drain_s, counted["occasion"], candidate_count, counted["trigger"]
    )


def decode_s(records: Sequence[StoredRecord]) -> float:
    """Return the CPU of reading a journal's records alone."""
    began = time.process_time()
    for record in records:
        decode_envelope(record.value or b"")
    return time.process_time() - began


def main() -> None:
    """Print one JSON line: medians of the rounds, with and without campaigns in each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_500, help="of each bank")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    calm_collector()  # as a worker does: else it walks the journal that only we keep in memory
    print(json.dumps(figures(given.customers, given.rounds)))


def figures(customer_count: int, rounds: int) -> dict[str, float]:
    """Return medians of the rounds; microseconds are a card event's."""
    full, event_count = journal(customer_count, campaigns=True)
    bare, _ = journal(customer_count, campaigns=False)
    learnt, _ = journal(customer_count, campaigns=True, models=True)
    passes = [(fold(full), fold(bare), decode_s(full), fold(learnt)) for _ in range(rounds)]
    made = passes[0][0]

    def median_us(seconds: Iterable[float]) -> float:
        return statistics.median(seconds) / event_count * 1e6

    total_us = median_us(one.total_s for one, *_ in passes)
    return {
        "decisions_events_per_s": 1e6 / total_us,
        "decisions_us_per_event": total_us,
        "decisions_without_campaigns_us_per_event": median_us(one.total_s for _, one, *_ in passes),
        "decisions_with_models_us_per_event": median_us(one.total_s for *_, one in passes),
        "decisions_with_models_ratio": statistics.median(
            without.total_s / one.total_s for without, *_, one in passes
        ),
        "decisions_decode_us_per_event": median_us(seconds for _, _, seconds, _ in passes),
        "decisions_decide_us_per_event": median_us(one.decide_s for one, *_ in passes),
        "decisions_drain_us_per_event": median_us(one.drain_s for one, *_ in passes),
        "decisions_us_per_occasion": statistics.median(one.decide_s for one, *_ in passes)
        / made.occasion_count
        * 1e6,
        "decisions_event_count": event_count,
        "decisions_occasion_count": made.occasion_count,
        "decisions_candidate_count": made.candidate_count,
        "decisions_trigger_count": made.trigger_count,
    }


if __name__ == "__main__":
    main()
