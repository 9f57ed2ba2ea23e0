"""Count what options bring, one exposure after the other: docs/learning.md §6."""

from collections.abc import Mapping
from math import floor
from typing import Any

import msgspec

from tests.checker.identity import Facts
from tests.checker.report import Report


SETTLED = "exposure.settled.v1"
KEPT = 0.999
POOLED = 20
MILLION = 10**6
HOUR_MS = 3_600_000
EVERY_COUNT = 50


def is_counted(ce_type: str, record: Facts) -> bool:
    """Return whether a record says what an option without a model has brought."""
    if ce_type != SETTLED or not record.get("option") or record["model_id"]:
        return False
    return record["arm"] == "default" and record["label"] is not None


def new_choice() -> Facts:
    """Return a campaign none of whose options is known: by option [n, s], and what was told."""
    return {"counts": {}, "sequence": 0, "published_at": 0, "since": 0}


def count(choice: Facts, settled: Facts) -> None:
    """Let what was counted fade, and count one exposure more."""
    for both in choice["counts"].values():
        both[:] = [number * KEPT for number in both]
    mine = choice["counts"].setdefault(settled["option"], [0.0, 0.0])
    mine[0] += 1
    mine[1] += settled["label"]
    choice["since"] += 1


def published(choice: Facts, settled: Facts) -> Facts | None:
    """Return what is published after an exposure was counted, None where it is not time yet."""
    at = settled["settled_at_ms"]
    is_time = choice["since"] >= EVERY_COUNT or at >= choice["published_at"] + HOUR_MS
    if choice["sequence"] and not is_time:
        return None
    choice |= {"sequence": choice["sequence"] + 1, "published_at": at, "since": 0}
    said = {"campaign_id": settled["campaign_id"], "sequence": choice["sequence"]}
    return {"event_type": "choice.published", **said, "rates_ppm": rates_ppm(choice["counts"])}


def rates_ppm(counts: dict[str, list[float]]) -> dict[str, int]:
    """Return the rate of each option, drawn towards that of all."""
    n_sum, s_sum = (sum(both[place] for both in counts.values()) for place in (0, 1))
    pool = (s_sum + 1) / (n_sum + POOLED)
    rates = {option: (s + POOLED * pool) / (n + POOLED) for option, (n, s) in counts.items()}
    return {
        option: max(1, min(MILLION - 1, floor(rate * MILLION))) for option, rate in rates.items()
    }


def row_of_choice(choice: Facts) -> list[Any]:
    """Return what a campaign's row must say."""
    return [choice[name] for name in ("counts", "sequence", "published_at", "since")]


def compare_choices(
    wanted: Mapping[tuple[str, str], Facts], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the rows of campaigns that choose by counts; to the last bit, for sums are few.

    Args:
        wanted: by tenant and campaign.
        rows: last values of the changelog, of keys `#choice|tenant|campaign`.
        report: takes STATE_DIFF.
    """
    called = {f"#choice|{'|'.join(name)}": row_of_choice(one) for name, one in wanted.items()}
    found = {key: msgspec.msgpack.decode(value) for key, value in rows.items()}
    for key in sorted(called.keys() | found.keys()):
        if (one := called.get(key, "no row")) != (other := found.get(key, "no row")):
            report.find("STATE_DIFF", f"{key}: wanted {one}, found {other}")
