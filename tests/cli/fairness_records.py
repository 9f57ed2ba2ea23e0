"""Decisions and exposures of customers of an age band, for a campaign that is reported by it."""

from typing import Any, Literal

from msgspec.structs import replace

from schemas.decisions import Decision, Verdict
from schemas.examples import DECISION, EXPOSURE
from schemas.outcomes import ExposureOpened, ExposureSettled


def decision(verdict: Verdict, band: str, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a decision about a customer of an age band."""
    said = {"campaign_id": "lift", "verdict": verdict, "features": {"age_band": band}, **changed}
    return replace(DECISION, candidates=(replace(DECISION.candidates[0], **said),))


def opened(number: int, band: str, arm: str, **changed: Any) -> ExposureOpened:  # noqa: ANN401
    """Return a first exposure, one in five of them control."""
    return replace(
        EXPOSURE,
        exposure_id=f"e{number}",
        campaign_id="lift",
        arm=arm,
        is_first=True,
        shares_ppm={"control": 200_000, "default": 800_000},
        features={"age_band": band},
        **changed,
    )


def settled(exposure: ExposureOpened, label: Literal[0, 1] | None) -> ExposureSettled:
    """Return what it has come to."""
    return ExposureSettled(
        settled_id="s",
        exposure_id=exposure.exposure_id,
        tenant=exposure.tenant,
        customer_token="c",
        trigger_id="t",
        campaign_id="lift",
        policy_version=1,
        arm=exposure.arm,
        arm_ppm=1,
        is_first=True,
        pools=False,
        holdout_ppm=0,
        label=label,
        delivery="delivered",
        value_minor=0,
        currency="",
        decided_at_ms=1,
        closes_at_ms=2,
        settled_at_ms=3,
    )
