"""Keep who is due by which clock, as one sorted list for each: core.md §3.3, §3.12 (T4, T8)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from tests.checker.identity import Facts
from tests.checker.oracle_entry import ripe_steps
from tests.checker.oracle_exposures import next_due


AFTER_EVERY_KEY = "\uffff"


def wait_for_steps(tenant: Facts, key: str, journeys: Iterable[Facts]) -> None:
    """Note when the steps of a customer's journeys are due."""
    for journey in journeys:
        for _, due_at, is_deferred in journey["due"]:
            clock = "now" if is_deferred else journey["waits_on"]
            _put(tenant["due"][clock], (due_at, key))


def wait_for_exposures(tenant: Facts, key: str, exposures: Iterable[Facts]) -> None:
    """Note when the watermark next has something to tell of a customer's exposures."""
    for due_at in map(next_due, exposures):
        if due_at is not None:
            _put(tenant["due"]["watermark"], (due_at, key))


def _put(waiting: list[tuple[int, str]], one: tuple[int, str]) -> None:
    place = bisect_left(waiting, one)
    if waiting[place : place + 1] != [one]:
        waiting.insert(place, one)


def keys_due(tenant: Facts) -> set[str]:
    """Take out of the lists whoever the clocks have reached."""
    keys = set()
    for clock, due in tenant["due"].items():
        end = bisect_right(due, (tenant[clock], AFTER_EVERY_KEY))
        keys |= {key for _, key in due[:end]}
        del due[:end]
    return keys


def earliest_due(tenant: Facts, customer: Facts) -> int | None:
    """Return the earliest of what is due of a customer now, None where nothing is."""
    ripe = [step[1] for _, _, step in ripe_steps(tenant, customer)]
    dues = map(next_due, customer["exposures"])
    ripe += [at for at in dues if at is not None and at <= tenant["watermark"]]
    return min(ripe, default=None)
