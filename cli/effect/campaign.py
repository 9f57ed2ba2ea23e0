"""Join the rows of a campaign, and say what they come to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, get_args

from cli.effect.told import (
    CampaignTold,
    EffectTold,
    ObjectionTold,
    RatioTold,
    VersionTold,
    counts_told,
    effect_told,
)
from lifecycle.effect.evidence import PPM, Evidence
from lifecycle.effect.joined import by_arm, compared, multiplied, series_of
from lifecycle.insight.declared import declared_ppm
from lifecycle.insight.guardrails import bounds, level_ppm
from schemas.campaign import Guardrails
from schemas.insight_rows import EffectRow, VersionState
from schemas.outcomes import Objection


NOTHING: Final = (0.0, 0.0)
"""The evidence of a test that was not asked yet."""

RATIO_P_PPM_MAX: Final = 1_000
"""At .001 or less no effect is to be believed (docs/effect.md)."""


def campaign_told(tenant: str, campaign_id: str, rows: Sequence[EffectRow]) -> CampaignTold:
    """Return what is known of a campaign; raises ValueError where a row is none."""
    parts: defaultdict[int, list[VersionState]] = defaultdict(list)
    for row in rows:
        for version, state in row.versions.items():
            parts[version].append(state)
    every = [state for states in parts.values() for state in states]
    versions = [
        version_told(campaign_id, version, states) for version, states in sorted(parts.items())
    ]
    return CampaignTold(
        tenant=tenant,
        campaign_id=campaign_id,
        stage=next((row.stage for row in rows if row.stage), ""),
        at_ms=max((row.at_ms for row in rows), default=0),
        arms=counts_told(by_arm(state.arms for state in every)),
        effects=_effects(every, is_bank=not campaign_id),
        shares_doubted=any(is_doubted(one.ratio) for one in versions),
        versions=versions,
    )


def version_told(campaign_id: str, version: int, states: Sequence[VersionState]) -> VersionTold:
    """Return what every partition knows of one version, in one."""
    return VersionTold(
        policy_version=version,
        shares_ppm=states[0].shares_ppm,
        arms=counts_told(by_arm(state.arms for state in states)),
        options=counts_told(by_arm(state.options for state in states)),
        effects=_effects(states, is_bank=not campaign_id),
        ratio=ratio_told(campaign_id, states),
        objections=_objections(states),
        tripped=sorted({kind for state in states for kind in state.tripped}),
    )


def _effects(states: Iterable[VersionState], *, is_bank: bool) -> dict[str, EffectTold]:
    """Return what each arm brought."""
    found = compared(series_of(states))
    return {arm: effect_told(one, is_bank=is_bank) for arm, one in found.items()}


def is_doubted(ratio: RatioTold | None) -> bool:
    """Return whether the arms are not as large as was declared."""
    return ratio is not None and ratio.p_ppm <= RATIO_P_PPM_MAX


def ratio_told(campaign_id: str, states: Iterable[VersionState]) -> RatioTold | None:
    """Return the sample ratios of a version in one: counts add up, e-values multiply."""
    counts: defaultdict[str, int] = defaultdict(int)
    expected: defaultdict[str, float] = defaultdict(float)
    evidence = []
    for state in states:
        for holdout_ppm, snapshot in state.ratios.items():
            *found, log_e, max_log_e = snapshot
            evidence.append(Evidence(log_e, max_log_e))
            declared = declared_ppm(campaign_id, state.shares_ppm, holdout_ppm)
            for (arm, share_ppm), count in zip(declared.items(), found, strict=True):
                counts[arm] += int(count)
                expected[arm] += sum(found) * share_ppm / PPM
    if not evidence:
        return None
    return RatioTold(
        counts=dict(counts),
        expected_counts={arm: round(count) for arm, count in expected.items()},
        p_ppm=multiplied(evidence).p_ppm,
    )


def _objections(states: Sequence[VersionState]) -> dict[str, ObjectionTold]:
    """Return who objected, and the most that a partition has against a bound: each asks alone."""
    asked = next((one for one in states if one.guardrails), states[0])
    declared = bounds(asked.guardrails or Guardrails())
    return {
        kind: ObjectionTold(
            contacted_count=sum(state.contacted_count for state in states),
            count=sum(state.objection_counts.get(kind, 0) for state in states),
            bound_ppm=declared.get(kind, 0),
            alpha_ppm=level_ppm(asked, kind) if kind in declared else 0,
            p_ppm=min(Evidence(*state.evidence.get(kind, NOTHING)).p_ppm for state in states),
        )
        for kind in get_args(Objection)
    }
