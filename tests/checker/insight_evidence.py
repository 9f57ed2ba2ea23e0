"""
Reckon what outcomes show, on plain dicts: docs/effect.md and what `lifecycle/effect` is after.

A second opinion: likelihoods in place of rates, ratios customer by customer in place of gammas,
halving in place of Newton.
"""

from math import ceil, exp, fsum, log, log1p
from typing import Any

from tests.checker.identity import Facts


MILLION = 1_000_000
POOL = (1.0, 20.0)
"""Conversions and customers that both arms together begin with."""

DRAWN = 200.0
BETS = [0.5**power for power in range(1, 11)]
ODDS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
PRIOR = 10_000
SIDES = ("control", "contact")
HALVINGS = 100


def p_ppm(evidence: list[float]) -> int:
    """Return the p-value of (log e, greatest log e), rounded up."""
    return max(1, ceil(exp(-evidence[1]) * MILLION))


def _at(evidence: list[float], log_e: float) -> list[float]:
    return [log_e, max(evidence[1], log_e)]


def nobody() -> Facts:
    """Return two arms of nobody."""
    return {"count": dict.fromkeys(SIDES, 0), "sum": dict.fromkeys(SIDES, 0.0)}


def guessed(arms: Facts) -> dict[str, float]:
    """Return what is guessed of the next customer of either arm."""
    pooled = (sum(arms["sum"].values()) + POOL[0]) / (sum(arms["count"].values()) + POOL[1])
    return {
        side: (arms["sum"][side] + DRAWN * pooled) / (arms["count"][side] + DRAWN) for side in SIDES
    }


def _count(arms: Facts, side: str, outcome: float) -> None:
    arms["count"][side] += 1
    arms["sum"][side] += outcome


def new_bets(control_ppm: int) -> Facts:
    """Return bets on who converts, none made yet."""
    names = ("uplift", "harm", "change")
    return {"control_ppm": control_ppm, **nobody(), **{name: [0.0, 0.0] for name in names}}


def bet(bets: Facts, side: str, label: int) -> None:
    """Bet on a customer: how likely they were as guessed of their arm, over that of either."""
    guess, share = guessed(bets), bets["control_ppm"] / MILLION
    likely = {name: guess[name] if label else 1.0 - guess[name] for name in SIDES}
    either = share * likely["control"] + (1.0 - share) * likely["contact"]
    won = log(likely[side] / either)
    for name in ("change", "uplift" if guess["contact"] >= guess["control"] else "harm"):
        bets[name] = _at(bets[name], bets[name][0] + won)
    _count(bets, side, label)


def new_difference(control_ppm: int, cap: int) -> Facts:
    """Return a difference nobody has been counted in; `cap` is what a customer counts at most."""
    made = {"control_ppm": control_ppm, "cap": cap, **nobody()}
    return made | {"total": 0.0, "squares": 0.0, "capped": 0}


def compare(found: Facts, side: str, value: int) -> None:
    """Count a customer in a difference."""
    outcome = min(value, found["cap"]) / found["cap"]
    guess, share = guessed(found), found["control_ppm"] / MILLION
    weight = -1.0 / share if side == "control" else 1.0 / (1.0 - share)
    surprise = (outcome - guess[side]) * weight
    found["total"] += guess["contact"] - guess["control"] + surprise
    found["squares"] += surprise**2
    found["capped"] += value > found["cap"]
    _count(found, side, outcome)


def interval(found: Facts) -> tuple[float, float, float]:
    """Return the estimate and what it is between, ever, but in one of twenty."""
    count, cap = sum(found["count"].values()), found["cap"]
    if count == 0:
        return 0.0, -float(cap), float(cap)
    scale = MILLION / min(found["control_ppm"], MILLION - found["control_ppm"])
    apart = _strayed(found["squares"] / scale**2, 0.025) * scale / count
    middle = found["total"] / count
    return middle * cap, max(-1.0, middle - apart) * cap, min(1.0, middle + apart) * cap


def _strayed(squares: float, alpha: float) -> float:
    """Return at what sum the mean of the ten bets is 1 / alpha."""
    paid = [(one, (-log1p(-one) - one) * squares) for one in BETS]
    low, high = 0.0, max((log(len(BETS) / alpha) + cost) / one for one, cost in paid)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _mean_log([one * middle - cost for one, cost in paid]) < -log(alpha):
            low = middle
        else:
            high = middle
    return high


def _mean_log(logs: list[float]) -> float:
    most = max(logs)
    return most + log(fsum(exp(one - most) for one in logs) / len(logs))


def new_ratio(shares_ppm: dict[str, int]) -> Facts:
    """Return arms of nobody, with the shares that were declared."""
    return {
        "shares": {arm: share / MILLION for arm, share in shares_ppm.items()},
        "counts": dict.fromkeys(shares_ppm, 0),
        "evidence": [0.0, 0.0],
    }


def assign(ratio: Facts, arm: str) -> None:
    """Count a customer: how likely the prior, taught by those before, thought this arm."""
    share, counts = ratio["shares"][arm], ratio["counts"]
    likely = (PRIOR * share + counts[arm]) / (PRIOR + sum(counts.values()))
    ratio["evidence"] = _at(ratio["evidence"], ratio["evidence"][0] + log(likely / share))
    counts[arm] += 1


def guarded(evidence: list[float], bound_ppm: int, count: int, event_count: int) -> list[float]:
    """Return the evidence against a bound after so many events among so many."""
    bound = bound_ppm / MILLION
    logs = [event_count * log(odds) - count * log(1.0 + bound * (odds - 1.0)) for odds in ODDS]
    return _at(evidence, _mean_log(logs))


def kept_bets(bets: Facts | None) -> list[float]:
    """Return the eleven numbers of a row; none where nobody was counted."""
    if bets is None:
        return []
    return [*_head(bets), *bets["uplift"], *bets["harm"], *bets["change"]]


def kept_difference(found: Facts | None) -> list[float]:
    """Return the nine numbers of a row; none where nobody was counted."""
    if found is None:
        return []
    control, *arms = _head(found)
    return [control, found["cap"], *arms, found["total"], found["squares"], found["capped"]]


def kept_ratio(ratio: Facts) -> list[float]:
    """Return the numbers of a row."""
    return [*ratio["counts"].values(), *ratio["evidence"]]


def _head(found: Facts) -> list[Any]:
    return [found["control_ppm"], *found["count"].values(), *found["sum"].values()]
