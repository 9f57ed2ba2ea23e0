"""A campaign that chooses while all that it goes by changes: house and checker choose alike."""

from collections import Counter

from tests.world.both_folds import both_fold
from tests.world.choosing_contacts import ChoosingContacts


ALLOWED = {"1", "2", "3", "4"}
"""How many options reach a customer."""

RANKED = {"base_rate", "counts", "evidence", "model", "uplift"}
CHOSEN = {
    *("sent", "deferred QUIET_HOURS", "control CONTROL", "held_out HOLDOUT"),
    *("suppressed NO_INVENTORY", "suppressed NOT_WORTH", "suppressed OPTED_OUT"),
    *("suppressed NO_TEMPLATE", "suppressed CAP_CHANNEL"),
}
"""What must have become of some candidate with an option, or the journals show too little."""

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

    drawn = [name.split(" ", 2) for name in chosen if not name.startswith("0 ")]
    assert {allowed for allowed, _, _ in drawn} == ALLOWED
    assert {ranked for _, ranked, _ in drawn} == RANKED
    assert {became for _, _, became in drawn} >= CHOSEN
    assert {name.split(" ", 2)[2] for name in chosen if name.startswith("0 ")} >= FALLEN
    assert counts["control|acme|choice.published"] > 100 < counts["control|acme|STALE_VERSION"]
