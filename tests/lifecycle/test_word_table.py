"""Which word every event is (docs/core.md 3.8, the table, row by row)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from lifecycle import words
from schemas import events
from schemas.routing import ROUTE_BY_TYPE
from schemas.state import Contact, WordState
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank


WHEN = "2023-11-16T06:13:20.0019+08:00"
"""A day after T0 and 1.9 ms, which is floored."""

UNTIL = T0 + DAY + 1

AT = T0 + HOUR

TABLE: list[tuple[str, dict[str, Any], WordState]] = [
    *[
        (
            f"application.{status}",
            {"application_id": "a", "product_code": "gold"},
            WordState("application", "a", AT, status, 0, 0, 0, "gold"),
        )
        for status in ("started", "submitted", "approved", "declined", "withdrawn")
    ],
    (
        "preapproval.granted",
        {"preapproval_id": "p", "product_code": "gold", "valid_until": WHEN},
        WordState("preapproval", "p", AT, "granted", UNTIL, 0, 0, "gold"),
    ),
    (
        "wallet.bound",
        {"card_token": "k1", "wallet": "alipay"},
        WordState("wallet", "k1|alipay", AT, "bound"),
    ),
    ("wallet.unbound", {"card_token": "k1"}, WordState("wallet", "k1|other", AT, "unbound")),
    (
        "txn.declined",
        {
            "auth_id": "a",
            "card_token": "k1",
            "amount_minor": 700,
            "currency": "CNY",
            "decline_class": "insufficient_limit",
        },
        WordState("declined", "k1", AT, "insufficient_limit", 0, 700, 0, "CNY"),
    ),
    (
        "repayment.received",
        {"repayment_id": "r", "card_token": "k1", "amount_minor": 700, "currency": "CNY"},
        WordState("repayment", "k1", AT, "received", 0, 700, 0, "CNY"),
    ),
    (
        "repayment.overdue",
        {"statement_id": "s", "card_token": "k1", "days_past_due": 5},
        WordState("overdue", "s", AT, "overdue", 0, 5, 0, "k1"),
    ),
    (
        "repayment.cured",
        {"statement_id": "s", "card_token": "k1"},
        WordState("overdue", "s", AT, "cured", 0, 0, 0, "k1"),
    ),
    *[
        (
            "autopay.changed",
            {"card_token": "k1", "status": status},
            WordState("autopay", "k1", AT, status),
        )
        for status in ("active", "cancelled")
    ],
    (
        "instalment.created",
        {
            "plan_id": "i",
            "card_token": "k1",
            "principal_minor": 9_000,
            "currency": "CNY",
            "term_count": 12,
            "annual_rate_bp": 1_500,
            "confirmed_by_customer": True,
        },
        WordState("instalment", "i", AT, "created", 0, 9_000, 12, "CNY"),
    ),
    (
        "instalment.settled",
        {"plan_id": "i", "card_token": "k1"},
        WordState("instalment", "i", AT, "settled"),
    ),
    (
        "limit.prechecked",
        {
            "precheck_id": "l",
            "card_token": "k1",
            "max_temp_limit_minor": 9_000,
            "currency": "CNY",
            "valid_until": WHEN,
        },
        WordState("precheck", "l", AT, "granted", UNTIL, 9_000, 0, "CNY"),
    ),
    (
        "limit.changed",
        {
            "card_token": "k1",
            "new_limit_minor": 9_000,
            "currency": "CNY",
            "kind": "temp",
            "valid_until": WHEN,
        },
        WordState("limit", "k1|temp", AT, "temp", UNTIL, 9_000, 0, "CNY"),
    ),
    (
        "limit.changed",
        {"card_token": "k1", "new_limit_minor": 9_000, "currency": "CNY"},
        WordState("limit", "k1|perm", AT, "perm", 0, 9_000, 0, "CNY"),
    ),
    (
        "benefit.progressed",
        {
            "benefit_id": "b",
            "measure": "purchases",
            "value": 3,
            "threshold": 5,
            "window_end": WHEN,
            "card_token": "k1",
        },
        WordState("benefit", "b", AT, "purchases", UNTIL, 3, 5, "k1"),
    ),
    (
        "benefit.granted",
        {"benefit_grant_id": "g", "benefit_id": "b", "expires_at": WHEN},
        WordState("grant", "g", AT, "granted", UNTIL, 0, 0, "b"),
    ),
    *[
        (
            f"benefit.{status}",
            {"benefit_grant_id": "g", "benefit_id": "b"},
            WordState("grant", "g", AT, status, 0, 0, 0, "b"),
        )
        for status in ("granted", "redeemed", "expired")
    ],
    (
        "coupon.issued",
        {"coupon_token": "c", "offer_id": "o", "expires_at": WHEN},
        WordState("coupon", "c", AT, "issued", UNTIL, 0, 0, "o"),
    ),
    *[
        (
            f"coupon.{status}",
            {"coupon_token": "c", "offer_id": "o"},
            WordState("coupon", "c", AT, status, 0, 0, 0, "o"),
        )
        for status in ("issued", "redeemed", "expired")
    ],
    (
        "points.level_changed",
        {"level": "gold", "points_band": "3"},
        WordState("points", "", AT, "gold", 0, 0, 0, "3"),
    ),
    (
        "risk.flagged",
        {"flag_id": "f", "flag_class": "fraud"},
        WordState("risk", "f", AT, "flagged", 0, 0, 0, "fraud"),
    ),
    ("risk.cleared", {"flag_id": "f"}, WordState("risk", "f", AT, "cleared")),
    (
        "service.case_opened",
        {"case_id": "c", "case_class": "dispute"},
        WordState("case", "c", AT, "opened", 0, 0, 0, "dispute"),
    ),
    ("service.case_closed", {"case_id": "c"}, WordState("case", "c", AT, "closed")),
    (
        "score.published",
        {"model_id": "m", "model_version": "7", "score_ppm": 250_000, "valid_until": WHEN},
        WordState("score", "m", AT, "7", UNTIL, 250_000, 0, ""),
    ),
    (
        "app.session",
        {"surface": "bills", "action_code": "view"},
        WordState("session", "", AT, "bills", 0, 0, 0, "view"),
    ),
    (
        "response.recorded",
        {"response_id": "r", "trigger_id": "t", "channel": "sms", "kind": "click"},
        WordState("response", "sms", AT, "click", 0, 0, 0, "t"),
    ),
    (
        "offer.result",
        {"reservation_id": "v", "trigger_id": "t", "status": "refused", "reason": "late"},
        WordState("offer", "v", AT, "refused", 0, 0, 0, "late"),
    ),
    (
        "partner.observed",
        {
            "partner_id": "p",
            "attribute": "a",
            "value": "v",
            "purpose": "offers",
            "consent_ref": "c",
        },
        WordState("partner", "p|a", AT, "v", 0, 0, 0, "offers"),
    ),
    (
        "survey.answered",
        {
            "survey_id": "s",
            "question_code": "q",
            "answer_code": "yes",
            "purpose": "offers",
            "consent_ref": "c",
        },
        WordState("survey", "s|q", AT, "yes", 0, 0, 0, "offers"),
    ),
]


def event(event_type: str, fields: dict[str, Any]) -> Any:  # noqa: ANN401 (any event)
    """Return an event as its source would have been read."""
    return msgspec.convert({"event_type": event_type, **fields}, ROUTE_BY_TYPE[event_type].shape)


def contacted() -> Bank:
    """Return a bank whose customer was sent trigger `t`."""
    bank = Bank(consent="")
    row = bank.row()
    row.contacts.append(Contact("t", "nudge", "sms", "k1", "k1|0", "first", 1, T0, T0))
    bank.state.tenant(TENANT).changed["ann"] = row
    return bank


@pytest.mark.parametrize(("event_type", "fields", "word"), TABLE)
def test_event_is_the_word_of_the_table(
    event_type: str, fields: dict[str, Any], word: WordState
) -> None:
    """3.8, row by row; times in the data are floored to milliseconds."""
    bank = contacted()
    bank.say(event(event_type, fields), HOUR)

    assert [word] == bank.row().words
    assert word == words.find(bank.row(), word.kind, word.subject)
    assert 1 == bank.count(f"applied|{{}}|{event_type}")


def test_table_has_every_event_that_is_a_word() -> None:
    """No event is a word only in the code: the rows above name all of them."""
    assert {ROUTE_BY_TYPE[event_type].shape for event_type, _, _ in TABLE} == {*words.WORD_BY_EVENT}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), 0),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), 0),
        (datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC), 1),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 253_402_300_799_999),
    ],
)
def test_times_in_the_data_are_whole_milliseconds(moment: datetime, expected: int) -> None:
    """3.8: floored, and nothing before 1970. date -u -d @253402300799 is the last of 9999."""
    bank = Bank()
    said = events.PreapprovalGranted(preapproval_id="p", product_code="", valid_until=moment)
    bank.say(said, HOUR)

    assert expected == bank.row().words[0].until_ms
