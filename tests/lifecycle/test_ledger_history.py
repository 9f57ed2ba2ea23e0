"""The contact ledger against brute force: no window ever holds more than its cap (SEMANTICS C1)."""

import random
from collections.abc import Sequence
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.ledger import (
    MEMORY,
    Ledger,
    counts,
    noted,
    refusal,
    reserved,
)
from schemas.state import CONTACTS_MAX
from tests.lifecycle.contacts import Limit, Sent, with_receipt


Step: TypeAlias = tuple[int, Sent, str, int]
"""Time waited, what is to be sent, what is done, about which contact a receipt is."""

ATTRIBUTES = {
    "class": "message_class",
    "channel": "channel",
    "purpose": "purpose",
    "campaign": "campaign_id",
}
LONGEST_MS = 50


def alike(one: Sent, other: Sent, scope: str) -> bool:
    """Return whether a scope holds both."""
    return scope == "all" or getattr(one, ATTRIBUTES[scope]) == getattr(other, ATTRIBUTES[scope])


def sent() -> st.SearchStrategy[Sent]:
    """Draw what a contact is; its time is that of the history."""
    return st.builds(
        Sent,
        campaign_id=st.sampled_from("ab"),
        message_class=st.sampled_from(["marketing", "servicing"]),
        purpose=st.sampled_from("pq"),
        channel=st.sampled_from(["sms", "app_push"]),
    )


LIMITS = st.builds(
    Limit,
    scope=st.sampled_from(["all", *ATTRIBUTES]),
    most=st.integers(1, 4),
    window_ms=st.integers(1, LONGEST_MS),
)
STEPS = st.tuples(
    st.integers(0, 9),
    sent(),
    st.sampled_from(["send", "send", "send", "release", "deliver", "must"]),
    st.integers(0, 200),
)


def tell(history: list[Sent], before: Ledger[Sent], after: Ledger[Sent]) -> None:
    """Tell the full history what a receipt changed, by the contact's place in time."""
    for old, new in zip(before.contacts, after.contacts, strict=True):
        if old is not new:
            history[next(i for i, one in enumerate(history) if one is old)] = new


def play(limits: Sequence[Limit], steps: Sequence[Step]) -> Ledger[Sent]:
    """Play a history; at each contact, ask every cap over all that was ever sent."""
    ledger, history, now_ms = Ledger[Sent](), list[Sent](), 1_000
    for waited_ms, drawn, deed, back in steps:
        now_ms += waited_ms
        one, before = drawn._replace(decided_at_ms=now_ms), ledger
        if deed in {"release", "deliver"}:
            ledger = with_receipt(ledger, back, released=deed == "release")
            tell(history, before, ledger)
            continue
        if deed == "must":
            ledger = noted(ledger, one)
        elif refusal(ledger, limits, one, now_ms, LONGEST_MS) is None:
            kept = reserved(ledger, one, now_ms, LONGEST_MS)
            assert kept is not None
            assert all(room(history, one, limit) for limit in limits)
            ledger = kept
        else:
            continue
        history.append(one)
    return ledger


def room(history: Sequence[Sent], one: Sent, limit: Limit) -> bool:
    """Return whether a cap's window, over everything ever sent, has room for one more."""
    window = [
        was
        for was in history
        if not was.released and one.decided_at_ms - was.decided_at_ms < limit.window_ms
    ]
    return sum(alike(was, one, limit.scope) for was in window) < limit.most


@given(st.lists(LIMITS, min_size=1, max_size=4), st.lists(STEPS, max_size=120))
def test_no_window_holds_more_than_its_cap_as_far_as_receipts_say(
    limits: Sequence[Limit], steps: Sequence[Step]
) -> None:
    """C1, over random histories with releases, late deliveries, equal times, uncapped contacts."""
    assert len(play(limits, steps).contacts) <= CONTACTS_MAX


@given(
    st.lists(
        st.builds(
            Limit,
            scope=st.sampled_from(["all", "class", "campaign"]),
            most=st.integers(10, 60),
            window_ms=st.integers(LONGEST_MS - 5, 2 * LONGEST_MS),
        ),
        min_size=1,
        max_size=2,
    ),
    st.integers(0, 2**32),
)
def test_no_window_holds_more_than_its_cap_where_the_ledger_overflows(
    limits: Sequence[Limit], seed: int
) -> None:
    """C1, where contacts are forgotten, and by caps longer than was known when they were."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    steps = [
        (
            chance.randrange(3),
            Sent(campaign_id=chance.choice("ab")),
            chance.choice(["send", "send", "send", "release", "deliver", "must"]),
            chance.randrange(CONTACTS_MAX),
        )
        for _ in range(300)
    ]

    ledger = play(limits, steps)

    assert (CONTACTS_MAX, True) == (len(ledger.contacts), ledger.forgotten_at_ms > 0)


@given(st.lists(LIMITS, min_size=1, max_size=4), st.lists(STEPS, max_size=CONTACTS_MAX), sent())
def test_counts_are_those_of_brute_force(
    limits: Sequence[Limit], steps: Sequence[Step], candidate: Sent
) -> None:
    """A refusal is given exactly where a cap is full, and shows the first one's numbers."""
    now_ms, made = 1_000, list[Sent]()
    for waited_ms, drawn, deed, _ in steps:
        now_ms += waited_ms
        made.append(drawn._replace(decided_at_ms=now_ms, released=deed == "release"))
    expected = tuple(
        len(
            [
                one
                for one in made
                if alike(one, candidate, limit.scope)
                and not one.released
                and now_ms - one.decided_at_ms < limit.window_ms
            ]
        )
        for limit in limits
    )
    broken = [limit for limit, count in zip(limits, expected, strict=True) if count >= limit.most]
    found = refusal(Ledger(tuple(made)), limits, candidate, now_ms, 1)

    assert expected == counts(made, limits, candidate, now_ms)
    assert (found is not None and found.scope != MEMORY) == bool(broken)
    if found is not None and broken:
        assert (broken[0].scope, broken[0].most) == (found.scope, found.count_max)
