"""The house and its checker, written by two hands from docs/core.md, come to the same bytes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from cli.demo.bank import Bank, BankRecord, generate, side_by_side
from cli.policy_file import read_policy
from schemas.codec import to_builtins
from schemas.decisions import CancelReason, PropensityFrom
from schemas.outcomes import OutcomeReason
from schemas.rejects import RejectReason
from tests.checker.catalogue import OF_TENANTS, forms
from tests.checker.check import Names, check
from tests.checker.log_reader import Topic
from tests.world import chaos_sources
from tests.world.both_folds import SHORT_NAMES, both_fold
from tests.world.chaos import START
from tests.world.chaos_policies import NAMES
from tests.world.folded_world import FoldedWorld


CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
HOUR = 3_600_000
DAY = 24 * HOUR
OUTCOMES = {
    *("deferred QUIET_HOURS", "held_out HOLDOUT", "control CONTROL"),
    *("sent", "shadow", "invalidated LATE_TRUTH", "cap_overrun DELIVERED_AFTER_RELEASE"),
    *(
        f"suppressed {reason}"
        for reason in (
            *("NO_CONSENT", "OPTED_OUT", "CAP_CAMPAIGN", "CAP_GLOBAL", "NOT_APPLICABLE"),
            *("LOST_ARBITRATION", "KILL_SWITCH", "TENANT_PAUSED", "NOT_ELIGIBLE"),
            "GUARDRAIL_STOP",
            *("RISK_FLAG", "OPEN_CASE", "OVERDUE", "PERSONALISATION_OFF"),
            *("NOT_SUITABLE", "RULE_ERROR", "ZONE_UNKNOWN", "COOL_DOWN", "EXCLUSION"),
            *("CAP_CHANNEL", "CAP_PURPOSE", "CAP_CLASS", "QUIET_HOURS"),
            *("NO_TEMPLATE", "VARIABLE_MISSING", "NO_INVENTORY", "NO_BUDGET", "NOT_WORTH"),
        )
    ),
}
"""Everything that can become of a candidate."""

RARE = {
    *("held_out HOLDOUT", "suppressed QUIET_HOURS", "suppressed EXCLUSION", "suppressed COOL_DOWN"),
    *(
        "suppressed CAP_CAMPAIGN",
        "suppressed RULE_ERROR",
        "suppressed CAP_CLASS",
        "suppressed CAP_PURPOSE",
    ),
}
"""What a few journals may be without; five hundred may be without an exclusion only."""

IGNORED = {
    *("DUPLICATE", "ID_CONFLICT", "ERASED", "NOT_SUPPORTED", "NO_CONSENT"),
    *("LATE_FOR_COUNTERS", "UNKNOWN_TRIGGER", "STATE_FULL"),
}
"""Every reason for which a customer's event is ignored."""

FATES = {
    "exposure": {"sent", "control", "held_out", "assigned"},
    "settled": {"0", "1", "null"},
    "objected": {"opt_out", "complaint", "failure"},
    "outcome": set(get_args(OutcomeReason)),
    "cancelled": set(get_args(CancelReason)),
}
"""Who is measured, what may come of it, who objects, and why a trigger is taken back."""

RARE_FATES = {
    *("evicted", "null", "held_out", "NO_CONSENT", "LATE_TRUTH", "RISK_FLAG", "NOT_ELIGIBLE"),
    "NO_INVENTORY",
}
"""Likewise; each is worked out by hand in `test_oracle_outcomes` or `test_oracle_given_back`."""


def test_house_and_checker_agree_on_chaos(*, full: bool) -> None:
    """I2, B1, B5: same triggers, decisions, rows and counts of journals no bank would write."""
    outcomes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    ranked: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    for seed in range(500 if full else 32):
        both = both_fold(seed, 1_000)
        assert both.report.passed, f"seed {seed}\n{both.report}"
        outcomes += both.outcomes
        counts += both.counts
        ranked += both.ranked
        chosen += both.chosen

    assert set(ranked) == set(get_args(PropensityFrom))
    drawn = [name.split(" ", 2) for name in chosen]
    became = {one for allowed, _, one in drawn if allowed in {"2", "3", "4"}}
    assert {"sent", "suppressed LOST_ARBITRATION"} <= became
    names = [name.split("|") for name in counts]
    assert {name[2] for name in names if name[0] == "decision" and name[3] == "sent"} >= set(NAMES)
    customers_events = forms().keys() - OF_TENANTS
    assert OUTCOMES - ({"suppressed EXCLUSION"} if full else RARE) <= set(outcomes) <= OUTCOMES
    assert {name[2] for name in names if name[0] == "ignored"} == IGNORED
    assert "rule_error" in {name[0] for name in names}
    for kind, fates in FATES.items():
        seen = {name[3] for name in names if name[0] == kind}
        assert fates - (set() if full else RARE_FATES) <= seen <= fates
    assert {name[2] for name in names if name[0] == "applied"} == customers_events - {
        "identity.merged"
    }


