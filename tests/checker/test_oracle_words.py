"""The second opinion on words about applications, benefits, risks and the like: core.md §3.8."""

from itertools import permutations
from typing import Any

import pytest

from tests.checker.journal_by_hand import NUDGED, consent, fold, happened, published, said
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, ISSUED, envelope


AT = BASE + 1
UNTIL = "2023-11-14T23:13:20.0009+01:00"
WORDS: list[tuple[str, dict[str, Any], tuple[str, str], tuple[Any, ...]]] = [
    (
        "application.submitted",
        {"application_id": "a1", "product_code": "gold"},
        ("application", "a1"),
        (AT, "submitted", 0, 0, 0, "gold"),
    ),
    (
        "preapproval.granted",
        {"preapproval_id": "p1", "product_code": "gold", "valid_until": UNTIL},
        ("preapproval", "p1"),
        (AT, "granted", BASE, 0, 0, "gold"),
    ),
    (
        "wallet.unbound",
        {"card_token": "k0", "wallet": "alipay"},
        ("wallet", "k0|alipay"),
        (AT, "unbound", 0, 0, 0, ""),
    ),
    (
        "txn.declined",
        {"card_token": "k0", "decline_class": "risk", "amount_minor": 7, "currency": "CNY"},
        ("declined", "k0"),
        (AT, "risk", 0, 7, 0, "CNY"),
    ),
    (
        "repayment.received",
        {"card_token": "k0", "amount_minor": 9, "currency": "CNY", "statement_id": ""},
        ("repayment", "k0"),
        (AT, "received", 0, 9, 0, "CNY"),
    ),
    (
        "repayment.overdue",
        {"statement_id": "s1", "card_token": "k0", "days_past_due": 3},
        ("overdue", "s1"),
        (AT, "overdue", 0, 3, 0, "k0"),
    ),
    (
        "autopay.changed",
        {"card_token": "k0", "status": "active"},
        ("autopay", "k0"),
        (AT, "active", 0, 0, 0, ""),
    ),
    (
        "instalment.created",
        {"plan_id": "i1", "principal_minor": 900, "term_count": 12, "currency": "CNY"},
        ("instalment", "i1"),
        (AT, "created", 0, 900, 12, "CNY"),
    ),
    ("instalment.settled", {"plan_id": "i1"}, ("instalment", "i1"), (AT, "settled", 0, 0, 0, "")),
    (
        "limit.prechecked",
        {"precheck_id": "c1", "max_temp_limit_minor": 5, "currency": "CNY", "valid_until": UNTIL},
        ("precheck", "c1"),
        (AT, "granted", BASE, 5, 0, "CNY"),
    ),
    (
        "limit.changed",
        {"card_token": "k0", "kind": "temp", "new_limit_minor": 6, "currency": "CNY"},
        ("limit", "k0|temp"),
        (AT, "temp", 0, 6, 0, "CNY"),
    ),
    (
        "benefit.progressed",
        {"benefit_id": "b1", "measure": "spend", "value": 3, "threshold": 9, "window_end": UNTIL},
        ("benefit", "b1"),
        (AT, "spend", BASE, 3, 9, ""),
    ),
    (
        "benefit.granted",
        {"benefit_grant_id": "g1", "benefit_id": "b1", "expires_at": None},
        ("grant", "g1"),
        (AT, "granted", 0, 0, 0, "b1"),
    ),
    (
        "coupon.issued",
        {"coupon_token": "q1", "offer_id": "o1", "expires_at": "1969-12-31T00:00:00Z"},
        ("coupon", "q1"),
        (AT, "issued", 0, 0, 0, "o1"),
    ),
    (
        "points.level_changed",
        {"level": "gold", "points_band": "b"},
        ("points", ""),
        (AT, "gold", 0, 0, 0, "b"),
    ),
    (
        "risk.flagged",
        {"flag_id": "f1", "flag_class": "aml"},
        ("risk", "f1"),
        (AT, "flagged", 0, 0, 0, "aml"),
    ),
    ("risk.cleared", {"flag_id": "f1"}, ("risk", "f1"), (AT, "cleared", 0, 0, 0, "")),
    (
        "service.case_opened",
        {"case_id": "c1", "case_class": "dispute"},
        ("case", "c1"),
        (AT, "opened", 0, 0, 0, "dispute"),
    ),
    (
        "score.published",
        {"model_id": "m1", "model_version": "v2", "score_ppm": 8, "valid_until": UNTIL},
        ("score", "m1"),
        (AT, "v2", BASE, 8, 0, ""),
    ),
    (
        "app.session",
        {"surface": "home", "action_code": "x"},
        ("session", ""),
        (AT, "home", 0, 0, 0, "x"),
    ),
    (
        "partner.observed",
        {"partner_id": "p1", "attribute": "owner", "value": "yes", "purpose": "u"},
        ("partner", "p1|owner"),
        (AT, "yes", 0, 0, 0, "u"),
    ),
    (
        "survey.answered",
        {"survey_id": "s1", "question_code": "q1", "answer_code": "b", "purpose": "u"},
        ("survey", "s1|q1"),
        (AT, "b", 0, 0, 0, "u"),
    ),
]


