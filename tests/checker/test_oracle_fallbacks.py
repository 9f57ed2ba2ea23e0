"""The second opinion on what follows a contact that was not made: core.md §3.14 (C2), by hand."""

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    WIN_BACK,
    card,
    decisions,
    fold,
    happened,
    published,
    purchase,
    said,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import (
    BASE,
    DECIDED,
    DUE,
    by_hand_key,
    by_hand_uuid,
    envelope,
    tick,
)
from tests.checker.treatments_by_hand import (
    ALL_CHANNELS,
    BESIDE,
    FAILED,
    FALLEN,
    after,
    approved,
    may,
    nudged,
    slot_id,
    told,
    treatment,
    triggers,
)


EXPIRES = DECIDED + 43_200_000


def contacts(oracle: PartitionOracle) -> list[Facts]:
    """Return c0's contacts."""
    found: list[Facts] = oracle.customers["acme|c0"]["contacts"]
    return found


def stopped(at: int = DECIDED + 500) -> Facts:
    """Return the kill switch of the nudge."""
    record = {"event_type": "kill_switch.set", "engaged": True, "campaign_id": "activation_nudge"}
    return envelope(at, "", "control k1", record)


def test_oracle_tries_the_next_channel_when_a_contact_failed() -> None:
    """C2: decided anew in the next slot, as the contact that it follows."""
    oracle = after(FAILED)

    assert said(oracle) == ["sms", "sent", "push", "sent"]
    one = decisions(oracle)[-1]
    assert (one["slot"], one["trigger_id"]) == (1, slot_id(1))
    assert (one["follows"], one["reserved_at_ms"]) == (slot_id(0), DECIDED)
    assert one["decision_id"] == by_hand_uuid("decision", str(DECIDED + 1_100), slot_id(1))
    assert (one["decided_at_ms"], one["chosen"]) == (DECIDED + 1_100, [slot_id(1)])
    assert one["cause"]["event_type"] == "delivery.receipt"
    assert (one["entry_event_id"], one["worth_micro"], one["caps"]) == ("i0", 0, [])
    assert one["features"] == {"waited_ms": DECIDED + 1_100 - (DUE - 72 * 3_600_000)}
    trigger = triggers(oracle)[-1]
    assert (trigger["issued_at_ms"], trigger["expires_at_ms"]) == (DECIDED + 1_100, EXPIRES)
    assert oracle.counts["occasion|acme"] == 2
    assert oracle.counts["decision|acme|activation_nudge|sent|"] == 2


def test_oracle_asks_a_fallback_what_is_not_settled_yet() -> None:
    """C2: spacing, offer, worth and arbitration were passed once and for all."""
    gates = [one["gate"] for one in decisions(after(FAILED))[-1]["gates"]]
    assert gates == [
        *("eligibility", "applicability", "suitability", "stop", "consent", "personalisation"),
        *("content", "standing", "quiet", "caps", "experiment"),
    ]
    servicing = FALLEN | {"message_class": "servicing"}
    gates = [one["gate"] for one in decisions(after(FAILED, policy=servicing))[-1]["gates"]]
    assert gates == [
        *("eligibility", "applicability", "suitability", "stop", "consent"),
        *("content", "quiet", "caps"),
    ]


def test_oracle_keeps_the_contact_of_a_fallback_as_of_the_first_decision() -> None:
    """C2: to every window it is the same contact; the first stays, released and final."""
    first, second = contacts(after(FAILED))

    assert (first["released"], first["untried"], second["released"]) == (True, None, False)
    names = ("channel", "slot", "decided_at_ms", "expires_at_ms", "step", "entered_at_ms")
    assert [second[name] for name in names[:4]] == ["push", 1, DECIDED, EXPIRES]
    assert [second[name] for name in names[4:]] == [first[name] for name in names[4:]]
    assert second["untried"] == {"entry_event_id": "i0", "amount_minor": 0, "currency": ""}


def test_oracle_goes_on_to_the_last_slot() -> None:
    """C2: each contact may be followed; the last keeps nothing to go on with."""
    oracle = after(FAILED, told("rejected", 1, DECIDED + 2_000), told("failed", 2, DECIDED + 3_000))

    assert said(oracle) == ["sms", "sent", "push", "sent", "email", "sent"]
    assert [one["follows"] for one in decisions(oracle)] == ["", slot_id(0), slot_id(1)]
    assert [one["untried"] for one in contacts(oracle)] == [None, None, None]


