"""Erasure: nothing stays of a customer but a marker that nobody can read back (B5, I5)."""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec
import pytest

from lifecycle.fold import LifecycleFold
from schemas.events import AnyEvent, ErasureRequested, IdentityMerged
from schemas.records import Applied, Row
from schemas.routing import JOURNAL_TOPIC
from streams.replay import Replayed, replay
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    TENANT,
    Bank,
    activated,
    issued,
    nudge,
    push,
    receipt,
    spend,
    word,
)
from tests.lifecycle.catalogue import CATALOGUE, any_event
from tests.lifecycle.told import stored, story


SOURCES = [(JOURNAL_TOPIC, 0)]
SECRETS = {TENANT: "pepper", "other": "salt"}
ERASED = ErasureRequested(request_id="r")


def marker(secret: str, who: str = "ann") -> bytes:
    """Return the marker's key as docs/core.md 3.8 has it, worked out with hmac's other door."""
    mac = hmac.new(secret.encode(), f"{TENANT}|{who}".encode(), hashlib.sha256)
    return f"#erased|0|{TENANT}|{mac.hexdigest()[:32]}".encode()


def folded(bank: Bank, secrets: Mapping[str, str] = SECRETS) -> Replayed:
    """Return what a fold with these secrets makes of the bank's journal."""
    fold = LifecycleFold(0, 1, erasure_secrets=secrets)
    return replay(fold, stored(bank.journal), sources=SOURCES, slice_record_count=2)


def erased(*before: AnyEvent) -> Bank:
    """Return a bank whose customer was erased on the second day."""
    bank = Bank(nudge())
    for event in before:
        bank.say(event, HOUR)
    bank.say(ERASED, DAY)
    return bank


@pytest.mark.parametrize("before", [(), (issued(), spend())])
def test_erasure_leaves_a_marker_and_nothing_else(before: tuple[AnyEvent, ...]) -> None:
    """B5: the row is gone from the changelog; the marker says when, and not who."""
    rows = folded(erased(*before)).rows

    assert not [key for key in rows if b"|ann" in key]
    assert T0 + DAY == msgspec.msgpack.decode(rows[marker("pepper")])
    assert [marker("pepper")] == [key for key in rows if key.startswith(b"#erased")]


def test_erasure_writes_a_tombstone_in_the_same_drain() -> None:
    """B5: for a stranger, too: a row of theirs may be on its way to the log."""
    fold = LifecycleFold(0, 1, erasure_secrets=SECRETS)
    fold.open(SOURCES)
    bank = Bank(consent="")
    bank.say(ERASED, DAY, who="nobody")
    for record in stored(bank.journal):
        fold.apply(record)
    rows = fold.drain().rows

    assert Row(b"bank|nobody", None) in rows
    assert marker("pepper", "nobody") in [row.key for row in rows]
    assert not [row for row in fold.drain().rows if b"#counts" not in row.key]


def test_marker_without_a_secret_is_that_of_an_empty_one() -> None:
    """3.8: anybody could work it out, so a worker warns; another tenant's secret is not taken."""
    assert marker("") in folded(erased(), {}).rows
    assert marker("") in folded(erased(), {"other": "salt"}).rows


@pytest.mark.parametrize("shape", CATALOGUE)
def test_whatever_comes_late_is_ignored(shape: type[AnyEvent]) -> None:
    """I5: any event of the catalogue, old or new, a second erasure too, brings nothing back."""
    bank = erased(issued())
    event = any_event(lambda pool: pool[0], [shape])

    assert [] == bank.say(event, 0, arrived=2 * DAY)
    assert [] == bank.say(event, 3 * DAY)
    assert 2 == bank.count("ignored|{}|ERASED")
    assert not bank.state.tenant(TENANT).changed
    assert 1 == sum(key.startswith(b"#erased") for key in folded(bank).rows)


def test_late_events_move_the_clock_all_the_same() -> None:
    """3.2.0: nothing else happens."""
    bank = erased()
    bank.say(spend(), 3 * DAY)

    assert T0 + 3 * DAY == bank.state.tenant(TENANT).row.now_at_ms


def test_erasure_is_applied_once() -> None:
    """3.8: the second is ignored as ERASED, not as a repeat: no ring is left to know it."""
    bank = Bank()
    for _ in range(2):
        bank.say(ERASED, DAY, event_id="once")

    assert 1 == bank.count("applied|{}|erasure.requested")
    assert 1 == bank.count("ignored|{}|ERASED")