def words(oracle: PartitionOracle) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return c0's words."""
    found: dict[tuple[str, str], tuple[Any, ...]] = oracle.customers["acme|c0"]["words"]
    return found


@pytest.mark.parametrize(("kind", "fields", "place", "word"), WORDS)
def test_oracle_word_of_each_event(
    kind: str, fields: dict[str, Any], place: tuple[str, str], word: tuple[Any, ...]
) -> None:
    """3.8: the table, row by row; times in data are floored, none and before 1970 are 0."""
    oracle = fold(happened(AT, "w", kind, **fields))

    assert {where: tuple(said) for where, said in words(oracle).items()} == {place: word}
    assert oracle.counts == {f"applied|acme|{kind}": 1}


def level(at: int, name: str, event_id: str) -> dict[str, Any]:
    """Return the level that c0 has reached."""
    return happened(at, event_id, "points.level_changed", level=name, points_band="")


def test_oracle_greatest_word_stays_whatever_the_order() -> None:
    """3.8: the newest, of two of a moment the greater, at any age."""
    heard = [level(AT, "silver", "a"), level(AT + 1, "base", "b"), level(AT + 1, "gold", "c")]

    for order in permutations(heard):
        assert words(fold(*order))["points", ""][:2] == (AT + 1, "gold")


def sixty_four(*, spent: bool) -> list[dict[str, Any]]:
    """Return 64 cases, the third of them closed or not."""
    opened = [
        happened(AT + n, f"o{n}", "service.case_opened", case_id=f"c{n:02}") for n in range(64)
    ]
    closed = [happened(AT + 200, "x", "service.case_closed", case_id="c02")] if spent else []
    return [*opened, *closed]


def test_oracle_65th_word_needs_a_spent_one() -> None:
    """3.8: a closed case makes room; without one the event is ignored and nothing is lost."""
    full = fold(*sixty_four(spent=False), level(AT + 300, "gold", "l"))
    assert full.counts["ignored|acme|STATE_FULL"] == 1
    assert len(words(full)) == 64
    assert ("points", "") not in words(full)

    made = fold(*sixty_four(spent=True), level(AT + 300, "gold", "l"))
    assert ("points", "") in words(made)
    assert ("case", "c02") not in words(made)
    assert len(words(made)) == 64
    other = fold(*sixty_four(spent=False), happened(AT + 900, "again", "risk.cleared", flag_id="f"))
    assert other.counts["ignored|acme|STATE_FULL"] == 1


def test_oracle_what_has_run_out_makes_room_for_what_is_new() -> None:
    """3.8: spent is also what was valid until now, on the tenant's clock."""
    until = {"offer_id": "o", "expires_at": "2023-11-14T22:13:20.5Z"}
    coupon = happened(AT, "s", "coupon.issued", coupon_token="q", **until)
    records = [*sixty_four(spent=False)[:63], coupon]

    early = level(BASE + 300, "gold", "l")  # journal time BASE + 400
    assert fold(*records, early).counts["ignored|acme|STATE_FULL"] == 1
    late = level(BASE + 400, "gold", "l")  # journal time BASE + 500
    assert ("coupon", "q") not in words(fold(*records, late))


