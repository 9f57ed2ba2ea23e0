"""The second opinion on slots, wordings and what they show: core.md §3.14, §3.7, by hand."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    INSTALMENT,
    consent,
    decisions,
    fold,
    happened,
    published,
    said,
    statement,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.oracle_treatments import absent
from tests.checker.tiny_world import BASE, DUE, ISSUED, envelope
from tests.checker.treatments_by_hand import (
    ALL_CHANNELS,
    FALLEN,
    approved,
    may,
    nudged,
    shows,
    slot_id,
    treatment,
    triggers,
)


SAVED = INSTALMENT | {"steps": INSTALMENT["steps"][:1], "fallbacks": []}
"""A bill of 5,000 and more is nudged at once; its kind shows amount_minor and currency."""


def shown(template: list[str] | None, **variables: str) -> tuple[str, str, list[tuple[str, Any]]]:
    """Return reason, clause and what is shown, in order, where the bill is c0's first word."""
    policy = SAVED | {"treatment": treatment("sms", variables=variables)}
    before = [] if template is None else [approved(variables=shows(*template))]
    bill = statement(ISSUED, "b", 5_000)
    oracle = fold(*before, published(policy), consent("granted"), bill)
    (one,) = decisions(oracle)
    items = [item for trigger in triggers(oracle) for item in trigger["variables"].items()]
    return one["reason_code"], one["clause"], items


@pytest.mark.parametrize(
    ("words", "slot", "verdict"),
    [
        (ALL_CHANNELS, 0, "sent"),
        ((may("push"), may("email")), 1, "sent"),
        ((may("sms", "revoked"), may("push", "denied"), may("email")), 2, "sent"),
        ((), 0, "suppressed NO_CONSENT"),
        ((may("sms", "denied"), may("push", "revoked")), 0, "suppressed NO_CONSENT"),
    ],
)
def test_oracle_takes_the_first_slot_in_which_the_customer_is_reached(
    words: tuple[Facts, ...], slot: int, verdict: str
) -> None:
    """3.14: as gate 5 would say of each channel; where none is, the first speaks for all."""
    oracle = fold(*nudged(FALLEN, words=words))
    (one,) = decisions(oracle)

    assert (one["slot"], one["trigger_id"]) == (slot, slot_id(slot))
    assert one["channel"] == ("sms", "push", "email")[slot]
    assert said(oracle)[-1] == verdict


@pytest.mark.parametrize(("message_class", "slot"), [("servicing", 1), ("mandatory", 0)])
def test_oracle_asks_consent_for_a_slot_as_the_class_does(message_class: str, slot: int) -> None:
    """3.14, O3: servicing passes where nobody refused, mandatory asks nobody."""
    policy = FALLEN | {"message_class": message_class}
    oracle = fold(*nudged(policy, words=(may("sms", "revoked"),)))

    assert [one["slot"] for one in triggers(oracle)] == [slot]


def test_oracle_passes_over_a_wording_that_nobody_approved() -> None:
    """3.14: of a slot's template approval is asked, not yet what it shows."""
    missing = shows("city:string")
    oracle = fold(*nudged(FALLEN, approved("push", variables=missing)))
    (one,) = decisions(oracle)

    assert (one["slot"], one["reason_code"], one["clause"]) == (1, "VARIABLE_MISSING", "city")
    assert one["gates"][-1]["gate"] == "content"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], "sent"),
        ([approved()], "sent"),
        ([approved(version=2)], "suppressed NO_TEMPLATE"),
        ([approved(id="other")], "suppressed NO_TEMPLATE"),
        ([approved("voice")], "suppressed NO_TEMPLATE"),
    ],
)
def test_oracle_wants_approval_from_the_first_template_on(
    before: list[Facts], expected: str
) -> None:
    """3.14: before that every template counts; then id, version and channel must be right."""
    assert said(fold(*nudged(FALLEN | {"fallbacks": []}, *before)))[-1] == expected


def test_oracle_wants_approval_where_keys_are_pinned() -> None:
    """3.14: though no template was ever approved."""
    keys = [{"key_id": "k", "person": "p", "public_key": "A" * 43 + "="}]
    pinned = {"event_type": "tenant.configured", "time_zone": "UTC", "signing_keys": keys}
    records = nudged(FALLEN)
    oracle = fold(records[0], envelope(BASE, "", "control t1", pinned), *records[1:])

    assert said(oracle) == ["suppressed NO_TEMPLATE"]
    assert decisions(oracle)[0]["slot"] == 0


def test_oracle_knows_a_wording_once() -> None:
    """3.7: the same id and version again is stale, another version is not; 256 are all."""
    again, later = approved(event_id="w2", text="y"), approved(event_id="w3", version=4)
    oracle = fold(approved(), again, later)
    assert oracle.counts["control|acme|STALE_VERSION"] == 1
    assert oracle.counts["control|acme|template.approved"] == 2
    rows = oracle.published
    assert rows["template", "acme", "nudge", "4"] == ["nudge", 4, "sms", []]

    oracle = fold(*(approved(event_id=f"w{n}", version=n) for n in range(1, 258)))
    assert oracle.counts["control|acme|template.approved"] == 256
    assert oracle.counts["control|acme|STATE_FULL"] == 1
    assert ("template", "acme", "nudge", "257") not in oracle.published


def test_oracle_shows_what_the_kind_and_the_treatment_say() -> None:
    """3.14: without an approved wording all of V, the treatment's behind the kind's."""
    assert shown(None) == ("", "", [("amount_minor", 5_000), ("currency", "CNY")])
    named = {"open": "bill_open_minor", "amount_minor": "bill_count"}
    wanted = [("currency", "CNY"), ("open", 5_000), ("amount_minor", 1)]
    assert shown(None, **named) == ("", "", wanted)


