"""The checker's own opinion on signatures (P3)."""

import pytest

from tests.checker.identity import Facts
from tests.checker.oracle import PartitionOracle
from tests.checker.signed import is_base64, policy_hash
from tests.checker.tiny_world import BASE, CAMPAIGN, envelope


def outcomes(oracle: PartitionOracle) -> set[str]:
    """Return what became of control records."""
    return {name.split("|")[2] for name in oracle.counts if name.startswith("control|")}


@pytest.mark.parametrize("allowed", [True, False])
def test_unsigned_policy_counts_where_the_profile_allows_it(*, allowed: bool) -> None:
    """P3: without pinned keys, in development only."""
    oracle = PartitionOracle(unsigned_allowed=allowed)
    record = {"event_type": "policy.published", "campaign": CAMPAIGN, "policy_hash": "h1"}
    oracle.see(envelope(BASE, "", "control p1", record))

    assert {"policy.published" if allowed else "NOT_SIGNED"} == outcomes(oracle)


@pytest.mark.parametrize(
    ("value", "length", "wanted"),
    [
        ("AAAA", 3, True),
        ("AAA=", 2, True),
        ("AAB=", 2, False),  # a bit that no byte has
        ("AAA=\n", 2, False),
        ("AAA", 2, False),
        ("AAAA", 2, False),
        (7, 3, False),
    ],
)
def test_base64_has_one_form(value: object, length: int, *, wanted: bool) -> None:
    """Another way to write the same bytes is refused."""
    assert wanted == is_base64(value, length)


def test_policy_hash_leaves_out_what_defaults_say_at_every_depth() -> None:
    """3.7: bounds and money of a conversion spelled out, or not, are the same content."""
    lean = {"conversion": {"on": "txn.posted", "window_ms": 1}, "guardrails": {"harm": True}}
    money = {"value": "", "value_cap_minor": 0, "currency": ""}
    bounds = dict.fromkeys(("opt_out_ppm", "complaint_ppm", "failure_ppm"), 0)
    full: Facts = {
        "conversion": {**lean["conversion"], **money},
        "guardrails": {**bounds, "harm": True, "alpha_ppm": 10_000},
    }

    assert policy_hash(CAMPAIGN | lean) == policy_hash(CAMPAIGN | full | {"choice": None})
    other = full | {"guardrails": full["guardrails"] | {"alpha_ppm": 9_999}}
    assert policy_hash(CAMPAIGN | other) != policy_hash(CAMPAIGN | full)
    none = {"guardrails": None, "conversion": None}
    assert policy_hash(CAMPAIGN | none) != policy_hash(CAMPAIGN | none | {"guardrails": {}})
