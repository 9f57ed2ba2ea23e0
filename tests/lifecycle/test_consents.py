"""Consents: the newest word a purpose and channel, and the opt-out of a channel (3.2.6, 3.8)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from lifecycle import consents
from schemas.events import ConsentChanged
from schemas.state import CONSENTS_MAX, ConsentState, CustomerRow
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, receipt, word


def opt_out_word(at_ms: int = T0 + DAY, event_id: str = "out") -> ConsentState:
    """Return what is kept of an opt-out by sms."""
    return ConsentState("*", "sms", "revoked", at_ms, event_id, 0, at_ms, "")


def row_of(*kept: ConsentState) -> CustomerRow:
    """Return a customer of these words."""
    return CustomerRow(consents=[*kept])


def test_consent_is_kept_with_its_evidence_and_when_it_takes_effect() -> None:
    """3.2.6: what was said, by which event, from when on."""
    said = ConsentChanged(
        purpose="offers",
        channel="push",
        status="granted",
        evidence_ref="form 7",
        effective_at=datetime.fromtimestamp((T0 + DAY) / 1_000, tz=UTC) + timedelta(microseconds=9),
    )
    bank = Bank(consent="")
    bank.say(said, HOUR, event_id="c")

    kept = ConsentState("offers", "push", "granted", T0 + HOUR, "c", T0 + DAY, 0, "form 7")
    assert [kept] == bank.row().consents


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_newest_word_stands_and_the_newest_refusal_beside_it(order: tuple[int, ...]) -> None:
    """3.2.6: whatever arrives first; of one moment the greater event id."""
    life = [
        (word("denied"), HOUR, "a"),
        (word("revoked"), 2 * HOUR, "b"),
        (word("denied"), 3 * HOUR, "c"),
        (word("granted"), 3 * HOUR, "d"),
    ]
    bank = Bank(consent="")
    for place in order:
        said, at, event_id = life[place]
        bank.say(said, at, arrived=DAY, event_id=event_id)

    kept = ConsentState("offers", "sms", "granted", T0 + 3 * HOUR, "d", 0, T0 + 3 * HOUR, "")
    assert [kept] == bank.row().consents


def test_older_word_changes_nothing_but_when_data_was_refused() -> None:
    """3.2.6: what took effect stays what it is."""
    bank = Bank(consent="")
    bank.say(word("granted"), 2 * HOUR, event_id="new")
    bank.say(word("denied"), HOUR, arrived=DAY, event_id="old")

    kept = ConsentState("offers", "sms", "granted", T0 + 2 * HOUR, "new", 0, T0 + HOUR, "")
    assert [kept] == bank.row().consents


@pytest.mark.parametrize("first", [0, 1])
def test_opt_out_is_kept_for_the_whole_channel(first: int) -> None:
    """3.8: once, whoever says it, as of the newer of the two."""
    bank = Bank(consent="")
    life = [(receipt("t", "blocked_optout"), DAY, "out"), (receipt("t", "blocked_optout"), 0, "o")]
    for place in (first, 1 - first):
        said, at, event_id = life[place]
        bank.say(said, at, arrived=DAY, event_id=event_id)

    assert [opt_out_word()] == bank.row().consents


GRANTED = ConsentState("offers", "sms", "granted", T0 + DAY, "m")


@pytest.mark.parametrize(
    ("kept", "binds"),
    [
        ((), None),
        ((GRANTED,), "m"),
        ((opt_out_word(),), "out"),
        ((GRANTED, opt_out_word(T0 + DAY + 1)), "out"),
        ((GRANTED, opt_out_word(T0 + DAY - 1)), "m"),
        ((GRANTED, opt_out_word(T0 + DAY, "n")), "n"),
        ((GRANTED, opt_out_word(T0 + DAY, "l")), "m"),
        ((GRANTED, ConsentState("*", "push", "revoked", T0 + 2 * DAY, "z")), "m"),
        ((GRANTED, ConsentState("*", "sms", "granted", T0 + 2 * DAY, "z")), "m"),
        ((ConsentState("*", "sms", "granted", T0, "z"),), None),
    ],
)
def test_newer_opt_out_binds_in_place_of_the_word(
    kept: tuple[ConsentState, ...], binds: str | None
) -> None:
    """3.4 gate 4: by (time, event id), and where there is no word; it is always `revoked`."""
    found = consents.word(row_of(*kept), "offers", "sms")

    assert binds == (found and found.event_id)
    assert found is None or (found.status == "revoked") == (found.purpose == "*")


def full(*status: str) -> CustomerRow:
    """Return a customer of as many pairs as there may be, the first of these statuses."""
    said = [*status, *["denied"] * CONSENTS_MAX][:CONSENTS_MAX]
    return row_of(
        *(
            ConsentState(f"p{number:02}", "sms", status, T0 + 5, f"e{number}")
            for number, status in enumerate(said)
        )
    )


def test_oldest_consent_makes_room_for_an_opt_out() -> None:
    """3.8: the least (time, purpose, channel) that is `granted`; a refusal never does."""
    row = full("denied", "granted", "granted")
    row.consents[0].occurred_at_ms = T0
    assert consents.opt_out(row, "sms", T0 + DAY, "out") is None
    assert ["p00", "p02"] == [one.purpose for one in row.consents[:2]]
    assert opt_out_word() == row.consents[-1]
    row.consents[1].occurred_at_ms = T0 + 6
    row.consents[2].status = "granted"
    assert consents.opt_out(row, "push", T0 + DAY, "out") is None

    assert ["p02", "p04"] == [one.purpose for one in row.consents[1:3]]
    assert CONSENTS_MAX == len(row.consents)


def test_opt_out_without_room_is_refused_and_a_known_one_is_not() -> None:
    """3.8: STATE_FULL where all pairs are refusals."""
    row = full()
    assert "STATE_FULL" == consents.opt_out(row, "sms", T0 + DAY, "out")
    assert CONSENTS_MAX == len(row.consents)
    row.consents[0] = opt_out_word()
    assert consents.opt_out(row, "sms", T0 + 2 * DAY, "again") is None

    assert opt_out_word(T0 + 2 * DAY, "again") == row.consents[0]


def test_consent_without_room_changes_nothing() -> None:
    """3.2.6: a 33rd pair is STATE_FULL, even where a consent could make room."""
    bank = Bank()
    for number in range(CONSENTS_MAX - 1):
        bank.say(word("granted", purpose=f"p{number}"), HOUR)
    bank.say(word("denied", purpose="one more"), HOUR)

    assert CONSENTS_MAX == len(bank.row().consents)
    assert 1 == bank.count("ignored|{}|STATE_FULL")
