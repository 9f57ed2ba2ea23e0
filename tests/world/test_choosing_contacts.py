"""A campaign that chooses while all that it goes by changes: house and checker choose alike."""

from collections import Counter

from tests.world.both_folds import both_fold
from tests.world.choosing_contacts import ChoosingContacts


ALLOWED = {"1", "2", "3", "4"}
"""How many options every gate lets through."""

RANKED = {"base_rate", "counts", "evidence", "model", "uplift"}
CHOSEN = {"sent", "control CONTROL", "held_out HOLDOUT"}
"""What must have become of some candidate with an option, or the journals show too little."""

REFUSED = {
    *("deferred QUIET_HOURS", "suppressed NO_INVENTORY", "suppressed NOT_WORTH"),
    *("suppressed OPTED_OUT", "suppressed NO_TEMPLATE", "suppressed CAP_CHANNEL"),
}
"""Likewise of some candidate of whose options a gate left none."""

FALLEN = {"sent", "suppressed OPTED_OUT", "suppressed NO_TEMPLATE", "suppressed NO_CONSENT"}
"""What must have become of some fallback within an option: it has no chances."""


def test_house_and_checker_choose_alike(*, full: bool) -> None:
    """3.19: same options, chances, triggers, reservations, exposures, rows and counts."""
    chosen: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for seed in range(1_000 if full else 60):
        both = both_fold(seed, 300, ChoosingContacts)
        assert both.report.passed, f"seed {seed}\n{both.report}"
        chosen += both.chosen
        counts += both.counts

    told = [name.split(" ", 2) for name in chosen]
    drawn = [one for one in told if one[0] not in {"0", "after"}]
    assert {allowed for allowed, _, _ in drawn} == ALLOWED
    assert {ranked for _, ranked, _ in drawn} == RANKED
    assert {became for _, _, became in drawn} == CHOSEN
    assert {became for allowed, _, became in told if allowed == "0"} >= REFUSED
    assert {became for allowed, _, became in told if allowed == "after"} >= FALLEN
    assert counts["control|acme|choice.published"] > 100 < counts["control|acme|STALE_VERSION"]
