"""The second opinion on caps, spacing and the ledger's memory: core.md §3.4 (9, 10, 13), 3.10."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    INSTALMENT,
    consent,
    decisions,
    fold,
    happened,
    published,
    receipt,
    said,
    statement,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, ISSUED, envelope


HOUR = 3_600_000
OFFER = INSTALMENT | {"id": "offer", "steps": INSTALMENT["steps"][:1]}
NOTICE = OFFER | {"id": "notice", "message_class": "servicing", "priority": 10}


def contact_policy(event_id: str = "cp1", **said: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of a contact policy."""
    said = {"id": "house", "version": 1, "caps": [], "exclusions": []} | said
    record = {"event_type": "contact_policy.published", "contact_policy": said}
    return envelope(BASE, "", f"control {event_id}", record)


def cap(scope: str, count: int = 1, window_ms: int = DAY, **other: str) -> Facts:
    """Return a cap."""
    return {"scope": scope, "count": count, "window_ms": window_ms} | other


def billed(
    *controls: Facts, ats: tuple[int, ...] = (0, HOUR), zone: str = "UTC"
) -> PartitionOracle:
    """Return c0 with a bill at each time after the issue, with these records before."""
    bills = [statement(ISSUED + at, f"b{at}", 5_000) for at in ats]
    return fold(*controls, consent("granted"), *bills, zone=zone)


def last(oracle: PartitionOracle) -> tuple[str, str, Facts]:
    """Return reason, clause and what the last gate saw of the last candidate."""
    found = decisions(oracle)[-1]
    return found["reason_code"], found["clause"], found["gates"][-1]["saw"]


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("all", "CAP_GLOBAL"),
        ("class", "CAP_CLASS"),
        ("channel", "CAP_CHANNEL"),
        ("purpose", "CAP_PURPOSE"),
        ("campaign", "CAP_CAMPAIGN"),
    ],
)
def test_oracle_caps_of_every_scope_name_their_own_reason(scope: str, reason: str) -> None:
    """3.10: of the campaign or of the contact policy, counted alike."""
    own = billed(published(OFFER | {"caps": [cap(scope)]}))
    tenants = billed(published(OFFER), contact_policy(caps=[cap(scope)]))

    assert last(own) == last(tenants) == (reason, "", {})
    assert decisions(tenants)[-1]["contact_policy"] == "house|1"
    assert decisions(tenants)[-1]["cap_count"] == 1


@pytest.mark.parametrize(
    ("scope", "other", "count"),
    [
        ("class", {}, 0),
        ("channel", {"treatment": OFFER["treatment"] | {"channel": "push"}}, 0),
        ("purpose", {"purpose": "another"}, 0),
        ("campaign", {}, 0),
        ("all", {}, 1),
    ],
)
def test_oracle_scope_counts_its_own_contacts_only(
    scope: str, other: dict[str, Any], count: int
) -> None:
    """3.10: another campaign that differs in the scope is not counted."""
    first = OFFER | {"id": "first", "message_class": "mandatory"} | other
    oracle = fold(
        published(first),
        consent("granted"),
        statement(ISSUED, "b0", 5_000),
        published(NOTICE | {"caps": [cap(scope)]}, "p2"),
        envelope(
            ISSUED,
            "",
            "control k",
            {"event_type": "kill_switch.set", "engaged": True, "campaign_id": "first"},
        ),
        statement(ISSUED + HOUR, "b1", 5_000),
    )

    assert decisions(oracle)[-1]["caps"][0]["count_before"] == count


def test_oracle_asks_the_contact_policys_caps_of_class_and_segment() -> None:
    """3.4 (10): behind the campaign's; marketing where nothing is said."""
    caps = [
        cap("all", 9, message_class="servicing"),
        cap("all", 8, segment="young"),
        cap("all", 7, segment="old"),
        cap("all", 6),
    ]
    controls = (published(OFFER | {"caps": [cap("campaign", 5)]}), contact_policy(caps=caps))
    young = happened(BASE, "p", "profile.changed", segment_codes=["young"])

    def asked(oracle: PartitionOracle) -> list[int]:
        return [one["count_max"] for one in decisions(oracle)[-1]["caps"]]

    assert asked(billed(*controls)) == [5, 6]
    assert asked(billed(*controls, young)) == [5, 8, 6]


def test_oracle_does_not_trust_a_window_that_reaches_beyond_its_memory() -> None:
    """3.10: the 33rd contact forgets the first; a cap that looks back so far is closed."""
    many = tuple(range(33))
    caps = [cap("campaign", 40, HOUR), cap("campaign", 41, 3 * HOUR)]
    second = statement(ISSUED + 2 * HOUR, "late", 5_000)
    oracle = billed(published(OFFER), ats=many)
    forgotten = ISSUED + 100
    oracle.see(published(OFFER | {"version": 2, "caps": caps}, "p2"))
    oracle.see(second)

    assert last(oracle) == ("CAP_CAMPAIGN", "memory", {"forgotten_at_ms": forgotten})
    assert [one["count_before"] for one in decisions(oracle)[-1]["caps"]] == [0, 32]


def test_oracle_refuses_the_33rd_contact_within_the_longest_window() -> None:
    """3.10: where the ledger is full of contacts that some window still counts."""
    policy = published(OFFER | {"caps": [cap("campaign", 99, HOUR)], "cool_down_ms": 0})
    longest = contact_policy(exclusions=[{"campaign": "x", "other": "y", "within_ms": 5 * DAY}])
    oracle = billed(policy, longest, ats=tuple(range(33)))

    assert last(oracle) == (
        "CAP_GLOBAL",
        "memory",
        {"contact_count": 32, "longest_window_ms": 5 * DAY},
    )
    assert oracle.customers["acme|c0"]["forgotten"] == 0


