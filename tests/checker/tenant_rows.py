"""Compare what rows of tenants say of effects and guardrails: core.md §3.7, §3.17."""

from collections.abc import Mapping

import msgspec

from tests.checker.identity import Facts
from tests.checker.report import Report


FIRST = 15
"""Place in the row of the first of these fields: what is before them is what outputs show."""

NOTHING = ["", 0, False, [], {}]
"""Currency, money that counts, whether statistics are joined, campaigns held, trips heard."""


def effects_of(tenant: Facts) -> list[object]:
    """Return the fields as a row must have them."""
    cap_minor, currency = tenant["money"]
    return [currency, cap_minor, tenant["pools"], sorted(tenant["held"]), tenant["trips"]]


def compare_tenants(
    wanted: Mapping[str, list[object]], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the fields; a row that is not there, or is older than they are, says nothing.

    Args:
        wanted: by row key `#tenant|partition|tenant`.
        rows: the last values of the changelog's such keys.
        report: takes STATE_DIFF.
    """
    for key in sorted(wanted.keys() | rows.keys()):
        said = msgspec.msgpack.decode(rows[key])[FIRST:] if key in rows else []
        found = [*said, *NOTHING[len(said) :]][: len(NOTHING)]
        found[3] = sorted(found[3])
        if found != wanted.get(key, NOTHING):
            report.find("STATE_DIFF", f"{key}: wanted {wanted.get(key, NOTHING)}, found {found}")
