"""The second opinion itself, held against core.md §3 with numbers worked out by hand."""

import json
from typing import Any

import pytest

from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    DECIDED,
    DECISION_ID,
    DUE,
    ISSUED,
    TRIGGER,
    TRIGGER_ID,
    by_hand_hash,
    by_hand_uuid,
    envelope,
    tick,
)


DAY = 86_400_000
NO_CAPS: dict[str, Any] = {"caps": []}


def published(policy: dict[str, Any], event_id: str = "p1") -> dict[str, Any]:
    """Return the envelope of a policy."""
    record = {"event_type": "policy.published", "campaign": policy, "policy_hash": "h1"}
    return envelope(BASE, "", f"control {event_id}", record)


def consent(status: str, at: int = BASE + 30_000, event_id: str = "g0") -> dict[str, Any]:
    """Return c0's word about activation by sms."""
    record = {
        "event_type": "consent.changed",
        "purpose": "activation",
        "channel": "sms",
        "status": status,
    }
    return envelope(at, "c0", f"/crm {event_id}", record)


def card(kind: str, at: int, event_id: str) -> dict[str, Any]:
    """Return an event of c0's card k0."""
    return envelope(at, "c0", f"/core {event_id}", {"event_type": kind, "card_token": "k0"})


def purchase(at: int, event_id: str, amount: int = 100, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a purchase of c0 in CNY."""
    record = {
        "event_type": "txn.posted",
        "txn_id": f"t-{event_id}",
        "card_token": "k0",
        "amount_minor": amount,
        "currency": "CNY",
    }
    return envelope(at, "c0", f"/core {event_id}", record | other)


def statement(at: int, event_id: str, total: int, *, eligible: bool = True) -> dict[str, Any]:
    """Return a bill of c0."""
    record = {
        "event_type": "statement.issued",
        "statement_id": f"s-{event_id}",
        "card_token": "k0",
        "total_due_minor": total,
        "currency": "CNY",
        "instalment_eligible": eligible,
    }
    return envelope(at, "c0", f"/core {event_id}", record)


def receipt(status: str, at: int, event_id: str) -> dict[str, Any]:
    """Return what the gateway says of the nudge."""
    record = {"event_type": "delivery.receipt", "trigger_id": TRIGGER_ID, "status": status}
    return envelope(at, "c0", f"/sms {event_id}", record)


def fold(*envelopes: dict[str, Any]) -> PartitionOracle:
    """Return the oracle after these records."""
    oracle = PartitionOracle()
    for one in envelopes:
        oracle.see(one)
    return oracle


def said(oracle: PartitionOracle) -> list[str]:
    """Return the oracle's outputs as `sms` for triggers and `verdict reason` for decisions."""
    return [
        item.output.topic
        if item.output.topic != "decisions"
        else "{verdict} {reason_code}".format(**json.loads(item.output.value)).strip()
        for item in oracle.expected
    ]


def decisions(oracle: PartitionOracle) -> list[dict[str, Any]]:
    """Return the decision records."""
    outputs = [item.output for item in oracle.expected]
    return [json.loads(one.value) for one in outputs if one.topic == "decisions"]


NUDGED = (
    published(CAMPAIGN),
    consent("granted"),
    card("card.issued", ISSUED, "i0"),
    tick(DECIDED, DUE),
)


def test_oracle_absence_fires_at_the_due_time_and_not_before() -> None:
    """T4, T5: 72 h after the issue on the watermark, to the millisecond, in the bytes of B1."""
    assert said(fold(*NUDGED[:3], tick(DECIDED, DUE - 1))) == []

    first = fold(*NUDGED).expected[0]
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

    assert customer["ring"][0] == (BASE + 1, by_hand_hash("/core", "e1"))
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
    correction = decisions(oracle)[1]
    assert correction["decision_id"] == by_hand_uuid("decision", TRIGGER_ID, "a0")
    assert correction["decision_id"] != DECISION_ID
    assert correction["cause_event_id"] == "a0"
    assert (correction["consent_ref"], correction["cap_count"], correction["features"]) == (
        "",
        0,
        {},
    )
    assert list(correction) == list(decisions(oracle)[0])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "suppressed NO_CONSENT"),
        (["denied"], "suppressed NO_CONSENT"),
        (["revoked"], "suppressed OPTED_OUT"),
        (["granted"], "sent"),
        (["granted", "revoked"], "suppressed OPTED_OUT"),
        (["revoked", "granted"], "sent"),
    ],
)
def test_oracle_marketing_needs_the_newest_word_to_be_yes(words: list[str], expected: str) -> None:
    """O3: consent for purpose x channel, the newest word counts."""
    heard = [consent(word, BASE + n, f"g{n}") for n, word in enumerate(words)]

    assert said(fold(NUDGED[0], *heard, *NUDGED[2:]))[-1] == expected
    assert said(fold(NUDGED[0], *reversed(heard), *NUDGED[2:]))[-1] == expected


