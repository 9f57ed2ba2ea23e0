"""The house and its checker, written by two hands from docs/core.md, come to the same bytes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.demo.bank import Bank, BankRecord, generate, side_by_side
from lifecycle.fold import LifecycleFold
from schemas.records import Applied
from tests.checker.campaign_files import read_campaigns
from tests.checker.check import Names, check
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.oracle import PartitionOracle
from tests.checker.report import Report
from tests.checker.verdict import ActualOutput, compare_counts, compare_outputs, compare_rows
from tests.world.chaos import START, Chaos
from tests.world.folded_world import FoldedWorld


CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
HOUR = 3_600_000
DAY = 24 * HOUR
SHORT_NAMES = {
    "marketing.triggers.sms.v1": "sms",
    "marketing.triggers.push.v1": "push",
    "lifecycle.decisions.v1": "decisions",
}
OUTCOMES = {
    *("sent", "shadow", "invalidated LATE_TRUTH", "cap_overrun DELIVERED_AFTER_RELEASE"),
    *(
        f"suppressed {reason}"
        for reason in (
            *("NO_CONSENT", "OPTED_OUT", "CAP_CAMPAIGN", "CAP_GLOBAL", "NOT_APPLICABLE"),
            *("LOST_ARBITRATION", "KILL_SWITCH", "TENANT_PAUSED"),
        )
    ),
}
"""Everything that can become of a candidate."""


def both_fold(seed: int, count: int) -> tuple[Report, Counter[str]]:
    """Give one chaotic journal partition to both, and return what differs and what came out."""
    chaos, oracle, fold = Chaos(seed), PartitionOracle(), LifecycleFold(0, 1)
    fold.open([("lifecycle.journal.v1", 0)])
    actual: dict[str, list[LogRecord]] = {name: [] for name in SHORT_NAMES.values()}
    rows: dict[str, bytes] = {}
    for offset, envelope in enumerate(chaos.envelopes(count)):
        value = json.dumps(envelope).encode()
        oracle.see(json.loads(value))
        record = LogRecord("lifecycle.journal.v1", 0, offset, 0, b"", value)
        while fold.apply(record) is Applied.AGAIN:
            pass
        fold.close_slice(())
        drained = fold.drain()
        rows |= {row.key.decode(): row.value or b"" for row in drained.rows}
        for output in drained.outputs:
            records = actual[SHORT_NAMES[output.topic]]
            at = len(records)
            records.append(
                LogRecord(output.topic, 0, at, 0, output.key, output.value, tuple(output.headers))
            )
            if output.topic != "lifecycle.decisions.v1":
                tenant, token = (output.key or b"").decode().split("|")
                trigger_id = json.loads(output.value or b"")["trigger_id"]
                chaos.sent.append((tenant, token, trigger_id))
    report = Report()
    ids = {"decisions": "decision_id"}
    outputs = {n: ActualOutput(ids.get(n, "trigger_id"), r) for n, r in actual.items()}
    compare_outputs({0: oracle.expected}, outputs, report)
    customers = {key: value for key, value in rows.items() if not key.startswith("#")}
    compare_rows({key: (0, one) for key, one in oracle.customers.items()}, customers, report)
    compare_counts("journal[0]", oracle.counts, msgspec.msgpack.decode(rows["#counts|0"]), report)
    decided = (json.loads(record.value or b"") for record in actual["decisions"])
    return report, Counter(f"{one['verdict']} {one['reason_code']}".strip() for one in decided)


def test_house_and_checker_agree_on_chaos(*, full: bool) -> None:
    """I2, B1: same triggers, decisions, rows and counts of journals that no bank would write."""
    outcomes: Counter[str] = Counter()
    for seed in range(500 if full else 15):
        report, counts = both_fold(seed, 1_000)
        assert report.passed, f"seed {seed}\n{report}"
        outcomes += counts

    assert set(outcomes) == OUTCOMES


def policies(tenant: str) -> list[BankRecord]:
    """Return the published campaigns of the repository, as a control plane sends them."""
    records = []
    for (name, version), policy in read_campaigns(CAMPAIGNS).items():
        body: dict[str, Any] = {
            "id": f"policy-{name}-{version}",
            "type": "policy.published",
            "occurred_at": "2023-11-14T22:13:20Z",
            "tenant": tenant,
            "campaign": {**policy, "tenant": tenant},
            "policy_hash": f"hash-of-{name}",
        }
        value = json.dumps(body).encode()
        records.append(BankRecord("marketing.control.v1", b"", value, (), START, START))
    return records


def folded(*tenants: str, seed: int = 3) -> tuple[dict[str, Topic], list[Bank]]:
    """Return what the three folds make of banks of one seed, which share every name."""
    world = FoldedWorld(("bank", "evil"))
    banks = [generate(seed, 150, 120, tenant, START + 1_000) for tenant in tenants]
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
    assert all(report.seen[f"{name} outputs"] > 10 for name in SHORT_NAMES.values())
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

    def ours(topics: dict[str, Topic]) -> Counter[tuple[str, bytes | None, bytes | None]]:
        records = (r for name in SHORT_NAMES for part in topics[name] for r in part)
        return Counter(
            (r.topic, r.key, r.value) for r in records if (r.key or b"").startswith(b"bank|")
        )

    assert ours(alone) == ours(beside)
    assert ours(alone).total() > 100
