"""The second opinion on clauses: core.md §3.4 (1 to 3, 6), §3.6, §3.7 and §3.11."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    INSTALMENT,
    NUDGED,
    WIN_BACK,
    consent,
    decisions,
    fold,
    happened,
    published,
    purchase,
    said,
    statement,
)
from tests.checker.oracle_clauses import names_read
from tests.checker.tiny_world import BASE, CAMPAIGN, envelope, tick


STAFF: Facts = {"node": "name", "name": "staff"}


def clause(text: str, name: str = "c", tree: Facts = STAFF) -> Facts:
    """Return a clause as it is published; its tree is any that is a condition."""
    return {"id": name, "if": {"text": text, "tree": tree}}


def nudge(stage: str, *clauses: Facts, **other: Any) -> Facts:  # noqa: ANN401
    """Return the nudge with clauses."""
    return CAMPAIGN | {stage: list(clauses)} | other


def nudged(policy: Facts, *events: Facts) -> list[Facts]:
    """Return the candidates of the nudge's one occasion."""
    return decisions(fold(published(policy), *NUDGED[1:3], *events, NUDGED[3]))


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        ("eligibility", "NOT_ELIGIBLE"),
        ("applicability", "NOT_APPLICABLE"),
        ("suitability", "NOT_SUITABLE"),
    ],
)
def test_oracle_refuses_by_the_first_clause_that_is_not_true(stage: str, reason: str) -> None:
    """3.4: the reason is the stage's, the clause the first of those not met."""
    met, unmet = clause("card_count == 1", "one"), clause("stage == 'bound'", "bound")
    found = nudged(nudge(stage, met, unmet, clause("false", "never")))[0]

    assert (found["verdict"], found["reason_code"], found["clause"]) == (
        "suppressed",
        reason,
        "bound",
    )
    assert found["gates"][-1] == {
        "gate": stage,
        "reason_code": reason,
        "clause": "bound",
        "saw": {},
    }
    assert nudged(nudge(stage, met))[0]["verdict"] == "sent"


@pytest.mark.parametrize(
    "text",
    [
        "spend_count / card_count / spend_count > 0",
        'score_ppm["m"] > 0',
        "9223372036854775807 + card_count > 0",
        "!(1 / spend_count > 0)",
    ],
)
def test_oracle_closes_the_gate_where_a_rule_has_no_value(text: str) -> None:
    """3.11: a divisor of 0, a key that is not there, overflow; one clause, no other reason."""
    found = nudged(nudge("suitability", clause(text)))[0]

    assert (found["reason_code"], found["clause"]) == ("RULE_ERROR", "c")


@pytest.mark.parametrize(
    "text", ["true || 1 / spend_count > 0", "score_ppm.m > 0 || staff == false"]
)
def test_oracle_forgives_an_error_that_decides_nothing(text: str) -> None:
    """3.11: whichever side it stands on."""
    assert nudged(nudge("suitability", clause(text)))[0]["verdict"] == "sent"


def test_oracle_records_what_clauses_read() -> None:
    """3.6: behind those of the kind, in alphabetical order, whatever gate failed."""
    texts = ("staff || tenure_days > 99", "size(segments) == 0")
    policy = nudge("eligibility", *(clause(text) for text in texts))
    found = nudged(policy)[0]

    assert found["clause"] == "c"
    assert list(found["features"].items()) == [
        ("waited_ms", 3 * DAY + 5_000),
        ("segments", []),
        ("staff", False),
        ("tenure_days", 3),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('partner["staff"] == "region"', {"partner"}),
        ("partner.staff == 'x' && partner . region != 'y'", {"partner"}),
        ("staff // region", {"staff"}),
        ("!staff&&(region+city).size()>1", {"staff", "region", "city"}),
        ('language == "a\\"staff\\""', {"language"}),
    ],
)
def test_oracle_finds_the_names_in_a_text(text: str, names: set[str]) -> None:
    """Not in literals, not in comments, not behind a dot."""
    assert names_read(nudge("eligibility", clause(text))) == names


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("spend_count == 0", ["suppressed PERSONALISATION_OFF"]),
        ("card_count == 1", ["sms", "sent"]),
    ],
)
def test_oracle_makes_no_personal_offer_to_who_wants_none(text: str, verdict: list[str]) -> None:
    """3.4.6: a campaign whose clause reads behaviour is one; O4: a card is not behaviour."""
    off = happened(BASE, "p", "preference.changed", personalisation_opt_out=True)
    policy = nudge("suitability", clause(text))

    assert said(fold(published(policy), *NUDGED[1:3], off, NUDGED[3])) == verdict


