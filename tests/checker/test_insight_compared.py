"""The second opinion on whom an effect compares, by hand: docs/insight.md 3."""

from math import log

import pytest

from tests.checker.insight_by_hand import folded, opened
from tests.checker.insight_campaign import series_fed
from tests.checker.insight_row import effect_row


THREE = {"control": 100_000, "a": 300_000, "default": 600_000}


@pytest.mark.parametrize(
    ("campaign", "shares", "arm", "fed"),
    [
        ("n", THREE, "control", [("a", 250_000, "control"), ("default", 142_857, "control")]),
        ("n", THREE, "a", [("a", 250_000, "contact")]),
        ("n", THREE, "holdout", []),
        ("n", THREE, "unknown", []),
        ("n", {"default": 1_000_000}, "holdout", []),
        ("n", {"default": 1_000_000}, "default", []),
        ("n", {"default": 1_000_000}, "control", []),
        ("", {"default": 1_000_000}, "holdout", [("default", 50_000, "control")]),
        ("", {"default": 1_000_000}, "default", [("default", 50_000, "contact")]),
        ("", {"default": 1_000_000}, "control", []),
    ],
)
def test_who_feeds_which_series(
    campaign: str, shares: dict[str, int], arm: str, fed: list[tuple[str, int, str]]
) -> None:
    """Section 3: a campaign's own control, of the tenant itself the holdout, here a twentieth."""
    record = {"campaign_id": campaign, "arm": arm, "holdout_ppm": 50_000}

    assert series_fed({"shares_ppm": shares}, record) == fed


def test_sample_ratio_of_a_campaign_counts_who_is_first_of_its_own() -> None:
    """Section 3: one of an arm of 800,000 wins nothing; who is held out is of none of its arms."""
    shown = (opened("1"), opened("2", "holdout"), opened("3", is_first=False), opened("4"))
    told = [(ce_type, said | {"holdout_ppm": 50_000}) for ce_type, said in shown]
    oracle = folded(*told)
    (version,) = effect_row(oracle.campaigns["acme", "nudge"])["versions"].values()
    ratios = version["ratios"]
    log_e = log(8_001 / 10_001 / 0.8)

    assert [*ratios] == [0]
    assert ratios[0] == pytest.approx([0, 2, log_e, log_e], rel=1e-9)


def test_sample_ratio_of_the_tenant_counts_the_holdout_and_the_rest() -> None:
    """Section 3: 950,000 ppm are not held out; the second, who is, was thought likely by 500."""
    shown = (opened("1", campaign_id=""), opened("2", "holdout", campaign_id=""))
    told = [(ce_type, said | {"holdout_ppm": 50_000}) for ce_type, said in shown]
    (kept,) = folded(*told).campaigns["acme", ""]["versions"][1]["ratios"].items()

    assert kept[0] == 50_000
    assert kept[1]["counts"] == {"holdout": 1, "default": 1}
    assert kept[1]["evidence"] == pytest.approx([log(500 / 10_001 / 0.05), 0.0], rel=1e-9)
