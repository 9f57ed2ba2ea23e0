"""Learn how each bank's customers spend, one after the other: docs/learning.md §7."""

import hashlib
from collections.abc import Iterable, Mapping
from math import floor, log2
from typing import Any

import msgspec

from tests.checker.identity import Facts, prefixed
from tests.checker.oracle_recent import SCENES
from tests.checker.report import Report


OBSERVED = "customer.observed.v1"
BIN_COUNT = 400
KEPT = 0.9995
CURRENCIES_MAX = 4
FIRST_COUNT = 200
EVERY_COUNT = 500
DAY_MS = 86_400_000
QUANTILES = (0.5, 0.8, 0.95)
CENTRE_COUNT = 4
ROUND_COUNT = 10
COUNT_MAX = 5_000
MILLION = 10**6

Point = list[float]
"""A share of each scene, in their order."""


def new_segments() -> Facts:
    """Return a bank of whose customers nothing is known."""
    return {"tiers": {}, "kept": [], "centres": [], "sequence": 0, "published_at": 0, "since": 0}


def learn(segments: Facts, seen: Facts) -> None:
    """Let one customer count."""
    tiers, currency = segments["tiers"], seen["currency"]
    if currency in tiers or len(tiers) < CURRENCIES_MAX:
        mine = tiers.setdefault(currency, {"bins": [0.0] * BIN_COUNT, "count": 0})
        mine["bins"] = [weight * KEPT for weight in mine["bins"]]
        mine["bins"][bin_of(seen["spend_minor"])] += 1
        mine["count"] += 1
    x = [seen["scene_share_ppm"].get(label, 0) / MILLION for label, _ in SCENES]
    if segments["centres"]:
        _move(segments["centres"], x)
    else:
        segments["kept"].append(x)
        if len(segments["kept"]) == FIRST_COUNT:
            segments["centres"] = begun(seen["tenant"], segments["kept"])
            segments["kept"] = []
    segments["since"] += 1


def bin_of(spend_minor: int) -> int:
    """Return the bin of what was spent."""
    return min(BIN_COUNT - 1, 1 + floor(8 * log2(spend_minor))) if spend_minor else 0


def edge(bins: list[float], q: float) -> int:
    """Return the greatest amount of the first bin up to which a share of all is reached."""
    total, reached = sum(bins), 0.0
    for b, weight in enumerate(bins):
        reached += weight
        if reached >= q * total:
            return greatest_of(b)
    return greatest_of(BIN_COUNT - 1)


def greatest_of(b: int) -> int:
    """Return the greatest amount that is in a bin, or in any before."""
    power: float = 2 ** (b / 8)
    return -floor(-power) - 1 if b else 0


def begun(tenant: str, points: list[Point]) -> list[Facts]:
    """Return the centres that the first customers make, each with its name and how many it has."""
    centres = _seeded(tenant, points)
    for _ in range(ROUND_COUNT):
        owned = _owned(centres, points)
        centres = [mean(own) if own else c for own, c in zip(owned, centres, strict=True)]
    counts = [len(own) for own in _owned(centres, points)]
    named = _names(centres, counts, mean(points))
    return [
        {"name": name, "at": [*at], "n": n}
        for name, at, n in zip(named, centres, counts, strict=True)
    ]


def apart(one: Point, other: Point) -> float:
    """Return the squared distance."""
    far = 0.0
    for a, b in zip(one, other, strict=True):
        far += (a - b) * (a - b)
    return far


def nearest(centres: list[Point], x: Point) -> int:
    """Return the place of the nearest centre, of equals the first."""
    distances = [apart(centre, x) for centre in centres]
    return distances.index(min(distances))


def mean(points: list[Point]) -> Point:
    """Return the middle of some."""
    return [sum(x[place] for x in points) / len(points) for place in range(len(SCENES))]


def draw(tenant: str, k: int) -> int:
    """Return u_k."""
    digest = hashlib.sha256(prefixed(tenant, "segments", str(k))).digest()
    return int.from_bytes(digest[:8], "big")


