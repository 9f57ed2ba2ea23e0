"""An audit derives what wording, offer and budget said; no input changes unseen (SEMANTICS C3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.audit.verdicts import faults
from schemas.campaign import Treatment
from schemas.decisions import Decision
from schemas.events import TemplateApproved
from schemas.template import Template, TemplateVariable
from tests.cli.flips import flipped_somewhere
from tests.cli.forged import gift, regated, resealed, said, told, without
from tests.lifecycle.builders import HOUR, Bank, spend
from tests.lifecycle.contacts import offer


SMS = Treatment(channel="sms", template_id="plain", template_version=1)


def template(name: str, channel: str, *variables: str) -> TemplateApproved:
    """Return that a wording is approved which shows these numbers."""
    wanted = tuple(TemplateVariable(name=one, kind="int") for one in variables)
    wording = Template(
        id=name,
        version=1,
        channel=channel,  # type: ignore[arg-type] # one of them
        text="x",
        variables=wanted,
    )
    return TemplateApproved(template=wording)


def of_wordings() -> list[Decision]:
    """Return records of a wording that nobody approved, that lacks something, and that is good."""
    told = []
    for names in ((), ("amount_minor", "points"), ("amount_minor",)):
        bank = Bank(offer(treatment=SMS), offer("m", treatment=SMS, message_class="mandatory"))
        bank.control(template("other", "sms"))
        if names:
            bank.control(template("plain", "sms", *names))
        told += said(bank, HOUR, spend())
    return told


def of_offers() -> list[Decision]:
    """Return records of units and money: undefined, none left, too little, enough; and neither."""
    dear = {"contact_cost_minor": 5, "value_minor": 100, "base_rate_ppm": 1_000_000}
    told = []
    for count, campaign in (
        (None, offer(offer="gift")),
        (0, offer(offer="gift", budget_minor=9_999, **dear)),
        (8, offer(offer="gift")),
        (8, offer(offer="gift", budget_minor=9_999, **dear)),
        (8, offer(offer="gift", budget_minor=4, **dear)),
        (None, offer(budget_minor=9_999, **dear)),
        (None, offer(budget_minor=4, **dear)),
    ):
        bank = Bank(campaign, offer("s", message_class="servicing"))
        if count is not None:
            bank.control(gift(count, 10))
        told += said(bank, HOUR, spend())
    return told


RECORDS = of_wordings() + of_offers()


def test_records_of_wordings_and_offers_follow_from_what_they_say() -> None:
    """Every reason that these gates give, and not one fault."""
    ends = {(one.reason_code, one.clause) for record in RECORDS for one in record.candidates}

    assert {
        ("", ""),
        ("NO_TEMPLATE", ""),
        ("VARIABLE_MISSING", "points"),
        ("NO_INVENTORY", ""),
        ("NO_INVENTORY", "offer"),
        ("NO_BUDGET", ""),
    } == ends
    assert [] == [fault for record in RECORDS for fault in faults(record)]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_recorded_input_of_wordings_and_offers_can_be_flipped_unseen(
    data: st.DataObject,
) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)


UNAPPROVED, MISSING = (
    told("NO_TEMPLATE", RECORDS),
    told("VARIABLE_MISSING", RECORDS, clause="points"),
)
UNDEFINED, EMPTY = told("NO_INVENTORY", RECORDS, clause="offer"), told("NO_INVENTORY", RECORDS)
POOR = told("NO_BUDGET", RECORDS, "left_count")
BARE = next(
    one
    for one in RECORDS
    if not one.candidates[0].offer_id and one.candidates[0].reason_code == "NO_BUDGET"
)
PROMISED, PLAIN = told("", RECORDS, "left_count", "left_minor"), told("", RECORDS)
NUMBERS = {"left_count": 8, "left_minor": 4, "cost_minor": 15}


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (regated(UNAPPROVED, "content", clause="x"), "content"),
        (regated(UNAPPROVED, "content", reason_code="VARIABLE_MISSING"), "content"),
        (regated(UNAPPROVED, "content", reason_code="RULE_ERROR"), "content"),
        (regated(UNAPPROVED, "content", reason_code=""), "gates: passed"),
        (regated(MISSING, "content", clause=""), "content"),
        (regated(MISSING, "content", reason_code="NO_TEMPLATE"), "content"),
        (regated(PLAIN, "content", clause="x"), "content"),
        (regated(PLAIN, "content", saw={"left_count": 1}), "content"),
        (without(PLAIN, "content"), "gates: asked"),
        (regated(EMPTY, "offer", saw={"left_count": 1}), "offer: the numbers say enough"),
        (regated(EMPTY, "offer", saw={"left_count": 0, "left_minor": 1}), "offer: saw other"),
        (regated(EMPTY, "offer", saw={}), "offer: the numbers"),
        (regated(EMPTY, "offer", reason_code=""), "offer: the numbers say NO_INVENTORY"),
        (regated(EMPTY, "offer", reason_code="NO_BUDGET"), "offer: the numbers say NO_INVENTORY"),
        (regated(UNDEFINED, "offer", clause=""), "offer: the numbers"),
        (regated(UNDEFINED, "offer", saw={"left_count": 0}), "offer: the numbers"),
        (regated(UNDEFINED, "offer", reason_code="", clause=""), "gates: passed"),
        (
            regated(POOR, "offer", saw={**NUMBERS, "left_minor": 15}),
            "offer: the numbers say enough",
        ),
        (regated(POOR, "offer", saw={**NUMBERS, "cost_minor": 4}), "all of it 4"),
        (regated(POOR, "offer", saw={"left_minor": 4, "cost_minor": 15}), "offer: saw other"),
        (regated(POOR, "offer", saw={"left_count": 8}), "offer: the numbers say enough"),
        (regated(POOR, "offer", reason_code="NO_INVENTORY"), "offer: the numbers say NO_BUDGET"),
        (regated(BARE, "offer", saw={"left_minor": 4, "cost_minor": 6}), "all of it 6"),
        (regated(BARE, "offer", saw={}), "offer: saw other"),
        (regated(BARE, "offer", saw={"left_minor": 4}), "offer: saw other"),
        (regated(PROMISED, "offer", saw={"left_count": 0}), "offer: the numbers say NO_INVENTORY"),
        (regated(PROMISED, "offer", saw={**NUMBERS}), "offer: the numbers say NO_BUDGET"),
        (resealed(PROMISED, offer_id=""), "offer: saw other"),
        (resealed(PLAIN, offer_id="gift"), "gates: asked"),
        (without(PROMISED, "offer"), "gates: asked"),
    ],
)
def test_forgery_of_what_was_promised_is_found(forged: Decision, fault: str) -> None:
    """Whoever can write digests cannot write numbers that do not lead to the reason."""
    assert any(fault in one for one in faults(forged)), faults(forged)
