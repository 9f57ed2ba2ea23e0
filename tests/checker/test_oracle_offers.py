"""The second opinion on offers, budgets and what is reserved: core.md §3.15, by hand."""

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import came_out, decisions, published, said
from tests.checker.offers_by_hand import (
    BOUGHT,
    DEAR,
    GIFT,
    NUDGE,
    WORTH,
    gifted,
    kept,
    reservation,
    second_step,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.oracle_offers import share
from tests.checker.tiny_world import DECIDED, envelope
from tests.checker.treatments_by_hand import (
    FAILED,
    FALLEN,
    defined,
    grants,
    nudged,
    slot_id,
    triggers,
)


def last(oracle: PartitionOracle) -> tuple[str, str, Facts]:
    """Return reason, clause and what gate 12 saw."""
    (one,) = decisions(oracle)
    saw = [reading["saw"] for reading in one["gates"] if reading["gate"] == "offer"]
    return one["reason_code"], one["clause"], saw[0]


def test_share_leaves_no_unit_over() -> None:
    """3.15: 11 over 4 partitions are 3 3 3 2, and 2 are 1 1 0 0."""
    assert [share(11, (p, 4)) for p in range(4)] == [3, 3, 3, 2]
    assert [share(2, (p, 4)) for p in range(4)] == [1, 1, 0, 0]
    assert share(7, (0, 1)) == 7


@pytest.mark.parametrize(
    ("place", "inventory", "reason", "left"),
    [((0, 2), 1, "", 1), ((1, 2), 1, "NO_INVENTORY", 0), ((1, 2), 3, "", 1), ((0, 2), 3, "", 2)],
)
def test_oracle_promises_of_its_share_only(
    place: tuple[int, int], inventory: int, reason: str, left: int
) -> None:
    """3.15: the odd unit is the first partition's."""
    policy = GIFT | {"base_rate_ppm": 1_000_000, "value_minor": 9}
    oracle = gifted(policy=policy, offer=defined(inventory_count=inventory), place=place)

    assert last(oracle) == (reason, "", {"left_count": left})


def test_oracle_promises_nothing_that_is_not_defined() -> None:
    """3.15: clause `offer`; the gate saw nothing."""
    oracle = gifted(policy=BOUGHT, offer=defined(id="other"))

    assert last(oracle) == ("NO_INVENTORY", "offer", {})
    assert (grants(oracle), triggers(oracle), kept(oracle)) == ([], [], (0, 0))


@pytest.mark.parametrize(("budget", "reason"), [(10, ""), (9, "NO_BUDGET")])
def test_oracle_spends_what_contact_and_unit_cost(budget: int, reason: str) -> None:
    """3.15: 3 + 7 must be left; the gate comes before worth."""
    policy = BOUGHT | {"budget_minor": budget, "base_rate_ppm": 1_000_000, "value_minor": 9}
    oracle = gifted(policy=policy)

    saw = {"left_count": 10, "left_minor": budget, "cost_minor": 10}
    assert last(oracle) == (reason, "", saw)
    assert list(saw) == list(last(oracle)[2])
    assert kept(oracle) == ((0, 0) if reason else (1, 10))
    gates = [one["gate"] for one in decisions(oracle)[0]["gates"]]
    assert gates[gates.index("offer") - 1] == "caps"
    assert gates[-1] == ("offer" if reason else "experiment")


@pytest.mark.parametrize(
    ("policy", "gates"), [(FALLEN, 0), (GIFT, 1), (FALLEN | {"budget_minor": 1}, 1)]
)
def test_oracle_reads_the_gate_of_who_promises_or_counts(policy: Facts, gates: int) -> None:
    """3.4.12: the others have no reading of it."""
    read = [one["gate"] for one in decisions(gifted(policy=policy))[0]["gates"]]

    assert read.count("offer") == gates


def test_oracle_asks_for_a_grant() -> None:
    """3.15: byte for byte, between trigger and record, which both name what was reserved."""
    oracle = gifted(policy=WORTH)
    outputs = [item.output for item in came_out(oracle)]

    assert [one.topic for one in outputs] == ["sms", "offers", "decisions"]
    assert outputs[1].value.decode() == (
        f'{{"v":1,"reservation_id":"{reservation()}","offer_id":"gift","offer_version":1,'
        f'"tenant":"acme","customer_token":"c0","card_token":"k0","trigger_id":"{slot_id(0)}",'
        f'"campaign_id":"{NUDGE}","policy_version":1,"requested_at_ms":{DECIDED},'
        f'"expires_at_ms":{DECIDED + 5_000}}}'
    )
    assert (outputs[1].output_id, outputs[1].ce_type) == (
        reservation(),
        "offer.grant_requested.v1",
    )
    (trigger,) = triggers(oracle)
    assert [trigger[name] for name in ("offer_id", "reservation_id")] == ["gift", reservation()]
    assert trigger["reservation_expires_at_ms"] == DECIDED + 5_000
    assert decisions(oracle)[0]["offer_id"] == "gift"
    reserved = oracle.customers["acme|c0"]["contacts"][0]["reserved"]
    assert list(reserved.values()) == [reservation(), "gift", DECIDED + 5_000, 7, 3, False]


def test_oracle_asks_for_no_grant_of_a_budget() -> None:
    """3.15: the contact keeps what it cost; the trigger says nothing of it."""
    oracle = gifted(policy=WORTH | {"offer": ""})

    assert (grants(oracle), kept(oracle)) == ([], (0, 3))
    (trigger,) = triggers(oracle)
    assert [trigger[name] for name in ("offer_id", "reservation_id")] == ["", ""]
    assert trigger["reservation_expires_at_ms"] == 0
    reserved = oracle.customers["acme|c0"]["contacts"][0]["reserved"]
    assert list(reserved.values()) == [reservation(), "", 0, 0, 3, False]


def test_oracle_counts_units_without_a_budget() -> None:
    """3.15: costs are 0 where they were taken from no budget."""
    oracle = gifted(policy=WORTH | {"budget_minor": 0})

    assert kept(oracle) == (1, 0)
    reserved = oracle.customers["acme|c0"]["contacts"][0]["reserved"]
    assert [reserved["unit_cost_minor"], reserved["contact_cost_minor"]] == [0, 0]
    assert kept(gifted(FAILED, policy=WORTH | {"budget_minor": 0, "fallbacks": []})) == (1, 0)


@pytest.mark.parametrize("kept_back", ["control", "holdout", "shadow"])
def test_oracle_reserves_nothing_for_who_is_kept_back(kept_back: str) -> None:
    """3.15, E2, T7: control, holdout and shadow take no unit and spend nothing."""
    experiment = {"salt": "s", "control_bp": 10_000, "arms": []}
    policy = WORTH | ({"experiment": experiment} if kept_back == "control" else {})
    said_ = {"event_type": "tenant.configured", "time_zone": "UTC", "live_from_ms": 0}
    said_ |= {"holdout": {"holdout_bp": 10_000}, "shadow": {"live_from_ms": DECIDED + 1}}.get(
        kept_back, {}
    )
    told_ = envelope(DECIDED - 9_000, "", "control t1", said_)
    records = nudged(policy, DEAR)
    oracle = PartitionOracle()
    for one in (*records[:-1], told_, records[-1]):
        oracle.see(one)

    wanted = {"control": "control CONTROL", "holdout": "held_out HOLDOUT", "shadow": "shadow"}
    assert said(oracle) == [wanted[kept_back]]
    assert (grants(oracle), kept(oracle)) == ([], (0, 0))


def test_oracle_promises_the_last_unit_once() -> None:
    """3.15: the second step finds none; a version with one more brings one; lower is stale."""
    more = defined("o2", version=2, inventory_count=2)
    stale = defined("o3", version=1, inventory_count=9)
    bounded = defined(inventory_count=1)
    second = second_step()

    assert said(gifted(second, policy=GIFT | _free(), offer=bounded)) == [
        *("sms", "sent", "suppressed NO_INVENTORY"),
    ]
    oracle = gifted(more, stale, second, policy=GIFT | _free(), offer=bounded)
    assert said(oracle) == ["sms", "sent", "sms", "sent"]
    assert [one["offer_version"] for one in grants(oracle)] == [1, 2]
    assert kept(oracle)[0] == 2
    assert oracle.counts["control|acme|STALE_VERSION"] == 1


def _free() -> Facts:
    """Return a contact that costs nothing, so that none is not worth it."""
    return {"contact_cost_minor": 0}


def test_oracle_knows_sixty_four_offers() -> None:
    """3.7: another is STATE_FULL; a new version of one of them is not."""
    many = [defined(f"o{n}", id=f"gift{n}") for n in range(65)]
    newer = defined("o99", id="gift0", version=2)
    oracle = PartitionOracle()
    for one in (*many, newer):
        oracle.see(one)

    assert oracle.counts["control|acme|offer.defined"] == 65
    assert oracle.counts["control|acme|STATE_FULL"] == 1
    assert oracle.published["offer", "acme", "gift0"][0]["version"] == 2
    assert ("offer", "acme", "gift64") not in oracle.published


def test_oracle_spends_over_all_versions_of_a_campaign() -> None:
    """3.15: another version of the campaign goes on with what was spent."""
    newer = WORTH | {"version": 2, "budget_minor": 19}
    second = second_step()
    oracle = gifted(published(newer, "p2"), second, policy=WORTH)

    assert said(oracle)[-1] == "suppressed NO_BUDGET"
    saw = decisions(oracle)[-1]["gates"][-1]["saw"]
    assert saw == {"left_count": 9, "left_minor": 9, "cost_minor": 10}