def test_house_and_checker_judge_spoilt_sources_alike(*, full: bool) -> None:
    """I1: every record of any form is forwarded, or rejected for a reason that the page allows."""
    seen: Counter[str] = Counter()
    for seed in range(50 if full else 2):
        world = FoldedWorld(chaos_sources.TENANTS)
        world.play(chaos_sources.Sources(seed).records(3_000), 5_000)
        world.settle(START + DAY)
        report = check(world.topics, Names(tenants=frozenset(chaos_sources.TENANTS)), None)
        assert report.passed, f"seed {seed}\n{report}"
        seen += report.seen

    reasons = {name.split(" ")[1] for name in seen if name.startswith("rejected ")}
    assert reasons == set(get_args(RejectReason))
    assert seen["journal records"] > 500


def policies(tenant: str) -> list[BankRecord]:
    """Return the published campaigns, as a control plane sends them."""
    live = {"id": "live", "type": "tenant.configured", "occurred_at": "2023-11-14T22:13:20Z"}
    value = json.dumps({**live, "tenant": tenant, "time_zone": "UTC"}).encode()
    records = [BankRecord("marketing.control.v1", b"", value, (), START, START)]
    for file in sorted(CAMPAIGNS.glob("*.yaml")):
        campaign = read_policy(file, tenant=tenant)
        body: dict[str, Any] = {
            "id": f"policy-{campaign.id}",
            "type": "policy.published",
            "occurred_at": "2023-11-14T22:13:20Z",
            "tenant": tenant,
            "campaign": to_builtins(campaign),
            "policy_hash": f"hash-of-{campaign.id}",
        }
        value = json.dumps(body).encode()
        records.append(BankRecord("marketing.control.v1", b"", value, (), START, START))
    return records


def folded(
    *tenants: str, seed: int = 3, customer_count: int = 150
) -> tuple[dict[str, Topic], list[Bank]]:
    """Return what the three folds make of banks of one seed, which share every name."""
    world = FoldedWorld(("bank", "evil"))
    banks = [generate(seed, customer_count, 120, tenant, START + 1_000) for tenant in tenants]
    world.play([record for tenant in tenants for record in policies(tenant)], 1_000)
    world.play(side_by_side(*banks), 6 * HOUR)
    world.settle(START + 400 * DAY)
    return world.topics, banks


@pytest.mark.parametrize("seed", [3, 4])
def test_house_and_checker_agree_on_banks(seed: int) -> None:
    """I1, I2, T3: from source records to rows, nothing is found and all is accounted for."""
    topics, banks = folded("bank", "evil", seed=seed)

    report = check(topics, Names(), CAMPAIGNS)

    assert report.passed, str(report)
    promised: Counter[str] = Counter()
    for bank in banks:
        promised += Counter({f"rejected {r}": n for r, n in bank.rejected_counts.items()})
    assert {n: c for n, c in report.seen.items() if n.startswith("rejected")} == promised
    for name in ("sms", "push", "decisions", "outcomes"):
        assert report.seen[f"{name} outputs"] > 10, name
    duplicate_count = sum(bank.duplicate_count for bank in banks)
    assert duplicate_count == ignored(topics, "DUPLICATE") > 10


def ignored(topics: dict[str, Topic], reason: str) -> int:
    """Return how many records the lifecycle ignored for a reason, by its own counts rows."""
    last: dict[bytes, bytes] = {}
    for records in topics["lifecycle.state.v1"]:
        last |= {record.key or b"": record.value or b"" for record in records}
    rows = [msgspec.msgpack.decode(v) for k, v in last.items() if k.startswith(b"#counts|")]
    return sum(n for row in rows for name, n in row.items() if name.endswith(f"|{reason}"))


def test_bank_decides_the_same_beside_a_hostile_neighbour() -> None:
    """N2: a tenant with the same customers, cards and event ids changes no byte of ours."""
    alone, _ = folded("bank")
    beside, _ = folded("bank", "evil")

    assert ours(alone) == ours(beside)
    assert ours(alone).total() > 100


@pytest.mark.parametrize("seed", range(20))
def test_small_bank_decides_the_same_beside_a_hostile_neighbour(seed: int) -> None:
    """N2: likewise, in twenty worlds."""
    alone, _ = folded("bank", seed=seed, customer_count=20)
    beside, _ = folded("bank", "evil", seed=seed, customer_count=20)

    assert ours(alone) == ours(beside)
    assert ours(alone).total() > 20


def ours(topics: dict[str, Topic]) -> Counter[tuple[str, bytes | None, bytes | None]]:
    """Return what came out for the customers of `bank`."""
    records = (r for name in SHORT_NAMES for part in topics[name] for r in part)
    return Counter(
        (r.topic, r.key, r.value) for r in records if (r.key or b"").startswith(b"bank|")
    )
