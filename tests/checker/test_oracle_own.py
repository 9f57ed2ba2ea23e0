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
    lines,
    marks,
    reached,
    replied,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import consent, fold, happened, published, purchase, receipt
from tests.checker.tiny_effects import by_hand_mark
from tests.checker.tiny_world import BASE, DECIDED, DUE, TRIGGER_ID, by_hand_uuid


OPENED = "exposure.opened.v1"
SESSION = happened(BASE + 10, "s", "app.session", surface="app")
OWN = by_hand_uuid("holdout", "acme", "c0", "h")
WINDOW = 90 * DAY
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


def test_oracle_exposes_to_the_tenants_holdout_at_the_first_event() -> None:
    """3.17: once for each salt, of no campaign, without card, with the arm's own share."""
    money = {"value_cap_minor": 900, "currency": "CNY"}
    told_of = configured(version=7, pools_effects=True, **HELD, **money)
    oracle = fold(told_of, SESSION, consent("granted"))
    ((key, record),) = told(oracle, OPENED)

    assert key == b"acme|"
    now = BASE + 110
    wanted = EXPOSED | {"decided_at_ms": now, "closes_at_ms": now + WINDOW} | money
    assert json.dumps(record) == json.dumps(wanted)
    assert oracle.counts["exposure|acme||assigned"] == 1
    assert marks(oracle) == [by_hand_mark("", "", "h")]


def test_oracle_exposes_again_under_another_salt() -> None:
    """3.17: who is not held out has the arm `default`, with the rest of the share."""
    other = configured("t2", holdout_bp=1, holdout_salt="h2")
    oracle = fold(configured(**NOBODY), SESSION, other, consent("granted"), purchase(DUE, "x"))

    assert [one["arm_ppm"] for one in exposures(oracle)] == [999_900, 999_900]
    assert lines(oracle) == ["assigned default", "assigned default"]
    assert marks(oracle) == [by_hand_mark("", "", "h"), by_hand_mark("", "", "h2")]


@pytest.mark.parametrize(
    ("before", "events"),
    [
        (configured(holdout_bp=0, holdout_salt="h"), [SESSION]),
        (configured(**HELD, live_from_ms=BASE + 111), [SESSION]),
        (configured(**HELD, live_from_ms=None), [SESSION | {"backfill": True}]),
        (configured(**HELD), [receipt("delivered", BASE + 10, "r")]),
        (configured(**HELD), [purchase(BASE - WINDOW, "b") | {"journal_at_ms": BASE + 1}]),
        (configured(**HELD), [happened(BASE, "m", "identity.merged", new_customer_token="c1")]),
    ],
)
def test_oracle_exposes_nobody_without_a_holdout_in_shadow_or_by_what_is_ignored(
    before: Facts, events: list[Facts]
) -> None:
    """3.17: the next event that counts may still be the first."""
    oracle = fold(before, *events)

    assert lines(oracle) == []
    assert oracle.customers["acme|c0"]["experiments"] == []


def test_oracle_exposes_by_an_opt_out_of_a_trigger_that_nobody_knows() -> None:
    """3.2.7: it is applied; nothing objects, as there was no contact."""
    blocked = receipt("blocked_optout", BASE + 10, "r")

    assert lines(fold(configured(**HELD), blocked)) == ["assigned holdout"]


def test_oracle_tells_no_outcome_of_the_tenants_own_exposure() -> None:
    """3.17: it settles with its money after 90 days, and is followed up thrice at once."""
    money = {"value_cap_minor": 900, "currency": "CNY"}
    bought = purchase(DECIDED, "b", 70)
    end = BASE + 110 + WINDOW
    oracle = fold(configured(**HELD, **money), SESSION, bought, reached(end - 1), reached(end))

    assert lines(oracle) == [
        *("assigned holdout", "settled 1 70"),
        *("followed 30 True", "followed 60 False", "followed 90 False"),
    ]
    ((key, record),) = told(oracle, "exposure.settled.v1")
    assert (key, record["campaign_id"], record["delivery"]) == (b"acme|", "", "not_sent")
    assert oracle.counts["settled|acme||1"] == 1
    (kept,) = exposures(oracle)
    assert (kept["sequence"], len(kept["converted"])) == (0, 1)


def test_oracle_opens_before_it_hears_of_the_same_event() -> None:
    """3.17: a purchase from a producer whose clock is ahead converts what it has opened."""
    ahead = purchase(BASE + 500, "b", 70) | {"journal_at_ms": BASE + 200}
    (kept,) = exposures(fold(configured(**HELD), ahead))

    assert (kept["decided_at_ms"], len(kept["converted"]), kept["active_days"]) == (
        BASE + 200,
        1,
        1,
    )
    assert kept["currency"] == ""


def test_oracle_says_of_an_own_exposure_without_contact_that_nobody_knows() -> None:
    """3.12: delivery is about contacts; of who is not held out there is none of this id."""
    oracle = fold(configured(**NOBODY), SESSION, reached(BASE + 110 + WINDOW))
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
