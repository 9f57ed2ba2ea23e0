"""Rules at entry and exit read the event and the customer (docs/core.md 3.2.9, 3.2.10)."""

import pytest
from msgspec.structs import replace

from lifecycle.policies import active
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    Clause,
    CountEntry,
    DriftEntry,
    EventCondition,
    EventEntry,
    LargePurchaseCondition,
    SequenceEntry,
    Step,
)
from schemas.entries import Entry
from schemas.events import (
    AppSession,
    CardIssued,
    CardReplaced,
    PolicyPublished,
    TxnAuthorised,
)
from tests.lifecycle.builders import DAY, HOUR, Bank, activated, bill, issued, nudge, spend
from tests.lifecycle.conditions import SENT, on, rule, told, when
from tests.lifecycle.told import decisions, story


def test_rule_reads_the_event_and_features_after_it() -> None:
    """The purchase at hand is counted already: it is the second."""
    bank = Bank(told(when("txn.posted", "event.amount_minor == 700 && spend_count == 2")))

    assert [] == bank.say(spend(700), HOUR)
    assert SENT == story(bank.say(spend(700), 2 * HOUR))
    assert [] == bank.say(spend(700), 3 * HOUR)


def test_rule_reads_what_the_event_leaves_out_as_its_default() -> None:
    """`customer_initiated` is true, `mcc` is no text, where the bank says nothing."""
    bank = Bank(told(when("txn.posted", 'event.customer_initiated && event.mcc == ""')))

    assert SENT == story(bank.say(spend(), HOUR))


def test_rule_reads_the_features_of_the_events_card_as_it_is_now() -> None:
    """3.8: k1 goes on as k2, and k2 was activated."""
    bank = Bank(told(when("txn.authorised", 'stage == "authorised"')))
    bank.say(activated("k2"), HOUR)
    bank.say(CardReplaced(card_token="k1", new_card_token="k2"), 2 * HOUR)
    said = TxnAuthorised(auth_id="a", card_token="k1", amount_minor=1, currency="CNY")

    assert SENT == story(bank.say(said, 3 * HOUR))


def test_rule_that_cannot_be_computed_begins_nothing() -> None:
    """700 / (1 - 1) at the first purchase; at the second it is 700."""
    bank = Bank(told(when("txn.posted", "event.amount_minor / (spend_count - 1) > 5")))

    assert [] == bank.say(spend(700), HOUR)
    assert 1 == bank.count("rule_error|{}|told")
    assert SENT == story(bank.say(spend(700), 2 * HOUR))
    assert 1 == bank.count("rule_error|{}|told")


def test_one_of_many_conditions_is_enough() -> None:
    """The house's own or one with a rule: one journey for one event."""
    large = LargePurchaseCondition(amount_minor_min=500, own_mean_percent_min=0, spend_count_min=0)
    both = EventEntry(any_of=(large,), when=(on("txn.posted", 'event.mcc == "5411"'),))
    bank = Bank(told(both))

    assert [] == bank.say(spend(100), HOUR)
    assert SENT == story(bank.say(replace(spend(100), mcc="5411"), 2 * HOUR))
    assert SENT == story(bank.say(replace(spend(500), mcc="5411"), 3 * HOUR))


def test_journey_has_the_sum_of_money_of_its_event() -> None:
    """An amount, a bill's total, or none."""
    bank = Bank(
        told(EventEntry(when=(on("txn.posted"), on("statement.issued"), on("app.session"))))
    )
    happened = (spend(700), bill(900), AppSession(surface="card"))
    found = [decisions(bank.say(event, n * HOUR))[0] for n, event in enumerate(happened, start=1)]

    assert [700, 900, 0] == [one.features["amount_minor"] for one in found]


def test_absence_begins_where_its_rule_is_met() -> None:
    """About the event after which something is missed."""
    gold = rule("card.issued", 'event.product_code == "gold"')
    missed = AbsenceEntry(after="card.issued", without="card.activated", rule=gold)
    bank = Bank(told(missed))
    bank.say(CardIssued(card_token="k1", product_code="gold"), 0, who="bob")
    bank.say(CardIssued(card_token="k2", product_code="plain"), 0)

    assert ["told now suppressed NO_CONSENT"] == story(bank.tick(HOUR))
    assert [] == bank.row().journeys


def drifting(text: str = "") -> Campaign:
    """Return a campaign for amounts that have fallen by two and a half deviations."""
    asked = rule("txn.posted", text) if text else None
    return told(DriftEntry(of="amount", decline_ppm_min=2_500_000, rule=asked))


