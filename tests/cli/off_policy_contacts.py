"""Contacts for which an option was drawn, half and half, and another way of choosing."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from cli.effect.target_policy import read_target_policy
from schemas.examples import EXPOSURE
from schemas.outcomes import ExposureOpened, ExposureSettled


FILE = """choose:
  - {option: app, if: waited_ms > 1000}
  - {option: text}
epsilon_ppm: 200000
"""
HALF = {"text": 500_000, "app": 500_000}


def chooser(tmp_path: Path, text: str = FILE) -> Any:  # noqa: ANN401 (a chooser)
    """Return the way of choosing in a text."""
    file = tmp_path / "other.yaml"
    file.write_text(text, encoding="utf-8")
    return read_target_policy(file)


def opened(number: int, option: str, waited_ms: int = 0, **changed: Any) -> ExposureOpened:  # noqa: ANN401
    """Return a contact for which an option was drawn, half and half."""
    return replace(
        EXPOSURE,
        exposure_id=f"e{number}",
        campaign_id="lift",
        option=option,
        option_ppm=500_000,
        options_ppm=HALF,
        features={"waited_ms": waited_ms},
        **changed,
    )


def settled(exposure: ExposureOpened, label: Any, value_minor: int = 0) -> ExposureSettled:  # noqa: ANN401
    """Return what a contact has come to."""
    return ExposureSettled(
        settled_id=f"s-{exposure.exposure_id}",
        exposure_id=exposure.exposure_id,
        tenant=exposure.tenant,
        customer_token=exposure.customer_token,
        trigger_id=exposure.trigger_id,
        campaign_id=exposure.campaign_id,
        policy_version=1,
        arm="default",
        arm_ppm=1_000_000,
        is_first=True,
        pools=False,
        holdout_ppm=0,
        label=label,
        delivery="delivered",
        value_minor=value_minor,
        currency="CNY" if value_minor else "",
        decided_at_ms=1,
        closes_at_ms=2,
        settled_at_ms=3,
    )
