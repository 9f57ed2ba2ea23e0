"""Hold a campaign that does what it must not, with evidence for it (docs/insight.md 4)."""

from lifecycle.effect.evidence import PPM, Evidence
from lifecycle.effect.guardrail import Guardrail
from lifecycle.insight.effects import Version
from lifecycle.insight.series import Fed, Series, customer_count
from schemas.campaign import Guardrails
from schemas.insight import GuardrailTripped
from schemas.outcomes import ExposureObjected, ExposureSettled, Objection


def after_objection(version: Version, said: ExposureObjected) -> GuardrailTripped | None:
    """Ask the guardrail of an objection; what trips is said once a version."""
    state, kind = version.state, said.objection
    if state.guardrails is None:
        return None
    bound_ppm = bounds(state.guardrails)[kind]
    if not 0 < bound_ppm < PPM:  # nobody can be above all
        return None
    count = state.contacted_count
    event_count = min(state.objection_counts[kind], count)
    evidence = Evidence(*state.evidence.get(kind, (0.0, 0.0)))
    guardrail = Guardrail(bound_ppm, count, event_count, evidence)
    guardrail.look(0, 0)
    state.evidence[kind] = evidence.snapshot()
    if not guardrail.broken(state.guardrails.alpha_ppm) or kind in state.tripped:
        return None
    state.tripped.append(kind)
    return GuardrailTripped(
        campaign_id=said.campaign_id,
        policy_version=said.policy_version,
        kind=kind,
        bound_ppm=bound_ppm,
        count=count,
        event_count=event_count,
        p_ppm=evidence.p_ppm,
    )


def after_settling(
    version: Version, said: ExposureSettled, found: list[tuple[Fed, Series]]
) -> GuardrailTripped | None:
    """Ask whether contact makes fewer convert, of every series that was fed."""
    state = version.state
    if state.guardrails is None or not state.guardrails.harm or not found:
        return None
    one, series = min(found, key=lambda each: each[1].change.harm.p_ppm)
    p_ppm = series.change.harm.p_ppm
    if p_ppm > state.guardrails.alpha_ppm or "harm" in state.tripped:
        return None
    state.tripped.append("harm")
    tally = series.change.tally
    return GuardrailTripped(
        campaign_id=said.campaign_id,
        policy_version=said.policy_version,
        kind="harm",
        arm=one.arm,
        count=customer_count(series.change),
        event_count=int(tally.control_sum + tally.contact_sum),
        p_ppm=p_ppm,
    )


def bounds(declared: Guardrails) -> dict[Objection, int]:
    """Return the bound of each kind of objection, 0 for none."""
    return {
        "opt_out": declared.opt_out_ppm,
        "complaint": declared.complaint_ppm,
        "failure": declared.failure_ppm,
    }