@pytest.mark.parametrize(
    ("last_minor", "text", "wanted"),
    [(800, "", SENT), (801, "", []), (800, "event.amount_minor < 800", [])],
)
def test_drift_is_entered_at_its_threshold(last_minor: int, text: str, wanted: list[str]) -> None:
    """3.9: mean 1100, deviation 100; 800 lies three of them below, and half a one is allowed."""
    bank = Bank(drifting(text))
    for day, amount_minor in enumerate((1_000, 1_200) * 4):
        assert [] == bank.say(spend(amount_minor), day * DAY)

    assert wanted == story(bank.say(spend(last_minor), 8 * DAY))


def test_drift_is_entered_once_while_its_steps_wait() -> None:
    """
    One decline is one journey, however many purchases see it; when that is over, another begins.

    day 8: 800 enters, its step is due on day 11 | day 9: 700 enters nothing | day 12: 600 enters
    """
    bank = Bank(replace(drifting(), steps=(Step(id="later", delay_ms=3 * DAY),)))
    for day, amount_minor in enumerate((1_000, 1_200) * 4):
        bank.say(spend(amount_minor), day * DAY)

    bank.say(spend(800), 8 * DAY)
    bank.say(spend(700), 9 * DAY)
    assert [800] == [one.amount_minor for one in bank.row().journeys]
    assert ["-> ann later", "told later sent"] == story(bank.tick(11 * DAY))
    bank.say(spend(600), 12 * DAY)
    assert [600] == [one.amount_minor for one in bank.row().journeys]


def test_late_purchase_that_is_not_counted_is_no_drift() -> None:
    """3.2.3: older than 90 days, it changes no habit."""
    bank = Bank(drifting())
    for day, amount_minor in enumerate((1_000, 1_200) * 4):
        bank.say(spend(amount_minor), (day + 100) * DAY)

    assert [] == bank.say(spend(800), 9 * DAY, arrived=108 * DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        told(
            EventEntry(
                when=(
                    EventCondition(
                        on="app.session", rule=rule("txn.posted", "event.amount_minor > 0")
                    ),
                )
            )
        ),
        told(
            CountEntry(
                on="application.submitted",
                count_min=2,
                window_ms=DAY,
                rule=rule("card.issued", 'event.issue_type == "new"'),
            )
        ),
        nudge(
            id="told",
            exit_on=(
                EventCondition(on="app.session", rule=rule("txn.posted", "event.amount_minor > 0")),
            ),
        ),
        nudge(
            id="told",
            eligibility=(Clause(id="c", rule=rule("card.issued", 'event.issue_type == "new"')),),
        ),
        told(
            when("unheard.of", "true"),
            eligibility=(Clause(id="c", rule=rule("txn.posted", 'event.mcc == ""')),),
        ),
    ],
)
def test_rule_that_reads_what_its_event_does_not_have_is_refused(wrong: Campaign) -> None:
    """3.7: BAD_RULE, and nothing is activated; a clause has no event at all."""
    bank = Bank(wrong)

    assert 1 == bank.count("control|{}|BAD_RULE")
    assert 0 == bank.count("control|{}|policy.published")


def test_entry_of_another_kind_is_refused() -> None:
    """3.7: customers on their way would not know which clock they wait on."""
    bank = Bank(told(when("app.session")))
    other = told(CountEntry(on="app.session", count_min=2, window_ms=DAY), version=2)
    bank.control(PolicyPublished(campaign=other, policy_hash="h2"))

    assert 1 == bank.count("control|{}|OTHER_KIND")


@pytest.mark.parametrize(
    ("entry", "behavioural"),
    [
        (when("app.session"), False),
        (when("txn.declined"), True),
        (when("app.session", "tenure_days > 3"), False),
        (when("app.session", "spend_count > 3"), True),
        (when("limit.prechecked", "event.max_temp_limit_minor > 3"), False),
        (CountEntry(on="app.session", count_min=2, window_ms=1), False),
        (CountEntry(on="txn.posted", count_min=2, window_ms=1), True),
        (SequenceEntry(of=(on("app.session"), on("coupon.issued")), within_ms=1), False),
        (SequenceEntry(of=(on("app.session"), on("txn.authorised")), within_ms=1), True),
        (DriftEntry(of="amount", decline_ppm_min=1), True),
        (AbsenceEntry(after="txn.posted", without="wallet.bound"), False),
        (
            AbsenceEntry(
                after="card.issued",
                without="card.activated",
                rule=rule("card.issued", "session_days > 3"),
            ),
            True,
        ),
    ],
)
def test_entry_is_behavioural_or_not(entry: Entry, behavioural: bool) -> None:  # noqa: FBT001 (a table)
    """3.4, O4: what the customer spends, or a feature marked so."""
    assert behavioural == active(told(entry), "h").behavioural


def test_issued_card_still_begins_a_journey_without_a_rule() -> None:
    """A rule is a further demand."""
    bank = Bank(nudge(steps=(Step(id="now"),)))
    bank.say(issued(), 0)

    assert ["-> ann now", "nudge now sent"] == story(bank.tick(HOUR))
