"""Banks whose contacts fail, with gifts and money for a few: house and checker agree on them."""

import json
from collections import Counter
from functools import cache
from typing import Any

import msgspec
import pytest

from cli.demo.bank import BankRecord, generate, side_by_side
from cli.policy_file import read_policy
from schemas.codec import to_builtins
from tests.checker.check import OUTPUTS, Names, check
from tests.checker.log_reader import Topic
from tests.checker.report import Report
from tests.world.answering import BUDGET_MINOR, INVENTORY, AnsweredWorld, controls, spoken
from tests.world.chaos import START
from tests.world.test_second_opinion import CAMPAIGNS, DAY, HOUR


TENANTS = ("bank", "evil")
LIVE = "2023-11-14T22:13:20Z"


def policies(tenant: str) -> list[BankRecord]:
    """Return the published campaigns, each with fallbacks, marketing with a gift."""
    live = {"id": "live", "type": "tenant.configured", "occurred_at": LIVE, "tenant": tenant}
    told: list[dict[str, Any]] = [live | {"time_zone": "UTC"}]
    for file in sorted(CAMPAIGNS.glob("*.yaml")):
        campaign = spoken(to_builtins(read_policy(file, tenant=tenant)))
        about = {"id": f"policy-{campaign['id']}", "type": "policy.published"}
        hashed = {"policy_hash": f"hash-of-{campaign['id']}", "campaign": campaign}
        told.append(live | about | hashed)
    return [
        BankRecord("marketing.control.v1", b"", json.dumps(one).encode(), (), START, START)
        for one in told
    ]


@cache
def answered(seed: int) -> tuple[dict[str, Topic], Report]:
    """Return what comes of two banks of one seed, and what the checker says of it."""
    world = AnsweredWorld(TENANTS)
    for tenant in TENANTS:
        world.play([*controls(tenant, START, LIVE), *policies(tenant)], 1_000)
    banks = [generate(seed, 80, 60, tenant, START + 1_000) for tenant in TENANTS]
    world.play(side_by_side(*banks), 6 * HOUR)
    for day in (61, 62, 63):
        world.settle(START + day * DAY)
    world.rest(START + 64 * DAY)
    return world.topics, check(world.topics, Names(), None)


def decided(topics: dict[str, Topic]) -> list[dict[str, Any]]:
    """Return every candidate of every decision."""
    records = (record for part in topics["lifecycle.decisions.v1"] for record in part)
    decisions = (msgspec.json.decode(record.value or b"{}") for record in records)
    return [one | {"tenant": said["tenant"]} for said in decisions for one in said["candidates"]]


@pytest.mark.parametrize("seed", [5, 6])
def test_house_and_checker_agree_on_banks_that_are_answered(seed: int) -> None:
    """C2, C3: from source records to rows of stock, nothing is found over three partitions."""
    _, report = answered(seed)

    assert report.passed, str(report)
    for name in ("sms", "push", "decisions", "offers", "outcomes"):
        assert report.seen[f"{name} outputs"] > 10, name


def test_contacts_that_failed_go_on_in_another_channel() -> None:
    """C2: after failed, rejected and refused, by push; never by email, which nobody approved."""
    topics, _ = answered(5)
    follow = Counter((one["verdict"], one["channel"]) for one in decided(topics) if one["follows"])

    assert follow["sent", "push"] > 10
    assert not any(topics[OUTPUTS["email"]])
    reasons = {one["reason_code"] for one in decided(topics) if one["follows"]}
    assert "NO_TEMPLATE" in reasons


def test_gifts_and_money_run_out_and_come_back() -> None:
    """C3: some find none left, some get what others were refused; never more than there is."""
    topics, _ = answered(5)
    reasons = Counter(one["reason_code"] for one in decided(topics))
    asked = [
        msgspec.json.decode(record.value or b"{}")
        for part in topics[OUTPUTS["offers"]]
        for record in part
    ]

    assert reasons["NO_INVENTORY"] > 0
    assert reasons["NO_BUDGET"] > 0
    by_tenant = Counter(one["tenant"] for one in asked)
    assert max(by_tenant.values()) > INVENTORY
    assert 6 * max(by_tenant.values()) > BUDGET_MINOR
