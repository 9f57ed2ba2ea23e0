"""Gateways' answers: an opt-out counts whoever it comes from, the rest for known triggers only."""

import pytest

from schemas.events import AnyEvent, OfferResult, ResponseRecorded
from schemas.state import ConsentState, WordState
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, issued, nudge, receipt, spend, word
from tests.lifecycle.told import story, triggers


ONE_STEP = nudge().steps[:1]


def response(trigger_id: str, kind: str, response_id: str = "r") -> AnyEvent:
    """Return what a customer did with a message by sms."""
    return ResponseRecorded(
        response_id=response_id,
        trigger_id=trigger_id,
        channel="sms",
        kind=kind,  # type: ignore[arg-type] # any word of the contract
    )


def offer(trigger_id: str) -> OfferResult:
    """Return that an offer was taken."""
    return OfferResult(reservation_id="v", trigger_id=trigger_id, status="granted")


def contacted() -> tuple[Bank, str]:
    """Return a bank that has sent one trigger at day 9, and the trigger's id."""
    bank = Bank(nudge(steps=ONE_STEP))
    bank.say(issued(), 0)
    return bank, triggers(bank.tick(9 * DAY))[0].trigger_id


OPTED_OUT = [receipt("unknown", "blocked_optout"), response("unknown", "optout")]


@pytest.mark.parametrize("event", OPTED_OUT)
def test_opt_out_of_a_stranger_creates_their_row(event: AnyEvent) -> None:
    """G1: of an unknown trigger it counts all the same, and is applied; nothing else is known."""
    bank = Bank(consent="")
    bank.say(event, HOUR, who="stranger", event_id="out")
    row = bank.row("stranger")

    kept = ConsentState("*", "sms", "revoked", T0 + HOUR, "out", 0, T0 + HOUR, "")
    assert [kept] == row.consents
    assert ([], []) == (row.words, row.contacts)
    assert 1 == bank.count(f"applied|{{}}|{event.__struct_config__.tag}")
    assert not any(key.startswith("ignored") for key in bank.state.counts.by_key)


@pytest.mark.parametrize("event", OPTED_OUT)
def test_opt_out_silences_the_channel_until_a_newer_consent(event: AnyEvent) -> None:
    """I3, 3.4: whatever the purpose; a consent that is newer opens the channel again."""
    bank = Bank(nudge(steps=ONE_STEP))
    bank.say(issued(), 0)
    bank.say(event, DAY)
    assert ["nudge first suppressed OPTED_OUT"] == story(bank.tick(9 * DAY))
    bank.say(issued("k2"), 10 * DAY)
    bank.say(word("granted"), 11 * DAY)

    assert ["-> ann first", "nudge first sent"] == story(bank.tick(19 * DAY))


@pytest.mark.parametrize(
    "event", [receipt("unknown", "delivered"), response("unknown", "click"), offer("unknown")]
)
def test_answer_to_an_unknown_trigger_is_ignored(event: AnyEvent) -> None:
    """G1, 3.8: UNKNOWN_TRIGGER, and no word is kept."""
    bank, _ = contacted()
    bank.say(event, 10 * DAY)

    assert 1 == bank.count("ignored|{}|UNKNOWN_TRIGGER")
    assert [] == bank.row().words


def test_answers_to_a_known_trigger_are_words() -> None:
    """3.8: the last response of a channel, and what became of each offer."""
    bank, trigger_id = contacted()
    bank.say(response(trigger_id, "open"), 10 * DAY)
    bank.say(response(trigger_id, "click"), 11 * DAY)
    bank.say(offer(trigger_id), 12 * DAY)

    assert [
        WordState("response", "sms", T0 + 11 * DAY, "click", detail=trigger_id),
        WordState("offer", "v", T0 + 12 * DAY, "granted"),
    ] == bank.row().words


def test_opt_out_of_a_known_trigger_is_a_word_and_releases() -> None:
    """3.2.7, 3.8: the response is kept as well, and a contact that was blocked counts no more."""
    bank, trigger_id = contacted()
    bank.say(response(trigger_id, "optout"), 10 * DAY, event_id="first")
    bank.say(receipt(trigger_id, "blocked_optout"), 11 * DAY, event_id="second")

    assert ["optout"] == [kept.status for kept in bank.row().words]
    assert bank.row().contacts[0].released
    assert "second" == bank.row().consents[-1].event_id


@pytest.mark.parametrize(
    ("event", "applied"),
    [
        (receipt("unknown", "blocked_optout"), "delivery.receipt"),
        (response("unknown", "optout"), "response.recorded"),
    ],
)
def test_opt_out_without_room_is_ignored_whole(event: AnyEvent, applied: str) -> None:
    """3.8: 32 refusals leave none; STATE_FULL, whatever else the answer says."""
    bank = Bank(consent="")
    for number in range(32):
        bank.say(word("denied", purpose=f"p{number}"), HOUR)
    bank.say(event, DAY)

    assert 1 == bank.count("ignored|{}|STATE_FULL")
    assert 0 == bank.count(f"applied|{{}}|{applied}")


def test_blocked_contact_is_not_released_by_a_receipt_that_finds_no_room() -> None:
    """3.8: STATE_FULL, no later step: the receipt is not taken either."""
    bank, trigger_id = contacted()
    bank.say(word("denied"), 10 * DAY)
    for number in range(31):
        bank.say(word("denied", purpose=f"p{number}"), 10 * DAY)
    bank.say(receipt(trigger_id, "blocked_optout"), 11 * DAY)

    assert not bank.row().contacts[0].released
    assert 1 == bank.count("ignored|{}|STATE_FULL")


def test_opt_out_is_one_of_the_events_a_repeat_of_which_is_known() -> None:
    """B2: the second is a DUPLICATE; a purchase beside it is none."""
    bank = Bank(consent="")
    for event in (OPTED_OUT[0], OPTED_OUT[0], spend()):
        bank.say(event, HOUR, event_id="once" if event is OPTED_OUT[0] else "")

    assert 1 == bank.count("ignored|{}|DUPLICATE")
    assert 1 == bank.row().spend_count
