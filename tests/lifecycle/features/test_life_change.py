"""What has become a habit: the cumulative sums by hand, and what a row keeps of them (3.20)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.features.declared import FEATURES
from lifecycle.features.scene_habits import SceneHabits, changed_scene, learnt
from schemas.codec import decode_customer_row, encode_row
from schemas.scenes import SCENES
from schemas.state import CustomerRow
from tests.lifecycle.builders import DAY, HOUR, Bank, reversed_spend
from tests.lifecycle.features.portrait import context
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.segmented import bought


DINING, HOME = SCENES.index("dining"), SCENES.index("home")
SCENE_OF = {"d": "dining", "h": "home", "t": "travel"}
ROW_BYTES = 44
"""Of the state of one customer, whatever they buy."""


def after(letters: str) -> SceneHabits:
    """Return what is known after purchases, a letter each."""
    habits = SceneHabits(b"")
    for letter in letters:
        habits.take(SCENES.index(SCENE_OF[letter]))
    return habits


def lived(letters: str) -> Bank:
    """Return a bank whose customer has bought, a letter a day."""
    bank = Bank()
    for day, letter in enumerate(letters):
        bank.say(bought(SCENE_OF[letter], 100), day * DAY, event_id=f"b{day}")
    return bank


def told(row: CustomerRow) -> object:
    """Return the feature, as of a year on."""
    return FEATURES["life_change_scene"].read(context(row, 365 * DAY))


@pytest.mark.parametrize(
    ("newest", "sum_of_home", "scene"),
    [
        ("hhhh", 10_000, ""),
        ("hhhhh", 0, "home"),
        ("hhhhd", 9_166, ""),
        ("hhhhdh", 11_666, ""),
        ("hhhhdhh", 0, "home"),
        ("hdddh", 2_500, ""),
        ("tttth", 2_500, ""),
    ],
)
def test_sum_of_a_new_scene_rises_by_two_and_a_half(
    newest: str, sum_of_home: int, scene: str
) -> None:
    """
    60 of dining, then some of home: p = 100,000, d = isqrt(10^5 * 9 * 10^5) = 300,000.

    Bought: 900,000,000 div 300,000 - 500 = 2,500. Another: -100,000,000 div 300,000 - 500 = -834.
    Of at most 66 five were of home before: (5 + 1) / (66 + 2) = .088 counts as a tenth, too.
    """
    habits = after("d" * 60 + newest)

    assert (sum_of_home, scene) == (habits.sums[HOME], habits.told_scene())


def test_sum_is_against_what_has_been_learnt() -> None:
    """
    After 16 of dining a second of home is less new: p = 2 * 10^6 div 19 = 105,263 of 17.

    d = isqrt(105,263 * 894,737) = 306,891; 894,737,000 div 306,891 = 2,915; 2,500 + 2,415 = 4,915.
    """
    assert 2_500 == after("d" * 16 + "h").sums[HOME]
    assert 4_915 == after("d" * 16 + "hh").sums[HOME]


def test_nothing_is_told_before_sixteen_purchases_are_known() -> None:
    """Fifteen say not yet what is usual, even of one scene after another."""
    assert [0] * 14 == after("d" * 8 + "h" * 8).sums
    assert "" == after("d" * 4 + "h" * 12).told_scene()


def test_scene_is_told_for_sixteen_purchases_and_not_again() -> None:
    """As of the fifth of home and the next 15; by then it is what is usual."""
    shown = "d" * 60 + "h" * 5
    said = [after(shown + "h" * more).told_scene() for more in range(40)]

    assert ["home"] * 16 + [""] * 24 == said


def test_telling_begins_anew_with_the_purchase_that_shows_it() -> None:
    """One purchase is known, of home; another scene is told once 16 are."""
    habits = after("d" * 60 + "h" * 5)

    assert (HOME, 1, 1) == (habits.told, habits.count, sum(habits.counts))
    assert 1 == habits.counts[HOME]
    assert "home" == after("d" * 60 + "h" * 5 + "t" * 15).told_scene()
    assert "" == after("d" * 60 + "h" * 20 + "t" * 4).told_scene()


def test_counts_are_halved_at_a_hundred_and_twenty_eight() -> None:
    """127 and 1 become 64 in all, 63 and 0: what was usual once is forgotten."""
    before, halved = after("d" * 126 + "h"), after("d" * 126 + "hd")

    assert (127, 126, 1) == (before.count, before.counts[DINING], before.counts[HOME])
    assert (64, 63, 0) == (halved.count, halved.counts[DINING], halved.counts[HOME])


def test_row_keeps_what_is_behind_its_sixteen_purchases() -> None:
    """Of 16 nothing; of 17 the first: told 0, 1 purchase, the count of dining 1, no sums."""
    assert b"" == lived("d" * 16).row().scene_habits
    known = lived("d" + "h" * 16).row().scene_habits

    assert bytes([0, 1, 0, 0, 1, *bytes(11), *bytes(28)]) == known


def test_feature_goes_on_over_the_newest_purchases() -> None:
    """The row knows 49 of dining; eleven more and five of home are among the newest."""
    bank = lived("d" * 60 + "h" * 5)

    assert bytes([0, 49, 0, 0, 49, *bytes(39)]) == bank.row().scene_habits
    assert "home" == told(bank.row())
    assert "" == told(lived("d" * 60 + "h" * 4).row())


def test_row_of_any_habit_grows_by_forty_four_bytes() -> None:
    """At most, and no more while there are sixteen purchases."""
    row = lived("dht" * 30).row()
    grown = len(encode_row(row)) - len(encode_row(replace(row, scene_habits=b"")))

    assert ROW_BYTES == grown == len(row.scene_habits)
    assert row == decode_customer_row(encode_row(row))


def test_old_row_begins_with_the_purchases_that_it_has() -> None:
    """Sixteen that nobody learnt from are what is usual; six of home are a change."""
    bank = lived("d" * 40)
    bank.row().scene_habits = b""
    assert "" == told(bank.row())
    for day in range(40, 48):
        bank.say(bought("home", 1), day * DAY, event_id=f"b{day}")

    assert 8 == bank.row().scene_habits[1]
    assert "home" == told(bank.row())


def test_reversal_takes_no_habit_back() -> None:
    """Who returned a thing did go shopping."""
    bank = lived("d" * 60 + "h" * 5)
    before = bank.row().scene_habits
    for number in range(5):
        bank.say(reversed_spend(100), 70 * DAY, event_id=f"r{number}")

    assert "home" == told(bank.row())
    assert before == bank.row().scene_habits


def test_repeat_is_no_second_purchase() -> None:
    """B2: the fourth of home, told twice, is the fourth."""
    bank = lived("d" * 60 + "h" * 4)
    bank.say(bought("home", 100), 63 * DAY, event_id="b63")

    assert "" == told(bank.row())


def test_purchase_that_is_older_than_all_that_are_kept_is_taken_at_once() -> None:
    """Sixteen days of dining, then one of home from the day before."""
    bank = Bank()
    for day in range(1, 17):
        bank.say(bought("dining", 100), day * DAY, event_id=f"b{day}")
    bank.say(bought("home", 100), HOUR, arrived=17 * DAY, event_id="late")

    known = SceneHabits(bank.row().scene_habits)
    assert (1, 1) == (known.count, known.counts[HOME])


@given(st.text("dht", max_size=90), st.randoms(use_true_random=False))
def test_order_of_arrival_among_the_newest_changes_no_byte(letters: str, by: Any) -> None:  # noqa: ANN401
    """T6: each purchase comes up to fifteen places late."""
    bank = Bank()
    order = sorted(range(len(letters)), key=lambda day: day + by.randrange(16))
    for arrived, day in enumerate(order):
        bank.say(
            bought(SCENE_OF[letters[day]], 100),
            day * DAY,
            arrived=(max(order[: arrived + 1]) + 1) * DAY,
            event_id=f"b{day}",
        )
    if letters:
        ordered = lived(letters).row()
        assert ordered.scene_habits == bank.row().scene_habits
        assert told(ordered) == told(bank.row()) == after(letters).told_scene()


def test_habits_survive_a_restart() -> None:
    """Rows alone give the same row."""
    bank = lived("d" * 20 + "h" * 6)

    assert b"bank|ann" in restored_at_every_record(bank).rows


def test_scene_of_a_later_release_is_other_and_is_kept() -> None:
    """A row that a newer worker wrote: 15 scenes, of which the last is told."""
    newer = bytes([15, 1, *bytes(14), 1, *bytes(30)])

    assert newer == SceneHabits(newer).packed()
    assert "" == changed_scene(newer, b"")
    assert bytes([0, 1, 1, *bytes(41)]) == learnt(b"", 200)


def test_row_of_fewer_scenes_is_read() -> None:
    """A scene that is appended later has not been bought yet: 13 scenes become 14."""
    older = bytes([3, 16, *bytes(12), 16, *bytes(24), 4, 210])
    known = SceneHabits(older)

    assert [*bytes(12), 16, 0] == [*known.counts]
    assert [*[0] * 12, 1_234, 0] == known.sums
    assert ROW_BYTES == len(known.packed())