def test_timers_and_contacts_of_the_erased_are_gone() -> None:
    """B5: no step fires, no receipt finds its trigger, and others go on as they were."""
    bank = erased(issued())
    bank.say(word("granted"), HOUR, who="bob")
    bank.say(issued(), HOUR, who="bob")

    assert ["-> bob first", "nudge first sent"] == story(bank.tick(3 * DAY + HOUR))
    assert not bank.state.tenant(TENANT).is_erased("bob")
    bank.say(receipt("any", "blocked_optout"), 4 * DAY)
    assert {"bob"} == {*bank.state.tenant(TENANT).changed}


def test_timers_of_the_erased_leave_the_index_with_the_next_tick() -> None:
    """B5: nothing in memory keeps the token until its step would have been due."""
    bank = erased(issued())
    timers = bank.state.tenant(TENANT).timers
    assert [] == bank.tick(2 * DAY)

    assert (0, 0) == (len(timers.on_watermark), len(timers.on_now))


def test_erasure_between_two_drains_leaves_nothing_in_memory() -> None:
    """B5: what was drained rests as bytes; they go as well."""
    bank = Bank(consent="granted")
    tenant = bank.state.tenant(TENANT)
    bank.state.drain([])
    assert {"ann"} == {*tenant.stored}
    bank.say(ERASED, DAY)
    assert ({}, {}) == (tenant.stored, tenant.changed)
    bank.state.drain(rows := [])

    assert Row(b"bank|ann", None) in rows
    assert set() == tenant.forgotten


@pytest.mark.parametrize("cut", range(8))
def test_erasure_holds_across_a_restart(cut: int) -> None:
    """B4, B5: a successor restored from the rows at any record knows whom it must not know."""
    bank = Bank(push(), consent="")
    bank.say(word("granted"), 0)
    bank.say(spend(), HOUR)
    bank.say(ERASED, 2 * HOUR)
    bank.say(activated(), HOUR, arrived=3 * HOUR)
    bank.say(spend(), 4 * HOUR, who="bob")
    bank.say(spend(), 5 * HOUR)
    bank.tick(DAY)
    journal = stored(bank.journal)
    fold = LifecycleFold(0, 1, erasure_secrets=SECRETS)
    before = replay(fold, journal[:cut], sources=SOURCES)
    rows = [Row(*row) for row in before.rows.items()]
    fold = LifecycleFold(0, 1, erasure_secrets=SECRETS)
    after = replay(fold, journal[cut:], sources=SOURCES, rows=rows)

    assert folded(bank).rows == after.rows
    assert b"bank|bob" in after.rows
    assert b"bank|ann" not in after.rows


def test_many_markers_are_restored_a_bite_at_a_time() -> None:
    """T8: as customers are; until the last is back, no record is folded."""
    fold = LifecycleFold(0, 1, erasure_secrets=SECRETS)
    for number in range(2_500):
        fold.restore(Row(marker("pepper", f"c{number}"), b"\x01"))
    fold.open(SOURCES)
    bank = Bank(consent="", zone="")
    bank.say(spend(), HOUR, who="c2499")
    record = stored(bank.journal)[0]

    assert [Applied.AGAIN, Applied.AGAIN, Applied.DONE] == [fold.apply(record) for _ in range(3)]
    assert {"ignored|bank|ERASED": 1} == fold.counts()


def test_without_any_marker_nobody_is_looked_up() -> None:
    """3.2.0 costs nothing where nobody was erased, and where the customer is known."""
    bank = Bank(consent="")
    bank.state.tenant(TENANT).erased = Unasked()  # type: ignore[assignment]
    bank.say(spend(), HOUR)
    bank.state.tenant(TENANT).erased.markers.add("somebody")
    bank.say(spend(), 2 * HOUR)
    bank.state.drain([])
    bank.say(spend(), 3 * HOUR)

    assert 3 == bank.row().spend_count


class Unasked:
    """Markers that must not be looked at."""

    def __init__(self) -> None:
        """Begin without any."""
        self.markers: set[str] = set()
        self.fresh: dict[str, int] = {}

    def knows(self, customer_token: str) -> bool:
        """Fail: whoever is known is not erased."""
        raise AssertionError(f"wanted nobody looked up, found {customer_token}")


def test_merged_identity_is_not_supported() -> None:
    """3.8: counted, and nothing is known of either token."""
    bank = Bank(consent="")
    bank.say(IdentityMerged(new_customer_token="bob"), HOUR, event_id="once")
    bank.say(IdentityMerged(new_customer_token="bob"), HOUR, event_id="once")

    assert 1 == bank.count("ignored|{}|NOT_SUPPORTED")
    assert 1 == bank.count("ignored|{}|DUPLICATE")
    assert ([], [], []) == (bank.row().cards, bank.row().words, bank.row("bob").cards)
