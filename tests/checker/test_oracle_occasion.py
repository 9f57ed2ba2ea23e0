"""The second opinion on gates, caps and arbitration: core.md §3.4, 3.7 by hand."""

import json
from typing import Any

import pytest

from tests.checker.journal_by_hand import (
    DAY,
    INSTALMENT,
    NUDGED,
    came_out,
    consent,
    decisions,
    fold,
    published,
    purchase,
    receipt,
    said,
    statement,
)
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, DUE, ISSUED, envelope, tick


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

    assert json.loads(came_out(oracle)[0].output.value)["priority"] == 50
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
    configured = {
        "event_type": "tenant.configured",
        "live_from_ms": live_from,
        "time_zone": "UTC",
    }
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


def test_oracle_contacts_over_32_lose_the_oldest() -> None:
    """3.10: released or not, for it may be delivered yet; how far back we remember is kept."""
    once = INSTALMENT | {"steps": INSTALMENT["steps"][:1]}
    bills = [statement(ISSUED + n, f"b{n}", 5_000) for n in range(34)]
    oracle = fold(published(once), consent("granted"), *bills[:32])
    contacts = oracle.customers["acme|c0"]["contacts"]
    failed = receipt("failed", ISSUED + 50, "r1")
    failed["record"]["trigger_id"] = contacts[5]["trigger_id"]
    ids = [contact["trigger_id"] for contact in contacts]

    for one in (failed, *bills[32:]):
        oracle.see(one)
    left = [contact["trigger_id"] for contact in oracle.customers["acme|c0"]["contacts"]]
    assert left[:-2] == [one for place, one in enumerate(ids) if place not in (0, 1)]
    assert len(left) == 32
    assert oracle.customers["acme|c0"]["forgotten"] == ISSUED + 1 + 100
