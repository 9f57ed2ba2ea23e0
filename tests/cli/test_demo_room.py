"""How far the demonstration may be ahead of who reads outcomes."""

from cli.demo.room import JOURNAL_UNREAD_COUNT_MAX, OUTCOMES_UNREAD_COUNT_MAX, Room
from streams.port import SourcePartition


ONE, OTHER = SourcePartition("outcomes", 0), SourcePartition("outcomes", 1)


def test_room_is_what_the_journal_keeps_where_it_leads_to_little() -> None:
    """At one outcome of ten records it is the journal that is full first."""
    room = Room()
    room.see(1_000, {ONE: 100})

    assert room.is_left(JOURNAL_UNREAD_COUNT_MAX - 1, 0)
    assert not room.is_left(JOURNAL_UNREAD_COUNT_MAX, 0)


def test_room_is_less_where_each_record_leads_to_many_outcomes() -> None:
    """Four of each in the fuller partition: a quarter of what that may keep is left to wait."""
    room = Room()
    room.see(1_000, {ONE: 1_000, OTHER: 3_000})
    room.see(2_000, {ONE: 5_000, OTHER: 3_500})

    quarter = OUTCOMES_UNREAD_COUNT_MAX // 4
    assert room.is_left(quarter - 1, 0)
    assert not room.is_left(quarter, 0)
    assert not room.is_left(quarter - 1, 4)  # what is found and unread takes its place


def test_room_does_not_judge_by_a_few_records() -> None:
    """One tick can close a hundred windows: less than a sample changes nothing."""
    room = Room()
    room.see(499, {ONE: 5_000})

    assert 1.0 == room.outcomes_per_record


def test_room_is_left_when_nothing_waits_and_all_was_read() -> None:
    """However many outcomes there were of each: else nothing would ever go on."""
    room = Room()
    room.see(500, {ONE: 500_000})

    assert room.is_left(0, 0)
