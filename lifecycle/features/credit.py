"""What the customer owes, repays and may still spend."""

from typing import Final

from lifecycle import statements, words
from lifecycle.features.context import ABSENT, PPM, Context, Feature, days_since, hours_until
from schemas.state import StatementState, WordState


LIMIT_USE_PPM_MAX: Final = 10**9
"""A thousand times the limit; the bill of a limit of 1 would not fit into 64 bits."""


def _bill(context: Context) -> StatementState | None:
    """Return the bill at hand, else the newest that was issued (then the greater id)."""
    if context.statement is not None:
        return context.statement
    issued = [one for one in context.row.statements if one.issued_at_ms]
    return max(issued, key=lambda one: (one.issued_at_ms, one.statement_id), default=None)


def _bill_total_minor(context: Context) -> int:
    bill = _bill(context)
    return ABSENT if bill is None else bill.total_due_minor


def _bill_open_minor(context: Context) -> int:
    bill = _bill(context)
    if bill is None:
        return ABSENT
    return 0 if statements.repaid(context.row, bill) else max(0, statements.open_minor(bill))


def _bill_due_hours(context: Context) -> int:
    bill = _bill(context)
    return ABSENT if bill is None else hours_until(bill.due_at_ms, context.now_ms)


def _bill_paid_ppm(context: Context) -> int:
    bill = _bill(context)
    if bill is None or bill.total_due_minor <= 0:
        return ABSENT
    return min(PPM, bill.paid_minor * PPM // bill.total_due_minor)


def _bill_count(context: Context) -> int:
    return sum(one.issued_at_ms > 0 for one in context.row.statements)


def _repaid_share_ppm(context: Context) -> int:
    issued = [one for one in context.row.statements if one.issued_at_ms]
    over = [one for one in issued if one.due_at_ms <= context.now_ms]
    if not over:
        return ABSENT
    return sum(statements.repaid(context.row, one) for one in over) * PPM // len(over)


def _overdue_days(context: Context) -> int:
    overdue = words.of_kind(context.row, "overdue")
    return max((word.amount for word in overdue if word.status == "overdue"), default=ABSENT)


def _autopay(context: Context) -> bool:
    word = words.find(context.row, "autopay", context.card_token)
    return word is not None and word.status == "active"


def _limit_minor(context: Context) -> int:
    word = words.find(context.row, "limit", f"{context.card_token}|perm")
    return ABSENT if word is None else word.amount


def _limit_use_ppm(context: Context) -> int:
    limit_minor, bill = _limit_minor(context), _bill(context)
    if bill is None or limit_minor <= 0:
        return ABSENT
    return min(LIMIT_USE_PPM_MAX, bill.total_due_minor * PPM // limit_minor)


def _precheck(context: Context) -> WordState | None:
    """Return the pre-check that allows most, of those still valid (then the greater id)."""
    told = words.of_kind(context.row, "precheck")
    valid = [word for word in told if word.until_ms > context.now_ms]
    return max(valid, key=lambda word: (word.amount, word.subject), default=None)


def _temp_limit_minor(context: Context) -> int:
    word = _precheck(context)
    return ABSENT if word is None else word.amount


def _temp_limit_hours(context: Context) -> int:
    word = _precheck(context)
    return ABSENT if word is None else hours_until(word.until_ms, context.now_ms)


def _plan_count(context: Context) -> int:
    return sum(word.status == "created" for word in words.of_kind(context.row, "instalment"))


def _plan_ever(context: Context) -> bool:
    return bool(words.of_kind(context.row, "instalment"))


def _declined_days(context: Context) -> int:
    declined = words.of_kind(context.row, "declined")
    at_ms = [word.at_ms for word in declined if word.status == "insufficient_limit"]
    return days_since(max(at_ms, default=0), context.now_ms)


CREDIT: Final = {
    "bill_total_minor": Feature(
        "int",
        "minor units",
        ABSENT,
        "of the bill at hand, else of the newest",
        _bill_total_minor,
        behavioural=True,
    ),
    "bill_open_minor": Feature(
        "int", "minor units", ABSENT, "still owed on it", _bill_open_minor, behavioural=True
    ),
    "bill_due_hours": Feature(
        "int", "hours", ABSENT, "until its due date ends", _bill_due_hours, behavioural=True
    ),
    "bill_paid_ppm": Feature(
        "int", "ppm", ABSENT, "of it that is paid", _bill_paid_ppm, behavioural=True
    ),
    "bill_count": Feature(
        "int", "bills", 0, "bills that are kept, 12 at most", _bill_count, behavioural=True
    ),
    "repaid_share_ppm": Feature(
        "int",
        "ppm",
        ABSENT,
        "of the bills whose due date is over, repaid",
        _repaid_share_ppm,
        behavioural=True,
    ),
    "overdue_days": Feature(
        "int",
        "days",
        ABSENT,
        "past due, of the worst bill that is",
        _overdue_days,
        behavioural=True,
    ),
    "autopay": Feature(
        "bool",
        "",
        absent=False,
        meaning="the card is paid by itself",
        read=_autopay,
        behavioural=True,
    ),
    "credit_limit_minor": Feature(
        "int", "minor units", ABSENT, "the card's permanent limit", _limit_minor, behavioural=True
    ),
    "limit_use_ppm": Feature(
        "int", "ppm", ABSENT, "of that limit, the bill", _limit_use_ppm, behavioural=True
    ),
    "temp_limit_minor": Feature(
        "int",
        "minor units",
        ABSENT,
        "that the risk system allows for a while",
        _temp_limit_minor,
        behavioural=True,
    ),
    "temp_limit_hours": Feature(
        "int", "hours", ABSENT, "for which it does", _temp_limit_hours, behavioural=True
    ),
    "plan_count": Feature(
        "int", "plans", 0, "instalment plans under way", _plan_count, behavioural=True
    ),
    "plan_ever": Feature(
        "bool",
        "",
        absent=False,
        meaning="an instalment plan is known",
        read=_plan_ever,
        behavioural=True,
    ),
    "declined_days": Feature(
        "int",
        "days",
        ABSENT,
        "since a purchase was refused for want of limit",
        _declined_days,
        behavioural=True,
    ),
}
