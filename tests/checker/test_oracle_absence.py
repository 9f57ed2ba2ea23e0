"""The second opinion on absence, repeats and late truth: core.md §3.2, 3.3 by hand."""

from tests.checker.journal_by_hand import (
    DAY,
    NUDGED,
    came_out,
    card,
    decisions,
    fold,
    published,
    purchase,
    said,
)
from tests.checker.tiny_outputs import TRIGGER
from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    DECIDED,
    DECISION_ID,
    DUE,
    ISSUED,
    TRIGGER_ID,
    by_hand_hash,
    by_hand_uuid,
    tick,
)


def test_oracle_absence_fires_at_the_due_time_and_not_before() -> None:
    """T4, T5: 72 h after the issue on the watermark, to the millisecond, in the bytes of B1."""
    assert said(fold(*NUDGED[:3], tick(DECIDED, DUE - 1))) == []

    first = came_out(fold(*NUDGED))[0]
    assert (first.key, first.output.topic, first.output.output_id) == (
        b"acme|c0",
        "sms",
        TRIGGER_ID,
    )
    assert first.output.value == TRIGGER


def test_oracle_lateness_bounds_an_absence_from_below() -> None:
    """T5: never before the journal time of arrival plus the source's lateness."""
    late = NUDGED[2] | {"journal_at_ms": DUE + 1_000, "lateness_ms": 500}

    assert said(fold(*NUDGED[:2], late, tick(DUE + 9_000, DUE + 1_499))) == []
    assert said(fold(*NUDGED[:2], late, tick(DUE + 9_000, DUE + 1_500))) == ["sms", "sent"]
    timely = NUDGED[2] | {"lateness_ms": 500}
    assert said(fold(*NUDGED[:2], timely, tick(DUE + 9_000, DUE + 499))) == []
    assert said(fold(*NUDGED[:2], timely, tick(DUE + 9_000, DUE + 500))) == ["sms", "sent"]


def test_oracle_exit_ends_the_journey() -> None:
    """An activation before the nudge leaves nothing to say, whichever came first."""
    activated = card("card.activated", ISSUED + 10, "a0")

    assert said(fold(*NUDGED[:3], activated, tick(DECIDED, DUE))) == []
    assert said(fold(*NUDGED[:2], activated, NUDGED[2], tick(DECIDED, DUE))) == []


def test_oracle_duplicate_changes_nothing_but_the_clock() -> None:
    """B2: the same source and id again; the same id of another source is another event."""
    oracle = fold(purchase(BASE, "x"), purchase(BASE, "x"))
    assert oracle.customers["acme|c0"]["spends"] == 1
    assert oracle.counts["ignored|acme|DUPLICATE"] == 1

    other = purchase(BASE, "x") | {"event_source": "/other"}
    assert fold(purchase(BASE, "x"), other).customers["acme|c0"]["spends"] == 2


def test_oracle_ring_keeps_32_and_its_floor() -> None:
    """T6: the 33rd event pushes out the oldest; what is not younger counts no more."""
    events = [purchase(BASE + n, f"e{n}") for n in range(33)]
    oracle = fold(*events, purchase(BASE, "older"), events[0])
    customer = oracle.customers["acme|c0"]

    assert customer["ring"][0][:2] == (BASE + 1, by_hand_hash("/core", "e1"))
    assert (len(customer["ring"]), customer["floor"], customer["spends"]) == (32, BASE, 33)
    assert oracle.counts["ignored|acme|LATE_FOR_COUNTERS"] == 2


def test_oracle_old_event_still_merges_milestones_and_leaves() -> None:
    """T6: older than 90 days moves no counter, but the milestone is the earlier one."""
    late = purchase(BASE, "late") | {"journal_at_ms": BASE + 90 * DAY + 1}
    on_time = purchase(BASE, "late") | {"journal_at_ms": BASE + 90 * DAY}

    oracle = fold(purchase(BASE + DAY, "x"), late)
    assert oracle.customers["acme|c0"]["cards"]["k0"]["first_spend"] == BASE
    assert oracle.customers["acme|c0"]["spends"] == 1
    assert fold(purchase(BASE + DAY, "x"), on_time).customers["acme|c0"]["spends"] == 2


def test_oracle_late_truth_is_recorded_once() -> None:
    """An activation that happened before the nudge, read after it, takes the nudge back."""
    activated = card("card.activated", DECIDED - 1, "a0")
    too_late = card("card.activated", DECIDED, "a0")
    oracle = fold(*NUDGED, activated, card("card.activated", DECIDED - 2, "a1"))

    assert said(fold(*NUDGED, too_late)) == ["sms", "sent"]
    assert said(oracle) == ["sms", "sent", "invalidated LATE_TRUTH"]
    correction, cause = decisions(oracle)[1], by_hand_hash("/core", "a0")
    assert correction["decision_id"] == by_hand_uuid("decision", TRIGGER_ID, f"{cause:016x}")
    assert correction["decision_id"] != DECISION_ID
    assert correction["entry_event_id"] == "a0"
    assert (correction["consent_ref"], correction["cap_count"], correction["features"]) == (
        "",
        0,
        {},
    )
    assert list(correction) == list(decisions(oracle)[0])


def test_oracle_tick_serves_customers_by_their_earliest_due_time() -> None:
    """T8: the earlier card first, whatever the key; then the key."""
    issues = [
        card("card.issued", at, f"i{token}") | {"customer_token": token}
        for token, at in (("c0", ISSUED + 1), ("c9", ISSUED), ("c1", ISSUED + 1))
    ]
    oracle = fold(published(CAMPAIGN), *issues, tick(DECIDED + 1, DUE + 1))

    assert [item.key for item in came_out(oracle)] == [b"acme|c9", b"acme|c0", b"acme|c1"]
    assert oracle.counts["decision|acme|activation_nudge|suppressed|NO_CONSENT"] == 3


def test_oracle_keeps_tenants_apart() -> None:
    """N2: the same customer token in another tenant has no part in anything."""
    foreign = card("card.activated", ISSUED + 10, "a0") | {"tenant": "evil"}
    foreign_tick = tick(DECIDED, DUE + DAY) | {"tenant": "evil"}
    oracle = fold(*NUDGED[:3], foreign, foreign_tick)

    assert said(oracle) == []
    oracle.see(NUDGED[3])
    assert came_out(oracle)[0].output.value == TRIGGER


def test_oracle_full_state_is_said() -> None:
    """Caps of the row: a 17th card is ignored whole, a fifth currency moves only milestones."""
    cards = [
        purchase(BASE + n, f"e{n}", card_token=f"k{n}", currency=f"C{n % 4:02}") for n in range(16)
    ]
    seventeenth = purchase(BASE + 100, "more", card_token="k17")
    fifth = purchase(BASE + 101, "fifth", currency="XAU")
    oracle = fold(*cards, seventeenth, fifth)
    customer = oracle.customers["acme|c0"]

    assert oracle.counts["ignored|acme|STATE_FULL"] == 2
    assert (len(customer["cards"]), customer["spends"], len(customer["ring"])) == (16, 16, 18)
