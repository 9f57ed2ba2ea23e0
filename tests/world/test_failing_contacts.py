"""Contacts that fail while all that binds them changes: house and checker agree on what follows."""

from collections import Counter

from tests.world.both_folds import both_fold
from tests.world.failing_contacts import FailingContacts


FOLLOWED = {
    *("sent", "suppressed OPTED_OUT", "suppressed NO_CONSENT", "suppressed NO_TEMPLATE"),
    *("suppressed KILL_SWITCH", "suppressed CAP_CHANNEL", "suppressed HOLDOUT"),
}
"""What must have become of some fallback, or the journals show too little."""


def test_house_and_checker_agree_on_what_follows_a_failure(*, full: bool) -> None:
    """C2, C3: the same fallbacks, reservations and rows, whatever changes before the receipt."""
    followed: Counter[str] = Counter()
    for seed in range(1_000 if full else 60):
        both = both_fold(seed, 300, FailingContacts)
        assert both.report.passed, f"seed {seed}\n{both.report}"
        followed += both.followed
    assert set(followed) >= FOLLOWED
