"""What the second opinion found wrong or open in features: core.md §3.9 and §3.20 say each now."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from lifecycle.records import Effect
from schemas.events import AnyEvent
from schemas.segments import CustomerObserved
from tests.lifecycle.builders import DAY, Bank, spend
from tests.lifecycle.features.portrait import event, read


def bill(statement_id: str, due_date: str, total_minor: int) -> AnyEvent:
    """Return a bill of k1."""
    return event(
        "statement.issued",
        statement_id=statement_id,
        card_token="k1",
        total_due_minor=total_minor,
        min_due_minor=0,
        currency="CNY",
        due_date=due_date,
    )


def heard(events: Sequence[AnyEvent]) -> Bank:
    """Return a bank that heard this of ann, an hour apart."""
    bank = Bank()
    for number, one in enumerate(events):
        bank.say(one, number)
    return bank


def test_map_says_nothing_of_the_order_of_arrival() -> None:
    """Keys ascend, so that the same facts are the same bytes of a record."""
    scores = [
        event(
            "score.published", model_id=name, model_version="1", score_ppm=7, valid_until_in_days=9
        )
        for name in ("churn", "cash", "value")
    ]
    for order in permutations(scores):
        found = read(heard(order), DAY)["score_ppm"]
        assert isinstance(found, dict)
        assert ["cash", "churn", "value"] == list(found)


def test_bill_that_was_due_before_1970_is_past_its_due_date() -> None:
    """One of two such bills is over nothing, so it is repaid."""
    bank = heard([bill("s1", "1969-12-30", 900), bill("s2", "1969-12-31", 0)])

    assert 500_000 == read(bank, DAY)["repaid_share_ppm"]


def test_limit_use_fits_into_64_bits() -> None:
    """A bill of 10^15 on a limit of 1 would be 10^21 millionths."""
    limit = event("limit.changed", card_token="k1", kind="perm", new_limit_minor=1, currency="CNY")

    assert 10**9 == read(heard([bill("s1", "2024-01-01", 10**15), limit]), DAY)["limit_use_ppm"]


@pytest.mark.parametrize("days", [7, 30, 90])
def test_decayed_amount_fits_into_64_bits(days: int) -> None:
    """Ten thousand purchases of 10^15 at one moment are kept as 10^19."""
    bank = heard([spend(10**15)] * 3)
    bank.row().amounts["CNY"].decayed_7d_minor = 1e19
    bank.row().amounts["CNY"].decayed_30d_minor = 1e19
    bank.row().amounts["CNY"].decayed_90d_minor = 1e19

    assert 10**18 == read(bank, 0)[f"amount_{days}d_minor"]


def observed(effects: Sequence[Effect]) -> list[CustomerObserved]:
    """Return what learning is told of customers."""
    return [one for one in effects if isinstance(one, CustomerObserved)]


def test_bill_that_the_ring_has_forgotten_is_not_observed_again() -> None:
    """B2: 32 later events push it out; come again, it would be told with what is spent since."""
    bank = Bank()
    bank.say(spend(100), 0)
    first = bank.say(bill("s1", "2024-01-01", 900), 1, event_id="bill")
    for number in range(33):
        bank.say(spend(100), 2 + number)
    again = bank.say(bill("s1", "2024-01-01", 900), 1, arrived=DAY, event_id="bill")

    assert (1, 0) == (len(observed(first)), len(observed(again)))


def test_two_customers_with_one_bill_are_observed_under_two_ids() -> None:
    """N2, B1: of two banks likewise; one id for both would be a record told twice."""
    bank, ids = Bank(), set()
    for tenant in ("bank", "evil"):
        for who in ("ann", "bob"):
            bank.say(spend(100), 0, who=who, event_id="buy", tenant=tenant)
            said = bank.say(
                bill("s1", "2024-01-01", 900), 1, who=who, event_id="bill", tenant=tenant
            )
            ids |= {one.observed_id for one in observed(said)}

    assert 4 == len(ids)
