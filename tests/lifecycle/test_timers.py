"""The index of due customers: in order, corrected when it comes up, bounded by customers (T8)."""

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.timers import DueHeap, Timers
from schemas.state import CustomerRow, DueStep, Journey
from tests.lifecycle.builders import DAY, HOUR, TENANT, WEEK, Bank, spend, win_back, word
from tests.lifecycle.told import triggers


def waiting(waits_on: str, *due_at_ms: int) -> CustomerRow:
    """Return a customer with one journey whose steps are due at these times."""
    steps = [DueStep(f"s{number}", due) for number, due in enumerate(due_at_ms)]
    journey = Journey("c", 1, "k|e", "k", "e", 0, waits_on, steps)
    return CustomerRow(journeys=[journey])


def drained(timers: Timers, watermark_at_ms: int, now_at_ms: int) -> list[tuple[int, str]]:
    """Return everything that is due, in the order in which it comes up."""
    found = []
    while (entry := timers.next_due(watermark_at_ms, now_at_ms)) is not None:
        found.append(entry)
    return found


def test_each_clock_lets_out_what_it_has_reached() -> None:
    """T4: timers on now and on the watermark are read on their own clock."""
    timers = Timers()
    timers.note("absent", waiting("watermark", 10))
    timers.note("scheduled", waiting("now", 10))

    assert [] == drained(timers, 9, 9)
    assert [(10, "scheduled")] == drained(timers, 9, 10)
    assert [(10, "absent")] == drained(timers, 10, 10)


def test_both_clocks_are_let_out_in_one_order() -> None:
    """T8: ascending by (time, customer) over both."""
    timers = Timers()
    for who, clock, due in (
        ("d", "now", 4),
        ("b", "watermark", 4),
        ("c", "now", 3),
        ("a", "now", 9),
    ):
        timers.note(who, waiting(clock, due))
    timers.note("e", waiting("watermark", 20))

    assert [(3, "c"), (4, "b"), (4, "d"), (9, "a")] == drained(timers, 10, 10)


def test_customer_without_due_step_is_not_noted() -> None:
    """A journey that waits for nothing costs nothing."""
    timers = Timers()
    timers.note("a", waiting("watermark"))
    timers.note("b", CustomerRow())

    assert (0, 0) == (len(timers.on_watermark), len(timers.on_now))


def test_later_timer_costs_nothing_and_earlier_one_counts() -> None:
    """One live entry per customer: the earliest that was ever noted."""
    heap = DueHeap()
    for due in (50, 70, 60, 40):
        heap.note("a", due)

    assert (40, "a") == heap.head()
    assert 2 == len(heap)
    heap.drop_head()
    assert "" == heap.head()[1]


@given(
    notes=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 10_000), st.booleans()), max_size=400
    )
)
def test_memory_is_bounded_by_customers(notes: list[tuple[int, int, bool]]) -> None:
    """However often timers move, entries are at most twice the customers, and 64."""
    heap = DueHeap()
    for customer, due, dropped in notes:
        heap.note(f"c{customer}", due)
        if dropped and heap.head()[1]:
            heap.drop_head()
        assert len(heap) <= 2 * 6 + 64


def test_stale_entries_are_swept() -> None:
    """A customer whose timer moves nearer a thousand times leaves no thousand entries."""
    heap = DueHeap()
    for due in range(1_000, 0, -1):
        heap.note("a", due)

    assert len(heap) <= 66
    assert (1, "a") == heap.head()


def test_purchase_that_moves_the_silence_away_leaves_the_index_alone() -> None:
    """
    The hot path: the entry stays where it is, comes up too early, and is corrected then.

        week    0 1 2 3 4 5 6 7    8.8 early entry    later: due
    """
    bank = Bank(win_back())
    bank.say(word("granted"), 0, who="bob")
    heap = bank.state.tenant(TENANT).timers.on_watermark
    for week in range(4):
        bank.say(spend(), week * WEEK)
    entry_count = len(heap)
    for week in range(4, 8):  # each of these moves the due time away
        bank.say(spend(), week * WEEK)
    assert entry_count == len(heap)
    for week in range(2):
        bank.say(spend(), week * WEEK + HOUR, who="bob")

    assert [] == triggers(bank.tick(8 * WEEK))
    assert ["bob", "ann"] == [one.customer_token for one in triggers(bank.tick(400 * DAY))]