def _seeded(tenant: str, points: list[Point]) -> list[Point]:
    centres = [points[draw(tenant, 0) % FIRST_COUNT]]
    while len(centres) < CENTRE_COUNT:
        u = draw(tenant, len(centres))
        distances = [min(apart(centre, x) for centre in centres) for x in points]
        total = sum(distances)
        centres.append(points[_fallen(distances, u * total / 2**64) if total else u % FIRST_COUNT])
    return centres


def _fallen(distances: list[float], bar: float) -> int:
    """Return the first place up to which the distances are above a bar, else the last."""
    reached = 0.0
    for place, distance in enumerate(distances):
        reached += distance
        if reached > bar:
            return place
    return len(distances) - 1


def _owned(centres: list[Point], points: list[Point]) -> list[list[Point]]:
    """Return the points of each centre."""
    owned: list[list[Point]] = [[] for _ in centres]
    for x in points:
        owned[nearest(centres, x)].append(x)
    return owned


def _names(centres: list[Point], counts: list[int], middle: Point) -> list[str]:
    """Return what centres are called: by the scene in which each stands out, largest first."""
    names = [""] * len(centres)
    for place in sorted(range(len(centres)), key=lambda at: (-counts[at], at)):
        above = [a - b for a, b in zip(centres[place], middle, strict=True)]
        label, number = SCENES[above.index(max(above))][0], 1
        name = label
        while name in names:
            number += 1
            name = f"{label}_{number}"
        names[place] = name
    return names


def _move(centres: list[Facts], x: Point) -> None:
    one = centres[nearest([centre["at"] for centre in centres], x)]
    one["n"] = min(one["n"] + 1, COUNT_MAX)
    one["at"] = [c + (share - c) / one["n"] for c, share in zip(one["at"], x, strict=True)]


def published(segments: Facts, seen: Facts) -> Facts | None:
    """Return what is published after a customer was learnt, None where it is not time yet."""
    at = seen["observed_at_ms"]
    is_time = segments["since"] >= EVERY_COUNT or at >= segments["published_at"] + DAY_MS
    if not (is_time if segments["sequence"] else segments["since"] == FIRST_COUNT):
        return None
    segments |= {"sequence": segments["sequence"] + 1, "published_at": at, "since": 0}
    return {
        "event_type": "segments.published",
        "sequence": segments["sequence"],
        "edges_minor": {
            currency: [edge(one["bins"], q) for q in QUANTILES]
            for currency, one in segments["tiers"].items()
            if one["count"] >= FIRST_COUNT
        },
        "clusters": {one["name"]: _shares_ppm(one["at"]) for one in segments["centres"]},
    }


def _shares_ppm(at: Point) -> dict[str, int]:
    shares = {label: floor(c * MILLION) for (label, _), c in zip(SCENES, at, strict=True)}
    return {label: ppm for label, ppm in shares.items() if ppm}


def row_of_segments(segments: Facts) -> list[Any]:
    """Return what a bank's row must say."""
    tiers = {name: [one["bins"], one["count"]] for name, one in segments["tiers"].items()}
    centres = [[one["name"], one["at"], one["n"]] for one in segments["centres"]]
    rest = [segments[name] for name in ("sequence", "published_at", "since")]
    return [tiers, [segments["kept"], centres], *rest]


def compare_segments(
    wanted: Iterable[tuple[str, Facts]], rows: Mapping[str, bytes], report: Report
) -> None:
    """
    Compare the rows of what is known of how banks' customers spend, to the last bit.

    Args:
        wanted: by tenant.
        rows: last values of the changelog; those of keys `#segments|tenant` are looked at.
        report: takes STATE_DIFF.
    """
    called = {f"#segments|{tenant}": row_of_segments(one) for tenant, one in wanted}
    found = {
        key: msgspec.msgpack.decode(value)
        for key, value in rows.items()
        if key.startswith("#segments|")
    }
    for key in sorted(called.keys() | found.keys()):
        if (one := called.get(key, "no row")) != (other := found.get(key, "no row")):
            report.find("STATE_DIFF", f"{key}: wanted {one}, found {other}")