def test_oracle_does_not_show_what_nobody_knows() -> None:
    """3.14: a feature's value where nothing is known is none, -1, 0 and "" alike."""
    for feature in ("tenure_days", "spend_count", "city"):
        assert shown(None, bills="bill_count", one=feature) == ("VARIABLE_MISSING", "one", [])
    assert shown(["amount_minor:int"], amount_minor="recency_days")[:2] == (
        "VARIABLE_MISSING",
        "amount_minor",
    )


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (["currency:string", "amount_minor:int"], ""),
        ([], ""),
        (["amount_minor:string"], "amount_minor"),
        (["amount_minor:int", "currency:int"], "currency"),
        (["moon:int", "sun:int"], "moon"),
    ],
)
def test_oracle_shows_what_the_wording_lists_and_no_more(wanted: list[str], missing: str) -> None:
    """3.14: in the wording's order; what is missing, or of another kind, is the clause."""
    known = {"currency": "CNY", "amount_minor": 5_000}
    names = [one.split(":")[0] for one in wanted]
    found = [] if missing else [(name, known[name]) for name in names]

    reason = "VARIABLE_MISSING" if missing else ""
    assert shown(wanted, bills="bill_count") == (reason, missing, found)


def test_oracle_does_not_show_an_empty_text() -> None:
    """3.14: a text that is "" is none; c0's bill came without a currency."""
    policy = SAVED | {"treatment": treatment("sms")}
    policy |= {"entry": {"kind": "event", "when": [{"on": "card.issued"}]}, "occurrence": "card"}
    issued = happened(ISSUED, "i0", "card.issued", card_token="k0")
    known = approved(variables=shows("amount_minor:int", "currency:string"))
    (one,) = decisions(fold(known, published(policy), consent("granted"), issued))

    assert (one["reason_code"], one["clause"]) == ("VARIABLE_MISSING", "currency")


def test_absent_is_what_the_page_of_features_says() -> None:
    """docs/features.md: a few of each kind and number, read off the page."""
    listed = {
        "tenure_days": -1,
        "card_count": 0,
        "spend_count": 0,
        "weekend_share_ppm": -1,
        "amount_7d_minor": 0,
        "bill_open_minor": -1,
        "declined_days": -1,
        "grant_hours": -1,
        "contact_count_7d": 0,
        "benefit_missing": -1,
        "region": "",
        "points_level": "",
    }
    assert {name: absent(name) for name in listed} == listed


def test_oracle_records_the_features_of_every_treatment() -> None:
    """3.6: every arm's and every fallback's variables are read, whatever slot is taken."""
    arm = {"id": "a", "share_bp": 1, "treatment": treatment("push", variables={"x": "region"})}
    arm["fallbacks"] = [treatment("sms", variables={"x": "tenure_days"})]
    policy = FALLEN | {
        "fallbacks": [treatment("email", variables={"x": "card_count"})],
        "experiment": {"salt": "s", "control_bp": 0, "arms": [arm]},
    }
    (one,) = decisions(fold(*nudged(policy)))

    assert list(one["features"]) == ["waited_ms", "card_count", "region", "tenure_days"]
    assert (one["features"]["card_count"], one["features"]["tenure_days"]) == (1, 3)


def test_oracle_takes_a_shown_habit_for_a_personal_offer() -> None:
    """3.4.6: a variable of any treatment that reads a behavioural feature."""
    policy = FALLEN | {"fallbacks": [treatment("email", variables={"x": "top_scene"})]}
    off = happened(BASE, "p", "preference.changed", personalisation_opt_out=True)
    records = nudged(policy, off)

    assert said(fold(*records)) == ["suppressed PERSONALISATION_OFF"]
    assert said(fold(*nudged(FALLEN, off))) == ["sms", "sent"]


def test_oracle_names_sender_and_slot_in_the_trigger() -> None:
    """3.6: "" stands for the profile of the message's class; nothing was reserved."""
    plain, signed = FALLEN, FALLEN | {"treatment": treatment("sms", sender_profile="bank")}
    names = ("sender_profile", "slot", "offer_id", "reservation_id", "reservation_expires_at_ms")
    found = [[one[name] for name in names] for one in triggers(fold(*nudged(plain)))]
    assert found == [["marketing", 0, "", "", 0]]
    assert [one["sender_profile"] for one in triggers(fold(*nudged(signed)))] == ["bank"]


def test_oracle_gives_an_arm_its_own_slots() -> None:
    """3.4.15: an arm's fallbacks are its own; of servicing the arm is not asked."""
    arm = {"id": "a", "share_bp": 10_000, "treatment": treatment("voice")}
    arm |= {"fallbacks": [treatment("email")]}
    policy = FALLEN | {"experiment": {"salt": "s", "control_bp": 0, "arms": [arm]}}
    assert [one["channel"] for one in triggers(fold(*nudged(policy)))] == ["email"]

    servicing = policy | {"message_class": "servicing"}
    assert [one["channel"] for one in triggers(fold(*nudged(servicing)))] == ["sms"]


def test_oracle_refuses_what_no_message_can_show() -> None:
    """3.11: a variable names a feature that is a whole number or a text."""
    for feature in ("moon", "staff", "segments", "score_ppm"):
        policy = FALLEN | {"treatment": treatment("sms", variables={"x": feature})}
        oracle: PartitionOracle = fold(published(policy))
        assert oracle.counts["control|acme|BAD_RULE"] == 1


def test_oracle_chooses_the_slot_at_the_decision() -> None:
    """3.14: by push, once the customer has refused sms while the journey waited."""
    records = nudged(FALLEN)
    later = may("sms", "revoked", DUE - 1)

    assert said(fold(*records[:-1], later, records[-1])) == ["push", "sent"]
