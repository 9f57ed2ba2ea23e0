"""
Remember a customer's recent events, so that a repeat is known for one (SEMANTICS B2, T6).

Three byte strings, big-endian, entry after entry: times in 6 bytes, identities in 8, checks of
the content in 1. Bytes order as the numbers do, and a row is read and written without a number
being made; nearly every event is the newest, so it goes to the end and the first falls out.
"""

from typing import Final

from schemas.state import RING_SIZE, CustomerRow


AT_BYTES: Final = 6
HASH_BYTES: Final = 8


def find(row: CustomerRow, identity: int) -> int:
    """Return the place of an event in the ring, -1 where it is not there (any more)."""
    known, wanted = row.ring_hash, identity.to_bytes(HASH_BYTES)
    at = known.find(wanted)
    while at > 0 and at % HASH_BYTES:  # found across two entries
        at = known.find(wanted, at + 1)
    return at // HASH_BYTES


def remember(row: CustomerRow, occurred_at_ms: int, identity: int, content: int) -> bool:
    """
    Put an event into the ring; return whether it is above the ring's floor.

    The ring is in ascending order of (event time, identity); `content` is 8 bits of what the
    event says. What is evicted raises the floor: an event at or below it may be a repeat that
    the ring has forgotten, and is not put in.
    """
    if occurred_at_ms <= row.ring_floor_at_ms:
        return False
    at, name = occurred_at_ms.to_bytes(AT_BYTES), identity.to_bytes(HASH_BYTES)
    times, names, contents = row.ring_at, row.ring_hash, row.ring_content
    if at > times[-AT_BYTES:]:  # also where the ring is empty
        times, names, contents = times + at, names + name, contents + content.to_bytes()
    else:
        place = _place(times, names, at, name)
        in_times, in_names = place * AT_BYTES, place * HASH_BYTES
        times = times[:in_times] + at + times[in_times:]
        names = names[:in_names] + name + names[in_names:]
        contents = contents[:place] + content.to_bytes() + contents[place:]
    if len(contents) > RING_SIZE:
        row.ring_floor_at_ms = int.from_bytes(times[:AT_BYTES])
        times, names, contents = times[AT_BYTES:], names[HASH_BYTES:], contents[1:]
    row.ring_at, row.ring_hash, row.ring_content = times, names, contents
    return True


def _place(times: bytes, names: bytes, at: bytes, name: bytes) -> int:
    """Return where an entry belongs in the order of (time, identity), by bisection."""
    low, high = 0, len(times) // AT_BYTES
    while low < high:
        middle = (low + high) // 2
        in_times, in_names = middle * AT_BYTES, middle * HASH_BYTES
        known_at = times[in_times : in_times + AT_BYTES]
        if known_at < at or (known_at == at and names[in_names : in_names + HASH_BYTES] < name):
            low = middle + 1
        else:
            high = middle
    return low