def test_oracle_wallet_without_room_for_its_word_is_still_bound() -> None:
    """3.2 (4), 3.8: the milestone is merged before the word finds no room."""
    bound = happened(AT + 99, "b", "wallet.bound", card_token="k0", wallet="other")
    oracle = fold(*sixty_four(spent=False), bound)

    assert oracle.counts["ignored|acme|STATE_FULL"] == 1
    assert oracle.counts["milestone|acme|bound"] == 1
    assert oracle.customers["acme|c0"]["cards"]["k0"]["bound"] == AT + 99


TROUBLE: list[tuple[str, str, dict[str, Any], str]] = [
    ("risk.flagged", "risk.cleared", {"flag_id": "f", "flag_class": "aml"}, "RISK_FLAG"),
    ("service.case_opened", "service.case_closed", {"case_id": "c"}, "OPEN_CASE"),
    (
        "repayment.overdue",
        "repayment.cured",
        {"statement_id": "s", "card_token": "k9", "days_past_due": 1},
        "OVERDUE",
    ),
]


@pytest.mark.parametrize(("begins", "ends", "fields", "reason"), TROUBLE)
def test_oracle_trouble_stops_marketing_until_it_is_over(
    begins: str, ends: str, fields: dict[str, Any], reason: str
) -> None:
    """O3: a flag, a case, an overdue bill bind marketing and no other class."""
    began, over = happened(AT, "x", begins, **fields), happened(AT + 1, "y", ends, **fields)
    servicing = published(CAMPAIGN | {"message_class": "servicing"})

    assert said(fold(*NUDGED[:3], began, NUDGED[3])) == [f"suppressed {reason}"]
    assert said(fold(*NUDGED[:3], began, over, NUDGED[3])) == ["sms", "sent"]
    assert said(fold(*NUDGED[:3], over, began, NUDGED[3])) == ["sms", "sent"]
    assert said(fold(servicing, *NUDGED[1:3], began, NUDGED[3])) == ["sms", "sent"]


def test_oracle_says_nothing_to_the_dead() -> None:
    """O3: a flag of class `deceased` binds every class, before consent is looked at."""
    mandatory = published(CAMPAIGN | {"message_class": "mandatory"})
    flag = happened(AT, "x", "risk.flagged", flag_id="f", flag_class="deceased")

    assert said(fold(mandatory, NUDGED[2], flag, NUDGED[3])) == ["suppressed NOT_ELIGIBLE"]


def observed(at: int, event_id: str, **other: str) -> dict[str, Any]:
    """Return what a partner saw for the purpose `u`."""
    fields = {"partner_id": "p", "attribute": event_id, "value": "1", "purpose": "u", **other}
    return happened(at, event_id, "partner.observed", **fields)


def about_partners(status: str, at: int) -> dict[str, Any]:
    """Return c0's word about partners' data for the purpose `u`."""
    said_of_data = {"purpose": "u", "channel": "data", "status": status}
    record = {"event_type": "consent.changed", **said_of_data}
    return envelope(at, "c0", f"/crm {status}-{at}", record)


def test_oracle_withdrawal_removes_what_partners_said_before() -> None:
    """3.8: up to the withdrawal nothing is kept, of any order; another purpose stays."""
    events = [
        observed(AT, "a"),
        observed(AT + 2, "b"),
        observed(AT, "c", purpose="v"),
        about_partners("granted", AT - 1),
        about_partners("revoked", AT + 1),
        about_partners("granted", AT + 3),
    ]
    for order in permutations(events):
        assert set(words(fold(*order))) == {("partner", "p|b"), ("partner", "p|c")}
    late = fold(*events, observed(AT + 1, "d"))
    assert late.counts["ignored|acme|NO_CONSENT"] == 1


def test_oracle_keeps_the_newest_refusal_beside_the_newest_word() -> None:
    """3.2 (6): `withdrawn_at_ms` outlives a later `granted`."""
    oracle = fold(consent("revoked", ISSUED, "r"), consent("granted", ISSUED + 5, "g"))
    kept = oracle.customers["acme|c0"]["consents"]["activation", "sms"]

    assert (kept["status"], kept["at"], kept["withdrawn"]) == ("granted", ISSUED + 5, ISSUED)
