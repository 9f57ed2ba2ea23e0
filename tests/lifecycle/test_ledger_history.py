"""Caps through `step` against brute force: no window ever holds more than it may (SEMANTICS C1)."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.caps import REASON_BY_SCOPE
from schemas.state import CONTACTS_MAX
from tests.lifecycle.contact_history import History, Judged


WINDOWS_MS = st.sampled_from([(1, 7, 30), (40, 90, 200), (5, 1_000), (400, 4_000)])
SEEDS = st.integers(0, 2**32)


def lived(seed: int, windows_ms: tuple[int, ...], step_count: int) -> list[Judged]:
    """Return every candidate that caps were asked about in a history."""
    history = History(Random(seed), windows_ms)  # noqa: S311 (a seeded world)
    return [
        judged
        for judged in history.live(step_count)
        if any(reading.gate == "caps" for reading in judged.one.gates)
    ]


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=60, deadline=None)
def test_no_window_holds_more_than_its_cap_as_far_as_receipts_say(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """
    C1: whoever goes finds room in every window that ends there, over all that was ever sent.

    Any later window holds no more of them than one that ends at a contact. Releases, late
    deliveries, mandatory contacts that overflow the memory, policies and segments that change.
    A fallback stands where what it follows was decided, and every window over that moment has
    room for it in its channel (C2).
    """
    for judged in lived(seed, windows_ms, 120):
        if judged.one.verdict == "sent":
            assert not judged.full
            assert all(count <= rule.count for rule, count in judged.fullest)


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=40, deadline=None)
def test_fallback_counts_as_what_it_follows(seed: int, windows_ms: tuple[int, ...]) -> None:
    """C2: its time, campaign, class and purpose, whatever new versions say; and its own channel."""
    history = History(Random(seed), windows_ms)  # noqa: S311 (a seeded world)
    for _ in history.live(120):
        pass
    told = {
        sent.trigger.trigger_id: (sent.decided_at_ms, *sent.theirs.values(), sent.channel)
        for sent in history.sent
        if not sent.released
    }

    for one in history.bank.row().contacts:
        kept = one.decided_at_ms, "", one.message_class, one.purpose, one.campaign_id, one.channel
        assert one.released or kept == told.pop(one.trigger_id)


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=40, deadline=None)
def test_a_cap_is_named_only_where_it_is_the_first_that_is_full(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """3.10: nobody is refused by a cap that has room; `memory` only once there were 32 contacts."""
    for judged in lived(seed, windows_ms, 120):
        refused = judged.one.gates[-1]
        if refused.clause == "memory":
            assert judged.contact_count >= CONTACTS_MAX
        elif refused.gate == "caps" and refused.reason_code:
            assert refused.reason_code == REASON_BY_SCOPE[judged.full[0].scope]


@given(SEEDS, WINDOWS_MS)
@settings(max_examples=40, deadline=None)
def test_counts_in_the_record_are_those_of_brute_force(
    seed: int, windows_ms: tuple[int, ...]
) -> None:
    """Every cap that binds, in its order, with its count, as long as nothing was forgotten."""
    for judged in lived(seed, windows_ms, CONTACTS_MAX):
        found = [
            (one.scope, one.window_ms, one.count_max, one.count_before) for one in judged.one.caps
        ]
        assert judged.contact_count > CONTACTS_MAX or found == [
            (rule.scope, rule.window_ms, rule.count, count) for rule, count in judged.counts
        ]


def test_histories_forget_refuse_and_overrun() -> None:
    """Drawn as above, they come to every end that the properties speak of."""
    ends = {
        (judged.one.verdict, judged.one.reason_code, judged.one.clause, bool(judged.one.follows))
        for seed in range(12)
        for judged in lived(seed, (40, 90, 200), 150)
    }

    assert {("suppressed", reason, "", False) for reason in REASON_BY_SCOPE.values()} <= ends
    assert {("sent", "", "", True), ("suppressed", "CAP_CHANNEL", "", True)} <= ends
    assert {("sent", "", "", False), ("suppressed", "CAP_GLOBAL", "memory", False)} <= ends
