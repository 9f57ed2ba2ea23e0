"""What the second opinion has found wrong or open in features: core.md §3.9 says each now."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from schemas.events import AnyEvent
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
