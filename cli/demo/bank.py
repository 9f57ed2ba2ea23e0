"""
Make up a bank: customers with rhythms of their own, producers that repeat, delay and blunder.

Deterministic: the same arguments give the same bytes. Customer, card and event ids are made of
running numbers, so two banks have customers of the same names: the worst neighbours (N2).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from random import Random
from typing import Final, NamedTuple, Self

from cli.demo.bank_bills import Happening
from cli.demo.bank_forms import FORMS, MISTAKES, Headers, Written
from cli.demo.bank_life import Span, in_batches, life
from cli.demo.history import DAY_MS, History, HistoryRecord


HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """
    How well the bank's systems send.

    Attributes:
        duplicate_ratio: events sent again within two hours, byte for byte.
        late_ratio: events sent up to `late_ms_max` after they happened, behind younger ones.
        late_ms_max: in milliseconds.
        bad_ratio: records beside the events that must be rejected.
        reasons: which mistakes, of `bank_forms.MISTAKES`.
        punctual: event types that are never sent late.
        booked_each_ms: events are booked in batches, so many milliseconds apart: that is their
            time. A customer has one event a batch at most, the next goes into the next batch.
        purpose: what customers are asked consent for.
    """

    duplicate_ratio: float = 0.02
    late_ratio: float = 0.05
    late_ms_max: int = 2 * DAY_MS
    bad_ratio: float = 0.005
    reasons: tuple[str, ...] = tuple(MISTAKES)
    punctual: tuple[str, ...] = ()
    booked_each_ms: int = 1
    purpose: str = "marketing"


PERFECT: Final = Upstream(duplicate_ratio=0, late_ratio=0, bad_ratio=0)
"""Nothing twice, nothing late, nothing wrong."""


class BankRecord(NamedTuple):
    """
    A record of a source topic as the bank sends it.

    `topic` is the contract topic of `schemas.routing`. `event_at_ms` is when it happened,
    `sent_at_ms` when it was sent: the order in which a bank's records come.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    event_at_ms: int
    sent_at_ms: int


class _Sending(NamedTuple):
    """A record to be written: when, which of equals, what, in which form; or which mistake."""

    sent_at_ms: int
    number: int
    happening: Happening
    form: int
    mistake: str


class Bank:
    """
    The records of one bank in the order of sending, each once; written down as they are asked for.

    Attributes:
        counts: events by type, without repeats and mistakes.
        rejected_counts: mistakes by the reason that each must be rejected with.
        duplicate_count: repeats.
        late_count: events sent late.
    """

    def __init__(
        self, tenant: str, happenings: Iterable[Happening], upstream: Upstream, seed: int
    ) -> None:
        """Decide how each of the happenings is sent."""
        self.counts: Counter[str] = Counter()
        self.rejected_counts: Counter[str] = Counter()
        self.duplicate_count = 0
        self.late_count = 0
        self._tenant = tenant
        self._upstream = upstream
        self._random = Random(f"sending|{seed}")  # noqa: S311 (a made-up bank, no secret)
        self._sendings = [sent for happening in happenings for sent in self._send(happening)]
        self._sendings.sort(reverse=True)  # taken from the end

    def __iter__(self) -> Self:
        """Return itself: a bank's records are yielded once."""
        return self

    def __next__(self) -> BankRecord:
        """Write down the next record."""
        if not self._sendings:
            raise StopIteration
        sent_at_ms, number, happening, form, mistake = self._sendings.pop()
        written: Written
        if mistake:
            written = MISTAKES[mistake](self._tenant, happening)
        else:
            written = FORMS[form](self._tenant, happening)
        return BankRecord(
            written.topic,
            _key(happening, number),
            written.value,
            written.headers,
            happening.at_ms,
            sent_at_ms,
        )

    def _send(self, happening: Happening) -> Iterator[_Sending]:
        """Yield one sending, late or not, and perhaps a repeat and a blunder after it."""
        random, upstream = self._random.random, self._upstream
        number = self.counts.total()
        self.counts[happening.event_type] += 1
        at = happening.at_ms
        if random() < upstream.late_ratio and happening.event_type not in upstream.punctual:
            at += int(random() * upstream.late_ms_max)
            self.late_count += 1
        form = int(random() * len(FORMS))
        yield _Sending(at, number, happening, form, "")
        if random() < upstream.duplicate_ratio:
            self.duplicate_count += 1
            yield _Sending(at + int(random() * 2 * HOUR_MS), number, happening, form, "")
        if random() < upstream.bad_ratio and happening.event_type == "txn.posted":
            reason = upstream.reasons[self.rejected_counts.total() % len(upstream.reasons)]
            self.rejected_counts[reason] += 1
            blunder = happening._replace(event_id=f"bad-{happening.event_id}")
            yield _Sending(at + int(random() * HOUR_MS), number, blunder, form, reason)


def _key(happening: Happening, number: int) -> bytes | None:
    """Return a key as upstream systems like them: the customer, the event, or none at all."""
    if number % 10 == 0:
        return None
    return (happening.event_id if number % 10 == 1 else happening.customer_token).encode()


def generate(
    seed: int,
    customer_count: int,
    day_count: int,
    tenant: str,
    start_at_ms: int,
    upstream: Upstream = Upstream(),  # noqa: B008 (frozen)
) -> Bank:
    """
    Return a made-up bank.

    About 17 records a customer in 90 days, 26 in 180.

    Args:
        seed: of everything random; another seed is another bank.
        customer_count: customers.
        day_count: how long it is looked at.
        tenant: its name, told in every record.
        start_at_ms: epoch milliseconds UTC of its first day.
        upstream: how well its systems send.
    """
    random = Random(f"lives|{seed}")  # noqa: S311 (a made-up bank, no secret)
    span = Span(start_at_ms, start_at_ms + day_count * DAY_MS)
    lives = (life(random, number, span, upstream.purpose) for number in range(customer_count))
    booked = (in_batches(each, upstream.booked_each_ms) for each in lives)
    return Bank(tenant, (one for each in booked for one in each), upstream, seed)


def side_by_side(*banks: Bank) -> Iterator[BankRecord]:
    """Yield the records of several banks in the order of sending."""
    return merge(*banks, key=lambda record: record.sent_at_ms)


def bank_history(bank: Bank, tenant: str, start_at_ms: int) -> History:
    """Return a bank as the demonstration plays it; keys that upstream left out stay empty."""
    records = [
        HistoryRecord(record.sent_at_ms, record.topic, record.key or b"", *record[2:4])
        for record in bank
    ]
    return History(
        tenant=tenant,
        records=records,
        started_at_ms=start_at_ms,
        ended_at_ms=records[-1].at_ms + 1 if records else start_at_ms + 1,
        issued_count=bank.counts["card.issued"],
        duplicate_count=bank.duplicate_count,
        rejected_counts=dict(bank.rejected_counts),
    )
