"""What went out and is not final is taken back, once (SEMANTICS O7, docs/core.md 3.13)."""

import pytest
from msgspec import convert

from lifecycle.printing import printed
from schemas.events import AnyEvent, EventData, ResponseRecorded, RiskFlagged
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    issued,
    nudge,
    push,
    receipt,
    repaid,
    word,
)
from tests.lifecycle.measured import cancelled
from tests.lifecycle.told import decisions, triggers


def sent(**changed: object) -> Bank:
    """Return a bank that has offered instalments at T0 for the bill s1 of the card k1."""
    bank = Bank(push(**changed))
    assert triggers(bank.say(bill(300_000), 0))
    return bank


def flagged(flag_class: str = "fraud") -> RiskFlagged:
    """Return a risk flag of a class."""
    said = {"flag_id": "f", "flag_class": flag_class}
    return convert({"event_type": "risk.flagged", **said}, RiskFlagged)


def stop(channel: str = "sms") -> ResponseRecorded:
    """Return a customer's STOP to a trigger that nobody knows."""
    said = {"response_id": "r", "trigger_id": "t", "channel": channel, "kind": "optout"}
    return convert({"event_type": "response.recorded", **said}, ResponseRecorded)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (word("revoked"), "OPTED_OUT"),
        (word("denied"), "NO_CONSENT"),
        (stop(), "OPTED_OUT"),
        (receipt("nobody's", "blocked_optout"), "OPTED_OUT"),
        (flagged(), "RISK_FLAG"),
        (flagged("deceased"), "NOT_ELIGIBLE"),
        (repaid("s1"), "EXITED"),
        (repaid("s2"), None),  # another bill
        (repaid(""), "EXITED"),  # of its card
        (word("revoked", "push"), None),
        (word("denied", purpose="else"), None),
        (stop("push"), None),
        (activated(), None),  # no exit of this campaign
    ],
)
def test_contact_is_taken_back_for_a_reason(event: EventData, reason: str | None) -> None:
    """Opt-out, risk flag and exit; of its purpose, channel and occurrence, and of no other."""
    bank = sent()

    assert [reason] * (reason is not None) == cancelled(bank.say(event, HOUR))  # type: ignore[arg-type]


def test_cancellation_says_what_and_when_beside_the_trigger() -> None:
    """The channel's trigger topic, the customer's key, the type in the headers."""
    bank = sent()
    trigger_id = bank.row().contacts[0].trigger_id
    (one,) = bank.say(word("revoked"), HOUR)
    output = printed(one)

    assert (trigger_id, T0 + HOUR) == (one.trigger_id, one.cancelled_at_ms)  # type: ignore[union-attr]
    assert ("marketing.triggers.sms.v1", b"bank|ann") == output[:2]
    assert ("ce_type", b"trigger.cancelled.v1") in output.headers


def test_contact_is_taken_back_once_and_goes_on_counting() -> None:
    """Only the gateway's `cancelled` releases it; `too_late` changes nothing."""
    bank = sent()
    trigger_id = bank.row().contacts[0].trigger_id
    said = bank.say(word("revoked"), HOUR) + bank.say(flagged(), 2 * HOUR)
    assert ["OPTED_OUT"] == cancelled(said)

    bank.say(receipt(trigger_id, "too_late"), 3 * HOUR)
    assert not bank.row().contacts[0].released
    bank.say(receipt(trigger_id, "cancelled"), 4 * HOUR)
    assert bank.row().contacts[0].released


@pytest.mark.parametrize(
    "status", ["delivered", "failed", "expired", "rejected", "cancelled", "blocked_optout"]
)
def test_final_contact_is_not_taken_back(status: str) -> None:
    """There is nothing left to stop."""
    bank = sent()
    said = bank.say(receipt(bank.row().contacts[0].trigger_id, status), HOUR)

    assert [] == cancelled(said + bank.say(word("revoked"), 2 * HOUR))


@pytest.mark.parametrize(("at", "count"), [(DAY - 1, 1), (DAY, 0)])
def test_expired_contact_is_not_taken_back(at: int, count: int) -> None:
    """The gateway sends nothing at or after `expires_at_ms`."""
    assert count == len(cancelled(sent().say(word("revoked"), at)))


@pytest.mark.parametrize(
    ("message_class", "event", "count"),
    [
        ("servicing", word("revoked"), 1),
        ("servicing", flagged(), 0),
        ("mandatory", word("revoked"), 0),
        ("mandatory", flagged("deceased"), 1),
        ("mandatory", repaid("s1"), 1),
    ],
)
def test_class_says_what_takes_a_contact_back(
    message_class: str, event: AnyEvent, count: int
) -> None:
    """O3: as the gates bind the class, so do they afterwards."""
    assert count == len(cancelled(sent(message_class=message_class).say(event, HOUR)))


def test_late_truth_takes_the_contact_back() -> None:
    """The activation came before the nudge and was heard of after it: corrected and cancelled."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    bank.tick(3 * DAY)
    said = bank.say(activated(), DAY, arrived=3 * DAY + HOUR)

    assert ["invalidated"] == [one.verdict for one in decisions(said)]
    assert ["LATE_TRUTH"] == cancelled(said)
