"""Who objects to a contact, or was not reached: once a kind (docs/core.md 3.17)."""

import pytest

from lifecycle.ids import derived_id
from lifecycle.printing import printed
from schemas.campaign import Conversion
from schemas.events import AnyEvent, ResponseRecorded, ServiceCaseOpened
from schemas.outcomes import ExposureObjected
from schemas.state import Contact
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, bill, push, receipt, word
from tests.lifecycle.measured import ALL_CONTROL, objected


WEEK = 7 * DAY
MEASURED = Conversion(on="txn.posted", window_ms=WEEK)


def contacted(count: int = 1, **changed: object) -> Bank:
    """Return a bank whose customer was offered instalments so often, a day apart."""
    bank = Bank(push(**{"conversion": MEASURED, **changed}))
    for number in range(count):
        bank.say(bill(300_000, statement=f"s{number}"), number * DAY)
    return bank


def trigger_ids(bank: Bank) -> list[str]:
    """Return the triggers of the exposures, oldest first."""
    return [exposure.trigger_id for exposure in bank.row().exposures]


def response(trigger_id: str, kind: str) -> ResponseRecorded:
    """Return what a customer answered."""
    return ResponseRecorded(response_id="r", trigger_id=trigger_id, channel="sms", kind=kind)


def case(case_class: str) -> ServiceCaseOpened:
    """Return a case."""
    return ServiceCaseOpened(case_id="c", case_class=case_class)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("failed", ["push failure"]),
        ("rejected", ["push failure"]),
        ("blocked_optout", ["push opt_out"]),
        ("expired", []),
        ("cancelled", []),
        ("delivered", []),
    ],
)
def test_receipt_objects_for_its_trigger(status: str, kind: list[str]) -> None:
    """What the carrier refused is a failure, a blocked number an opt-out; nothing else is."""
    bank = contacted(2)
    older, _ = trigger_ids(bank)
    effects = bank.say(receipt(older, status), 2 * DAY)

    assert kind == objected(effects)
    told = [one.exposure_id for one in effects if isinstance(one, ExposureObjected)]
    assert [derived_id("exposure", older)] * len(kind) == told


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("optout", ["push opt_out"]), ("complaint", ["push complaint"]), ("reply", [])],
)
def test_response_objects_for_its_trigger(kind: str, wanted: list[str]) -> None:
    """The customer said so in answer to that very message."""
    bank = contacted()

    assert wanted == objected(bank.say(response(*trigger_ids(bank), kind), HOUR))


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (word("revoked"), ["push opt_out"]),
        (word("denied", "email", "anything"), ["push opt_out"]),
        (word("granted"), []),
        (case("complaint"), ["push complaint"]),
        (case("dispute"), []),
    ],
)
def test_word_without_a_trigger_is_of_the_newest_exposure(
    event: AnyEvent, wanted: list[str]
) -> None:
    """Which message it was about nobody knows; the last is the likeliest."""
    bank = contacted(2)
    _, newest = trigger_ids(bank)
    effects = bank.say(event, 2 * DAY)

    assert wanted == objected(effects)
    told = [one.objected_id for one in effects if isinstance(one, ExposureObjected)]
    kinds = [one.partition(" ")[2] for one in wanted]
    assert [derived_id("objected", newest, kind) for kind in kinds] == told


def test_consent_to_the_use_of_data_is_no_objection_to_contact() -> None:
    """It says what may be known, not who may be written to."""
    bank = contacted()

    assert [] == objected(bank.say(word("revoked", "data"), HOUR))


@pytest.mark.parametrize(("at", "counts"), [(0, False), (1, True), (WEEK, True), (WEEK + 1, False)])
def test_word_counts_within_the_window(at: int, *, counts: bool) -> None:
    """decided_at_ms < t <= closes_at_ms."""
    bank = contacted()

    assert ["push opt_out"] * counts == objected(bank.say(word("revoked"), at, arrived=8 * DAY))


def test_one_kind_counts_once_another_beside_it() -> None:
    """A customer who says it twice is one who objects."""
    bank = contacted()
    (trigger_id,) = trigger_ids(bank)

    assert ["push opt_out"] == objected(bank.say(word("revoked"), HOUR))
    assert [] == objected(bank.say(response(trigger_id, "optout"), 2 * HOUR))
    assert ["push complaint"] == objected(bank.say(case("complaint"), 3 * HOUR))
    assert 1 == bank.count("objected|{}|push|opt_out")
    assert 0b11 == bank.row().exposures[0].objections


def test_who_was_kept_back_has_nothing_to_object_to() -> None:
    """Control was not contacted: what it says is about something else."""
    assert [] == objected(contacted(experiment=ALL_CONTROL).say(word("revoked"), HOUR))


def test_complaint_outlives_the_contact_a_failure_does_not() -> None:
    """UNKNOWN_TRIGGER: the event is ignored, the exposure is still there."""
    complaint, failure = contacted(), contacted()
    for bank in (complaint, failure):
        bank.row()  # as stored
        row = bank.state.tenant(TENANT).changed["ann"]
        assert isinstance(row.contacts.pop(), Contact)
    heard = complaint.say(response(*trigger_ids(complaint), "complaint"), HOUR)
    unheard = failure.say(receipt(*trigger_ids(failure), "failed"), HOUR)

    assert 1 == complaint.count("ignored|{}|UNKNOWN_TRIGGER")
    assert (["push complaint"], []) == (objected(heard), objected(unheard))


def test_record_says_whose_and_when() -> None:
    """Times of the event and of the journal; key and headers as those of outcomes."""
    (one, *_) = contacted().say(word("revoked"), HOUR, arrived=2 * HOUR)

    assert isinstance(one, ExposureObjected)
    assert (T0, T0 + HOUR, T0 + 2 * HOUR) == (
        one.decided_at_ms,
        one.occurred_at_ms,
        one.objected_at_ms,
    )
    assert ("lifecycle.outcomes.v1", b"bank|push") == printed(one)[:2]
    assert ("ce_type", b"exposure.objected.v1") in printed(one).headers
