"""Take one candidate through the gates, in the order of core.md §3.4."""

from collections.abc import Iterable

from tests.checker.identity import Facts
from tests.checker.oracle_cards import is_out_of_use
from tests.checker.oracle_clauses import failing_clause, is_behavioural
from tests.checker.oracle_consents import ask_consent
from tests.checker.oracle_ledger import ask_caps, ask_spacing, caps_of, longest_window_ms
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_offers import ask_offer
from tests.checker.oracle_quiet import QuietHours, quiet_hours
from tests.checker.oracle_statements import is_repaid, statement_of
from tests.checker.oracle_subject import Said
from tests.checker.oracle_treatments import ask_content
from tests.checker.oracle_words import is_any, word


def ask_gates(customer: Facts, verdict: Facts, moment: Moment, without: Iterable[str] = ()) -> None:
    """Ask the gates of the candidate's class until one fails; readings go into the verdict."""
    message_class = verdict["policy"]["message_class"]
    for name, classes, gate in GATES:
        if message_class not in classes or name in without:
            continue
        said = gate(customer, verdict, moment)
        if said is None:
            continue
        add_reading(verdict, name, *said)
        if verdict["reason"]:
            return


def add_reading(
    verdict: Facts, gate: str, reason: str = "", clause: str = "", saw: Facts | None = None
) -> None:
    """Add what a gate said; the last one's reason is the candidate's."""
    verdict["gates"].append(
        {"gate": gate, "reason_code": reason, "clause": clause, "saw": saw or {}}
    )
    verdict["reason"], verdict["clause"] = reason, clause


def caps(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    """Return which cap is full, "" for none; every cap's count goes into the verdict."""
    asked = caps_of(customer, verdict["policy"], moment.contact_policy)
    as_of = moment.now_ms
    if verdict["follows"] is not None:  # to all others it is the contact that they have counted
        asked = [cap for cap in asked if cap["scope"] == "channel"]
        as_of = verdict["follows"]["decided_at_ms"]
    longest_ms = longest_window_ms(moment.policies, moment.contact_policy)
    times = (as_of, moment.now_ms)
    said, verdict["caps"] = ask_caps(customer, verdict, asked, times, longest_ms)
    return said


def _eligibility(customer: Facts, verdict: Facts, _: Moment) -> Said:
    if is_out_of_use(customer, verdict["journey"]["card_token"]):
        return "NOT_ELIGIBLE", "card", {}
    if is_any(customer, "risk", "flagged", "deceased"):
        return "NOT_ELIGIBLE", "holder", {}
    return _clauses(verdict, "eligibility")


def _applicability(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    entry = verdict["policy"]["entry"]
    saw: Facts = {}
    if entry["kind"] == "silence":
        rate, least = verdict["features"]["rate_ppm"], entry["rate_ppm_min"]
        saw = {"rate_ppm": rate, "rate_ppm_min": least}
    if 0 < verdict["policy"].get("end_at_ms", 0) <= moment.now_ms:
        return "NOT_APPLICABLE", "dates", saw
    if saw and saw["rate_ppm"] < saw["rate_ppm_min"]:
        return "NOT_APPLICABLE", "rate", saw
    if entry["kind"] == "due_date" and not _is_due(customer, verdict, moment):
        return "NOT_APPLICABLE", "due", saw
    reason, clause, _ = _clauses(verdict, "applicability")
    return reason, clause, saw


def _suitability(_customer: Facts, verdict: Facts, _: Moment) -> Said:
    return _clauses(verdict, "suitability")


def _clauses(verdict: Facts, stage: str) -> Said:
    clause, has_no_value = failing_clause(verdict["policy"], stage, verdict["features"])
    if not clause:
        return "", "", {}
    return ("RULE_ERROR" if has_no_value else UNMET[stage]), clause, {}


def _is_due(customer: Facts, verdict: Facts, moment: Moment) -> bool:
    name = statement_of(verdict["journey"])
    statement = customer["statements"].get(name)
    if statement is None or is_repaid(customer, name) or statement["due_at"] <= moment.now_ms:
        return False
    autopay = word(customer, "autopay", statement["card_token"])
    return autopay is None or autopay.status != "active"


def _stop(_: Facts, verdict: Facts, moment: Moment) -> Said:
    if "" in moment.stopped:
        return "TENANT_PAUSED", "", {}
    if verdict["policy"]["id"] in moment.stopped:
        return "KILL_SWITCH", "", {}
    return ("GUARDRAIL_STOP" if verdict["policy"]["id"] in moment.held else ""), "", {}


def _consent(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    channel = verdict["treatment"]["channel"]
    reason, evidence = ask_consent(customer, verdict["policy"], channel, moment.now_ms)
    verdict["consent_ref"] = evidence
    return reason, "", {}


def _personalisation(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    policy = moment.policies[verdict["policy"]["id"]]  # whatever option was drawn
    entry = policy["entry"]
    fields = {"event": ("any_of", "when"), "sequence": ("of",)}.get(entry["kind"], ())
    conditions = [one for field in fields for one in entry.get(field, ())]
    conditions += [entry] if entry["kind"] == "count" else []
    is_personal = (
        entry["kind"] in ("silence", "drift")
        or any(condition["on"].startswith("txn.") for condition in conditions)
        or is_behavioural(policy)
    )
    is_off = customer["preference"] is not None and customer["preference"][1]
    return ("PERSONALISATION_OFF" if is_off and is_personal else ""), "", {}


def _standing(customer: Facts, _verdict: Facts, _: Moment) -> Said:
    if is_any(customer, "risk", "flagged"):
        return "RISK_FLAG", "", {}
    if is_any(customer, "case", "opened"):
        return "OPEN_CASE", "", {}
    return ("OVERDUE" if is_any(customer, "overdue", "overdue") else ""), "", {}


def _quiet(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    hours = hours_of(customer, verdict["policy"], moment)
    if not hours.zone:
        return "ZONE_UNKNOWN", "", {}
    if not hours.is_quiet(moment.now_ms):
        return "", "", {}
    open_at = hours.next_open(moment.now_ms)
    return "QUIET_HOURS", "", {} if open_at is None else {"open_at_ms": open_at}


def hours_of(customer: Facts, policy: Facts, moment: Moment) -> QuietHours:
    """Return when a campaign must leave the customer alone."""
    return quiet_hours(customer, policy["message_class"], moment.calendar, moment.time_zone)


def _spacing(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    return ask_spacing(customer, verdict, moment.contact_policy, moment.now_ms)


def _offer(_: Facts, verdict: Facts, moment: Moment) -> Said | None:
    return ask_offer(verdict["policy"], moment.stock)


UNMET = {
    "eligibility": "NOT_ELIGIBLE",
    "applicability": "NOT_APPLICABLE",
    "suitability": "NOT_SUITABLE",
}
ALL = {"marketing", "servicing", "mandatory"}
GATES = (
    ("eligibility", ALL, _eligibility),
    ("applicability", ALL, _applicability),
    ("suitability", ALL, _suitability),
    ("stop", ALL, _stop),
    ("consent", {"marketing", "servicing"}, _consent),
    ("personalisation", {"marketing"}, _personalisation),
    ("content", ALL, ask_content),
    ("standing", {"marketing"}, _standing),
    ("quiet", {"marketing", "servicing"}, _quiet),
    ("spacing", {"marketing"}, _spacing),
    ("caps", {"marketing", "servicing"}, caps),
    ("offer", {"marketing"}, _offer),
)
