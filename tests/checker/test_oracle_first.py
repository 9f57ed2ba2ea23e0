"""The second opinion on first exposures and the tenant's own: core.md §3.17, by hand."""

import pytest

from tests.checker.effects_by_hand import (
    BEGUN,
    DAY,
    HELD,
    MEASURED,
    NOBODY,
    configured,
    exposures,
    marks,
    reached,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    fold,
    published,
)
from tests.checker.oracle_first import shares_ppm
from tests.checker.tiny_effects import by_hand_mark
from tests.checker.tiny_world import DUE


OPENED = "exposure.opened.v1"


def test_oracle_marks_an_experiment_by_campaign_and_salt() -> None:
    """3.17: without experiment the salt is ""; the holdout's is in the tenant's own alone."""
    experiment = {"salt": "s", "control_bp": 0, "arms": []}
    assert marks(fold(published(MEASURED), *BEGUN)) == [by_hand_mark("activation_nudge", "", "")]

    policy = MEASURED | {"experiment": experiment}
    unheld = configured(holdout_bp=0, holdout_salt="h")
    assert marks(fold(unheld, published(policy), *BEGUN)) == [
        by_hand_mark("activation_nudge", "s", "")
    ]
    held = fold(configured(**NOBODY), published(policy), *BEGUN)
    assert marks(held) == [by_hand_mark("", "", "h"), by_hand_mark("activation_nudge", "s", "")]


def test_oracle_knows_the_experiment_again_under_another_version() -> None:
    """3.17: the version is no part of it, the salt is."""
    steps = [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]
    policy = MEASURED | {"steps": steps}
    salted = policy | {"version": 2, "experiment": {"salt": "s2", "control_bp": 0}}
    for newer, is_first in ((policy | {"version": 2}, False), (salted, True)):
        oracle = fold(published(policy), *BEGUN, published(newer, "p2"), reached(DUE + 4 * DAY))
        assert [one["is_first"] for one in exposures(oracle)] == [True, is_first]


@pytest.mark.parametrize(
    ("before", "after", "firsts"),
    [
        (NOBODY, NOBODY | {"holdout_salt": "i"}, [True, False]),
        (NOBODY, NOBODY | {"holdout_bp": 0}, [True, False]),
        (NOBODY, HELD, [True, False]),
        (HELD, NOBODY, [False, True]),
        (HELD, NOBODY | {"holdout_salt": "i"}, [False, True]),
        (HELD, HELD | {"holdout_salt": "i"}, [False, False]),
    ],
)
def test_oracle_counts_once_in_a_campaign_whatever_the_holdout(
    before: Facts, after: Facts, firsts: list[bool]
) -> None:
    """3.17: another holdout is no other experiment; who is held out is not first, nor marked."""
    policy = MEASURED | {"steps": [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]}
    newer = configured("t2", **after)
    oracle = fold(configured(**before), published(policy), *BEGUN, newer, reached(DUE + 4 * DAY))

    told_of = [record for _, record in told(oracle, OPENED) if record["campaign_id"]]
    assert [record["is_first"] for record in told_of] == firsts
    own = by_hand_mark("activation_nudge", "", "")
    assert marks(oracle).count(own) == any(firsts)
    assert {*marks(oracle)} <= {own, by_hand_mark("", "", "h"), by_hand_mark("", "", "i")}


def test_oracle_asks_no_place_for_who_is_held_out() -> None:
    """3.17: all 32 go on; the tenant's own found none, the campaign's exposure wanted none."""
    asked = [later(number) for number in range(32)]
    oracle = fold(configured(**HELD), published(MEASURED), *asked, *BEGUN[:-1])
    marks(oracle)[:] = [by_hand_mark(f"z{number:02}", "", "") for number in range(32)]
    oracle.see(BEGUN[-1])

    assert [one["arm"] for one in exposures(oracle)] == ["holdout"]
    assert oracle.counts["experiments_full|acme"] == 1


def later(number: int, version: int = 1, salt: str = "") -> Facts:
    """Return the envelope of a campaign that nobody has entered yet."""
    policy = MEASURED | {"id": f"z{number:02}", "version": version, "start_at_ms": DUE + 900 * DAY}
    policy |= {"experiment": {"salt": salt, "control_bp": 0, "arms": []}}
    return published(policy, f"z{number}-{version}")


