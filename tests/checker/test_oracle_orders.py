"""What exposures come to does not depend on the order of arrival: core.md §3.12, §3.17."""

from hypothesis import given
from hypothesis import strategies as st

from tests.checker.effects_by_hand import (
    DAY,
    ENDED,
    RECORDS,
    complained,
    configured,
    exposures,
    failed,
    reached,
    refunded,
    replied,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import fold, purchase
from tests.checker.tiny_world import DECIDED


HALF = DAY // 2
BOUGHT = st.builds(
    lambda number, after, amount, currency, card: purchase(
        DECIDED + after, f"b{number}", amount, currency=currency, card_token=card
    ),
    st.integers(0, 5),
    st.integers(-HALF, 2 * DAY),
    st.integers(1, 10**6),
    st.sampled_from(["CNY", "CNY", "USD"]),
    st.sampled_from(["k0", "k0", "k9"]),
)
BACK = st.builds(
    lambda number, after, amount: refunded(DECIDED + after, f"b{number}", amount),
    st.integers(0, 5),
    st.integers(-HALF, 2 * DAY),
    st.integers(1, 10**6),
)
AGAINST = st.sampled_from(
    [failed(), replied("complaint"), replied("optout"), complained(DECIDED + 9)]
)
EVENTS = st.lists(
    st.one_of(BOUGHT, BACK, AGAINST), max_size=8, unique_by=lambda one: one["event_id"]
)


def arrived(events: list[Facts]) -> list[Facts]:
    """Return the events as they were read, one after the other, whenever they happened."""
    return [one | {"journal_at_ms": DECIDED + n} for n, one in enumerate(events, 1)]


@given(events=EVENTS, data=st.data())
def test_oracle_settles_alike_in_any_order_of_arrival(
    events: list[Facts], data: st.DataObject
) -> None:
    """T4, T6: label, money and activity follow from the set of events that were read by then."""
    other = data.draw(st.permutations(events))
    found = [
        fold(*RECORDS, *arrived(order), reached(ENDED), reached(DECIDED + 90 * DAY))
        for order in (events, other)
    ]
    for kind in ("exposure.settled.v1", "exposure.followed.v1"):
        first, second = (told(oracle, kind) for oracle in found)
        assert first == second
        assert len(first) == (1 if "settled" in kind else 3)
    bits = [exposures(oracle)[0]["objections"] for oracle in found]
    assert bits[0] == bits[1]


@given(events=EVENTS)
def test_oracle_tells_of_an_exposure_once_whatever_happens(events: list[Facts]) -> None:
    """I2: no id twice; each of the two exposures settles once and is followed up three times."""
    held = configured(holdout_bp=1, holdout_salt="h", value_cap_minor=9, currency="CNY")
    late = [reached(ENDED), reached(DECIDED + 91 * DAY), reached(DECIDED + 99 * DAY)]
    oracle = fold(held, *RECORDS, *arrived(events), *late)
    ids = [(item.output.topic, item.output.output_id) for item in oracle.expected]

    assert len(ids) == len(set(ids))
    for kind, count in (("opened", 2), ("settled", 2), ("followed", 6)):
        assert len(told(oracle, f"exposure.{kind}.v1")) == count
    for _, record in told(oracle, "exposure.settled.v1"):
        assert record["value_minor"] >= 0
