"""Rules at entry and exit read the event and the customer (docs/core.md 3.2.9, 3.2.10)."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from cli.cel import check
from lifecycle.event_names import names_of
from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
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
    RepaymentReceived,
    TxnAuthorised,
)
from schemas.forms import journaled
from schemas.routing import ROUTES, Route
from schemas.rules import Kind, Rule
from schemas.state import CustomerRow
from tests.lifecycle.bills import reminder
from tests.lifecycle.builders import DAY, HOUR, Bank, activated, bill, issued, nudge, push, spend
from tests.lifecycle.told import decisions, story


FEATURE_KINDS: dict[str, Kind] = {name: feature.kind for name, feature in FEATURES.items()}
CUSTOMER_ROUTES = [route for route in ROUTES if route.concerns == "customer"]
NOW = (Step(id="now"),)
SENT = ["-> ann now", "told now sent"]


def rule(event_type: str, text: str) -> Rule:
    """Return a rule about events of a type, as `cardcue policy check` makes it."""
    return check(text, {**FEATURE_KINDS, **names_of(event_type).kinds}, "bool")


def on(event_type: str, text: str = "") -> EventCondition:
    """Return a condition, without a rule for ""."""
    return EventCondition(on=event_type, rule=rule(event_type, text) if text else None)


def told(entry: Entry, **changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign with this entry, whose only step does not wait."""
    return nudge(**{"id": "told", "entry": entry, "steps": NOW, **changed})


def when(event_type: str, text: str = "") -> EventEntry:
    """Return an entry on one condition."""
    return EventEntry(when=(on(event_type, text),))


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
    assert SENT == story(bank.say(spend(700), 2 * HOUR))


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


def test_late_purchase_that_is_not_counted_is_no_drift() -> None:
    """3.2.3: older than 90 days, it changes no habit."""
    bank = Bank(drifting())
    for day, amount_minor in enumerate((1_000, 1_200) * 4):
        bank.say(spend(amount_minor), (day + 100) * DAY)

    assert [] == bank.say(spend(800), 9 * DAY, arrived=108 * DAY)


def test_exit_with_a_rule_ends_where_it_is_true() -> None:
    """A repayment of 400 or more, about the journey's card."""
    exit_ = on("repayment.received", "event.amount_minor >= 400")
    bank = Bank(push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(exit_,)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(399), 2 * HOUR)
    waiting = len(bank.row().journeys)
    bank.say(repayment(400), 3 * HOUR)

    assert (1, 0) == (waiting, len(bank.row().journeys))


def test_exit_with_a_rule_is_about_the_journeys_card() -> None:
    """Another card's repayment ends nothing."""
    bank = Bank(
        push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(on("repayment.received", "true"),))
    )
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(400, card="k2"), 2 * HOUR)

    assert 1 == len(bank.row().journeys)


def test_exit_whose_rule_cannot_be_computed_ends_nothing() -> None:
    """400 / 0: who is waited for stays waited for."""
    exit_ = on("repayment.received", "event.amount_minor / spend_count > 1")
    bank = Bank(push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(exit_,)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(400), 2 * HOUR)

    assert 1 == len(bank.row().journeys)


def test_exit_with_a_rule_ends_a_reminder() -> None:
    """Beside repayment in full, which ends it by itself."""
    exit_ = on("repayment.received", "event.amount_minor >= 400")
    bank = Bank(reminder(exit_on=("card.closed", exit_)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(399), 2 * HOUR)
    waiting = len(bank.row().journeys)
    bank.say(repayment(401), 3 * HOUR)

    assert (1, 0) == (waiting, len(bank.row().journeys))


def repayment(amount_minor: int, card: str = "k1") -> RepaymentReceived:
    """Return money on a card, for no bill in particular."""
    money: dict[str, Any] = {"amount_minor": amount_minor, "currency": "CNY"}
    return RepaymentReceived(repayment_id="r", card_token=card, **money)


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


def test_exit_rule_that_reads_behaviour_makes_the_campaign_behavioural() -> None:
    """O3: who is still written to would depend on it."""
    exit_ = on("app.session", "spend_count > 3")

    assert active(nudge(exit_on=(exit_,)), "h").behavioural
    assert not active(nudge(exit_on=("txn.posted",)), "h").behavioural


@pytest.mark.parametrize("route", CUSTOMER_ROUTES, ids=lambda route: route.event_type)
def test_every_name_is_of_its_kind(route: Route) -> None:
    """Read of the story's event, each field that has a name gives what a rule was checked for."""
    names, types = names_of(route.event_type), {"int": int, "string": str, "bool": bool}
    context = Context(CustomerRow(), 0, "", "", None, None, _event(route))

    for name, kind in names.kinds.items():
        assert type(names.readers[name](context)) is types[kind]
        assert check(f"{name} == {name}", names.kinds, "bool")
    texts = {f"event.{f.name}" for f in msgspec.structs.fields(route.shape) if "token" in f.name}
    assert texts <= names.kinds.keys()


def _event(route: Route) -> Any:  # noqa: ANN401 (any event)
    """Return the story's event of a type."""
    return journaled(route.event_type).record


@pytest.mark.parametrize("event_type", ["tick", "policy.published", "history.ended", "unheard.of"])
def test_what_no_customer_has_has_no_names(event_type: str) -> None:
    """A rule can be about a customer's event only."""
    assert not names_of(event_type).kinds


def test_dates_times_and_lists_have_no_names() -> None:
    """What a rule could not compare."""
    names = {*names_of("statement.issued").kinds, *names_of("profile.changed").kinds}

    assert not names & {"event.due_date", "event.segment_codes", "event.attributes"}
    assert {"event.instalment_eligible", "event.time_zone", "event.staff"} <= names


def test_issued_card_still_begins_a_journey_without_a_rule() -> None:
    """A rule is a further demand."""
    bank = Bank(nudge(steps=(Step(id="now"),)))
    bank.say(issued(), 0)

    assert ["-> ann now", "nudge now sent"] == story(bank.tick(HOUR))