@pytest.mark.parametrize(
    ("message_class", "word", "expected"),
    [
        ("servicing", None, "sent"),
        ("servicing", "denied", "suppressed NO_CONSENT"),
        ("servicing", "revoked", "suppressed OPTED_OUT"),
        ("mandatory", "revoked", "sent"),
    ],
)
def test_oracle_other_classes_bind_less(
    message_class: str, word: str | None, expected: str
) -> None:
    """O3: servicing must not be denied, mandatory asks nobody; unknown outcomes are sent again."""
    policy = CAMPAIGN | {"message_class": message_class}
    heard = [consent(word)] if word else []
    oracle = fold(published(policy), *heard, *NUDGED[2:])

    assert said(oracle)[-1] == expected
    assert decisions(oracle)[0]["consent_ref"] == ""
    triggers = [one.output.value for one in oracle.expected if one.output.topic == "sms"]
    assert all(json.loads(value)["on_unknown"] == "retry_same_key" for value in triggers)


def test_oracle_cap_counts_contacts_in_the_window() -> None:
    """C1: the second step meets the first one's contact in a week's window, not in a day's."""
    second = tick(ISSUED + 7 * DAY + 5_000, ISSUED + 7 * DAY)
    week = {"caps": [{"scope": "all", "count": 1, "window_ms": 7 * DAY}]}
    oracle = fold(published(CAMPAIGN | week), *NUDGED[1:], second)

    assert said(fold(*NUDGED, second)) == ["sms", "sent", "sms", "sent"]
    assert said(oracle) == ["sms", "sent", "suppressed CAP_GLOBAL"]
    assert decisions(oracle)[1]["cap_count"] == 1
    failed = receipt("failed", DECIDED + 1_000, "r1")
    assert said(fold(published(CAMPAIGN | week), *NUDGED[1:], failed, second))[-1] == "sent"


def test_oracle_cap_window_is_open_at_its_old_end() -> None:
    """C1: a contact exactly one window ago counts no more; a millisecond less and it does."""
    second = tick(DECIDED + 5 * DAY, ISSUED + 7 * DAY)
    cap = {"scope": "campaign", "count": 1, "window_ms": 5 * DAY}
    longer = cap | {"window_ms": 5 * DAY + 1}

    assert said(fold(published(CAMPAIGN | {"caps": [cap]}), *NUDGED[1:], second))[-1] == "sent"
    capped = fold(published(CAMPAIGN | {"caps": [longer]}), *NUDGED[1:], second)
    assert said(capped)[-1] == "suppressed CAP_CAMPAIGN"


def test_oracle_delivered_after_failed_counts_again() -> None:
    """C1: a release that proves wrong is a cap_overrun; a second failure then releases nothing."""
    receipts = [
        receipt(status, DECIDED + n, f"r{n}")
        for n, status in enumerate(("failed", "delivered", "failed", "submitted"))
    ]
    oracle = fold(*NUDGED, *receipts)

    assert said(oracle) == ["sms", "sent", "cap_overrun DELIVERED_AFTER_RELEASE"]
    contact = oracle.customers["acme|c0"]["contacts"][0]
    assert (contact["released"], contact["delivered"]) == (False, True)
    unknown = receipt("failed", BASE, "r9")
    assert fold(unknown).counts == {"ignored|acme|UNKNOWN_TRIGGER": 1}


INSTALMENT = CAMPAIGN | {
    "id": "instalment",
    "entry": {
        "kind": "event",
        "any_of": [
            {"on": "statement.issued", "total_due_minor_min": 5_000, "instalment_eligible": True},
            {
                "on": "txn.posted",
                "amount_minor_min": 300,
                "own_mean_percent_min": 300,
                "spend_count_min": 2,
            },
        ],
    },
    "occurrence": "statement",
    "steps": [{"id": "offer", "delay_ms": 0}, {"id": "remind", "delay_ms": DAY}],
    "exit_on": ["repayment.received"],
    "caps": [],
    "priority": 60,
}


