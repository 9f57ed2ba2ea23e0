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
from tests.checker.oracle_habits import learn_habit, new_habits, packed_habits
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


CALLED = {"d": "dining", "h": "home", "t": "travel"}


def lived(letters: str) -> list[Facts]:
    """Return purchases, a letter each."""
    return [purchase(BASE + n, n, CALLED[one]) for n, one in enumerate(letters)]


@pytest.mark.parametrize(
    ("letters", "changed"),
    [
        ("d" * 60 + "h" * 4, ""),
        ("d" * 60 + "h" * 5, "home"),
        ("d" * 60 + "hhhhd", ""),
        ("d" * 60 + "h" * 5 + "t" * 15, "home"),
        ("d" * 60 + "h" * 5 + "t" * 16, ""),
        ("d" * 13 + "hhh", ""),
        ("d" * 15 + "h" * 5, ""),
        ("h" * 80, ""),
    ],
)
def test_oracle_finds_what_has_become_a_habit(letters: str, changed: str) -> None:
    """
    Against p = .1, d = .3 each of a new scene adds 2.5, five in a row 12.5; another takes .834.

    Told as of the fifth and 15 more. Of thirteen and three nothing is known yet, though half
    against half of the newest sixteen would have told it. As ever: no change.
    """
    assert read(*lived(letters))[2] == changed


def test_oracle_packs_habits_behind_the_newest_sixteen() -> None:
    """
    16 of dining, then two of home: 2,500, and against a share of 2 / 19 4,915.

    The sixteen of dining after them are not yet taken.
    """
    customer = fold(*lived("d" * 16 + "hh" + "d" * 16)).customers["acme|c0"]
    sums = bytes(24) + (4_915).to_bytes(2, "big") + bytes(2)

    assert packed_habits(customer["habits"]) == bytes([0, 18, 0, 0, 16, *bytes(9), 2, 0]) + sums
    assert packed_habits(fold(*lived("d" * 16)).customers["acme|c0"]["habits"]) == b""


def test_oracle_halves_habits_at_128() -> None:
    """126 of dining and two of travel: 64 in all, 63 and 1; none has begun anew."""
    habits = new_habits()
    for letter in "d" * 60 + "t" + "d" * 60 + "t" + "d" * 6:
        learn_habit(habits, {"d": 2, "t": 3}[letter])

    assert (habits["told"], habits["n"], habits["k"][2], habits["k"][3]) == (0, 64, 63, 1)


def test_oracle_reports_a_campaign_by_what_is_no_behaviour() -> None:
    """§3.6, §3.11: told beside what its clauses read; a behavioural one is BAD_RULE."""
    policy = CAMPAIGN | {"report_by": ["staff", "region"]}
    (one,) = decisions(fold(published(policy), *NUDGED[1:]))

    assert [*one["features"]][-2:] == ["region", "staff"]
    for name in ("spend_tier", "spend_cluster", "life_change_scene", "spend_count", "moon"):
        refused = fold(published(CAMPAIGN | {"report_by": ["staff", name]}))
        assert refused.counts["control|acme|BAD_RULE"] == 1, name
