"""Gates: which fails first is the reason, and which bind is a matter of the class (O2, O3, O4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from lifecycle.bindings import BINDINGS, Binding
from schemas.campaign import Campaign, EventEntry, LargePurchaseCondition
from schemas.events import (
    AnyEvent,
    ConsentChanged,
    KillSwitchSet,
    ResponseRecorded,
    RiskCleared,
    RiskFlagged,
    ServiceCaseClosed,
    ServiceCaseOpened,
)
from tests.lifecycle.bills import FIRST, autopay, billed, reminder
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, push, spend, word
from tests.lifecycle.fates import blocked, closed, cured, lost, overdue, unblocked
from tests.lifecycle.told import decisions, story, triggers


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)
CLASSES = ("marketing", "servicing", "mandatory")
AT_T0 = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def offer(message_class: str = "marketing") -> Campaign:
    """Return a campaign that any purchase begins and that fires at once, once a day."""
    return push(entry=ANY_PURCHASE, message_class=message_class, caps=(cap(1, DAY),))


def granted_from(hour: int) -> ConsentChanged:
    """Return a consent that takes effect so many hours after T0."""
    return replace(word("granted"), effective_at=AT_T0 + timedelta(hours=hour))


OPT_OUT = ResponseRecorded(response_id="r", trigger_id="nobody's", channel="sms", kind="optout")
FRAUD = RiskFlagged(flag_id="f", flag_class="fraud")
DECEASED = RiskFlagged(flag_id="g", flag_class="deceased")
CASE = ServiceCaseOpened(case_id="c")
STOP, PAUSE = KillSwitchSet(engaged=True), KillSwitchSet(engaged=True, campaign_id="push")


def test_table_says_which_gate_binds_which_class() -> None:
    """O3: the table is data; marketing, servicing, mandatory."""
    said = ("must be granted", "must not be denied", "not asked")
    assert {
        "eligibility": (True, True, True),
        "applicability": (True, True, True),
        "suitability": (True, True, True),
        "stop": (True, True, True),
        "consent": said,
        "personalisation": (True, False, False),
        "content": (True, True, True),
        "standing": (True, False, False),
        "quiet": (True, True, False),
        "spacing": (True, False, False),
        "caps": (True, True, False),
        "offer": (True, False, False),
        "arbitration": (True, False, False),
    } == {
        gate: tuple(getattr(BINDINGS[message_class], gate) for message_class in CLASSES)
        for gate in Binding._fields
    }


CELLS: dict[str, tuple[list[AnyEvent], tuple[str, str, str]]] = {
    "tenant stop": ([STOP], ("TENANT_PAUSED", "TENANT_PAUSED", "TENANT_PAUSED")),
    "campaign pause": ([PAUSE], ("KILL_SWITCH", "KILL_SWITCH", "KILL_SWITCH")),
    "blocked": ([blocked()], ("NOT_ELIGIBLE", "NOT_ELIGIBLE", "NOT_ELIGIBLE")),
    "lost": ([lost()], ("NOT_ELIGIBLE", "NOT_ELIGIBLE", "NOT_ELIGIBLE")),
    "closed": ([closed()], ("NOT_ELIGIBLE", "NOT_ELIGIBLE", "NOT_ELIGIBLE")),
    "another card": ([lost("k2")], ("", "", "")),
    "in use again": ([blocked(), unblocked()], ("", "", "")),
    "deceased": ([DECEASED], ("NOT_ELIGIBLE", "NOT_ELIGIBLE", "NOT_ELIGIBLE")),
    "granted": ([word("granted")], ("", "", "")),
    "of now on": ([granted_from(9)], ("", "", "")),
    "of later on": ([granted_from(10)], ("NO_CONSENT", "", "")),
    "denied": ([word("denied")], ("NO_CONSENT", "NO_CONSENT", "")),
    "revoked": ([word("revoked")], ("OPTED_OUT", "OPTED_OUT", "")),
    "opt-out": ([OPT_OUT], ("OPTED_OUT", "OPTED_OUT", "")),
    "granted after it": ([OPT_OUT, word("granted")], ("", "", "")),
    "opt-out of another": ([replace(OPT_OUT, channel="push")], ("", "", "")),
    "risk flag": ([FRAUD], ("RISK_FLAG", "", "")),
    "one flag is up": ([FRAUD, DECEASED, RiskCleared(flag_id="g")], ("RISK_FLAG", "", "")),
    "no flag is up": ([FRAUD, RiskCleared(flag_id="f")], ("", "", "")),
    "open case": ([CASE], ("OPEN_CASE", "", "")),
    "closed case": ([CASE, ServiceCaseClosed(case_id="c")], ("", "", "")),
    "overdue": ([overdue()], ("OVERDUE", "", "")),
    "cured": ([overdue(), cured()], ("", "", "")),
    "cap": ([spend()], ("CAP_CAMPAIGN", "CAP_CAMPAIGN", "")),
}
"""What was said before, and the reason for marketing, servicing, mandatory."""


@pytest.mark.parametrize("message_class", CLASSES)
@pytest.mark.parametrize("cell", CELLS)
def test_gate_binds_the_classes_that_the_table_says(cell: str, message_class: str) -> None:
    """O3, cell by cell: a granted consent, what the cell says hour by hour, a purchase at nine."""
    bank = Bank(offer(message_class))
    said, reasons = CELLS[cell]
    for hour, event in enumerate(said, 1):
        if isinstance(event, KillSwitchSet):
            bank.control(event, hour * HOUR)
        else:
            bank.say(event, hour * HOUR)
    decided = decisions(bank.say(spend(), 9 * HOUR))

    assert [reasons[CLASSES.index(message_class)]] == [one.reason_code for one in decided]


@pytest.mark.parametrize(
    ("message_class", "reason"), [("marketing", "NO_CONSENT"), ("servicing", ""), ("mandatory", "")]
)
def test_who_was_never_asked_gets_no_offer(message_class: str, reason: str) -> None:
    """O3: marketing must be granted, servicing must not be denied."""
    decided = decisions(Bank(offer(message_class), consent="").say(spend(), HOUR))

    assert [(reason, "")] == [(one.reason_code, one.consent_ref) for one in decided]


@pytest.mark.parametrize("message_class", CLASSES)
def test_what_is_not_applicable_goes_to_nobody(message_class: str) -> None:
    """O3: applicability binds every class; here a bill of a card with autopay."""
    bank = Bank(reminder(message_class=message_class, purpose="offers"))
    bank.say(billed(), 0)
    bank.say(autopay("active"), HOUR)

    assert ["remind first suppressed NOT_APPLICABLE"] == story(bank.tick(FIRST))


OBSTACLES = (
    (lost(), "NOT_ELIGIBLE"),
    (autopay("active"), "NOT_APPLICABLE"),
    (STOP, "TENANT_PAUSED"),
    (replace(PAUSE, campaign_id="remind"), "KILL_SWITCH"),
    (word("revoked"), "OPTED_OUT"),
    (FRAUD, "RISK_FLAG"),
    (CASE, "OPEN_CASE"),
    (overdue(), "OVERDUE"),
    (None, "CAP_CAMPAIGN"),
    (None, ""),
)
"""In the order of the gates (3.4); the last but one is the contact of an earlier bill."""


@pytest.mark.parametrize("lifted", range(len(OBSTACLES)))
def test_first_gate_that_fails_is_the_reason(lifted: int) -> None:
    """
    O2: with so many obstacles out of the way the next one is named; what was not asked is blank.

        T0 bills    FIRST - 1 d: the other bill's reminder    - 1 h: obstacles    FIRST
    """
    campaign = reminder(message_class="marketing", purpose="offers", caps=(cap(1, 2 * DAY),))
    bank = Bank(replace(campaign, steps=campaign.steps[:1]))
    bank.say(billed(), 0)
    if lifted <= 8:
        bank.say(billed(statement="s9", card="k9", due_date=date(2023, 11, 30)), 0)
    assert (["-> ann first", "remind first sent"] if lifted <= 8 else []) == story(
        bank.tick(FIRST - DAY)
    )
    for obstacle, _ in OBSTACLES[lifted:]:
        if isinstance(obstacle, KillSwitchSet):
            bank.control(obstacle, FIRST - HOUR)
        elif obstacle is not None:
            bank.say(obstacle, FIRST - HOUR)
    decided = decisions(bank.tick(FIRST))

    reason = OBSTACLES[lifted][1]
    consent_ref = "consent-ann" if lifted > 4 else ""
    assert [(reason, consent_ref, int(reason == "CAP_CAMPAIGN"))] == [
        (one.reason_code, one.consent_ref, one.cap_count) for one in decided
    ]


def test_consent_is_evidence() -> None:
    """O4: the id of the consent used stands in decision and trigger."""
    bank = Bank(offer())
    bank.say(word("granted"), HOUR, event_id="newer")
    effects = bank.say(spend(), 2 * HOUR)

    assert "newer" == triggers(effects)[0].consent_ref == decisions(effects)[0].consent_ref


@pytest.mark.parametrize(("message_class", "ref"), [("marketing", ""), ("servicing", "early")])
def test_consent_that_is_not_effective_yet_is_evidence_of_nothing_it_must_allow(
    message_class: str, ref: str
) -> None:
    """3.6: the granted word that the gate let pass; servicing asks only for no refusal."""
    bank = Bank(offer(message_class))
    bank.say(granted_from(10), HOUR, event_id="early")

    assert [ref] == [one.consent_ref for one in decisions(bank.say(spend(), 9 * HOUR))]


def test_consent_is_for_a_purpose_on_a_channel() -> None:
    """A word about something else allows nothing; nor does one about every purpose at once."""
    bank = Bank(offer(), consent="")
    bank.say(word("granted", channel="push"), 0)
    bank.say(word("granted", purpose="surveys"), 0)
    bank.say(word("granted", purpose="*"), 0)

    assert ["push offer suppressed NO_CONSENT"] == story(bank.say(spend(), HOUR))


def test_newest_word_counts_whatever_the_order_of_arrival() -> None:
    """An older `granted` that comes late does not undo the opt-out; the newest is by event time."""
    bank = Bank(offer())
    bank.say(word("revoked"), 3 * HOUR)
    bank.say(word("granted"), 2 * HOUR, arrived=4 * HOUR)

    assert ["push offer suppressed OPTED_OUT"] == story(bank.say(spend(), 5 * HOUR))
