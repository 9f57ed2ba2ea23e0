"""The second opinion on segments, by hand: core.md §3.20."""

import json
from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    NUDGED,
    decisions,
    fold,
    happened,
    published,
    statement,
)
from tests.checker.journal_by_hand import purchase as bought
from tests.checker.oracle import PartitionOracle
from tests.checker.oracle_features import values
from tests.checker.oracle_subject import Subject
from tests.checker.segments_by_hand import segments
from tests.checker.tiny_world import BASE, CAMPAIGN


def purchase(at: int, number: int, scene: str = "dining", amount: int = 100) -> Facts:
    """Return a purchase of c0."""
    return bought(at, f"b{number}", amount, scene=scene)


def observed(oracle: PartitionOracle) -> list[Facts]:
    """Return what was told of customers."""
    found = (one for one in oracle.expected if one.output.ce_type == "customer.observed.v1")
    return [json.loads(one.output.value) | {"key": one.record_key} for one in found]


def read(*events: Facts, now: int = BASE) -> list[Any]:
    """Return the three features of c0 after these records."""
    oracle = fold(*events)
    (known,) = [said for name, said in oracle.published.items() if name[0] == "segments"] or [None]
    about = Subject(oracle.customers["acme|c0"], "k0", None, "", now, "", known)
    return [*values(about, ["spend_tier", "spend_cluster", "life_change_scene"]).values()][::-1]


def test_oracle_tells_of_a_bill_what_was_spent() -> None:
    """300 thirty days and 100 ms ago are a little below 150; one of two purchases was of travel."""
    events = (purchase(BASE, 1, "travel", 100), purchase(BASE, 2, "dining", 200))
    (one,) = observed(fold(*events, statement(BASE + 30 * DAY, "s", 9)))

    names = ("key", "currency", "spend_minor", "scene_share_ppm", "observed_at_ms")
    shares = {"dining": 500_000, "travel": 500_000}
    assert [one[name] for name in names] == [
        *(b"acme|", "CNY", 149, shares),
        BASE + 30 * DAY + 100,
    ]


def test_oracle_tells_nothing_below_0_nor_of_another_currency() -> None:
    """What was taken back counts against it; 0 at least, and 0 where the bill is in dollars."""
    back = {"txn_id": "t", "card_token": "k0", "amount_minor": 900, "currency": "CNY"}
    events = (purchase(BASE, 1), happened(BASE, "r", "txn.reversed", **back))
    found = observed(fold(*events, statement(BASE, "s", 9)))
    found += observed(fold(purchase(BASE, 1), statement(BASE, "s", 9, currency="USD")))

    assert [(one["currency"], one["spend_minor"]) for one in found] == [("CNY", 0), ("USD", 0)]


@pytest.mark.parametrize(
    "events",
    [
        (statement(BASE, "s", 9),),
        (purchase(BASE, 1), purchase(BASE, 2)),
        (
            *(
                purchase(BASE, 1),
                happened(BASE, "p", "preference.changed", personalisation_opt_out=True),
            ),
            statement(BASE + 1, "s", 9),
        ),
    ],
)
def test_oracle_tells_nothing_without(events: tuple[Facts, ...]) -> None:
    """A purchase, a bill, or the customer's leave."""
    assert observed(fold(*events)) == []


def test_oracle_tells_of_a_bill_once() -> None:
    """A repeat is none, nor is one that the ring has forgotten: 32 later events push it out."""
    bill = statement(BASE, "s", 9)
    later = [purchase(BASE + number, number) for number in range(1, 35)]

    assert len(observed(fold(purchase(BASE, 0), bill, bill, *later, bill))) == 1


def test_oracle_names_who_is_observed_by_bank_and_customer() -> None:
    """N2: two banks, and two customers, with the same bill are observed under three ids."""
    events = [purchase(BASE, 1), statement(BASE, "s", 9)]
    others = [one | {"tenant": "evil"} for one in events]
    others += [one | {"customer_token": "c1"} for one in events]

    assert len({one["observed_id"] for one in observed(fold(*events, *others))}) == 3


def test_oracle_adopts_what_is_newer() -> None:
    """L1: 2, then 1 and 2 again, too late; 3."""
    oracle = fold(segments(2), segments(1), segments(2, clusters={}), segments(3))

    assert oracle.published["segments", "acme"]["sequence"] == 3
    assert oracle.counts["control|acme|segments.published"] == 2
    assert oracle.counts["control|acme|STALE_VERSION"] == 2


@pytest.mark.parametrize(
    ("amount", "tier"),
    [(100, "light"), (101, "regular"), (200, "regular"), (300, "heavy"), (301, "top")],
)
def test_oracle_tier_is_the_first_whose_edge_is_not_passed(amount: int, tier: str) -> None:
    """Edges belong to the tier below."""
    assert read(segments(), purchase(BASE, 1, amount=amount))[0] == tier


def test_oracle_knows_no_segment_where_nothing_is_known() -> None:
    """No segments, no edges of the currency, no clusters."""
    assert read(purchase(BASE, 1)) == ["", "", ""]
    assert read(segments(edges_minor={"USD": [1, 2, 3]}), purchase(BASE, 1))[0] == ""
    assert read(segments(clusters={}), purchase(BASE, 1))[1] == ""


def test_oracle_cluster_is_the_nearest_of_equals_the_first() -> None:
    """Half and half: .09 + .04 + .25 = .38 from travel, .5 from dining; twins: the first."""
    both = (purchase(BASE, 1, "travel"), purchase(BASE, 2, "dining"))
    twins = segments(clusters={"b": {"home": 1}, "a": {"home": 1}})

    assert read(segments(), *both)[1] == "travel"
    assert read(segments(), *both, purchase(BASE, 3))[1] == "dining"
    assert read(twins, *both)[1] == "b"


@pytest.mark.parametrize(
    ("scenes", "changed"),
    [
        ("d" * 13 + "hhh", "home"),
        ("d" * 13 + "hhd", ""),
        ("d" * 5 + "h" * 4, ""),
        ("d" * 5 + "h" * 5, "home"),
        ("d" * 8 + "hh" + "tt" * 3, "travel"),
        ("h" * 16, ""),
    ],
)
def test_oracle_finds_what_has_become_frequent(scenes: str, changed: str) -> None:
    """
    Of 16: p = .1, d = .3, so each of a new scene adds 2.5, three in a row 7.5.

    Of 10: p = 1 / 7 = 142,857, d = 349,926: each adds 2,449,497 - 500,000; five are 9.7.
    Nine are too few.
    """
    called = {"d": "dining", "h": "home", "t": "travel"}
    events = [purchase(BASE + n, n, called[one]) for n, one in enumerate(scenes)]

    assert read(*events)[2] == changed


def test_oracle_reports_a_campaign_by_what_is_no_behaviour() -> None:
    """§3.6, §3.11: told beside what its clauses read; a behavioural one is BAD_RULE."""
    policy = CAMPAIGN | {"report_by": ["staff", "region"]}
    (one,) = decisions(fold(published(policy), *NUDGED[1:]))

    assert [*one["features"]][-2:] == ["region", "staff"]
    for name in ("spend_tier", "spend_cluster", "life_change_scene", "spend_count", "moon"):
        refused = fold(published(CAMPAIGN | {"report_by": ["staff", name]}))
        assert refused.counts["control|acme|BAD_RULE"] == 1, name
