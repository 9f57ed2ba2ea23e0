"""Every event of the catalogue does something to a row, and one thing only if it comes twice."""

import pytest

from schemas.codec import encode_row
from schemas.events import AnyEvent, IdentityMerged
from schemas.state import CustomerRow
from tests.lifecycle.builders import DAY, HOUR, Bank, issued, nudge
from tests.lifecycle.catalogue import HARMLESS, any_event
from tests.lifecycle.told import triggers


ONE_STEP = nudge().steps[:1]
RING = ("ring_at", "ring_hash", "ring_content")


def contacted() -> tuple[Bank, str]:
    """Return a bank that has sent one trigger, and the trigger's id."""
    bank = Bank(nudge(steps=ONE_STEP))
    bank.say(issued("k9"), 0)
    return bank, triggers(bank.tick(9 * DAY))[0].trigger_id


def without_ring(row: CustomerRow) -> bytes:
    """Return what is known of the customer, but which events were seen."""
    ring = {name: getattr(row, name) for name in RING}
    for name in RING:
        setattr(row, name, b"")
    printed = encode_row(row)
    for name, value in ring.items():
        setattr(row, name, value)
    return printed


@pytest.mark.parametrize("shape", [shape for shape in HARMLESS if shape is not IdentityMerged])
def test_event_changes_what_is_known_and_a_repeat_does_not(shape: type[AnyEvent]) -> None:
    """3.2, 3.8: none of them is only counted; B2: the repeat is."""
    bank, trigger_id = contacted()
    event = any_event(
        lambda pool: pool[0], [shape], trigger_id=(trigger_id,), status=status_of(shape)
    )
    before, applied = without_ring(bank.row()), f"applied|{{}}|{shape.__struct_config__.tag}"
    applied_count = bank.count(applied)
    bank.say(event, 10 * DAY, event_id="once")
    after = without_ring(bank.row())
    bank.say(event, 11 * DAY, event_id="once")

    assert before != after == without_ring(bank.row())
    assert applied_count + 1 == bank.count(applied)
    assert 1 == bank.count("ignored|{}|DUPLICATE")


def status_of(shape: type[AnyEvent]) -> tuple[str, ...]:
    """Return a status that changes something: a gateway's `accepted` does not."""
    return ("failed",) if shape.__struct_config__.tag == "delivery.receipt" else ()


def test_events_of_one_moment_of_two_customers_do_not_meet() -> None:
    """N2: a row is one customer's."""
    bank = Bank(consent="")
    for shape in HARMLESS:
        bank.say(any_event(lambda pool: pool[0], [shape]), HOUR, who="bob")

    assert encode_row(CustomerRow()) == encode_row(bank.row("ann"))
