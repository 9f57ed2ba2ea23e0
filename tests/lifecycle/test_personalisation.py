"""Who wants no personal offers: nothing is decided by what they did (SEMANTICS O3, O4; PIPL 24)."""

import pytest

from schemas.events import PreferenceChanged
from tests.lifecycle.builders import DAY, HOUR, Bank, bill, issued, nudge, push, spend, win_back
from tests.lifecycle.told import story


OFF = PreferenceChanged(personalisation_opt_out=True)
ON_AGAIN = PreferenceChanged(personalisation_opt_out=False)


def test_offer_that_looks_at_purchases_is_not_made() -> None:
    """O3: the entry compares a purchase with the customer's own."""
    bank = Bank(push())
    for hour in range(1, 4):
        bank.say(spend(), hour * HOUR)
    bank.say(OFF, 4 * HOUR)

    assert ["push offer suppressed PERSONALISATION_OFF"] == story(
        bank.say(spend(900_000), 5 * HOUR)
    )


def test_win_back_looks_at_silence_and_is_not_made() -> None:
    """O3: an own rhythm is behaviour."""
    bank = Bank(win_back())
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    bank.say(OFF, 15 * DAY)

    assert ["win_back only suppressed PERSONALISATION_OFF"] == story(bank.tick(90 * DAY))


def test_missing_milestone_is_no_behaviour() -> None:
    """O4: an activation nudge stays possible."""
    bank = Bank(nudge())
    bank.say(OFF, 0)
    bank.say(issued(), HOUR)

    assert ["-> ann first", "nudge first sent"] == story(bank.tick(4 * DAY))


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_wish_binds_advertising_only(message_class: str) -> None:
    """O3: what the customer has to know is said."""
    bank = Bank(push(message_class=message_class))
    bank.say(OFF, 0)

    assert ["-> ann offer", "push offer sent"] == story(bank.say(bill(300_000), HOUR))


def test_newest_wish_counts() -> None:
    """The opt-out was taken back."""
    bank = Bank(push())
    bank.say(OFF, 0)
    bank.say(ON_AGAIN, HOUR)

    assert ["-> ann offer", "push offer sent"] == story(bank.say(bill(300_000), 2 * HOUR))
