"""
Hold a campaign that does what it must not, with evidence for it (docs/insight.md 4).

A test is called by the kind of objection, or `harm|arm`. Its evidence is that of a round, which
ends when it trips: before the first trip a round is all that the version has counted.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec.structs import replace

from lifecycle.effect.evidence import PPM, Evidence
from lifecycle.effect.guardrail import Guardrail
from lifecycle.experiment import CONTROL
from lifecycle.insight.effects import Effect, Version
from lifecycle.insight.series import customer_count
from schemas.campaign import Guardrails
from schemas.insight import GuardrailKind, GuardrailTripped
from schemas.insight_rows import RoundState, VersionState
from schemas.outcomes import ExposureObjected, ExposureOpened, ExposureSettled, Objection


HARM: Final = "harm"

OfRound: TypeAlias = ExposureOpened | ExposureObjected | ExposureSettled


def bounds(declared: Guardrails) -> dict[Objection, int]:
    """Return the bound of each kind of objection that has one: nobody can be above all."""
    found: dict[Objection, int] = {
        "opt_out": declared.opt_out_ppm,
        "complaint": declared.complaint_ppm,
        "failure": declared.failure_ppm,
    }
    return {kind: bound_ppm for kind, bound_ppm in found.items() if 0 < bound_ppm < PPM}


def level_ppm(state: VersionState, kind: GuardrailKind) -> int:
    """Return a test's part of the alpha that a version declares; 0 where it declares none."""
    if state.guardrails is None:
        return 0
    kind_count = len(bounds(state.guardrails)) + state.guardrails.harm
    asked = kind_count * state.key_count * len(_tests(state, kind))
    return state.guardrails.alpha_ppm // asked if asked else 0


def _tests(state: VersionState, kind: GuardrailKind) -> list[str]:
    """Return the tests of a kind by name: one, of harm one of each arm."""
    if kind != HARM:
        return [kind]
    return [f"{HARM}|{arm}" for arm in state.shares_ppm if arm != CONTROL]


def after_opening(version: Version, said: ExposureOpened) -> None:
    """Count a contact in the rounds of objections that it is of."""
    for test, current in version.state.rounds.items():
        if said.verdict == "sent" and "|" not in test and _is_of(current, said):
            current.count += 1


def after_objection(effect: Effect, said: ExposureObjected) -> GuardrailTripped | None:
    """Ask the test of an objection, where that is of its round; what trips begins another."""
    state, kind = effect.awake(said.policy_version).state, said.objection
    bound_ppm = bounds(state.guardrails).get(kind, 0) if state.guardrails else 0
    current = state.rounds.get(kind)
    if not bound_ppm or not _is_of(current, said):
        return None
    if current is None:
        count, event_count = state.contacted_count, state.objection_counts[kind]
    else:
        current.event_count += 1
        count, event_count = current.count, current.event_count
    evidence, event_count = _evidence(state, kind), min(event_count, count)
    rail = Guardrail(bound_ppm, count, event_count, evidence)
    rail.look(0, 0)
    state.evidence[kind] = evidence.snapshot()
    if not rail.broken(level_ppm(state, kind)):
        return None
    found = GuardrailTripped(
        campaign_id=said.campaign_id,
        policy_version=said.policy_version,
        kind=kind,
        bound_ppm=bound_ppm,
        count=count,
        event_count=event_count,
    )
    return _tripped(effect, found, evidence)


def after_settling(
    effect: Effect, said: ExposureSettled, won: Mapping[str, float]
) -> GuardrailTripped | None:
    """Ask whether contact makes fewer convert; `won` is what bets on that won, by arm."""
    version = effect.awake(said.policy_version)
    state = version.state
    if state.guardrails is None or not state.guardrails.harm:
        return None
    p_ppm = {
        arm: _bet(state, said, f"{HARM}|{arm}", log_factor)
        for arm, log_factor in won.items()
        if _is_of(state.rounds.get(f"{HARM}|{arm}"), said)
    }
    arm = min(p_ppm, key=p_ppm.__getitem__, default="")
    if not arm or p_ppm[arm] > level_ppm(state, HARM):
        return None
    count, event_count = _compared(version, arm)
    found = GuardrailTripped(
        campaign_id=said.campaign_id,
        policy_version=said.policy_version,
        kind=HARM,
        arm=arm,
        count=count,
        event_count=event_count,
    )
    return _tripped(effect, found, _evidence(state, f"{HARM}|{arm}"))


def _bet(state: VersionState, said: ExposureSettled, test: str, log_factor: float) -> int:
    """Take a bet on harm into the round of its test; return the p-value."""
    current = state.rounds.get(test)
    if current is not None:
        current.count += 1
        current.event_count += said.label or 0
    evidence = _evidence(state, test)
    evidence.multiply(log_factor)
    state.evidence[test] = evidence.snapshot()
    return evidence.p_ppm


def _compared(version: Version, arm: str) -> tuple[int, int]:
    """Return how many customers were settled in the round of an arm's harm, and converted."""
    current = version.state.rounds.get(f"{HARM}|{arm}")
    if current is not None:
        return current.count, current.event_count
    keys = [key for key in version.state.series if key.split("|")[0] == arm]
    changes = [version.series(key).change for key in keys]
    events = sum(one.tally.control_sum + one.tally.contact_sum for one in changes)
    return sum(map(customer_count, changes)), int(events)


def _is_of(current: RoundState | None, said: OfRound) -> bool:
    """Return whether an exposure is of this round: decided after the trip that it began with."""
    return current is None or said.decided_at_ms > current.since_ms


def _evidence(state: VersionState, test: str) -> Evidence:
    """Return what speaks against a bound in this round."""
    return Evidence(*state.evidence.get(test, (0.0, 0.0)))


def _tripped(effect: Effect, found: GuardrailTripped, evidence: Evidence) -> GuardrailTripped:
    """Begin the next round of a kind; return what broke, and which trip of its kind it is."""
    state, kind = effect.awake(found.policy_version).state, found.kind
    state.tripped.append(kind)
    for test in _tests(state, kind):
        state.evidence.pop(test, None)
        state.rounds[test] = RoundState(effect.row.at_ms)
    return replace(
        found,
        p_ppm=evidence.p_ppm,
        alpha_ppm=level_ppm(state, kind),
        partition=effect.partition,
        sequence=state.tripped.count(kind),
    )
