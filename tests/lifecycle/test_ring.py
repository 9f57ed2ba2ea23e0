"""The ring knows a repeat for one, as long as it can (SEMANTICS B2, T6; docs/core.md 3.2.1-2)."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import ring
from schemas.codec import encode_json
from schemas.state import RING_SIZE, CustomerRow
from tests.lifecycle.builders import HOUR, T0, Bank, bill, spend
from tests.lifecycle.by_hand import identity


ENTRIES = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 2**64 - 1)),
    max_size=80,
    unique_by=lambda entry: entry[1],
)


def filled(entries: list[tuple[int, int]]) -> CustomerRow:
    """Return a row that has seen (time, identity), the content's check being the time."""
    row = CustomerRow()
    for at_ms, name in entries:
        ring.remember(row, at_ms, name, at_ms)
    return row


def read(row: CustomerRow) -> list[tuple[int, int, int]]:
    """Return the ring's entries as docs/core.md 3.2.2 says they are kept."""
    return [
        (
            int.from_bytes(row.ring_at[6 * place : 6 * place + 6], "big"),
            int.from_bytes(row.ring_hash[8 * place : 8 * place + 8], "big"),
            row.ring_content[place],
        )
        for place in range(len(row.ring_content))
    ]


@given(entries=ENTRIES)
def test_ring_keeps_the_greatest_and_its_floor(entries: list[tuple[int, int]]) -> None:
    """Sorted by (time, identity), 32 at most; the floor is the newest time that fell out."""
    kept: list[tuple[int, int]] = []
    floor = 0
    for at_ms, name in entries:
        if at_ms <= floor:
            continue
        kept = sorted([*kept, (at_ms, name)])
        if len(kept) > RING_SIZE:
            floor = max(floor, kept.pop(0)[0])
    row = filled(entries)

    assert [(at_ms, name, at_ms) for at_ms, name in kept] == read(row)
    assert floor == row.ring_floor_at_ms


@given(entries=ENTRIES)
def test_ring_finds_what_it_holds_where_it_holds_it(entries: list[tuple[int, int]]) -> None:
    """Every entry at its place, and nothing that is not there."""
    row = filled(entries)
    held = [name for _, name, _ in read(row)]

    assert [*range(len(held))] == [ring.find(row, name) for name in held]
    assert all(ring.find(row, name) == -1 for _, name in entries if name not in held)


def test_ring_does_not_find_an_identity_across_two_entries() -> None:
    """Its bytes lie in the ring, but not where an entry begins."""
    sought = 0x01020304_05060708
    around = [(1, 0xAAAAAAAA_01020304), (2, 0x05060708_BBBBBBBB)]
    assert sought.to_bytes(8, "big") in filled(around).ring_hash

    assert -1 == ring.find(filled(around), sought)
    assert 2 == ring.find(filled([*around, (3, sought)]), sought)


def test_ring_takes_nothing_at_its_floor() -> None:
    """T6: what is as old as what fell out may have fallen out itself."""
    row = filled([(at_ms, at_ms) for at_ms in range(1, RING_SIZE + 2)])
    before = read(row)

    assert (1, 2) == (row.ring_floor_at_ms, before[0][0])
    assert not ring.remember(row, 1, 99, 0)
    assert before == read(row)


def test_ring_of_a_row_holds_the_envelopes_identity_and_check() -> None:
    """B2: BLAKE2b of (source, id), CRC-32 of the record as the journal prints it, low 8 bits."""
    bank = Bank(consent="")
    bank.say(spend(700), HOUR, event_id="e")
    record = json.loads(encode_json(bank.journal[-1]))["record"]
    printed = json.dumps(record, separators=(",", ":")).encode()

    assert (T0 + HOUR).to_bytes(6, "big") == bank.row().ring_at
    assert bytes.fromhex(identity("e")) == bank.row().ring_hash
    assert bytes([zlib.crc32(printed) & 0xFF]) == bank.row().ring_content


@pytest.mark.parametrize(
    ("amount_minor", "reason"), [(300_000, "DUPLICATE"), (900_000, "ID_CONFLICT")]
)
def test_repeat_that_says_something_else_has_a_name(amount_minor: int, reason: str) -> None:
    """B2: both change nothing; only the second is a mistake that somebody has to look for."""
    bank = Bank()
    bank.say(bill(300_000), HOUR, event_id="once")
    bank.say(bill(amount_minor), HOUR, event_id="once")

    assert 300_000 == bank.row().statements[0].total_due_minor
    assert 1 == bank.count(f"ignored|{{}}|{reason}")
    assert 1 == bank.count("applied|{}|statement.issued")
