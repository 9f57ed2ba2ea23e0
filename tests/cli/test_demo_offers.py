"""The demonstration's offer system: each reservation once, an answer that ingest takes for each."""

from cli.demo.loader import Outgoing
from cli.demo.offers import REFUSED_PERCENT, OfferSystem, refused
from lifecycle.ids import derived_id
from schemas.events import OfferResult
from schemas.incoming import SourceReader
from schemas.records import StoredRecord
from schemas.routing import SourceBinding
from tests.cli.demo_fakes import grant, grant_told, messages, trigger, trigger_told


RESERVATIONS = [derived_id("reservation", str(number)) for number in range(2_000)]


def read(sent: Outgoing) -> OfferResult:
    """Return an answer as ingest reads it, which echoes whose it is."""
    reader = SourceReader(SourceBinding(topic="gateway.response.v1"), ["bank"])
    found = reader.read(StoredRecord(*sent.source, 0, 2**41, sent.key, sent.value, sent.headers))
    assert ("bank", "c-1") == (found.tenant, found.customer_token)
    assert isinstance(found.record, OfferResult)
    return found.record


def test_request_is_granted_or_refused_once_and_echoed() -> None:
    """G1: reservation and trigger; refusals only when they are asked for, and of a few."""
    offers = OfferSystem()
    asked = [grant(each) for each in RESERVATIONS]
    granted = [*map(read, offers.take(messages(*map(grant_told, asked))))]
    held = offers.held["bank", "gift"]
    told_no = [*map(read, offers.refuse())]

    assert 2_000 == held == len(granted) + len(told_no)
    assert {"granted": len(granted), "refused": len(told_no)} == {
        status: sum(one.status == status for one in granted + told_no)
        for status in ("granted", "refused")
    }
    assert {one.reservation_id for one in told_no} == {
        one.reservation_id for one in asked if refused(one)
    }
    assert 0.6 * REFUSED_PERCENT < len(told_no) / 20 < 1.4 * REFUSED_PERCENT
    assert all(one.trigger_id == f"of-{one.reservation_id}" for one in granted + told_no)
    assert [] == list(offers.refuse())
    assert {("bank", "gift"): len(granted)} == offers.held


def test_reservation_that_is_asked_for_again_is_not_answered_again() -> None:
    """It is the same grant; that it came twice is told to the reckoning."""
    offers = OfferSystem()
    once = grant(RESERVATIONS[0])
    answers = list(offers.take(messages(*map(grant_told, (once, once)))))

    assert (1, 1) == (len(answers), offers.repeated_count)


def test_offer_system_passes_over_what_is_not_for_it() -> None:
    """Triggers travel past it."""
    offers = OfferSystem()

    assert [] == list(offers.take(messages(trigger_told(trigger("bank", "win_back", "t-1")))))
