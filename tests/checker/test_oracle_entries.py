"""The second opinion on bills, purchases and silence: core.md §3.2 (5), (9), (10) by hand."""

import json
from itertools import permutations

import pytest

from tests.checker.journal_by_hand import (
    DAY,
    INSTALMENT,
    WIN_BACK,
    came_out,
    consent,
    decisions,
    fold,
    published,
    purchase,
    repaid,
    said,
    statement,
)
from tests.checker.rhythm import alive_and_rate_ppm, silence_ms
from tests.checker.tiny_world import (
    BASE,
    ISSUED,
    by_hand_key,
    by_hand_uuid,
    tick,
)


def test_oracle_statement_fires_in_its_own_record_and_reminds_on_now() -> None:
    """T4: the offer is decided with the bill, the reminder a day later on the clock of now."""
    oracle = fold(published(INSTALMENT), consent("granted"), statement(ISSUED, "b", 5_000))

    assert said(oracle) == ["sms", "sent"]
    trigger = json.loads(came_out(oracle)[0].output.value)
    key = by_hand_key("s-b", "/core", "b")
    assert trigger["trigger_id"] == by_hand_uuid("acme", "c0", "instalment", key, "offer", "0")
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

    assert len(came_out(fold(published(INSTALMENT), consent("granted"), bill))) == outputs


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

    assert len(came_out(oracle)) == outputs


def test_oracle_repayment_ends_its_own_statement_only() -> None:
    """The reminder of a bill is dropped by the repayment that names it, or names none."""

    def after(**whose: str) -> int:
        oracle = fold(
            published(INSTALMENT),
            consent("granted"),
            statement(ISSUED, "b", 5_000),
            repaid(ISSUED + 5, "r", 1, **whose),
        )
        return len(oracle.customers["acme|c0"]["journeys"])

    assert after(statement_id="s-b") == 0
    assert after(statement_id="s-other") == 1
    assert after(statement_id="") == 0
    assert after(statement_id="", card_token="k9") == 1


def test_oracle_forgotten_repeat_of_a_statement_enters_nothing() -> None:
    """B2: a bill republished after 32 younger events is no second bill."""
    bill = statement(BASE + 10, "b", 5_000)
    younger = [purchase(BASE + 100 + n, f"y{n}") for n in range(33)]
    oracle = fold(published(INSTALMENT), consent("granted", BASE, "g"), bill, *younger, bill)

    assert said(oracle) == ["sms", "sent"]
    assert oracle.counts["applied|acme|statement.issued"] == 2


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
    assert decisions(oracle)[0]["occurrence_key"] == by_hand_key("k0", "/core", "x1")
    assert json.loads(came_out(oracle)[0].output.value)["variables"] == {"silent_days": 4}
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


def test_oracle_silence_is_disproved_by_a_purchase_within_it_only() -> None:
    """Late truth: after the last known purchase and before the decision, both strictly."""
    bought = [purchase(BASE, "x0"), purchase(BASE + 3 * DAY, "x1")]
    due = BASE + 7 * DAY
    records = [published(WIN_BACK), consent("granted", BASE - 1), *bought, tick(due, due)]

    def after(at: int) -> list[str]:
        return said(fold(*records, purchase(at, "late")))[2:]

    assert after(BASE + 3 * DAY) == []
    assert after(BASE + 3 * DAY + 1) == ["invalidated LATE_TRUTH"]
    assert after(due - 1) == ["invalidated LATE_TRUTH"]
    assert after(due) == []


def test_oracle_last_purchase_of_a_moment_has_the_greatest_identity() -> None:
    """
    Three purchases at one millisecond: the order of arrival decides nothing.

    /core a 08d04c3783a5c993, /core b fd677aaf5f133c71, /other b d49691aad0f826e6.
    """
    bought = [purchase(BASE, "a"), purchase(BASE, "b")]
    bought.append(bought[1] | {"event_source": "/other"})
    for order in permutations(bought):
        customer = fold(published(WIN_BACK), *order).customers["acme|c0"]
        assert customer["last_event"] == ("/core", "b")
        assert customer["journeys"][0]["occurrence_key"] == "k0|fd677aaf5f133c71"


def test_oracle_namesake_of_another_source_is_another_occurrence() -> None:
    """B1, ADR 7: the same event id of another source enters beside the first, with ids apart."""
    bill = statement(ISSUED, "b", 5_000)
    oracle = fold(
        published(INSTALMENT), consent("granted"), bill, bill | {"event_source": "/other"}
    )
    first, second = decisions(oracle)

    assert said(oracle) == ["sms", "sent", "sms", "sent"]
    assert first["occurrence_key"] == by_hand_key("s-b", "/core", "b")
    assert second["occurrence_key"] == by_hand_key("s-b", "/other", "b")
    assert first["decision_id"] != second["decision_id"]
    assert oracle.counts["applied|acme|statement.issued"] == 2


def test_rhythm_at_its_edges() -> None:
    """BG/NBD where the formula ends: certain life, no repeats, no purchase, numbers too large."""
    entry = WIN_BACK["entry"]

    # P(alive) = 1 is never undershot before the last purchase: T* = t_x
    assert silence_ms(entry | {"alive_ppm": 1_000_000}, 1, 3 * DAY) == 3 * DAY
    assert silence_ms(entry | {"alive_ppm": 0}, 1, 3 * DAY) is None
    # a clock behind the last purchase counts as the last purchase: P = 1/2, rate = 2/4
    assert alive_and_rate_ppm(entry, 1, 3 * DAY, 2 * DAY) == (500_000, 250_000)
    assert alive_and_rate_ppm(entry, 0, 0, DAY) == (1_000_000, 500_000)
    assert alive_and_rate_ppm(entry, -1, 0, DAY) == (0, 0)
    assert alive_and_rate_ppm(entry, 900, DAY, 9_000 * DAY) == (0, 0)