@pytest.mark.parametrize(
    ("count", "gone", "is_first"),
    [
        (31, None, True),
        (32, None, False),
        (32, 5, True),
    ],
)
def test_oracle_has_room_for_32_experiments_that_go_on(
    count: int, gone: int | None, *, is_first: bool
) -> None:
    """3.17: of a further one nobody is first, unless one has ended; none remembered is counted."""
    asked = [later(number) for number in range(32)]
    oracle = fold(published(MEASURED), *asked, *BEGUN[:-1])
    kept = [by_hand_mark(f"z{number:02}", "", "") for number in range(count)]
    marks(oracle)[:] = kept
    if gone is not None:
        oracle.see(later(gone, 2, "s"))
        kept = [*kept[:gone], *kept[gone + 1 :]]
    oracle.see(BEGUN[-1])

    assert exposures(oracle)[0]["is_first"] is is_first
    assert marks(oracle) == kept + [by_hand_mark("activation_nudge", "", "")] * is_first
    assert oracle.counts["experiments_full|acme"] == (not is_first)


def test_oracle_lets_the_oldest_of_those_ended_go() -> None:
    """3.17: of three that are nobody's the first, of which none is the tenant's own."""
    unheld = configured(holdout_bp=0, holdout_salt="h")
    oracle = fold(unheld, published(MEASURED), *BEGUN[:-1])
    own = by_hand_mark("", "", "h")
    kept = [own, *(bytes([0, 0, 0, number]) for number in range(31))]
    marks(oracle)[:] = kept
    oracle.see(BEGUN[-1])

    assert marks(oracle) == [own, *kept[2:], by_hand_mark("activation_nudge", "", "")]


def test_oracle_opens_no_own_exposure_where_all_experiments_go_on() -> None:
    """3.17: at each occasion with advertising it is counted."""
    asked = [later(number) for number in range(32)]
    oracle = fold(configured(**NOBODY), published(MEASURED), *asked, *BEGUN[:-1])
    marks(oracle)[:] = [by_hand_mark(f"z{number:02}", "", "") for number in range(32)]
    oracle.see(BEGUN[-1])

    assert [one["campaign_id"] for one in exposures(oracle)] == ["activation_nudge"]
    assert oracle.counts["experiments_full|acme"] == 2


@pytest.mark.parametrize(
    ("experiment", "shares"),
    [
        (None, {"default": 1_000_000}),
        ({"salt": "s"}, {"default": 1_000_000}),
        ({"salt": "s", "control_bp": 10_000}, {"control": 1_000_000}),
        (
            {"salt": "s", "control_bp": 1, "arms": [["b", 30], ["a", 20], ["none", 0]]},
            {"control": 100, "b": 3_000, "a": 2_000, "default": 994_900},
        ),
        ({"salt": "s", "arms": [["b", 10_000]]}, {"b": 1_000_000}),
    ],
)
def test_oracle_says_the_shares_of_the_arms_in_their_order(
    experiment: Facts | None, shares: dict[str, int]
) -> None:
    """3.17: control, the arms as the policy has them, then the rest; nobody's arm is not told."""
    arms = [{"id": one, "share_bp": bp} for one, bp in (experiment or {}).get("arms", [])]
    policy = {"experiment": experiment and experiment | {"arms": arms}}

    assert list(shares_ppm(policy).items()) == list(shares.items())


def test_oracle_opens_with_what_an_effect_needs() -> None:
    """3.17: the end of the record, after what a model has seen."""
    bounds = {"failure_ppm": 50_000, "harm": True}
    experiment = {"salt": "s", "control_bp": 5_000}
    policy = MEASURED | {"guardrails": bounds, "experiment": experiment}
    pooled = configured(pools_effects=True, **NOBODY)
    oracle = fold(pooled, published(policy), *BEGUN)
    (_, (key, record)) = told(oracle, OPENED)

    assert key == b"acme|activation_nudge"
    assert list(record.items())[-12:] == [
        ("vector", ""),
        ("is_first", True),
        ("shares_ppm", {"control": 500_000, "default": 500_000}),
        ("holdout_ppm", 100),
        ("value_cap_minor", 500),
        ("currency", "CNY"),
        ("pools", True),
        ("guardrails", record["guardrails"]),
        ("option", ""),
        ("option_ppm", 0),
        ("options_ppm", {}),
        ("key_count", 1),
    ]
    assert list(record["guardrails"].items()) == [
        ("opt_out_ppm", 0),
        ("complaint_ppm", 0),
        ("failure_ppm", 50_000),
        ("harm", True),
        ("alpha_ppm", 10_000),
    ]
    kept = exposures(oracle)[1]
    assert [kept[name] for name in ("pools", "holdout_ppm", "currency")] == [True, 100, "CNY"]