def test_oracle_statement_fires_in_its_own_record_and_reminds_on_now() -> None:
    """T4: the offer is decided with the bill, the reminder a day later on the clock of now."""
    oracle = fold(published(INSTALMENT), consent("granted"), statement(ISSUED, "b", 5_000))

    assert said(oracle) == ["sms", "sent"]
    trigger = json.loads(oracle.expected[0].output.value)
    assert trigger["trigger_id"] == by_hand_uuid("acme", "instalment", "s-b|b", "offer", "0")
    assert trigger["variables"] == {"amount_minor": 5_000, "currency": "CNY"}
    assert trigger["issued_at_ms"] == ISSUED + 100
    assert decisions(oracle)[0]["features"] == {"amount_minor": 5_000}
    oracle.see(tick(ISSUED + DAY - 1, ISSUED))
    assert len(decisions(oracle)) == 1
    oracle.see(tick(ISSUED + DAY, ISSUED))
    assert decisions(oracle)[1]["step"] == "remind"
    assert oracle.customers["acme|c0"]["journeys"] == []


@pytest.mark.parametrize(
    ("total", "eligible", "outputs"), [(4_999, True, 0), (5_000, False, 0), (5_000, True, 2)]
)
def test_oracle_statement_condition(total: int, outputs: int, *, eligible: bool) -> None:
    """The bill must be large enough and may be paid in instalments."""
    bill = statement(ISSUED, "b", total, eligible=eligible)

    assert len(fold(published(INSTALMENT), consent("granted"), bill).expected) == outputs


@pytest.mark.parametrize(
    ("before", "amount", "outputs"),
    [([100, 100], 300, 2), ([100, 100], 299, 0), ([100], 900, 0), ([100, 101], 301, 0)],
)
def test_oracle_large_purchase_condition(before: list[int], amount: int, outputs: int) -> None:
    """Three times the mean of at least two purchases before: 300 x 2 against 3 x 200."""
    earlier = [purchase(BASE + n, f"x{n}", spent) for n, spent in enumerate(before)]
    oracle = fold(
        published(INSTALMENT), consent("granted"), *earlier, purchase(ISSUED, "big", amount)
    )

    assert len(oracle.expected) == outputs


def test_oracle_repayment_ends_its_own_statement_only() -> None:
    """The reminder of a bill is dropped by the repayment that names it, or names none."""

    def after(**repaid: str) -> int:
        record = {"event_type": "repayment.received", "card_token": "k0", **repaid}
        oracle = fold(
            published(INSTALMENT),
            consent("granted"),
            statement(ISSUED, "b", 5_000),
            envelope(ISSUED + 5, "c0", "/core r", record),
        )
        return len(oracle.customers["acme|c0"]["journeys"])

    assert after(statement_id="s-b") == 0
    assert after(statement_id="s-other") == 1
    assert after(statement_id="") == 0
    assert after(statement_id="", card_token="k9") == 1  # noqa: S106 (a card's token)


def test_oracle_forgotten_repeat_of_a_statement_enters_nothing() -> None:
    """B2: a bill republished after 32 younger events is no second bill."""
    bill = statement(BASE + 10, "b", 5_000)
    younger = [purchase(BASE + 100 + n, f"y{n}") for n in range(33)]
    oracle = fold(published(INSTALMENT), consent("granted", BASE, "g"), bill, *younger, bill)

    assert said(oracle) == ["sms", "sent"]
    assert oracle.counts["applied|acme|statement.issued"] == 2


def test_oracle_arbitration_lets_one_marketing_message_go() -> None:
    """O1, O2: the higher priority wins, the loser is recorded, servicing goes beside it."""
    other = INSTALMENT | {"id": "alpha", "priority": 59, "steps": INSTALMENT["steps"][:1]}
    notice = other | {"id": "notice", "message_class": "servicing"}
    oracle = fold(
        published(INSTALMENT),
        published(other, "p2"),
        published(notice, "p3"),
        consent("granted"),
        statement(ISSUED, "b", 5_000),
    )

    assert said(oracle) == ["suppressed LOST_ARBITRATION", "sms", "sent", "sms", "sent"]
    assert [one["campaign_id"] for one in decisions(oracle)] == ["alpha", "instalment", "notice"]


