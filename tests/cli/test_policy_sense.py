"""Campaigns of the right shape that could not work are refused before anybody publishes them."""

from pathlib import Path

import pytest

from cli.policy_file import read_policy
from cli.policy_sense import CARD_EVENTS, CUSTOMER_EVENTS
from schemas.campaign import AbsenceEntry
from tests.cli.campaign_text import GOOD, line_of, mistake, text_of


BIND = text_of("bind_incentive")
REMINDER = text_of("repayment_reminder")
WIN_BACK = text_of("win_back")


@pytest.mark.parametrize("field", ["after: card.issued", "without: card.activated"])
def test_event_that_no_card_has_is_refused(tmp_path: Path, field: str) -> None:
    """A mistyped event would never come; the known ones are named."""
    name = field.split(":", maxsplit=1)[0]
    told = mistake(tmp_path, f"  {field}", f"  {name}: card.ishued")

    wanted = f"{line_of(GOOD, field)}: entry.{name}: wanted one of card.issued, card.delivered, "
    assert told.startswith(wanted)
    assert told.endswith(", found card.ishued")
    assert "policy.published" not in told


@pytest.mark.parametrize(
    "event_type",
    ["application.submitted", "consent.changed", "benefit.progressed", "delivery.receipt"],
)
@pytest.mark.parametrize("field", ["after: card.issued", "without: card.activated"])
def test_absence_of_what_has_no_card_is_refused(
    tmp_path: Path, field: str, event_type: str
) -> None:
    """A journey of no card is ended by nothing; a benefit names a card only sometimes."""
    name = field.split(":", maxsplit=1)[0]
    told = mistake(tmp_path, f"  {field}", f"  {name}: {event_type}")

    assert told.startswith(f"{line_of(GOOD, field)}: entry.{name}: wanted one of card.issued, ")
    assert told.endswith(f", found {event_type}")


@pytest.mark.parametrize(
    ("after", "without"),
    [
        ("card.activated", "card.activated"),  # itself
        ("statement.issued", "statement.issued"),
        ("card.activated", "card.issued"),  # a card is issued first
        ("repayment.received", "card.issued"),
        ("wallet.bound", "card.activated"),
        ("wallet.unbound", "wallet.bound"),
        ("txn.posted", "txn.authorised"),
        ("txn.reversed", "txn.posted"),
    ],
)
def test_absence_of_what_cannot_come_after_is_refused(
    tmp_path: Path, after: str, without: str
) -> None:
    """Nobody waits for what a card has always come past."""
    text = BIND.replace("after: card.activated", f"after: {after}")
    told = mistake(tmp_path, "without: wallet.bound", f"without: {without}", text=text)

    wanted = f"entry.without: wanted an event that can come after {after}, found {without}"
    assert f"{line_of(BIND, '  without:')}: {wanted}" == told


@pytest.mark.parametrize("after", ["card.blocked", "card.lost", "card.closed"])
def test_absence_after_the_end_of_a_card_is_refused(tmp_path: Path, after: str) -> None:
    """3.4 gate 3: every contact about such a card is NOT_ELIGIBLE."""
    told = mistake(tmp_path, "  after: card.issued", f"  after: {after}")

    wanted = f"wanted an event after which the card may be written about, found {after}"
    assert f"{line_of(GOOD, '  after:')}: entry.after: {wanted}" == told


@pytest.mark.parametrize(
    ("after", "without"),
    [
        ("card.delivered", "card.activated"),
        ("card.activated", "card.delivered"),  # an app activates before the letter comes
        ("wallet.bound", "txn.posted"),
        ("txn.posted", "wallet.bound"),  # paid with the card itself
        ("statement.issued", "repayment.received"),
        ("card.unblocked", "txn.posted"),
        ("limit.prechecked", "limit.changed"),
    ],
)
def test_absence_that_can_be_missed_is_taken(tmp_path: Path, after: str, without: str) -> None:
    """What can come after, in whichever order banks have it."""
    text = BIND.replace("after: card.activated", f"after: {after}")
    file = tmp_path / "campaign.yaml"
    file.write_text(text.replace("without: wallet.bound", f"without: {without}"), encoding="utf-8")

    entry = read_policy(file, tenant="bank").entry
    assert AbsenceEntry(after=after, without=without) == entry


@pytest.mark.parametrize(
    "event_type",
    [
        "kill_switch.set",  # concerns the bank
        "history.ended",  # concerns a source
        "card.ishued",
        "identity.merged",  # changes nothing yet
        "erasure.requested",  # leaves no journey to be ended
        "app.session",  # names no card
        "response.recorded",
    ],
)
def test_exit_that_cannot_be_is_refused(tmp_path: Path, event_type: str) -> None:
    """3.2 step 9: of occurrence `card` an event ends the journeys of the card that it names."""
    told = mistake(tmp_path, "exit_on: [card.activated]", f"exit_on: [{event_type}]")

    assert told.startswith(f"{line_of(GOOD, 'exit_on')}: exit_on[0]: wanted one of card.issued, ")
    assert told.endswith(f", found {event_type}")


def test_exit_without_card_or_statement_ends_no_bill(tmp_path: Path) -> None:
    """Occurrence `statement`: by the statement, else by the card."""
    told = mistake(tmp_path, "exit_on: []", "exit_on: [risk.flagged]", text=REMINDER)

    assert told.startswith(f"{line_of(REMINDER, 'exit_on')}: exit_on[0]: wanted one of card.issued")