def test_oracle_without_caps_is_never_refused_by_its_memory() -> None:
    """3.10."""
    oracle = billed(published(OFFER), ats=tuple(range(34)))

    assert last(oracle)[0] == ""
    assert oracle.customers["acme|c0"]["forgotten"] == ISSUED + 1 + 100


def test_oracle_cools_down_after_another_occurrence() -> None:
    """3.4 (9): from one meeting of the campaign to the next; open at the far end."""
    cooling = published(OFFER | {"cool_down_ms": HOUR})

    assert last(billed(cooling, ats=(0, HOUR))) == (
        "",
        "",
        {"bucket": 0, "first_bucket": 0, "end_bucket": 10_000},
    )
    assert last(billed(cooling, ats=(0, HOUR - 1))) == (
        "COOL_DOWN",
        "",
        {"cool_down_ms": HOUR, "since_ms": HOUR - 1},
    )


def test_oracle_steps_of_one_journey_do_not_cool_down() -> None:
    """3.4 (9): of another occurrence key only; a released contact is no meeting."""
    policy = INSTALMENT | {"cool_down_ms": 30 * DAY}
    oracle = billed(published(policy), ats=(0,))
    contact = oracle.customers["acme|c0"]["contacts"][0]
    oracle.see(
        envelope(
            ISSUED + DAY,
            "",
            "cardcue/clock t",
            {"event_type": "tick", "now_at_ms": ISSUED + DAY, "watermark_at_ms": ISSUED},
        )
    )
    assert said(oracle) == ["sms", "sent", "sms", "sent"]

    once = billed(published(OFFER | {"cool_down_ms": DAY}), ats=(0,))
    failed = receipt("failed", ISSUED + 1, "r")
    failed["record"]["trigger_id"] = once.customers["acme|c0"]["contacts"][0]["trigger_id"]
    once.see(failed)
    once.see(statement(ISSUED + HOUR, "again", 5_000))
    assert contact["decided_at_ms"] == ISSUED + 100
    assert last(once)[0] == ""


@pytest.mark.parametrize(
    ("exclusion", "expected"),
    [
        ({"campaign": "offer", "other": "notice"}, "EXCLUSION"),
        ({"campaign": "notice", "other": "offer"}, ""),
        ({"campaign": "notice", "other": "offer", "mutual": True}, "EXCLUSION"),
        ({"campaign": "offer", "other": "offer"}, ""),
    ],
)
def test_oracle_excludes_after_the_other_campaign(exclusion: Facts, expected: str) -> None:
    """3.10: one way, or both; the clause names the other."""
    rules = contact_policy(exclusions=[exclusion | {"within_ms": DAY}])
    switch = {"event_type": "kill_switch.set", "engaged": True, "campaign_id": "notice"}
    oracle = fold(
        published(NOTICE),
        consent("granted"),
        statement(ISSUED, "b0", 5_000),
        rules,
        envelope(ISSUED, "", "control k", switch),
        published(OFFER, "p2"),
        statement(ISSUED + HOUR, "b1", 5_000),
    )
    [found] = [one for one in decisions(oracle) if one["campaign_id"] == "offer"]

    assert found["reason_code"] == expected
    if expected:
        assert found["clause"] == "notice"
        assert found["gates"][-1]["saw"] == {"within_ms": DAY, "since_ms": HOUR}


def test_oracle_kept_back_customers_were_met() -> None:
    """E2: held out they cool down as if contacted; the campaign's newest only is kept."""
    held = {"event_type": "tenant.configured", "live_from_ms": 0, "holdout_bp": 10_000}
    told = envelope(BASE, "", "control t", held | {"holdout_salt": "s", "time_zone": "UTC"})
    policy = published(OFFER | {"cool_down_ms": HOUR, "caps": [cap("campaign")]})
    oracle = billed(told, policy, ats=(0, 1, HOUR))

    assert said(oracle) == [
        "held_out HOLDOUT",
        "suppressed COOL_DOWN",
        "held_out HOLDOUT",
    ]
    [kept] = oracle.customers["acme|c0"]["kept_back"]
    assert kept[0] == "offer"
    assert kept[2] == ISSUED + HOUR + 100
    assert oracle.customers["acme|c0"]["contacts"] == []


def test_oracle_shadow_keeps_nobody_back() -> None:
    """T7: nothing that a shadow decides binds later ones."""
    held = {"event_type": "tenant.configured", "live_from_ms": 2**50, "holdout_bp": 10_000}
    told = envelope(BASE, "", "control t", held | {"holdout_salt": "s", "time_zone": "UTC"})
    oracle = billed(told, published(OFFER | {"cool_down_ms": HOUR}), ats=(0, 1))

    assert said(oracle) == ["held_out HOLDOUT"] * 2
    assert oracle.customers["acme|c0"]["kept_back"] == []


def test_oracle_contact_policy_is_replaced_by_version() -> None:
    """3.7: of one id the version must rise."""
    one, same = contact_policy(caps=[cap("all")]), contact_policy("cp2")
    newer = contact_policy("cp3", version=2)

    assert last(billed(published(OFFER), one, same))[0] == "CAP_GLOBAL"
    assert last(billed(published(OFFER), one, newer))[0] == ""
    assert fold(one, same).counts["control|acme|STALE_VERSION"] == 1
