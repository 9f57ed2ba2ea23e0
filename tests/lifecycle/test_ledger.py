"""Caps, releases, a full ledger, cool-down and exclusion, each worked out by hand (C1)."""

import pytest

from lifecycle.ledger import (
    MEMORY,
    Exclusion,
    Ledger,
    Refusal,
    Scope,
    counts,
    excluded,
    noted,
    refusal,
    reserved,
)
from schemas.state import CONTACTS_MAX
from tests.lifecycle.contacts import Limit, Sent, with_receipt


def test_a_window_is_open_at_its_far_end() -> None:
    """A contact exactly `window_ms` ago has left; a millisecond less and it counts; so does now."""
    made = [Sent(decided_at_ms=at_ms) for at_ms in (900, 901, 1_000, 1_000)]

    assert (3,) == counts(made, [Limit("all", 1, 100)], Sent(), 1_000)


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("all", "CAP_GLOBAL"),
        ("class", "CAP_GLOBAL"),
        ("channel", "CAP_GLOBAL"),
        ("purpose", "CAP_GLOBAL"),
        ("campaign", "CAP_CAMPAIGN"),
    ],
)
def test_a_refusal_shows_the_cap_and_what_it_saw(scope: Scope, reason: str) -> None:
    """A second contact within a cap of one, whatever its scope."""
    ledger = Ledger((Sent(decided_at_ms=5),))

    assert (reason, scope, 1, 1, 10) == refusal(ledger, [Limit(scope, 1, 10)], Sent(), 9, 10)


def test_a_released_contact_counts_again_once_delivered() -> None:
    """A failed send makes room; where it was delivered after all, the cap may be overrun by it."""
    daily = [Limit("all", 1, 100)]
    failed = Ledger((Sent(decided_at_ms=10, released=True),))
    second = reserved(failed, Sent(decided_at_ms=20), 20, 100)
    assert second is not None
    overrun = with_receipt(second, 0, released=False)

    assert refusal(failed, daily, Sent(), 20, 100) is None
    assert (1,) == counts(second.contacts, daily, Sent(), 30)
    assert (2,) == counts(overrun.contacts, daily, Sent(), 30)


def full(first_ms: int, *, released: bool = False) -> Ledger[Sent]:
    """Return a ledger of as many contacts as fit, a millisecond apart."""
    times = range(first_ms, first_ms + CONTACTS_MAX)
    return Ledger(tuple(Sent(decided_at_ms=at_ms, released=released) for at_ms in times))


@pytest.mark.parametrize("released", [False, True])
def test_a_full_ledger_refuses_rather_than_forgets(*, released: bool) -> None:
    """The oldest is within the longest window; even where released, it may yet be delivered."""
    ledger, wide = full(100, released=released), [Limit("all", 100, 1_000)]
    expected = Refusal("CAP_GLOBAL", MEMORY, CONTACTS_MAX, CONTACTS_MAX, 1_000)

    assert expected == refusal(ledger, wide, Sent(), 1_099, 1_000)
    assert reserved(ledger, Sent(), 1_099, 1_000) is None


def test_a_full_ledger_forgets_what_no_window_needs() -> None:
    """A millisecond later the oldest has left the longest window and makes room."""
    newest = Sent(decided_at_ms=1_100)
    kept = reserved(full(100), newest, 1_100, 1_000)

    assert kept is not None
    assert (full(101).contacts[:-1], newest, 100) == (kept[0][:-1], kept[0][-1], kept[1])
    assert refusal(full(100), [Limit("all", 100, 1_000)], newest, 1_100, 1_000) is None


def test_what_caps_do_not_bind_is_never_refused() -> None:
    """A mandatory contact has no caps; it is noted in a full ledger too."""
    must = Sent(message_class="mandatory", decided_at_ms=500)
    ledger = noted(full(100), must)

    assert refusal(full(100), [], must, 500, 1_000) is None
    assert (CONTACTS_MAX, must, 100) == (
        len(ledger.contacts),
        ledger.contacts[-1],
        ledger.forgotten_at_ms,
    )


def test_a_cap_that_reaches_back_to_what_was_forgotten_is_full() -> None:
    """Fail closed: contacts up to 400 are missing, so a window that opens before 400 is unknown."""
    ledger = Ledger[Sent]((), 400)
    cap = [Limit("campaign", 1, 100)]

    assert ("CAP_CAMPAIGN", "campaign", 1, 0, 100) == refusal(ledger, cap, Sent(), 499, 100)
    assert refusal(ledger, cap, Sent(), 500, 100) is None


@pytest.mark.parametrize(
    ("exclusion", "campaign_id", "now_ms", "forbidden"),
    [
        (Exclusion("a", "b", 10), "a", 109, True),
        (Exclusion("a", "b", 10), "a", 110, False),  # open at its far end
        (Exclusion("a", "b", 10), "b", 100, False),  # one way only
        (Exclusion("b", "a", 10), "a", 109, False),
        (Exclusion("b", "a", 10, mutual=True), "a", 109, True),
        (Exclusion("b", "b", 10), "b", 109, True),  # cool-down
        (Exclusion("b", "b", 10), "a", 109, False),
        (Exclusion("a", "b", 0), "a", 100, True),  # one occasion
        (Exclusion("a", "b", 0), "a", 101, False),
    ],
)
def test_an_exclusion_keeps_campaigns_apart(
    exclusion: Exclusion, campaign_id: str, now_ms: int, *, forbidden: bool
) -> None:
    """Campaign b was contacted at 100; what may follow, when."""
    made = [Sent(campaign_id="b", decided_at_ms=100)]

    assert forbidden == (excluded(made, [exclusion], campaign_id, now_ms) is exclusion)


def test_a_released_contact_excludes_nothing() -> None:
    """What was not sent is nothing that another must keep away from."""
    made = [Sent(campaign_id="b", decided_at_ms=100, released=True)]

    assert excluded(made, [Exclusion("a", "b", 10)], "a", 100) is None