def test_any_event_of_the_customer_ends_what_is_about_a_purchase(tmp_path: Path) -> None:
    """Occurrence `txn` asks for no card; what ends nothing anywhere is refused there, too."""
    text = GOOD.replace("occurrence: card", "occurrence: txn")
    file = tmp_path / "campaign.yaml"
    exits = "[app.session, risk.flagged]"
    file.write_text(text.replace("[card.activated]", exits), encoding="utf-8")

    assert ("app.session", "risk.flagged") == read_policy(file, tenant="bank").exit_on
    told = mistake(tmp_path, "[card.activated]", "[erasure.requested]", text=text)
    assert told.startswith(f"{line_of(GOOD, 'exit_on')}: exit_on[0]: wanted one of application.")


def test_purchase_is_no_exit_of_a_silence(tmp_path: Path) -> None:
    """3.2 step 9: it replaces the journey."""
    told = mistake(tmp_path, "exit_on: []", "exit_on: [txn.posted]", text=WIN_BACK)

    wanted = "exit_on[0]: wanted an event that ends a silence, found txn.posted, which begins"
    assert told.startswith(f"{line_of(WIN_BACK, 'exit_on')}: {wanted}")


def test_delay_is_no_time_before_a_due_date(tmp_path: Path) -> None:
    """A due date's steps have a lead, whatever the delay."""
    told = mistake(tmp_path, "lead: 3d}", "lead: 3d, delay: 0s}", text=REMINDER)

    wanted = "steps[0].delay: wanted lead in a campaign of kind due_date, found delay"
    assert f"{line_of(REMINDER, 'lead: 3d')}: {wanted}" == told


@pytest.mark.parametrize(
    ("new", "place"), [("{id: last}", "steps[1]"), ("{id: last, lead: 0s}", "steps[1].lead")]
)
def test_step_without_lead_has_no_time_before_a_due_date(
    tmp_path: Path, new: str, place: str
) -> None:
    """3.2.10: a step at the end of the due date does not exist."""
    told = mistake(tmp_path, "{id: last, lead: 1d}", new, text=REMINDER)

    wanted = f"{place}: wanted a lead, how long before the due date ends, found none"
    assert f"{line_of(REMINDER, 'lead: 1d')}: {wanted}" == told


@pytest.mark.parametrize(
    ("campaign_id", "step", "kind"),
    [
        ("activation_nudge", "delay: 7d", "absence"),
        ("instalment_push", "delay: 5d", "event"),
        ("win_back", "delay: 0s", "silence"),
    ],
)
def test_lead_needs_a_due_date(tmp_path: Path, campaign_id: str, step: str, kind: str) -> None:
    """Before what should a step be due that has no end to wait for?"""
    text = text_of(campaign_id)
    told = mistake(tmp_path, step, "lead: 1d", text=text)

    wanted = f"lead: wanted delay in a campaign of kind {kind}, found lead"
    assert told.startswith(f"{line_of(text, step)}: steps[")
    assert told.endswith(wanted)


def test_due_date_is_a_statements(tmp_path: Path) -> None:
    """3.2.10: whatever the policy says, the occurrence is the statement; so it shall say so."""
    told = mistake(tmp_path, "occurrence: statement", "occurrence: card", text=REMINDER)

    wanted = "occurrence: wanted statement, whose due date it is, found card"
    assert f"{line_of(REMINDER, 'occurrence')}: {wanted}" == told


def test_conditions_are_one_an_event_type_and_at_least_one(tmp_path: Path) -> None:
    """Two conditions for one event would hide one another; none would never hold."""
    text = text_of("instalment_push")
    twice = mistake(
        tmp_path,
        "{on: txn.posted, amount_minor_min: 100000, own_mean_percent_min: 300, spend_count_min: 5}",
        "{on: statement.issued}",
        text=text,
    )
    head, _, tail = text.partition("  any_of:")
    none = mistake(tmp_path, tail[: tail.index("occurrence:")], " []\n", text=text)

    assert "entry.any_of[1].on: wanted statement.issued once, found it twice" in twice
    assert f"{len(head.splitlines()) + 1}: entry.any_of: wanted one condition or more" in none


def test_events_of_cards_are_those_that_always_name_one() -> None:
    """A repayment, a bill, an autopay belong to a card; an application and a benefit do not."""
    others = set(CUSTOMER_EVENTS) - set(CARD_EVENTS)

    assert {"repayment.received", "statement.issued", "autopay.changed"} <= set(CARD_EVENTS)
    assert {"application.approved", "benefit.progressed", "coupon.issued"} <= others
    assert 23 == len(CARD_EVENTS)  # 5 to the wallet, 4 of spend, 5 of bills, 2 + 2, 5 of status


@pytest.mark.parametrize(
    ("new", "place", "said"),
    [
        ("on: card.activatd, window: 7d", "on", "wanted one of application.started, "),
        ("on: policy.published, window: 7d", "on", "wanted one of application.started, "),
        ("on: erasure.requested, window: 7d", "on", "wanted one of application.started, "),
        ("on: response.recorded, window: 7d", "on", "wanted what the customer does with the bank"),
        ("on: card.activated, window: 0d", "window", "wanted int >= 1"),
        ("on: card.activated, window: soon", "window", "wanted "),
        ("on: card.activated, window: 7d, value: amount_minor", "value", "wanted no value, card."),
        (
            "on: txn.posted, window: 7d, value: mcc",
            "value",
            "wanted one of amount_minor, found mcc",
        ),
        ("on: txn.posted, window: 7d, worth: 1", "worth", "wanted one of on, window, value"),
    ],
)
def test_conversion_that_cannot_be_is_refused(
    tmp_path: Path, new: str, place: str, said: str
) -> None:
    """A customer's own event, within some time, and of its fields one that is money."""
    told = mistake(tmp_path, "on: card.activated, window: 7d", new)

    assert told.startswith(f"{line_of(GOOD, 'conversion:')}: conversion.{place}: {said}")
