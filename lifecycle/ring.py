"""Remember a customer's recent events, so that a repeat is known for one (SEMANTICS B2, T6)."""

from schemas.state import RING_SIZE, CustomerRow


def remember(row: CustomerRow, occurred_at_ms: int, identity: int) -> bool:
    """
    Put an event into the ring; return whether it is above the ring's floor.

    The ring is in ascending order of (event time, identity). What is evicted raises the floor:
    an event at or below it may be a repeat that the ring has forgotten, and is not put in.
    """
    if occurred_at_ms <= row.ring_floor_at_ms:
        return False
    times, identities = row.ring_at_ms, row.ring_hash
    place = len(times)
    while place and (times[place - 1], identities[place - 1]) > (occurred_at_ms, identity):
        place -= 1
    times.insert(place, occurred_at_ms)
    identities.insert(place, identity)
    if len(times) > RING_SIZE:
        row.ring_floor_at_ms = times.pop(0)
        del identities[0]
    return True
