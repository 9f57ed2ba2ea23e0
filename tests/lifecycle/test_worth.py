"""What a contact is worth: propensity x value x lever - contact cost, in whole numbers (O2, B6)."""

from msgspec.structs import replace

from schemas.campaign import Campaign, EventEntry, LargePurchaseCondition
from tests.lifecycle.builders import HOUR, Bank, push, spend
from tests.lifecycle.told import decisions, story


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)


def offer(
    name: str, rate_ppm: int, value_minor: int, *, lever: int = 100, cost: int = 0
) -> Campaign:
    """Return a campaign that any purchase begins, and what it is worth."""
    return replace(
        push(id=name, entry=ANY_PURCHASE),
        base_rate_ppm=rate_ppm,
        value_minor=value_minor,
        lever_percent=lever,
        contact_cost_minor=cost,
    )


def test_worth_is_propensity_times_value_times_lever_less_the_contact_cost() -> None:
    """2 % x 150.00 x 1.5 - 0.05 = 4.45, that is 445 minor units, in millionths."""
    told = decisions(Bank(offer("a", 20_000, 15_000, lever=150, cost=5)).say(spend(), HOUR))[0]

    assert 445_000_000 == told.worth_micro
    assert (20_000, "base_rate", 15_000, 150, 5) == (
        told.propensity_ppm,
        told.propensity_from,
        told.value_minor,
        told.lever_percent,
        told.contact_cost_minor,
    )


def test_worth_is_floored_to_millionths() -> None:
    """1 ppm x 1 x 0.99 is 0.99 millionths: nothing."""
    assert 0 == decisions(Bank(offer("a", 1, 1, lever=99)).say(spend(), HOUR))[0].worth_micro


def test_greater_worth_wins_whatever_the_priority() -> None:
    """O2: priority only decides between equals."""
    rich, dear = offer("z", 10_000, 20_000), replace(offer("a", 10_000, 19_999), priority=100)

    assert ["a offer suppressed LOST_ARBITRATION", "-> ann offer", "z offer sent"] == story(
        Bank(rich, dear).say(spend(), HOUR)
    )


def test_lever_moves_the_choice() -> None:
    """O2: the owner's weight, here enough to turn 2:1 around."""
    bank = Bank(offer("a", 10_000, 10_000, lever=201), offer("b", 10_000, 20_000))

    assert ["-> ann offer", "a offer sent", "b offer suppressed LOST_ARBITRATION"] == story(
        bank.say(spend(), HOUR)
    )


def test_contact_that_costs_more_than_it_brings_is_not_made() -> None:
    """1 ‰ x 40.00 brings 4 minor units: no contact at a cost of 5, one for nothing at 4."""
    said = [story(Bank(offer("a", 1_000, 4_000, cost=cost)).say(spend(), HOUR)) for cost in (5, 4)]

    assert [["a offer suppressed NOT_WORTH"], ["-> ann offer", "a offer sent"]] == said


def test_worth_binds_advertising_only() -> None:
    """O3: a servicing message goes whatever it costs, and is not weighed."""
    campaign = replace(offer("a", 0, 0, cost=5), message_class="servicing")
    told = decisions(Bank(campaign).say(spend(), HOUR))[0]

    assert ("sent", 0) == (told.verdict, told.worth_micro)
    assert "worth" not in [reading.gate for reading in told.gates]