def test_oracle_keeps_nothing_to_go_on_with_where_there_is_one_slot() -> None:
    """3.14: a contact without slots after its own."""
    assert contacts(after(policy=FALLEN | {"fallbacks": []}))[0]["untried"] is None


@pytest.mark.parametrize(
    ("status", "slots"),
    [
        *(("failed", [0, 1]), ("rejected", [0, 1]), ("blocked_optout", [0])),
        *(("expired", [0]), ("cancelled", [0]), ("unknown", [0]), ("accepted", [0])),
    ],
)
def test_oracle_tries_again_after_failed_and_rejected(status: str, slots: list[int]) -> None:
    """3.14: unless a fallback says otherwise; other statuses lead nowhere."""
    assert [one["slot"] for one in decisions(after(told(status)))] == slots


def test_oracle_passes_over_slots_that_are_not_for_the_status() -> None:
    """3.14: after a refusal of the whole channel email only, although push is next."""
    email = treatment("email", after=["blocked_optout"])
    policy = FALLEN | {"fallbacks": [treatment("push"), email]}
    oracle = after(told("blocked_optout"), policy=policy)
    assert said(oracle) == ["sms", "sent", "email", "sent"]
    assert said(after(FAILED, policy=policy))[-2:] == ["push", "sent"]


def test_oracle_passes_over_a_channel_that_the_customer_refused() -> None:
    """3.14: the slot follows by the rule of the occasion; where none is open, the first speaks."""
    refused = may("push", "revoked", DECIDED + 100)
    assert said(after(refused, FAILED))[-2:] == ["email", "sent"]

    none = (refused, may("email", "denied", DECIDED + 100))
    oracle = after(*none, FAILED)
    one = decisions(oracle)[-1]
    assert said(oracle)[-1] == "suppressed OPTED_OUT"
    assert (one["slot"], one["trigger_id"], one["chosen"]) == (1, slot_id(1), [])
    assert (one["follows"], one["reserved_at_ms"]) == (slot_id(0), DECIDED)


def test_oracle_passes_over_a_wording_that_is_not_approved() -> None:
    """3.14: approved for email, not for push."""
    email = treatment("email") | {"template_id": "letter"}
    policy = FALLEN | {"fallbacks": [treatment("push"), email]}
    known = (approved(), approved("email", event_id="w2", id="letter"))
    oracle = fold(*nudged(policy, *known), FAILED)

    assert said(oracle) == ["sms", "sent", "email", "sent"]


@pytest.mark.parametrize(
    "before",
    [
        told("delivered", at=DECIDED + 500),
        happened(DECIDED + 500, "f", "risk.flagged", flag_id="f", flag_class="fraud"),
        card("card.activated", DUE, "a") | {"journal_at_ms": DECIDED + 500},
        tick(EXPIRES, DUE),
        told("expired", at=DECIDED + 500),
    ],
    ids=["delivered", "cancelled", "invalidated", "too late", "forgotten"],
)
def test_oracle_does_not_go_on_from_a_contact_that_is_final(before: Facts) -> None:
    """3.14: nor after an earlier receipt, by which it was forgotten how to go on."""
    oracle = after(before, FAILED)

    assert [one["slot"] for one in decisions(oracle) if one["verdict"] == "sent"] == [0]
    assert contacts(oracle)[0]["untried"] is None


@pytest.mark.parametrize(
    ("bought_at", "count"), [(BASE + 3 * DAY, 2), (BASE + 7 * DAY + 500, 1), (BASE + 2 * DAY, 2)]
)
def test_oracle_does_not_speak_of_a_silence_that_has_ended(bought_at: int, count: int) -> None:
    """3.14: of silence the last purchase must not be above the one by which it was entered."""
    entry = WIN_BACK["entry"] | {"rate_ppm_min": 0}
    policy = WIN_BACK | {"entry": entry, "fallbacks": [treatment("push")]}
    bought = (purchase(BASE, "x0"), purchase(BASE + 3 * DAY, "x1"))
    sent = tick(BASE + 7 * DAY, BASE + 7 * DAY)
    key = by_hand_key("k0", "/core", "x1")
    about = by_hand_uuid("acme", "c0", "win_back", key, "come_back", "0")
    said = {"trigger_id": about, "channel": "sms", "status": "failed"}
    failed = happened(BASE + 7 * DAY + 1_000, "f", "delivery.receipt", **said)
    later = purchase(bought_at, "x2") | {"journal_at_ms": BASE + 7 * DAY + 600}
    oracle = fold(published(policy), *ALL_CHANNELS, *bought, sent, later, failed)

    assert len(triggers(oracle)) == count


