"""Ask the rules of entries and exits: core.md §3.11."""

from tests.checker.identity import Facts


def is_met(rule: Facts | None, _customer: Facts, _event: Facts, _now_ms: int) -> bool:
    """
    Return whether a rule is true of a customer as of now, after the event was taken.

    Rules have no second implementation here yet: a journal with any is not for this checker.
    """
    if rule is not None:
        raise NotImplementedError("wanted no rule at an entry or exit, found one")
    return True
