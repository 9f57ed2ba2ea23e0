"""What is said of a fallback is said of the contact that it follows (docs/core.md 3.17)."""

import pytest

from lifecycle.ids import derived_id
from schemas.events import AnyEvent, ResponseRecorded
from schemas.outcomes import ExposureObjected
from tests.lifecycle.builders import HOUR, Bank
from tests.lifecycle.channels import fail, heard, pushed, reach, then
from tests.lifecycle.measured import PURCHASE, objected
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import triggers


def chain() -> tuple[Bank, list[str]]:
    """Return a bank whose customer was tried by push, by sms, then by voice; the triggers."""
    bank, first = pushed(reach(conversion=PURCHASE))
    ids = [first]
    for number in (2, 3):
        (sent,) = triggers(
            fail(bank, ids[-1], number * HOUR, "rejected" if number == 3 else "failed")
        )
        ids.append(sent.trigger_id)
    return bank, ids


def response(trigger_id: str, kind: str) -> ResponseRecorded:
    """Return what a customer answered."""
    return ResponseRecorded(response_id="r", trigger_id=trigger_id, channel="sms", kind=kind)


def blocked(trigger_id: str, _: str) -> AnyEvent:
    """Return that the carrier has the number among those who opted out."""
    return heard(trigger_id, "blocked_optout")


@pytest.mark.parametrize("slot", [0, 1, 2])
@pytest.mark.parametrize(
    ("say", "kind", "wanted"),
    [
        (response, "optout", "opt_out"),
        (response, "complaint", "complaint"),
        (blocked, "", "opt_out"),
    ],
)
def test_word_about_any_channel_is_of_the_first_contacts_exposure(
    slot: int,
    say: object,
    kind: str,
    wanted: str,
) -> None:
    """Of push, sms and voice alike: one exposure, opened with the push."""
    bank, ids = chain()
    (told,) = bank.say(say(ids[slot], kind), 4 * HOUR)  # type: ignore[operator]  # one of two

    assert isinstance(told, ExposureObjected)
    assert (told.campaign_id, told.objection) == ("a", wanted)
    assert told.exposure_id == derived_id("exposure", ids[0])


def test_failure_counts_at_once_and_once_for_the_chain() -> None:
    """A gateway failed, whoever stood in for it: the first receipt says it, later ones nothing."""
    bank, first = pushed(reach(conversion=PURCHASE))
    effects = fail(bank, first)
    (sent,) = triggers(effects)

    assert objected(effects) == ["a failure"]
    assert objected(fail(bank, sent.trigger_id, 3 * HOUR)) == []
    assert bank.count("objected|{}|a|failure") == 1


def test_failure_of_a_fallback_counts_where_the_first_did_not_fail() -> None:
    """The push was blocked, which is an opt-out; the gateway of the sms after it rejects."""
    after = then("sms", after=("blocked_optout",))
    bank, first = pushed(reach(conversion=PURCHASE, fallbacks=(after,)))
    effects = fail(bank, first, status="blocked_optout")
    (sent,) = triggers(effects)

    assert objected(effects) == ["a opt_out"]
    assert objected(fail(bank, sent.trigger_id, 3 * HOUR, "rejected")) == ["a failure"]


def test_exposure_keeps_the_triggers_of_its_fallbacks_in_order() -> None:
    """As the row has them; a customer who was reached has none."""
    bank, ids = chain()
    (exposure,) = bank.row().exposures
    untouched, _ = pushed(reach(conversion=PURCHASE))

    assert (exposure.trigger_id, exposure.fallbacks) == (ids[0], (ids[1], ids[2]))
    assert untouched.row().exposures[0].fallbacks == ()


def test_word_about_a_fallback_outlives_its_contact() -> None:
    """UNKNOWN_TRIGGER: the contacts are forgotten, the exposure knows whose trigger it was."""
    bank, ids = chain()
    bank.row()
    bank.state.tenant("bank").changed["ann"].contacts.clear()

    assert objected(bank.say(response(ids[2], "complaint"), 4 * HOUR)) == ["a complaint"]
    assert bank.count("ignored|{}|UNKNOWN_TRIGGER") == 1


def test_successor_hears_them_alike() -> None:
    """B4: the row has all that is needed."""
    bank, ids = chain()
    bank.say(response(ids[1], "optout"), 4 * HOUR)

    assert restored_at_every_record(bank).outputs
