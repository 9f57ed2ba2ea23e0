"""Counts and sequences: what is complete when, in any order of arrival (docs/core.md 3.2.10)."""

from collections.abc import Sequence
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.entry_memory import STEP_TIMES_MAX, counted, followed
from schemas.campaign import Campaign, CountEntry, EventCondition, SequenceEntry, Step
from schemas.codec import decode_customer_row, encode_row
from schemas.entries import COUNT_MIN_MAX
from schemas.events import AppSession, CardDelivered, CouponIssued, PolicyPublished
from schemas.memories import MEMORIES_MAX
from schemas.state import RING_SIZE, CustomerRow
from tests.lifecycle.builders import DAY, HOUR, Bank, nudge
from tests.lifecycle.told import story


SESSION = AppSession(surface="card")
COUPON = CouponIssued(coupon_token="c", offer_id="o")
NOW = (Step(id="now"),)
Seen = tuple[int, frozenset[int]]
"""An event: its time, and which steps of a sequence it is."""

times = st.integers(0, 40)
seen = st.tuples(times, st.frozensets(st.integers(0, 2), min_size=1))


def count(count_min: int, window_ms: int, on: str = "app.session") -> CountEntry:
    """Return a count without a rule."""
    return CountEntry(on=on, count_min=count_min, window_ms=window_ms)


def sequence(length: int, within_ms: int) -> SequenceEntry:
    """Return a sequence of so many steps; which events they are is told to it."""
    return SequenceEntry(of=(EventCondition(on="app.session"),) * length, within_ms=within_ms)


def thrice(**changed: object) -> Campaign:
    """Return a campaign that is entered with three sessions in less than a day."""
    campaign = nudge(id="thrice", entry=count(3, DAY), steps=NOW)
    return replace(campaign, **changed)


def lie_within(known: Sequence[int], count_min: int, window_ms: int) -> bool:
    """Return whether any so many of all times lie within less than the window."""
    return any(max(some) - min(some) < window_ms for some in combinations(known, count_min))


def is_way(known: Sequence[Seen], length: int, within_ms: int) -> bool:
    """Return whether any events, one a step, follow each other within less than the time."""
    of_steps = ([at for at, steps in known if step in steps] for step in range(length))
    return any(
        list(way) == sorted(set(way)) and way[-1] - way[0] < within_ms for way in product(*of_steps)
    )


@given(known=st.lists(times, max_size=12), count_min=st.integers(2, 5), window=st.integers(1, 30))
def test_count_is_complete_or_not_in_any_order(
    known: list[int], count_min: int, window: int
) -> None:
    """Sixteen at most: whether it is ever complete depends on the times, not on who came when."""
    row = CustomerRow()

    complete = any(counted(row, "c", count(count_min, window), at) for at in known)

    assert lie_within(known, count_min, window) == complete


@given(
    gaps=st.lists(st.integers(1, 9), min_size=20, max_size=60),
    count_min=st.integers(2, COUNT_MIN_MAX),
    window=st.integers(1, 60),
)
def test_count_in_order_is_complete_with_the_newest(
    gaps: list[int], count_min: int, window: int
) -> None:
    """However many came: each time the newest so many lie within, and then it begins anew."""
    row, since, now = CustomerRow(), list[int](), 0
    for gap in gaps:
        now += gap
        since.append(now)
        wanted = len(since) >= count_min and now - since[-count_min] < window
        assert wanted == counted(row, "c", count(count_min, window), now)
        if wanted:
            since.clear()


@given(known=st.lists(seen, max_size=STEP_TIMES_MAX), within=st.integers(1, 40))
def test_sequence_is_whole_or_not_in_any_order(known: list[Seen], within: int) -> None:
    """Eight at most for a step: whether it is ever whole depends on the times only."""
    row, entry = CustomerRow(), sequence(3, within)

    whole = any(followed(row, "c", entry, sorted(steps), at) for at, steps in known)

    assert is_way(known, 3, within) == whole


@given(
    gaps=st.lists(st.tuples(st.integers(1, 5), seen), min_size=20, max_size=80),
    within=st.integers(2, 60),
)
def test_sequence_in_order_is_whole_with_the_first_way(
    gaps: list[tuple[int, Seen]], within: int
) -> None:
    """However many came in between: the latest beginning of each way is never forgotten."""
    row, now = CustomerRow(), 0
    begun: list[int | None] = [None] * 3
    for gap, (_, steps) in gaps:
        now += gap
        for step in sorted(steps, reverse=True):
            begun[step] = now if step == 0 else begun[step - 1] or begun[step]
        wanted = 2 in steps and begun[2] is not None and now - begun[2] < within
        assert wanted == followed(row, "c", sequence(3, within), sorted(steps), now)
        if wanted:
            begun = [None] * 3


