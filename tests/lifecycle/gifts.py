"""A bank that promises gifts, and reads what is left of them."""

from lifecycle.records import Effect
from schemas.decisions import OfferGrantRequested
from tests.lifecycle.builders import HOUR, TENANT, Bank, spend
from tests.lifecycle.channels import agree, grants, reach, stock_of, went
from tests.lifecycle.contacts import offer
from tests.lifecycle.told import decisions


WORTH = {"base_rate_ppm": 10**6, "value_minor": 1_000}
SENT = ["0 sms sent"]
NONE_LEFT = ["0 sms suppressed NO_INVENTORY"]
TOO_DEAR = ["0 sms suppressed NO_BUDGET"]


def gifts(inventory_count: int, unit_cost_minor: int = 0, **changed: object) -> Bank:
    """Return a bank that promises a gift with each contact, of which there are so many."""
    bank = Bank(offer(**{"offer": "gift", **WORTH, **changed}))
    bank.control(stock_of(inventory_count, unit_cost_minor=unit_cost_minor))
    return bank


def buys(bank: Bank, *hours: int) -> list[list[str]]:
    """Return what becomes of purchases at these hours."""
    return [went(bank.say(spend(), hour * HOUR)) for hour in hours]


def taken(bank: Bank) -> tuple[int, int]:
    """Return the units of the gift that are taken, and what campaign a has spent."""
    stock = bank.state.tenant(TENANT).stock
    return stock.offers["gift"].taken_count, stock.spent_minor.get("a", 0)


def seen(effects: list[Effect]) -> dict[str, int]:
    """Return what the gate `offer` saw."""
    return next(one.saw for one in decisions(effects)[0].gates if one.gate == "offer")


def by_push(inventory_count: int = 1) -> tuple[Bank, OfferGrantRequested]:
    """Return a bank whose push has promised the only gift, and spent 35 of 70."""
    campaign = reach(offer="gift", budget_minor=70, contact_cost_minor=5, **WORTH)
    bank = agree(Bank(campaign, consent=""), "push", "sms", "voice")
    bank.control(stock_of(inventory_count, unit_cost_minor=30))
    return bank, grants(bank.say(spend(), HOUR))[0]
