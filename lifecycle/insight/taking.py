"""Count what records say of exposures, and ask what guards them (docs/insight.md 3, 4)."""

from typing import TypeAlias

from lifecycle.insight import guardrails
from lifecycle.insight.effects import Effect, Version
from schemas.insight import GuardrailTripped
from schemas.insight_rows import FOLLOW_UPS, ArmState
from schemas.outcomes import ExposureFollowed, ExposureObjected, ExposureOpened, ExposureSettled


OfExposure: TypeAlias = ExposureOpened | ExposureSettled | ExposureFollowed | ExposureObjected


def take(effect: Effect, said: OfExposure) -> GuardrailTripped | None:
    """Count a record of a version that is known; return the guardrail that it has broken."""
    row = effect.row
    row.at_ms = max(row.at_ms, _at_ms(said))
    version = effect.changing(said.policy_version)
    if isinstance(said, ExposureOpened):
        opened(version, said)
    elif isinstance(said, ExposureFollowed):
        followed(version, said)
    elif isinstance(said, ExposureSettled):
        return guardrails.after_settling(effect, said, settled(version, said))
    else:
        objected(version, said)
        return guardrails.after_objection(effect, said)
    return None


def _at_ms(said: OfExposure) -> int:
    """Return when something was said of an exposure, in journal time."""
    match said:
        case ExposureOpened():
            return said.decided_at_ms
        case ExposureSettled():
            return said.settled_at_ms
        case ExposureFollowed():
            return said.followed_at_ms
        case ExposureObjected():
            return said.objected_at_ms


def opened(version: Version, said: ExposureOpened) -> None:
    """Count an exposure, and of a first one whether its arm is as large as it should be."""
    for state in version.counted(said.arm, said.option):
        state.exposed_count += 1
        state.first_count += said.is_first
    version.state.contacted_count += said.verdict == "sent"
    guardrails.after_opening(version, said)
    if said.is_first:
        version.assign(said.holdout_ppm, said.arm)


def settled(version: Version, said: ExposureSettled) -> dict[str, float]:
    """Count what an exposure has come to; return what bets on harm won, by arm that was fed."""
    for state in version.counted(said.arm, said.option):
        if said.label is None:
            state.evicted_count += 1
        else:
            _settle(state, said, said.label, version.state.value_cap_minor)
    if said.label is None or not said.is_first:
        return {}
    return {
        one.arm: series.settle(one.side, said.label, said.value_minor)
        for one, series in version.fed(said)
    }


def followed(version: Version, said: ExposureFollowed) -> None:
    """Count whether a customer was still active, 30, 60 or 90 days on."""
    place = FOLLOW_UPS.index(said.day)
    arm = version.arm(said.arm)
    arm.followed_counts[place] += 1
    arm.active_counts[place] += said.active
    for one, series in version.fed(said):
        series.follow(one.side, place, said.active)


def objected(version: Version, said: ExposureObjected) -> None:
    """Count an objection, of its arm and of the version."""
    for counts in (version.arm(said.arm).objection_counts, version.state.objection_counts):
        counts[said.objection] = counts.get(said.objection, 0) + 1


def _settle(state: ArmState, said: ExposureSettled, label: int, value_cap_minor: int) -> None:
    """Count an exposure that has a label."""
    state.settled_count += 1
    state.converted_count += label
    state.delivered_count += said.delivery == "delivered"
    if said.is_first:
        state.first_settled_count += 1
        state.first_converted_count += label
        state.value_sum_minor += min(said.value_minor, value_cap_minor)
        state.capped_count += said.value_minor > value_cap_minor
