"""The funnel: where cards stand and how long they took to get there (insight.md 2)."""

import pytest

from tests.insight.insight_log import DAY, HOUR, T0, Folded, InsightLog


def test_funnel_follows_a_card_from_place_to_place() -> None:
    """A card leaves where it was; a place without cards is not kept."""
    log = InsightLog()
    log.move("", "issued", reached="issued")
    log.move("", "issued", reached="issued")
    log.move("issued", "issued+activated", 9, reached="activated", waited_ms=3 * HOUR)
    log.move("issued", "issued|gone", 5)
    row = Folded(log).funnel()

    assert row.cards == {"issued+activated": 1, "issued|gone": 1}
    assert row.reached == {"issued": 2, "activated": 1}
    assert row.at_ms == T0 + 9


def test_funnel_forgets_an_erased_card() -> None:
    """B5: a card that is counted nowhere any more leaves the funnel's cards."""
    log = InsightLog()
    log.move("", "issued", reached="issued")
    log.move("issued", "")

    assert Folded(log).funnel().cards == {}


@pytest.mark.parametrize(
    ("waited_ms", "place"),
    [
        *((0, 0), (HOUR - 1, 0), (HOUR, 1), (2 * HOUR - 1, 1), (2 * HOUR, 2), (4 * HOUR - 1, 2)),
        *((4 * HOUR, 3), (72 * HOUR, 7), (2**22 * HOUR - 1, 22), (2**22 * HOUR, 23)),
        (2**40 * HOUR, 23),
    ],
)
def test_funnel_bins_double(waited_ms: int, place: int) -> None:
    """Bin 0 is below an hour, bin b from 2^(b - 1) hours on, 23 the rest."""
    log = InsightLog()
    log.move("issued", "issued+activated", reached="activated", waited_ms=waited_ms)
    waited = Folded(log).funnel().waited

    assert waited == {"activated": [int(number == place) for number in range(24)]}


def test_funnel_waits_that_nobody_knows_are_in_no_bin() -> None:
    """A milestone counts; without the one before it there is no waiting time."""
    log = InsightLog()
    log.move("", "bound", reached="bound")
    row = Folded(log).funnel()

    assert (row.reached, row.waited) == ({"bound": 1}, {})


def test_funnel_of_two_partitions_adds_up() -> None:
    """Whose records went elsewhere: one partition is below 0, both together are right."""
    log = InsightLog()
    log.move("", "issued")
    log.partition = 1
    log.move("issued", "issued+activated")
    folded = Folded(log)

    assert folded.funnel(0).cards == {"issued": 1}
    assert folded.funnel(1).cards == {"issued": -1, "issued+activated": 1}


def test_funnel_is_reported_once_an_hour_of_its_own_time() -> None:
    """At the first record, and at one that is an hour or more later; earlier ones do not."""
    log = InsightLog()
    log.move("", "issued", 0, reached="issued")
    log.move("", "issued", HOUR - 1)
    log.move("", "issued", HOUR)
    log.move("", "issued", 5)
    log.move("issued", "issued+activated", 2 * DAY, reached="activated", waited_ms=0)
    folded = Folded(log)

    assert [one.at_ms - T0 for one in folded.funnels] == [0, HOUR, 2 * DAY]
    assert folded.funnels[1].cards == {"issued": 3}
    assert folded.funnels[2].waited == {"activated": [1] + [0] * 23}
    assert {one.key for one in folded.told(b"funnel.reported.v1")} == {b"bank||0|funnel"}