def test_oracle_does_not_go_on_in_shadow() -> None:
    """T7: a tenant that has gone back to shadow."""
    shadow = {"event_type": "tenant.configured", "time_zone": "UTC", "live_from_ms": EXPIRES}
    dark = envelope(DECIDED + 500, "", "control t2", shadow)

    assert [one["slot"] for one in decisions(after(dark, FAILED))] == [0]


def test_oracle_goes_on_by_the_policy_as_it_is_now() -> None:
    """3.14: a new version with other fallbacks, under which the record and the contact are."""
    newer = FALLEN | {"version": 2, "fallbacks": [treatment("email", template_version=9)]}
    oracle = after(published(newer, "p2"), FAILED)

    (first, second) = triggers(oracle)
    assert (first["policy_version"], second["policy_version"]) == (1, 2)
    assert (second["channel"], second["template_version"], second["slot"]) == ("email", 9, 1)
    none = after(published(FALLEN | {"version": 2, "fallbacks": []}, "p2"), FAILED)
    assert len(decisions(none)) == 1


def test_oracle_stops_a_fallback_as_any_candidate() -> None:
    """C2: the gates of the customer are asked again; the kill switch has been engaged."""
    oracle = after(stopped(), FAILED)

    assert said(oracle)[-1] == "suppressed KILL_SWITCH"
    assert oracle.counts["decision|acme|activation_nudge|suppressed|KILL_SWITCH"] == 1
    assert len(contacts(oracle)) == 1


def test_oracle_does_not_defer_a_fallback() -> None:
    """3.14: QUIET_HOURS suppresses; no journey waits for the morning."""
    own = happened(DECIDED + 500, "q", "preference.changed", quiet_hours="00:00-00:00")
    oracle = after(own, FAILED)
    one = decisions(oracle)[-1]

    assert (one["verdict"], one["reason_code"]) == ("suppressed", "QUIET_HOURS")
    due = [step for journey in oracle.customers["acme|c0"]["journeys"] for step in journey["due"]]
    assert [name for name, _, is_deferred in due if is_deferred] == []


def test_oracle_suppresses_whom_an_experiment_keeps_back_by_now() -> None:
    """3.14: a holdout over all: suppressed, not held out, and nobody is kept back."""
    record = {"event_type": "tenant.configured", "time_zone": "UTC", "live_from_ms": 0}
    held = envelope(DECIDED + 500, "", "control t2", record | {"holdout_bp": 10_000})
    oracle = after(held, FAILED)
    one = decisions(oracle)[-1]

    assert (one["verdict"], one["reason_code"], one["arm"]) == ("suppressed", "HOLDOUT", "holdout")
    assert one["gates"][-1]["gate"] == "experiment"
    assert oracle.customers["acme|c0"]["kept_back"] == []


def test_oracle_corrects_a_contact_that_was_delivered_after_all() -> None:
    """C1: both were made: the first counts again, and the correction has its slot."""
    oracle = after(FAILED, told("delivered", at=DECIDED + 5_000))

    assert said(oracle)[-1] == "cap_overrun DELIVERED_AFTER_RELEASE"
    assert (decisions(oracle)[-1]["slot"], decisions(oracle)[-1]["offer_id"]) == (0, "")
    assert [one["released"] for one in contacts(oracle)] == [False, False]


def test_oracle_goes_on_before_the_receipt_begins_anything() -> None:
    """3.14: a campaign that begins with a receipt comes after the fallback."""
    entry = {"kind": "event", "when": [{"on": "delivery.receipt"}]}
    sorry = BESIDE | {"id": "sorry", "entry": entry, "treatment": treatment("email")}
    oracle = fold(published(sorry, "p2"), *nudged(FALLEN), FAILED)

    assert said(oracle) == ["sms", "sent", "push", "sent", "email", "sent"]
