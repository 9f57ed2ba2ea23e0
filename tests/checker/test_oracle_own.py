"""The second opinion on the tenant's own exposure: core.md §3.17, by hand."""

import hashlib
import json

import pytest

from tests.checker.effects_by_hand import (
    BEGUN,
    DAY,
    ENDED,
    HELD,
    MEASURED,
    NOBODY,
    configured,
    exposures,
    failed,
    lines,
    marks,
    reached,
    replied,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    INSTALMENT,
    consent,
    fold,
    happened,
    published,
    purchase,
    receipt,
    said,
    statement,
)
from tests.checker.tiny_effects import by_hand_mark
from tests.checker.tiny_world import BASE, DECIDED, DUE, TRIGGER_ID, by_hand_uuid


OPENED = "exposure.opened.v1"
SESSION = happened(BASE + 10, "s", "app.session", surface="app")
WINDOW = 90 * DAY

OFFERED = published(INSTALMENT)
"""Instalments for a bill of 50.00 or a large purchase; nobody has agreed to be told."""

BILLED = [statement(BASE + 10, "o", 5_000)]
NOW = BASE + 110
"""When it comes."""

OWN = by_hand_uuid("holdout", "acme", "c0", "h", str(NOW))
EXPOSED: Facts = {
    "v": 1,
    "exposure_id": by_hand_uuid("exposure", OWN),
    "tenant": "acme",
    "customer_token": "c0",
    "trigger_id": OWN,
    **dict.fromkeys(("decision_id", "campaign_id"), ""),
    "policy_version": 7,
    **dict.fromkeys(("policy_hash", "stage", "step", "message_class"), ""),
    "verdict": "assigned",
    "arm": "holdout",
    "arm_ppm": 1_000_000,
    "channel": "",
    "decided_at_ms": 0,
    "closes_at_ms": 0,
    "conversion_on": "txn.posted",
    "propensity_ppm": 0,
    "propensity_from": "",
    "features": {},
    "model_id": "",
    **dict.fromkeys(("model_version", "model_sequence", "score_ppm"), 0),
    "vector": "",
    "is_first": True,
    "shares_ppm": {"default": 1_000_000},
    "holdout_ppm": 1_000_000,
    "value_cap_minor": 0,
    "currency": "",
    "pools": True,
    "guardrails": None,
    "option": "",
    "option_ppm": 0,
    "options_ppm": {},
    "key_count": 1,
}
"""Everybody held out by version 7 of a tenant's settings."""


def test_bucket_of_c0_is_not_held_out() -> None:
    """What `NOBODY` promises: SHA-256 over the length-prefixed tenant, salt and customer."""
    whole = b"".join(bytes([0, 0, 0, len(p)]) + p for p in (b"acme", b"h", b"c0"))

    assert int(hashlib.sha256(whole).hexdigest()[:16], 16) % 10_000 > 0


def test_oracle_exposes_to_the_tenants_holdout_at_the_first_advertising() -> None:
    """3.17: once for each salt, of no campaign, without card, with the arm's own share; first."""
    money = {"value_cap_minor": 900, "currency": "CNY"}
    told_of = configured(version=7, pools_effects=True, **HELD, **money)
    oracle = fold(told_of, OFFERED, SESSION, *BILLED, statement(BASE + 500, "o2", 5_000))
    ((key, record),) = told(oracle, OPENED)

    assert key == b"acme|"
    wanted = EXPOSED | {"decided_at_ms": NOW, "closes_at_ms": NOW + WINDOW} | money
    assert json.dumps(record) == json.dumps(wanted)
    assert oracle.counts["exposure|acme||assigned"] == 1
    assert marks(oracle) == [by_hand_mark("", "", "h")]
    kinds = [item.output.ce_type for item in oracle.expected]
    assert kinds == [OPENED, *["decision.recorded.v1"] * 2]


def test_oracle_exposes_again_under_another_salt() -> None:
    """3.17: who is not held out has the arm `default`, with the rest of the share."""
    other = configured("t2", holdout_bp=1, holdout_salt="h2")
    again = statement(BASE + 500, "o2", 5_000)
    oracle = fold(configured(**NOBODY), OFFERED, *BILLED, other, again)

    assert [one["arm_ppm"] for one in exposures(oracle)] == [999_900, 999_900]
    assert lines(oracle) == ["assigned default", "assigned default"]
    assert marks(oracle) == [by_hand_mark("", "", "h"), by_hand_mark("", "", "h2")]


SERVED = published(INSTALMENT | {"message_class": "servicing"})