def deep(levels: int) -> Facts:
    """Return a tree of so many levels."""
    tree = STAFF
    for _ in range(levels - 1):
        tree = {"node": "call", "function": "!_", "arguments": [tree]}
    return tree


def wide(count: int) -> Facts:
    """Return a tree of so many parts, on three levels, with lists of at most fifty."""
    lists = []
    while count > 1:
        items = [STAFF] * min(50, count - 2)
        lists.append({"node": "items", "items": items})
        count -= len(items) + 1
    return {"node": "call", "function": "_==_", "arguments": lists}


@pytest.mark.parametrize(
    ("refused", "runs"),
    [
        (clause("1 + 1"), clause("1 + 1 == 2")),
        (clause("moon == 1"), clause("region == 'moon'")),
        (clause("staff == 1"), clause("staff == true")),
        (clause("staff", tree=deep(17)), clause("staff", tree=deep(16))),
        (clause("staff", tree=wide(201)), clause("staff", tree=wide(200))),
        (
            clause("staff", tree={"node": "items", "items": [STAFF] * 65}),
            clause("staff", tree={"node": "items", "items": [STAFF] * 64}),
        ),
        (clause("staff", tree={"node": "name", "name": "moon"}), clause("staff")),
        (
            clause("staff", tree={"node": "call", "function": "matches", "arguments": [STAFF]}),
            clause("staff", tree={"node": "call", "function": "size", "arguments": [STAFF]}),
        ),
    ],
)
def test_oracle_activates_no_policy_that_cannot_be_run(refused: Facts, runs: Facts) -> None:
    """3.7, 3.11: counted `BAD_RULE`; the one before stays."""
    for bad, count in ((refused, 1), (runs, 0)):
        policy = nudge("suitability", bad, version=2)
        oracle = fold(published(CAMPAIGN), published(policy, "p2"), *NUDGED[1:])
        assert oracle.counts["control|acme|BAD_RULE"] == count
        assert decisions(oracle)[0]["policy_version"] == 2 - count


def test_oracle_silence_says_its_rate_before_clauses() -> None:
    """3.4.2: a silence campaign always saw the rate, whatever a clause says."""
    entry = WIN_BACK["entry"] | {"rate_ppm_min": 0}
    policy = WIN_BACK | {"entry": entry, "applicability": [clause('score_ppm["m"] == 1')]}
    bought = [purchase(BASE + n * DAY, f"t{n}") for n in range(3)]
    later = BASE + 60 * DAY
    found = decisions(fold(published(policy), consent("granted"), *bought, tick(later, later)))[0]

    assert found["reason_code"] == "RULE_ERROR"
    assert set(found["gates"][-1]["saw"]) == {"rate_ppm", "rate_ppm_min"}


def test_oracle_reads_the_tenants_zone_and_the_currency_of_the_bill() -> None:
    """3.9: without a zone of their own the customer's clock is the tenant's."""
    configured = {
        "event_type": "tenant.configured",
        "live_from_ms": 0,
        "time_zone": "Asia/Shanghai",
    }
    policy = INSTALMENT | {
        "suitability": [clause('usual_part_of_day == "morning" && currency == "USD"')]
    }
    found = decisions(
        fold(
            published(policy),
            envelope(BASE, "", "control t", configured),
            consent("granted"),
            purchase(BASE, "1"),
            statement(BASE + DAY, "2", 9_000, currency="USD"),
        )
    )[0]

    assert found["verdict"] == "sent"
    assert found["features"]["usual_part_of_day"] == "morning"