def test_oracle_servicing_meets_the_winner_in_its_cap() -> None:
    """C1: caps are looked at again after each message of the same occasion."""
    cap = {"scope": "all", "count": 1, "window_ms": DAY}
    notice = INSTALMENT | {"id": "notice", "message_class": "servicing", "caps": [cap]}
    oracle = fold(
        published(INSTALMENT),
        published(notice, "p3"),
        consent("granted"),
        statement(ISSUED, "b", 5_000),
    )

    assert said(oracle) == ["sms", "sent", "suppressed CAP_GLOBAL"]
    assert decisions(oracle)[1]["cap_count"] == 1


@pytest.mark.parametrize(
    ("switch", "expected"), [("", "TENANT_PAUSED"), ("activation_nudge", "KILL_SWITCH")]
)
def test_oracle_kill_switch_stops_and_lets_go(switch: str, expected: str) -> None:
    """A switch on the tenant or on the campaign, until it is released."""

    def turned(*, engaged: bool, event_id: str) -> dict[str, Any]:
        record = {"event_type": "kill_switch.set", "engaged": engaged, "campaign_id": switch}
        return envelope(BASE, "", f"control {event_id}", record)

    on, off = turned(engaged=True, event_id="k1"), turned(engaged=False, event_id="k2")
    assert said(fold(on, *NUDGED)) == [f"suppressed {expected}"]
    assert said(fold(on, off, *NUDGED)) == ["sms", "sent"]
    assert said(fold(on, off, on, *NUDGED)) == ["sms", "sent"]  # a repeat (B2)


def test_oracle_stale_policy_changes_nothing() -> None:
    """Only a higher version becomes active."""
    older = CAMPAIGN | {"priority": 1}
    oracle = fold(published(CAMPAIGN), published(older, "p2"), *NUDGED[1:])

    assert json.loads(oracle.expected[0].output.value)["priority"] == 50
    assert oracle.counts["control|acme|STALE_VERSION"] == 1
    assert oracle.counts["control|acme|policy.published"] == 1


@pytest.mark.parametrize(
    ("live_from", "expected"),
    [(None, ["shadow"]), (DECIDED + 1, ["shadow"]), (DECIDED, ["sms", "sent"])],
)
def test_oracle_history_is_decided_in_the_shadow(
    live_from: int | None, expected: list[str]
) -> None:
    """T7: no trigger, no contact, until the tenant's clock reaches live_from."""
    configured = {"event_type": "tenant.configured", "live_from_ms": live_from}
    ticked = tick(DECIDED, DUE)
    ticked["record"] = ticked["record"] | {"backfill": True}
    records = [*NUDGED[:3], ticked | {"backfill": True}]
    if live_from is not None:
        records.insert(0, envelope(BASE, "", "control t", configured))
    oracle = fold(*records)

    assert said(oracle) == expected
    assert len(oracle.customers["acme|c0"]["contacts"]) == (expected != ["shadow"])


def test_oracle_backfill_moves_no_clock() -> None:
    """T7: an envelope of history leaves now where the last tick put it."""
    old = purchase(ISSUED, "h", 900) | {"backfill": True}
    small = [purchase(BASE + n, f"s{n}") | {"backfill": True} for n in range(2)]
    oracle = fold(published(INSTALMENT) | {"backfill": True}, tick(BASE, BASE), *small, old)

    assert decisions(oracle)[0]["decided_at_ms"] == BASE


WIN_BACK = CAMPAIGN | {
    "id": "win_back",
    "entry": {
        "kind": "silence",
        "r": 1.0,
        "alpha": 1.0,
        "a": 1.0,
        "b": 1.0,
        "unit_ms": DAY,
        "alive_ppm": 200_000,
        "rate_ppm_min": 50_000,
        "repeat_count_min": 1,
    },
    "steps": [{"id": "come_back", "delay_ms": 0}],
    "exit_on": ["txn.posted"],
    "caps": [],
}


def test_oracle_silence_is_measured_against_the_own_rhythm() -> None:
    """
    BG/NBD by hand: one repeat after 3 days, all parameters 1, P(alive) down to 0.2.

    T* = (1 + 3) x ((1/0.2 - 1) x 1 / 1) ** (1/2) - 1 = 7 days after the first purchase. There
    P = 1 / (1 + ((1 + 7)/(1 + 3))**2) = 0.2 and the rate is (1 + 1)/(1 + 7) = 0.25: 0.05 a day.
    """
    bought = [purchase(BASE, "x0"), purchase(BASE + 3 * DAY, "x1")]
    records = [published(WIN_BACK), consent("granted", BASE - 1), *bought]
    due = BASE + 7 * DAY

    assert said(fold(*records, tick(due, due - 1))) == []
    oracle = fold(*records, tick(due, due))
    assert said(oracle) == ["sms", "sent"]
    assert decisions(oracle)[0]["features"] == {
        "alive_ppm": 200_000,
        "rate_ppm": 50_000,
        "repeat_count": 1,
        "silent_ms": 4 * DAY,
    }
    assert decisions(oracle)[0]["occurrence_key"] == "k0|x1"
    assert json.loads(oracle.expected[0].output.value)["variables"] == {"silent_days": 4}
    later = fold(*records, tick(due + DAY, due))
    assert said(later) == ["suppressed NOT_APPLICABLE"]


