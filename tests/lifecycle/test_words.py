"""Words: the greatest of what was said about a subject, and who makes room (docs/core.md 3.8)."""

from itertools import permutations

import pytest

from lifecycle import words
from schemas import events
from schemas.state import WORDS_MAX, CustomerRow, WordState
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, wallet_bound


GREATER: list[WordState] = [
    WordState("k", "s", 1, "b", 5, 5, 5, "e"),
    WordState("k", "s", 2, "a", 5, 5, 5, "e"),
    WordState("k", "s", 2, "b", 1, 9, 9, "z"),
    WordState("k", "s", 2, "b", 2, 1, 9, "z"),
    WordState("k", "s", 2, "b", 2, 2, 1, "z"),
    WordState("k", "s", 2, "b", 2, 2, 2, "a"),
    WordState("k", "s", 2, "b", 2, 2, 2, "b"),
]
"""Each greater than the one before, each by another field."""


@pytest.mark.parametrize("lesser", range(len(GREATER) - 1))
def test_word_is_the_greatest_whatever_comes_first(lesser: int) -> None:
    """3.8: compared as a tuple, field by field."""
    for pair in permutations(GREATER[lesser : lesser + 2]):
        row = CustomerRow()
        for word in pair:
            assert words.take(row, word, 0) is None

        assert [GREATER[lesser + 1]] == row.words


def test_words_of_one_kind_are_apart_by_their_subject() -> None:
    """A case that is closed says nothing about another."""
    bank = Bank()
    for case_id in ("c1", "c2"):
        bank.say(events.ServiceCaseOpened(case_id=case_id), HOUR)
    bank.say(events.ServiceCaseClosed(case_id="c1"), DAY)
    assert words.says(bank.row(), "case", "opened")
    bank.say(events.ServiceCaseClosed(case_id="c2"), DAY)

    assert not words.says(bank.row(), "case", "opened")
    assert words.find(bank.row(), "case", "c3") is None


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_flag_is_down_when_its_newest_word_says_so(order: tuple[int, ...]) -> None:
    """3.8: flagged, cleared, flagged again as dead, in any order of arrival."""
    life = [
        (events.RiskFlagged(flag_id="f", flag_class="fraud"), HOUR),
        (events.RiskCleared(flag_id="f"), 2 * HOUR),
        (events.RiskFlagged(flag_id="f", flag_class="deceased"), 3 * HOUR),
    ]
    bank = Bank()
    for place in order:
        bank.say(*life[place], arrived=DAY)
    assert words.deceased(bank.row())
    bank.say(events.RiskCleared(flag_id="f"), 4 * HOUR)

    assert not words.deceased(bank.row())


def full(*kept: WordState) -> CustomerRow:
    """Return a customer with `kept` and as many flags up as there is room for, all younger."""
    flags = [WordState("risk", f"f{number}", 900, "flagged") for number in range(WORDS_MAX)]
    return CustomerRow(words=[*kept, *flags[len(kept) :]])


SPENT = [
    *[WordState(kind, "s", 5, "any") for kind in ("declined", "session", "response", "offer")],
    *[WordState(kind, "s", 5, "any") for kind in ("partner", "survey", "score")],
    *[
        WordState("kind", "s", 5, status)
        for status in (
            *("approved", "declined", "withdrawn", "redeemed", "expired", "settled"),
            *("cured", "cleared", "closed", "unbound", "cancelled"),
        )
    ],
    WordState("precheck", "s", 5, "granted", until_ms=T0),
    WordState("precheck", "s", 5, "granted", until_ms=1),
]
UNSPENT = [
    WordState("precheck", "s", 5, "granted", until_ms=T0 + 1),
    WordState("precheck", "s", 5, "granted"),
    WordState("risk", "s", 5, "flagged"),
    WordState("application", "s", 5, "submitted"),
]


@pytest.mark.parametrize("word", SPENT)
def test_spent_word_makes_room(word: WordState) -> None:
    """3.8: of a passing kind, at its end, or past its time as of now (T0)."""
    row, further = full(word), WordState("case", "c", 1, "opened")

    assert words.take(row, further, T0) is None
    assert (WORDS_MAX, None) == (len(row.words), words.find(row, word.kind, word.subject))
    assert further in row.words


@pytest.mark.parametrize("word", UNSPENT)
def test_word_that_is_not_spent_makes_no_room(word: WordState) -> None:
    """3.8: STATE_FULL, and nothing has changed; a known subject may still say something new."""
    row = full(word)
    before = list(row.words)

    assert "STATE_FULL" == words.take(row, WordState("case", "c", 9_999, "opened"), T0)
    assert before == row.words
    assert words.take(row, WordState(word.kind, word.subject, 999, "closed"), T0) is None
    assert WORDS_MAX == len(row.words)


def test_oldest_spent_word_makes_room_then_by_kind_and_subject() -> None:
    """3.8: the least (time, kind, subject); what is not spent may be older still."""
    spent = [
        WordState("offer", "b", 7, "granted"),
        WordState("offer", "a", 7, "granted"),
        WordState("declined", "z", 7, "risk"),
        WordState("case", "c", 6, "closed"),
    ]
    row = full(WordState("case", "old", 1, "opened"), *spent)
    gone = []
    for number in range(4):
        before = {(word.kind, word.subject) for word in row.words}
        words.take(row, WordState("plan", f"{number}", 1, "new"), T0)
        gone += before - {(word.kind, word.subject) for word in row.words}

    assert [("case", "c"), ("declined", "z"), ("offer", "a"), ("offer", "b")] == gone


def test_event_without_room_is_ignored_after_its_milestone() -> None:
    """3.8: STATE_FULL, no later step; that the card was bound is known all the same (3.2.4)."""
    bank = Bank()
    for number in range(WORDS_MAX):
        bank.say(events.RiskFlagged(flag_id=f"f{number}", flag_class="other"), HOUR)
    bank.say(wallet_bound(), 2 * HOUR)

    assert 1 == bank.count("ignored|{}|STATE_FULL")
    assert T0 + 2 * HOUR == bank.row().cards[0].bound_at_ms
    assert WORDS_MAX == len(bank.row().words)