@pytest.mark.parametrize(
    ("before", "events"),
    [
        ([configured(holdout_bp=0, holdout_salt="h"), OFFERED], BILLED),
        ([configured(**HELD, live_from_ms=NOW + 1), OFFERED], BILLED),
        (
            [configured(**HELD, live_from_ms=None), OFFERED],
            [one | {"backfill": True} for one in BILLED],
        ),
        ([configured(**HELD), SERVED], BILLED),
        ([configured(**HELD), OFFERED], [SESSION, purchase(BASE + 10, "b")]),
        ([configured(**HELD), OFFERED], [receipt("blocked_optout", BASE + 10, "r")]),
        ([configured(**HELD), OFFERED], [statement(BASE + 10, "o", 4_999)]),
    ],
)
def test_oracle_exposes_nobody_without_a_holdout_in_shadow_or_without_advertising(
    before: list[Facts], events: list[Facts]
) -> None:
    """3.17: what comes after that may still be the first occasion."""
    oracle = fold(*before, *events)

    assert lines(oracle) == []
    assert oracle.customers["acme|c0"]["experiments"] == []


def test_oracle_exposes_nobody_by_a_fallback() -> None:
    """3.14, 3.17: of a contact from before the holdout; its receipt leads to no occasion."""
    then = {"channel": "push", "template_id": "nudge", "template_version": 3, "after": ["failed"]}
    policy = MEASURED | {"fallbacks": [then]}
    agreed = consent("granted", BASE + 31_000, "g1")
    agreed = agreed | {"record": agreed["record"] | {"channel": "push"}}
    told_of = configured(**NOBODY)
    oracle = fold(published(policy), agreed, *BEGUN, told_of, failed())

    assert [one["campaign_id"] for one in exposures(oracle)] == ["activation_nudge"]
    assert said(oracle) == ["sms", "sent", "push", "sent"]


def test_oracle_tells_no_outcome_of_the_tenants_own_exposure() -> None:
    """3.17: it settles with its money after 90 days, and is followed up thrice at once."""
    money = {"value_cap_minor": 900, "currency": "CNY"}
    bought = purchase(DECIDED, "b", 70)
    end = NOW + WINDOW
    oracle = fold(
        configured(**HELD, **money), OFFERED, *BILLED, bought, reached(end - 1), reached(end)
    )

    assert lines(oracle) == [
        *("assigned holdout", "settled 1 70"),
        *("followed 30 True", "followed 60 False", "followed 90 False"),
    ]
    ((key, record),) = told(oracle, "exposure.settled.v1")
    assert (key, record["campaign_id"], record["delivery"]) == (b"acme|", "", "not_sent")
    assert oracle.counts["settled|acme||1"] == 1
    (kept,) = exposures(oracle)
    assert (kept["sequence"], len(kept["converted"])) == (0, 1)


def test_oracle_has_heard_of_the_event_before_it_opens() -> None:
    """3.17: a purchase from a producer whose clock is ahead shows nothing of what it opens."""
    money = {"value_cap_minor": 900, "currency": "CNY"}
    before = [purchase(BASE + number, f"b{number}", 70) for number in range(2)]
    ahead = purchase(BASE + 500, "b", 300) | {"journal_at_ms": BASE + 200}
    oracle = fold(configured(**HELD, **money), OFFERED, *before, ahead)
    (kept,) = exposures(oracle)

    assert kept["decided_at_ms"] == BASE + 200
    assert [kept[name] for name in ("converted", "active_days", "value_minor")] == [[], 0, 0]
    oracle.see(purchase(BASE + 600, "b2", 70))
    assert [kept[name] for name in ("active_days", "value_minor")] == [1, 70]


def test_oracle_says_of_an_own_exposure_without_contact_that_nobody_knows() -> None:
    """3.12: delivery is about contacts; of who is not held out there is none of this id."""
    oracle = fold(configured(**NOBODY), OFFERED, *BILLED, reached(NOW + WINDOW))
    ((_, record),) = told(oracle, "exposure.settled.v1")

    assert (record["arm"], record["delivery"], record["label"]) == ("default", "unknown", 0)


def test_oracle_lets_an_own_exposure_go_without_an_outcome() -> None:
    """3.12, 3.17: it is told as settled with label null, under its own key."""
    steps = [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]
    oracle = fold(configured(**NOBODY), published(MEASURED | {"steps": steps}), *BEGUN)
    own, nudge = exposures(oracle)
    exposures(oracle)[:] = [own, *(nudge | {"trigger_id": f"n{n}"} for n in range(31))]
    for one in exposures(oracle):
        one["closes_at_ms"] = DECIDED + WINDOW
    before = len(lines(oracle))
    oracle.see(reached(DUE + 4 * DAY))

    assert lines(oracle)[before:] == ["settled None 0", "sent default"]
    assert told(oracle, "exposure.settled.v1")[-1][0] == b"acme|"
    assert oracle.counts["settled|acme||null"] == 1


def test_oracle_measures_who_is_held_out_of_a_campaign_as_well() -> None:
    """E2: control and holdout have their share, and nobody objects to what was not sent."""
    oracle = fold(
        configured(**HELD), published(MEASURED), *BEGUN, replied("optout"), reached(ENDED)
    )

    assert lines(oracle) == [
        *("assigned holdout", "held_out holdout", "not_converted 0", "settled 0 0"),
    ]
    ((_, record),) = told(oracle, "exposure.settled.v1")
    names = ("trigger_id", "holdout_ppm", "delivery")
    assert [record[name] for name in names] == [TRIGGER_ID, 1_000_000, "not_sent"]
