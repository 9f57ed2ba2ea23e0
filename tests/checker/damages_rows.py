"""Damage to the rows of the tiny world, each kind once, and what the checker must call it."""

from collections.abc import Callable
from typing import Any

from tests.checker import tiny_world as world
from tests.checker.spoiling import JOURNAL, ROWS, Topics, row


def _change_state(topics: Topics) -> None:
    changed = [*world.CUSTOMER_ROW[:7], 1, *world.CUSTOMER_ROW[8:]]
    row(topics, ROWS, 0, b"acme|c0", changed)


def _change_last_purchase(topics: Topics) -> None:
    changed = [*world.CUSTOMER_ROW]
    changed[15] = 1
    row(topics, ROWS, 0, b"acme|c0", changed)


def _lose_state(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c0", None)


def _invent_state(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c9", world.CUSTOMER_ROW)


def _keep_state_in_two_partitions(topics: Topics) -> None:
    row(topics, ROWS, 1, b"acme|c0", world.CUSTOMER_ROW)


def _lengthen_state(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c0", [*world.CUSTOMER_ROW, 0])


def _spoil(place: int, *change: Any) -> Callable[[Topics], None]:  # noqa: ANN401 (any field)
    """Return what puts another value into a field of c3's row, or into an item of its list."""

    def spoil(topics: Topics) -> None:
        changed = [*world.CUSTOMER_ROW_3]
        *way, value = change
        if way:
            first, field = way
            items = [[*item] for item in changed[place]]
            items[first][field] = value
            value = items
        changed[place] = value
        row(topics, ROWS, 1, b"acme|c3", changed)

    return spoil


def _keep_the_erased(topics: Topics) -> None:
    row(topics, ROWS, 0, b"acme|c7", world.CUSTOMER_ROW_2)


def _forget_the_erasure(topics: Topics) -> None:
    row(topics, ROWS, 0, world.ERASED_ROW.encode(), None)


def _date_the_erasure_otherwise(topics: Topics) -> None:
    row(topics, ROWS, 0, world.ERASED_ROW.encode(), world.ISSUED)


def _mark_without_the_secret(topics: Topics) -> None:
    _forget_the_erasure(topics)
    row(topics, ROWS, 0, b"#erased|0|acme|" + b"0" * 32, world.ISSUED + 5)


def _change_lifecycle_count(topics: Topics) -> None:
    row(topics, ROWS, 1, b"#counts|1", {})


def _change_a_count_that_went_on(topics: Topics) -> None:
    row(topics, ROWS, 0, b"#counts|0|1", {})


def _change_ingest_count(topics: Topics) -> None:
    counts = {"forwarded|acme|consent.changed": 2}
    key = b"#source|t.customer.profile.v1|0"
    row(topics, "t.ingest.state.v1", 0, key, [0, counts, 0])


def _stop_before_the_end_of_a_source(topics: Topics) -> None:
    row(topics, "t.ingest.state.v1", 1, b"#offsets", {"t.card.issue.v1": {1: 1}})


def _stop_before_the_end_of_the_journal(topics: Topics) -> None:
    row(topics, ROWS, 0, b"#offsets", {JOURNAL: {0: 6}})


FIELDS: list[tuple[str, Callable[[Topics], None]]] = [
    ("the journal partition", _spoil(1, 0)),
    ("a card's milestone", _spoil(2, 0, 1, world.ISSUED)),
    ("a card's status", _spoil(2, 0, 7, "lost")),
    ("a card's status time", _spoil(2, 1, 8, world.ISSUED)),
    ("a card's successor", _spoil(2, 0, 9, "")),
    ("the ring's times", _spoil(12, world.CUSTOMER_ROW_2[12])),
    ("the ring's hashes", _spoil(13, world.CUSTOMER_ROW_2[13])),
    ("the ring's contents", _spoil(16, bytes(5))),
    ("a word's status", _spoil(17, 0, 3, "cleared")),
    ("a word's detail", _spoil(17, 0, 7, "aml")),
    ("no word", _spoil(17, [])),
    ("a statement's due date", _spoil(18, 0, 3, world.BILL_DUE - 86_400_000)),
    ("what was paid", _spoil(18, 0, 7, 1)),
    ("no preference", _spoil(19, None)),
    ("a purchase that was not", _spoil(21, bytes(14))),
    ("a habit of nothing", _spoil(27, bytes([13, 1, *bytes(12), 1, *bytes(29)]))),
    ("a memory of nothing", _spoil(22, [["nudge", [[1]], []]])),
    ("other attributes", _spoil(20, [world.ISSUED + 4, "", "", [], False, ["", "", "", ""]])),
]
"""What is spoilt in c3's row, by name; each is a STATE_DIFF."""

ROW_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    (_change_state, {"STATE_DIFF"}),
    (_change_last_purchase, {"STATE_DIFF"}),
    (_lose_state, {"STATE_DIFF"}),
    (_invent_state, {"STATE_DIFF"}),
    (_keep_state_in_two_partitions, {"STATE_DIFF"}),
    (_change_lifecycle_count, {"COUNT_DIFF"}),
    (_change_ingest_count, {"COUNT_DIFF"}),
    (_stop_before_the_end_of_a_source, {"UNREAD", "COUNT_DIFF"}),
    (_stop_before_the_end_of_the_journal, {"UNREAD", "UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"}),
    (_lengthen_state, {"STATE_DIFF"}),
    (_keep_the_erased, {"STATE_DIFF"}),
    (_forget_the_erasure, {"STATE_DIFF"}),
    (_date_the_erasure_otherwise, {"STATE_DIFF"}),
    (_mark_without_the_secret, {"STATE_DIFF"}),
    (_change_a_count_that_went_on, {"COUNT_DIFF"}),
]
