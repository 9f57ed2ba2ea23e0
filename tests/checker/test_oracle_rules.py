"""The second opinion on rules of entries and exits: core.md §3.2 (9, 10), §3.4 (6), 3.7, 3.11."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    INSTALMENT,
    came_out,
    consent,
    fold,
    happened,
    published,
    purchase,
    repaid,
    said,
    statement,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, ISSUED


def when(text: str, on: str = "txn.posted", name: str = "staff") -> Facts:
    """Return a condition as it is published; its tree is any that is a condition."""
    return {"on": on, "if": {"text": text, "tree": {"node": "name", "name": name}}}


def offer(*conditions: Facts, **other: Any) -> Facts:  # noqa: ANN401
    """Return the offer of instalments, begun by these conditions alone."""
    return INSTALMENT | {"entry": {"kind": "event", "when": list(conditions)}} | other


def told(policy: Facts, *events: Facts) -> PartitionOracle:
    """Return the oracle after a policy, a consent to it and these events."""
    return fold(published(policy), consent("granted"), *events)


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("event.amount_minor >= 300", 2),
        ("event.amount_minor > 300", 0),
        ("spend_count == 1 && event . currency == 'CNY'", 2),  # the purchase is counted already
        ("spend_count == 0", 0),
        ("event.customer_initiated && event.scene == ''", 2),  # it says neither
        ("stage == 'first_spend' && weekend_share_ppm == 0", 2),  # UTC's Tuesday
    ],
)
def test_oracle_begins_where_a_rule_about_the_event_is_true(text: str, outputs: int) -> None:
    """3.2.10: as of now, after the event, with the event's defaults where it lacks a field."""
    assert len(came_out(told(offer(when(text)), purchase(ISSUED, "x", 300)))) == outputs


def test_oracle_counts_a_rule_that_has_no_value_and_begins_nothing() -> None:
    """3.7, 3.11: a divisor of 0; each condition of the event's type is asked, another's is not."""
    policy = offer(
        when("1 / plan_count > 0"), when("true"), when("1 / 0 > 0", on="statement.issued")
    )
    oracle = told(policy, purchase(ISSUED, "x"))
    assert oracle.counts["rule_error|acme|instalment"] == 1
    assert said(oracle) == ["sms", "sent"]

    oracle = told(offer(when("1 / plan_count > 0")), purchase(ISSUED, "x"))
    assert (said(oracle), oracle.counts["rule_error|acme|instalment"]) == ([], 1)


def test_oracle_ends_a_journey_where_the_rule_of_an_exit_is_true() -> None:
    """3.2.9: a repayment of 500 ends the reminder of the bill, one of 499 does not."""

    def left(amount: int) -> int:
        exits = [when("event.amount_minor >= 500", on="repayment.received")]
        events = [statement(ISSUED, "b", 5_000), repaid(ISSUED + 5, "r", amount)]
        return len(told(INSTALMENT | {"exit_on": exits}, *events).customers["acme|c0"]["journeys"])

    assert (left(499), left(500)) == (1, 0)


@pytest.mark.parametrize(
    ("exits", "failed"),
    [
        ([when("1 / 0 > 0", on="repayment.received")], 1),
        ([when("true", on="repayment.received"), when("1 / 0 > 0", on="repayment.received")], 0),
        ([when("1 / 0 > 0", on="repayment.received"), "repayment.received"], 0),
        ([when("1 / 0 > 0", on="txn.posted")], 0),
    ],
)
def test_oracle_asks_exits_until_one_is_met(exits: list[Any], failed: int) -> None:
    """3.7: in the order of the policy, and none where an exit by name has the event's type."""
    events = [statement(ISSUED, "b", 5_000), repaid(ISSUED + 5, "r", 1)]
    oracle = told(INSTALMENT | {"exit_on": exits}, *events)

    assert oracle.counts["rule_error|acme|instalment"] == failed


@pytest.mark.parametrize(
    ("condition", "counted"),
    [
        (when("event.amount_minor > 0", name="event.amount_minor"), "policy.published"),
        (when("event.amount_minor > 0", on="app.session"), "BAD_RULE"),
        (when("true", on="app.session", name="event.amount_minor"), "BAD_RULE"),
        (when("event.posted_date == ''"), "BAD_RULE"),  # dates are not read
        (when("event.amount_minor"), "BAD_RULE"),
    ],
)
def test_oracle_refuses_a_rule_that_reads_what_its_event_lacks(
    condition: Facts, counted: str
) -> None:
    """3.11: in the text, or in the tree."""
    for policy in (offer(condition), offer(exit_on=[condition])):
        assert told(policy).counts[f"control|acme|{counted}"] == 1


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("bill_total_minor == 5000", ["suppressed PERSONALISATION_OFF"]),
        ("event.total_due_minor == 5000", ["sms", "sent"]),
    ],
)
def test_oracle_calls_an_entry_behavioural_that_reads_behaviour(
    text: str, verdict: list[str]
) -> None:
    """3.4.6: by a feature; what the event says is none."""
    off = happened(BASE, "p", "preference.changed", personalisation_opt_out=True)
    policy = offer(when(text, on="statement.issued"))

    assert said(told(policy, off, statement(ISSUED, "b", 5_000))) == verdict