def test_memory_has_bounds() -> None:
    """Sixteen times for a count, eight for each step of a sequence: the greatest."""
    row = CustomerRow()
    for at in range(40):
        counted(row, "many", count(2, 1), at)
        followed(row, "long", sequence(4, 1), [0], at)

    assert [[*range(24, 40)]] == row.memories[0].times
    assert [[*range(32, 40)], [], [], []] == row.memories[1].times
    assert row == decode_customer_row(encode_row(row))


def test_oldest_memory_makes_room() -> None:
    """Sixteen campaigns; the one whose newest event is the oldest goes, of equals the lesser id."""
    row = CustomerRow()
    for number in range(MEMORIES_MAX):
        counted(row, f"c{number:02}", count(2, 1), 100 if number in {3, 5} else 200)
    counted(row, "one_more", count(2, 1), 1)

    names = [memory.campaign_id for memory in row.memories]
    assert [
        *(f"c{number:02}" for number in range(MEMORIES_MAX) if number != 3),
        "one_more",
    ] == names


def test_complete_count_is_entered_once() -> None:
    """The third enters, the fourth to the sixth are the next."""
    bank = Bank(thrice())
    told = [story(bank.say(SESSION, hour * HOUR)) for hour in range(1, 7)]

    assert [[], [], ["-> ann now", "thrice now sent"]] * 2 == told
    assert [] == bank.row().memories


def test_repeat_does_not_count() -> None:
    """B2: the ring knows the event."""
    bank = Bank(thrice())
    for hour in (1, 2):
        bank.say(SESSION, hour * HOUR, event_id=f"s{hour}")
    repeated = [bank.say(SESSION, hour * HOUR, event_id=f"s{hour}") for hour in (1, 2)]

    assert [[], []] == repeated
    assert 2 == bank.count("ignored|{}|DUPLICATE")
    assert 2 == len(bank.row().memories[0].times[0])


def test_possible_repeat_does_not_count() -> None:
    """B2: at or below the ring's floor nobody knows whether it was here before."""
    bank = Bank(thrice())
    for number in range(RING_SIZE + 1):
        bank.say(CardDelivered(card_token="k"), DAY + number)
    bank.say(SESSION, HOUR)

    assert [] == bank.row().memories


def test_next_version_goes_on_counting() -> None:
    """Two sessions under version 1, the third under version 2."""
    bank = Bank(thrice())
    for hour in (1, 2):
        bank.say(SESSION, hour * HOUR)
    bank.control(PolicyPublished(campaign=thrice(version=2), policy_hash="h2"), 2 * HOUR)

    assert ["-> ann now", "thrice now sent"] == story(bank.say(SESSION, 3 * HOUR))


def test_longer_sequence_begins_anew() -> None:
    """A way to its second step says nothing of another number of steps."""
    row = CustomerRow()
    followed(row, "c", sequence(2, 9), [0], 1)
    followed(row, "c", sequence(3, 9), [1], 2)

    assert [[], [2], []] == row.memories[0].times


def test_memories_of_two_campaigns_are_apart() -> None:
    """One is complete and forgets; the other remembers the same events."""
    bank = Bank(thrice(), thrice(id="twice", entry=count(2, DAY)))
    for hour in (1, 2):
        bank.say(SESSION, hour * HOUR)

    assert ["thrice"] == [memory.campaign_id for memory in bank.row().memories]


def test_sequence_takes_the_events_of_its_steps_only() -> None:
    """A coupon, then a session; what else happens leaves no trace."""
    steps = (EventCondition(on="coupon.issued"), EventCondition(on="app.session"))
    bank = Bank(nudge(id="used", entry=SequenceEntry(of=steps, within_ms=DAY), steps=NOW))
    happened = (SESSION, COUPON, CardDelivered(card_token="k"), SESSION)
    told = [story(bank.say(event, hour * HOUR)) for hour, event in enumerate(happened, start=1)]

    assert [[]] * 3 + [["-> ann now", "used now sent"]] == told
    assert [] == bank.row().memories


def test_third_event_of_a_count_says_what_the_journey_is() -> None:
    """B1: occurrence key, entry event and time are those of the event that completes it."""
    bank = Bank(thrice(steps=(Step(id="later", delay_ms=DAY),)))
    for hour in (1, 2, 3):
        bank.say(SESSION, hour * HOUR, event_id=f"s{hour}")
    (journey,) = bank.row().journeys

    assert ("s3", "now", "", 0) == (
        journey.entry_event_id,
        journey.waits_on,
        journey.currency,
        journey.amount_minor,
    )
    assert journey.occurrence_key.startswith("|")
