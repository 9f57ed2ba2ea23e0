"""Rows of insight for the commands that read them, with evidence that is known beforehand."""

import math
from collections.abc import Mapping

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import Evidence
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Tally
from schemas.campaign import Guardrails
from schemas.codec import encode_row
from schemas.insight_rows import ArmState, EffectRow, SeriesState, VersionState


AT_MS = 1_767_225_600_000
"""1 January 2026, 00:00 UTC."""

CONTROL_PPM = 200_000
SHARES = {"control": 200_000, "default": 800_000}
BANK_SHARES = {"default": 1_000_000}


def series(
    *,
    e_value: float = 40.0,
    total: float = 150.0,
    cap_minor: int = 0,
    squares: float = 500.0,
    control_ppm: int = CONTROL_PPM,
) -> SeriesState:
    """
    Return a series: 100 of 2,000 control, 520 of 8,000 contacted did it.

    Of 10,000 customers a total of 150 is 15 of 1,000 more; money is the same share of the cap.
    """
    tally = Tally(2_000, 8_000, 100.0, 520.0)
    found = Evidence(math.log(e_value), math.log(e_value))
    conversion = Difference(control_ppm, 1, tally, total, squares).snapshot()
    money = Difference(control_ppm, cap_minor or 1, tally, total, squares, 12).snapshot()
    return SeriesState(
        EProcess(control_ppm, tally, found, Evidence(), found).snapshot(),
        conversion,
        money if cap_minor else (),
        [conversion, (), ()],
    )


def ratio(control: int = 2_000, default: int = 8_000, p: float = 1.0) -> tuple[float, ...]:
    """Return a snapshot of a sample ratio with this p-value."""
    return float(control), float(default), -math.log(p), -math.log(p)


def campaign(  # noqa: PLR0913 (each is a part of the row)
    *,
    stage: str = "activate",
    key: str = "default|200000|0",
    known: SeriesState | None = None,
    shares: Mapping[str, int] = SHARES,
    ratios: Mapping[int, tuple[float, ...]] | None = None,
    tripped: tuple[str, ...] = (),
    version: int = 3,
    currency: str = "CNY",
) -> EffectRow:
    """Return a row of one version: 100 of 2,000 control, 520 of 8,000 contacted converted."""
    control = ArmState(2_010, 2_005, 0, 2_000, 100, 0, 2_000, 100)
    default = ArmState(8_100, 8_010, 0, 8_050, 530, 7_700, 8_000, 520)
    kept_back = "control" if "control" in shares else "holdout"
    state = VersionState(
        dict(shares),
        value_cap_minor=500_000,
        currency=currency,
        guardrails=Guardrails(opt_out_ppm=10_000),
        contacted_count=8_000,
        arms={"default": default, kept_back: control},
        series={key: known or series()},
        ratios=dict(ratios or {0: ratio()}),
        objection_counts={"opt_out": 40, "failure": 80},
        evidence={"opt_out": (math.log(2), math.log(4))},
        tripped=[*tripped],
    )
    return EffectRow(stage, AT_MS, 0, {version: state})


def bank(cap_minor: int = 500_000) -> EffectRow:
    """Return the tenant's own row: a holdout of 20 %, money with a cap."""
    return campaign(
        stage="",
        key="default|200000|0",
        known=series(cap_minor=cap_minor),
        shares=BANK_SHARES,
        ratios={200_000: ratio()},
    )


def written(rows: Mapping[str, object]) -> dict[bytes, bytes | None]:
    """Return rows as they are in the changelog, by `p|tenant|campaign`."""
    return {f"#effect|{key}".encode(): encode_row(row) for key, row in rows.items()}
