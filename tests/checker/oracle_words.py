"""Keep the greatest word about each subject: core.md §3.8 (words, partners and surveys)."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.checker.identity import Facts


WORDS_MAX = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Said(NamedTuple):
    """What was said about a subject; greater is newer."""

    at: int
    status: str
    until: int
    amount: int
    goal: int
    detail: str


class Rule(NamedTuple):
    """
    Where an event's word comes from: names of fields, "" for nothing.

    `subject` joins its fields with `|`; a `status` that begins with `=` is the word itself.
    """

    kind: str
    subject: str
    status: str
    until: str = ""
    amount: str = ""
    goal: str = ""
    detail: str = ""


RULES = {
    **{
        f"application.{status}": Rule(
            "application", "application_id", f"={status}", detail="product_code"
        )
        for status in ("started", "submitted", "approved", "declined", "withdrawn")
    },
    "preapproval.granted": Rule(
        "preapproval", "preapproval_id", "=granted", "valid_until", detail="product_code"
    ),
    "wallet.bound": Rule("wallet", "card_token|wallet", "=bound"),
    "wallet.unbound": Rule("wallet", "card_token|wallet", "=unbound"),
    "txn.declined": Rule(
        "declined", "card_token", "decline_class", amount="amount_minor", detail="currency"
    ),
    "repayment.received": Rule(
        "repayment", "card_token", "=received", amount="amount_minor", detail="currency"
    ),
    "repayment.overdue": Rule(
        "overdue", "statement_id", "=overdue", amount="days_past_due", detail="card_token"
    ),
    "repayment.cured": Rule(
        "overdue", "statement_id", "=cured", amount="days_past_due", detail="card_token"
    ),
    "autopay.changed": Rule("autopay", "card_token", "status"),
    "instalment.created": Rule(
        "instalment", "plan_id", "=created", "", "principal_minor", "term_count", "currency"
    ),
    "instalment.settled": Rule("instalment", "plan_id", "=settled"),
    "limit.prechecked": Rule(
        "precheck", "precheck_id", "=granted", "valid_until", "max_temp_limit_minor", "", "currency"
    ),
    "limit.changed": Rule(
        "limit", "card_token|kind", "kind", "valid_until", "new_limit_minor", "", "currency"
    ),
    "benefit.progressed": Rule(
        "benefit", "benefit_id", "measure", "window_end", "value", "threshold", "card_token"
    ),
    **{
        f"benefit.{status}": Rule(
            "grant", "benefit_grant_id", f"={status}", "expires_at", detail="benefit_id"
        )
        for status in ("granted", "redeemed", "expired")
    },
    **{
        f"coupon.{status}": Rule(
            "coupon", "coupon_token", f"={status}", "expires_at", detail="offer_id"
        )
        for status in ("issued", "redeemed", "expired")
    },
    "points.level_changed": Rule("points", "", "level", detail="points_band"),
    "risk.flagged": Rule("risk", "flag_id", "=flagged", detail="flag_class"),
    "risk.cleared": Rule("risk", "flag_id", "=cleared"),
    "service.case_opened": Rule("case", "case_id", "=opened", detail="case_class"),
    "service.case_closed": Rule("case", "case_id", "=closed"),
    "score.published": Rule("score", "model_id", "model_version", "valid_until", "score_ppm"),
    "app.session": Rule("session", "", "surface", detail="action_code"),
    "response.recorded": Rule("response", "channel", "kind", detail="trigger_id"),
    "offer.result": Rule("offer", "reservation_id", "status", detail="reason"),
    "partner.observed": Rule("partner", "partner_id|attribute", "value", detail="purpose"),
    "survey.answered": Rule("survey", "survey_id|question_code", "answer_code", detail="purpose"),
}
DEFAULTS = {"wallet": "other", "kind": "perm", "case_class": "other"}
"""Where a journal leaves out what has a default other than nothing."""

SPENT_KINDS = {"declined", "session", "response", "offer", "partner", "survey", "score"}
SPENT_STATUSES = {
    *("approved", "declined", "withdrawn", "redeemed", "expired", "settled", "cured", "cleared"),
    *("closed", "unbound", "cancelled"),
}


def instant_ms(text: str | None) -> int:
    """Return a moment in an event's data as floored epoch milliseconds; 0 for none or before."""
    return max(0, (datetime.fromisoformat(text) - EPOCH) // MILLISECOND) if text else 0


def hear_word(customer: Facts, event: Facts, at: int, now: int) -> bool:
    """Keep what the event says of its subject, where it is greater; False where no room is."""
    rule = RULES[event["event_type"]]
    subject = "|".join(_text(event, name) for name in rule.subject.split("|"))
    said = Said(
        at,
        rule.status[1:] if rule.status.startswith("=") else _text(event, rule.status),
        instant_ms(event.get(rule.until)),
        event.get(rule.amount, 0),
        event.get(rule.goal, 0),
        _text(event, rule.detail),
    )
    words, place = customer["words"], (rule.kind, subject)
    if place not in words and len(words) == WORDS_MAX:
        spent = [one for one, kept in words.items() if _is_spent(one[0], kept, now)]
        if not spent:
            return False
        del words[min(spent, key=lambda one: (words[one].at, *one))]
    words[place] = max(words.get(place, said), said)
    return True


def word(customer: Facts, kind: str, subject: str) -> Said | None:
    """Return the word about a subject, None where there is none."""
    kept: Said | None = customer["words"].get((kind, subject))
    return kept


def is_any(customer: Facts, kind: str, status: str, detail: str = "") -> bool:
    """Return whether some word of a kind has this status, and this detail where one is given."""
    return any(
        of == kind and kept.status == status and (not detail or kept.detail == detail)
        for (of, _), kept in customer["words"].items()
    )


def forget_partners(customer: Facts, purpose: str, withdrawn_at: int) -> None:
    """Remove what partners and surveys said under a purpose up to its withdrawal."""
    customer["words"] = {
        place: kept
        for place, kept in customer["words"].items()
        if place[0] not in ("partner", "survey") or kept.detail != purpose or kept.at > withdrawn_at
    }


def _text(event: Facts, name: str) -> str:
    said: str = event.get(name, DEFAULTS.get(name, "")) if name else ""
    return said


def _is_spent(kind: str, kept: Said, now: int) -> bool:
    return kind in SPENT_KINDS or kept.status in SPENT_STATUSES or 0 < kept.until <= now
