"""A decision record tells what every gate said, in its order, with the numbers it saw (ADR 10)."""

from msgspec.structs import replace

from schemas.campaign import EventEntry, LargePurchaseCondition
from schemas.decisions import CapReading, Cause, Decision
from schemas.reasons import GATES, REASONS
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, push, spend, win_back
from tests.lifecycle.channels import stock_of
from tests.lifecycle.told import decisions


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)


def test_sent_candidate_passed_every_gate_in_order() -> None:
    """All but `truth`, which only corrections have; `offer` where something is promised."""
    bank = Bank(push(entry=ANY_PURCHASE, offer="gift"))
    bank.control(stock_of(1))
    told = decisions(bank.say(spend(), HOUR))[0]

    assert GATES[:-1] == tuple(reading.gate for reading in told.gates)
    assert {""} == {reading.reason_code for reading in told.gates}


def test_last_reading_is_the_gate_that_failed() -> None:
    """And its reason is the candidate's; what comes after it was not asked."""
    told = decisions(Bank(push(entry=ANY_PURCHASE), consent="revoked").say(spend(), HOUR))[0]

    assert ("consent", "OPTED_OUT") == (told.gates[-1].gate, told.gates[-1].reason_code)
    assert told.reason_code == told.gates[-1].reason_code
    assert REASONS["OPTED_OUT"].gate == told.gates[-1].gate
    assert ((), 0, "") == (told.caps, told.worth_micro, told.arm)


def test_caps_tell_before_and_after() -> None:
    """C1: the second contact finds one and leaves two; the third finds two, and leaves them."""
    bank = Bank(push(entry=ANY_PURCHASE, caps=(cap(2, DAY),)))
    told = [decisions(bank.say(spend(), hour * HOUR))[0] for hour in (1, 2, 3)]

    assert [(0, 1), (1, 2), (2, 2)] == [
        (one.caps[0].count_before, one.caps[0].count_after) for one in told
    ]
    assert (
        CapReading(scope="campaign", window_ms=DAY, count_max=2, count_before=2, count_after=2),
    ) == told[2].caps


def test_silence_tells_the_rate_that_it_compared() -> None:
    """Both sides of the comparison stand in the reading."""
    campaign = win_back()
    campaign = replace(campaign, entry=replace(campaign.entry, rate_ppm_min=10**9))
    bank = Bank(campaign)
    bank.say(spend(), 0)
    bank.say(spend(), 7 * DAY)
    told = decisions(bank.tick(90 * DAY))[0]

    assert ("NOT_APPLICABLE", "rate") == (told.reason_code, told.clause)
    assert {"rate_ppm": told.features["rate_ppm"], "rate_ppm_min": 10**9} == told.gates[-1].saw


def test_arbitration_tells_how_many_competed() -> None:
    """Two passed the gates, one of them wins."""
    bank = Bank(push(id="a", entry=ANY_PURCHASE), push(id="b", entry=ANY_PURCHASE))
    told = decisions(bank.say(spend(), HOUR))

    assert [{"competing_count": 2}] * 2 == [
        next(one.saw for one in candidate.gates if one.gate == "arbitration") for candidate in told
    ]


def test_record_names_the_journal_record_that_caused_it() -> None:
    """Its type, id and source; not where it lay, which neighbours might move (N2)."""
    effects = Bank(push(entry=ANY_PURCHASE)).say(spend(), HOUR, event_id="cause")
    record = next(one for one in effects if isinstance(one, Decision))

    wanted = Cause(event_type="txn.posted", event_id="cause", event_source="core")
    assert wanted == record.cause
    assert T0 + HOUR == record.decided_at_ms


def test_chosen_are_the_triggers() -> None:
    """O1: one marketing winner, and servicing beside it."""
    bank = Bank(
        push(id="a", entry=ANY_PURCHASE),
        push(id="b", entry=ANY_PURCHASE),
        push(id="c", entry=ANY_PURCHASE, message_class="servicing"),
    )
    record = next(one for one in bank.say(spend(), HOUR) if isinstance(one, Decision))
    by_id = {one.campaign_id: one.trigger_id for one in record.candidates}

    assert (by_id["a"], by_id["c"]) == record.chosen
