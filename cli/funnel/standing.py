"""Read from insight's changelog where the cards and customers of banks stand (docs/insight.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, get_args

from msgspec import Struct

from lifecycle.experiment import KEPT_BACK
from lifecycle.funnel import STAGES, Passage, added_up, passage
from schemas.campaign import Stage
from schemas.codec import decode_counts_row, decode_effect_row, decode_funnel_row
from schemas.insight_rows import EffectRow, FunnelRow


CUSTOMER_STAGES: Final = tuple(stage for stage in get_args(Stage) if stage not in STAGES)
"""Stages that no card passes through: what customers do of whom a campaign wanted it."""


class Reached(Struct):
    """
    First contacts of campaigns of a stage: a customer counts once for each campaign.

    Of those whose window has closed (`settled_count`) so many have converted.
    """

    reached_count: int = 0
    settled_count: int = 0
    converted_count: int = 0


class CapPressure(Struct, frozen=True):
    """How often caps of a scope were asked, were filled by that, and had been full before."""

    asked_count: int = 0
    filled_count: int = 0
    stopped_count: int = 0


class Standing(Struct, frozen=True):
    """
    One bank, over all partitions; `at_ms` is when a card moved last, 0 for never.

    `passages` are of cards by stage, `reached` of customers by further stage, `suppressed` of
    candidates by reason, `caps` by scope.
    """

    at_ms: int
    passages: dict[str, Passage]
    reached: dict[str, Reached]
    suppressed: dict[str, int]
    caps: dict[str, CapPressure]


def standings(newest: Mapping[bytes, bytes | None], tenant: str = "") -> dict[str, Standing]:
    """
    Return where each bank stands, from the newest value of every row of insight.

    Args:
        newest: value by key of `insight.state.v1`.
        tenant: the one bank that is asked for, "" for all of whom there is a row.
    """
    funnels: dict[str, list[FunnelRow]] = defaultdict(list)
    effects: dict[str, list[EffectRow]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for key, value in newest.items():
        if value is None:
            continue
        match key.decode().split("|"):
            case ["#funnel", _, bank]:
                funnels[bank].append(decode_funnel_row(value))
            case ["#effect", _, bank, campaign_id] if campaign_id:
                effects[bank].append(decode_effect_row(value))
            case ["#counts", *_]:
                counts.update(decode_counts_row(value))
            case _:  # the fold's place in the log; a bank's own effect
                continue
    suppressed, caps = _suppressed(counts), _caps(counts)
    known = {*funnels, *effects, *suppressed, *caps}
    return {
        one: _standing(funnels[one], effects[one], suppressed[one], caps[one])
        for one in sorted(known & {tenant} if tenant else known)
    }


def _standing(
    funnels: Iterable[FunnelRow],
    effects: Iterable[EffectRow],
    suppressed: Mapping[str, int],
    caps: Mapping[str, CapPressure],
) -> Standing:
    """Return one bank from its rows and counts."""
    funnel = added_up(funnels)
    return Standing(
        funnel.at_ms,
        {stage: passage(funnel, stage) for stage in STAGES},
        _reached(effects),
        dict(sorted(suppressed.items(), key=lambda one: (-one[1], one[0]))),
        dict(sorted(caps.items())),
    )


def _reached(effects: Iterable[EffectRow]) -> dict[str, Reached]:
    """Return first contacts by further stage; nobody is contacted who is kept back."""
    found = {stage: Reached() for stage in CUSTOMER_STAGES}
    for row in effects:
        for version in row.versions.values() if row.stage in found else ():
            for arm, state in version.arms.items():
                if arm not in KEPT_BACK:
                    found[row.stage].reached_count += state.first_count
                    found[row.stage].settled_count += state.first_settled_count
                    found[row.stage].converted_count += state.first_converted_count
    return found


def _suppressed(counts: Mapping[str, int]) -> dict[str, Counter[str]]:
    """Return by bank, by reason, how many candidates were not contacted for it."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, count in counts.items():
        kind, tenant, *rest = key.split("|")
        if kind == "decision" and rest[1:2] == ["suppressed"]:
            found[tenant][rest[-1]] += count
    return found


def _caps(counts: Mapping[str, int]) -> dict[str, dict[str, CapPressure]]:
    """Return by bank, by scope, how full caps were."""
    found: dict[str, dict[str, CapPressure]] = defaultdict(dict)
    for key in counts:
        kind, tenant, *rest = key.split("|")
        if kind == "cap":
            of = f"cap|{tenant}|{rest[0]}"
            words = ("asked", "filled", "stopped")
            found[tenant][rest[0]] = CapPressure(*(counts.get(f"{of}|{word}", 0) for word in words))
    return found