def test_oracle_silence_begins_anew_with_every_purchase() -> None:
    """A purchase replaces the wait; one alone makes no rhythm; an older one changes the times."""
    records = [published(WIN_BACK), consent("granted", BASE - 1), purchase(BASE, "x0")]
    oracle = fold(*records)
    assert oracle.customers["acme|c0"]["journeys"][0]["due"] == []

    oracle.see(purchase(BASE + 3 * DAY, "x1"))
    oracle.see(tick(BASE + 3 * DAY, BASE + 3 * DAY))
    assert oracle.customers["acme|c0"]["journeys"][0]["due"] == [["come_back", BASE + 7 * DAY, 0]]

    # first a day earlier: x = 2, t_x = 4, T* = 5 x (4 x 2) ** (1/3) - 1 = 9 days after the first
    oracle.see(purchase(BASE - DAY, "x2"))
    due = oracle.customers["acme|c0"]["journeys"][0]["due"][0][1]
    assert due == pytest.approx(BASE + 8 * DAY, abs=1)
    assert len(oracle.customers["acme|c0"]["journeys"]) == 1


def test_oracle_decayed_sums_halve() -> None:
    """Spend of 7 days ago is half in the 7-day sum; a reversal takes off, the rhythm stays."""
    reversal = purchase(BASE + 7 * DAY, "r", 20, event_type="txn.reversed")
    oracle = fold(purchase(BASE, "x0", 100), purchase(BASE + 7 * DAY, "x1", 10), reversal)
    customer = oracle.customers["acme|c0"]
    money = customer["amounts"]["CNY"]

    assert money["decayed"][0] == pytest.approx(100 / 2 + 10 - 20)
    assert (money["n"], money["sum"], money["reversed_n"], money["reversed_sum"]) == (2, 110, 1, 20)
    assert (customer["spends"], money["as_of"]) == (2, BASE + 7 * DAY)


def test_oracle_tick_serves_customers_by_their_earliest_due_time() -> None:
    """T8: the earlier card first, whatever the key; then the key."""
    issues = [
        card("card.issued", at, f"i{token}") | {"customer_token": token}
        for token, at in (("c0", ISSUED + 1), ("c9", ISSUED), ("c1", ISSUED + 1))
    ]
    oracle = fold(published(CAMPAIGN), *issues, tick(DECIDED + 1, DUE + 1))

    assert [item.key for item in oracle.expected] == [b"acme|c9", b"acme|c0", b"acme|c1"]
    assert oracle.counts["decision|acme|activation_nudge|suppressed|NO_CONSENT"] == 3


def test_oracle_keeps_tenants_apart() -> None:
    """N2: the same customer token in another tenant has no part in anything."""
    foreign = card("card.activated", ISSUED + 10, "a0") | {"tenant": "evil"}
    foreign_tick = tick(DECIDED, DUE + DAY) | {"tenant": "evil"}
    oracle = fold(*NUDGED[:3], foreign, foreign_tick)

    assert said(oracle) == []
    oracle.see(NUDGED[3])
    assert oracle.expected[0].output.value == TRIGGER


def test_oracle_full_state_is_said() -> None:
    """Caps of the row: a 17th card is ignored whole, a fifth currency moves only milestones."""
    cards = [
        purchase(BASE + n, f"e{n}", card_token=f"k{n}", currency=f"C{n % 4:02}") for n in range(16)
    ]
    seventeenth = purchase(BASE + 100, "more", card_token="k17")  # noqa: S106 (a card's token)
    fifth = purchase(BASE + 101, "fifth", currency="XAU")
    oracle = fold(*cards, seventeenth, fifth)
    customer = oracle.customers["acme|c0"]

    assert oracle.counts["ignored|acme|STATE_FULL"] == 2
    assert (len(customer["cards"]), customer["spends"], len(customer["ring"])) == (16, 16, 18)
