"""
Say what is shown of rows beside counts, as numbers by key (docs/metrics.md).

Figures of unit 1 are in millionths; those of an effect are of the newest version only, and as of
its last report: an interval costs a hundred steps, and who watches does not decide.
"""

from lifecycle.effect.evidence import PPM
from lifecycle.funnel import STAGES, passage
from lifecycle.insight import reports
from lifecycle.insight.effects import Effect, Version
from lifecycle.insight.funnel import Funnel
from lifecycle.insight.guardrails import HARM, bounds


def of_funnel(known: Funnel) -> dict[str, int]:
    """Return how many cards wait in each stage."""
    return {
        f"waiting|{known.tenant}|{stage}": passage(known.row, stage).waiting_count
        for stage in STAGES
    }


def of_effect(known: Effect) -> dict[str, int]:
    """Return customers and differences by arm, what has tripped, and the least p of its ratios."""
    if not known.row.versions:
        return {}
    version = known.awake(max(known.row.versions))
    place = f"{known.name}|{known.partition}"
    state = version.state
    shown: dict[str, int] = {}
    for arm, counted in state.arms.items():
        shown[f"customers|{place}|{arm}|exposed"] = counted.first_count
        shown[f"customers|{place}|{arm}|settled"] = counted.first_settled_count
        shown[f"customers|{place}|{arm}|converted"] = counted.first_converted_count
    if state.guardrails is not None:
        for kind in (*bounds(state.guardrails), *((HARM,) if state.guardrails.harm else ())):
            shown[f"held|{place}|{kind}"] = PPM * state.tripped.count(kind)
    ratios = [version.ratio(key) for key in state.ratios]
    least = [ratio.evidence.p_ppm for ratio in ratios if ratio is not None]
    if least:
        shown[f"ratio|{place}"] = min(least)
    return shown | _differences(place, version)


def _differences(place: str, version: Version) -> dict[str, int]:
    """Return the interval of every arm, by the series that has most customers."""
    found = [reports.series_report(key, version.series(key)) for key in version.state.series]
    shown: dict[str, int] = {}
    for one in sorted(found, key=lambda series: series.customer_count):
        shown[f"difference|{place}|{one.arm}|low"] = one.low_ppm
        shown[f"difference|{place}|{one.arm}|estimate"] = one.difference_ppm
        shown[f"difference|{place}|{one.arm}|high"] = one.high_ppm
    return shown
