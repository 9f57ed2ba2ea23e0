"""Partners' and surveys' data: read under a consent, gone when it is withdrawn (PIPL 13, 23)."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from lifecycle import words
from schemas.events import AnyEvent, ConsentChanged, PartnerObserved, SurveyAnswered
from schemas.state import WordState
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, word


def partner(value: str = "v", *, attribute: str = "a", purpose: str = "offers") -> AnyEvent:
    """Return what a partner says."""
    return PartnerObserved(
        partner_id="p", attribute=attribute, value=value, purpose=purpose, consent_ref="c"
    )


def survey(answer: str = "yes", *, purpose: str = "offers") -> AnyEvent:
    """Return what the customer answered."""
    return SurveyAnswered(
        survey_id="s", question_code="q", answer_code=answer, purpose=purpose, consent_ref="c"
    )


def said(status: str, purpose: str = "offers") -> ConsentChanged:
    """Return what the customer says about the use of data."""
    return ConsentChanged(
        purpose=purpose,
        channel="data",
        status=status,  # type: ignore[arg-type] # any word of the contract
    )


def kept(bank: Bank) -> list[tuple[str, str]]:
    """Return what is kept of partners and surveys, in order."""
    return sorted((word.kind, word.status) for word in bank.row().words)


@pytest.mark.parametrize("status", ["denied", "revoked"])
@pytest.mark.parametrize("order", [*permutations(range(5))])
def test_withdrawal_removes_what_was_said_before_it_in_any_order(
    status: str, order: tuple[int, ...]
) -> None:
    """3.8: up to its own moment; what comes later, under a new consent, is kept."""
    life: list[tuple[AnyEvent, int]] = [
        (partner("before"), HOUR),
        (survey("at that moment"), 2 * HOUR),
        (said(status), 2 * HOUR),
        (said("granted"), 3 * HOUR),
        (survey("after"), 4 * HOUR),
    ]
    bank = Bank()
    for place in order:
        bank.say(*life[place], arrived=DAY)

    assert [("survey", "after")] == kept(bank)


def test_withdrawal_removes_one_purpose_only() -> None:
    """3.8: other purposes, and the words of others, stay."""
    bank = Bank()
    bank.say(partner("mine", attribute="a"), HOUR)
    bank.say(partner("other", attribute="b", purpose="p1"), HOUR)
    bank.say(word("revoked"), 2 * HOUR)  # of contact by sms, not of data
    bank.say(said("revoked"), 3 * HOUR)

    assert [("partner", "other")] == kept(bank)


def test_late_word_of_a_partner_is_refused_once_it_was_withdrawn() -> None:
    """3.8: NO_CONSENT, however the newest word stands, and nothing of it is kept."""
    bank = Bank()
    bank.say(said("revoked"), 2 * HOUR)
    bank.say(said("granted"), 3 * HOUR)
    for at in (HOUR, 2 * HOUR, 2 * HOUR + 1):
        bank.say(partner(f"{at}"), at, arrived=DAY)

    assert 2 == bank.count("ignored|{}|NO_CONSENT")
    assert [("partner", f"{2 * HOUR + 1}")] == kept(bank)


def test_older_refusal_that_comes_late_removes_as_well() -> None:
    """3.8: the pair's newest refusal counts, not its newest word."""
    bank = Bank()
    bank.say(said("granted"), 3 * HOUR)
    bank.say(partner(), HOUR, arrived=3 * HOUR)
    bank.say(said("denied"), 2 * HOUR, arrived=DAY)

    assert [] == kept(bank)


NOW = T0 + DAY


@pytest.mark.parametrize(
    ("consent", "readable"),
    [
        (None, False),
        (said("granted"), True),
        (said("denied"), False),
        (said("granted", "p1"), False),
        (word("granted"), False),
    ],
)
def test_data_is_a_feature_only_under_a_consent(
    consent: ConsentChanged | None,
    readable: bool,  # noqa: FBT001
) -> None:
    """3.8: for this very purpose, for data; without any word it is kept, and not read."""
    bank = Bank()
    bank.say(partner(), 2 * HOUR)
    if consent is not None:
        bank.say(consent, HOUR, arrived=2 * HOUR)
    observed = WordState("partner", "p|a", T0 + 2 * HOUR, "v", detail="offers")

    assert readable == words.readable(bank.row(), observed, NOW)
    assert words.readable(bank.row(), WordState("points", "", T0, "gold"), NOW)


@pytest.mark.parametrize(("now_ms", "readable"), [(NOW - 1, False), (NOW, True)])
def test_data_is_a_feature_once_the_consent_is_effective(
    now_ms: int,
    readable: bool,  # noqa: FBT001
) -> None:
    """3.8: not before `effective_at`."""
    granted = ConsentChanged(
        purpose="offers",
        channel="data",
        status="granted",
        effective_at=datetime.fromtimestamp(NOW / 1_000, tz=UTC),
    )
    bank = Bank()
    bank.say(granted, HOUR)
    bank.say(survey(), 2 * HOUR)

    assert readable == words.readable(bank.row(), bank.row().words[0], now_ms)
