"""The second opinion on who objects: core.md §3.17 (objections), by hand."""

import pytest

from tests.checker.effects_by_hand import (
    BEGUN,
    DAY,
    ENDED,
    MEASURED,
    RECORDS,
    complained,
    configured,
    exposures,
    failed,
    lines,
    reached,
    replied,
    told,
)
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import consent, fold, happened, published, receipt
from tests.checker.oracle_words import WORDS_MAX
from tests.checker.tiny_world import DECIDED, DUE, ISSUED, TRIGGER_ID, by_hand_uuid


AT = DECIDED + 1_000
OTHER = by_hand_uuid("another", "trigger")
OBJECTED = "exposure.objected.v1"


def word(status: str, at: int = AT, channel: str = "email", event_id: str = "w") -> Facts:
    """Return a word of c0 about any purpose and channel."""
    said = {"purpose": "marketing", "channel": channel, "status": status}
    return happened(at, event_id, "consent.changed", **said)


@pytest.mark.parametrize(
    ("event", "objection"),
    [
        (failed(), "failure"),
        (receipt("rejected", AT, "r"), "failure"),
        (receipt("expired", AT, "r"), ""),
        (receipt("delivered", AT, "r"), ""),
        (receipt("blocked_optout", AT, "r"), "opt_out"),
        (replied("optout"), "opt_out"),
        (replied("complaint"), "complaint"),
        (replied("click"), ""),
        (replied("complaint", trigger=OTHER), ""),
        (word("denied"), "opt_out"),
        (word("revoked"), "opt_out"),
        (word("granted"), ""),
        (word("revoked", channel="data"), ""),
        (word("revoked", at=DECIDED), ""),
        (word("revoked", at=ENDED), "opt_out"),
        (word("revoked", at=ENDED + 1), ""),
        (complained(AT), "complaint"),
        (complained(AT, case_class="dispute"), ""),
        (complained(ENDED + 1), ""),
    ],
)
def test_oracle_hears_what_is_held_against_a_contact(event: Facts, objection: str) -> None:
    """3.17: by the trigger's id, or within the window of the newest contact."""
    oracle = fold(*RECORDS, event)

    assert [record["objection"] for _, record in told(oracle, OBJECTED)] == [objection] * bool(
        objection
    )
    bits = {"": 0, "opt_out": 1, "complaint": 2, "failure": 4}
    assert exposures(oracle)[0]["objections"] == bits[objection]
    assert oracle.counts[f"objected|acme|activation_nudge|{objection}"] == bool(objection)


def test_oracle_tells_an_objection_with_every_field_in_its_order() -> None:
    """3.17: the event's time and the clock's, under the campaign's key."""
    ((key, record),) = told(fold(*RECORDS, failed()), OBJECTED)

    assert key == b"acme|activation_nudge"
    assert list(record.items()) == [
        ("v", 1),
        ("objected_id", by_hand_uuid("objected", TRIGGER_ID, "failure")),
        ("exposure_id", by_hand_uuid("exposure", TRIGGER_ID)),
        ("tenant", "acme"),
        ("customer_token", "c0"),
        ("campaign_id", "activation_nudge"),
        ("policy_version", 1),
        ("arm", "default"),
        ("objection", "failure"),
        ("decided_at_ms", DECIDED),
        ("occurred_at_ms", AT),
        ("objected_at_ms", AT + 100),
        ("model_id", ""),
    ]


def test_oracle_hears_each_kind_once() -> None:
    """3.17: three kinds, whatever comes again, settled or not."""
    again = receipt("rejected", AT + 9, "r9")
    events = (failed(), again, replied("complaint"), complained(AT + 10), reached(ENDED))
    oracle = fold(*RECORDS, *events, replied("optout", ENDED + DAY), word("denied"))

    kinds = [line for line in lines(oracle) if line.startswith("objected")]
    assert kinds == ["objected failure", "objected complaint", "objected opt_out"]
    assert exposures(oracle)[0]["objections"] == 7


def test_oracle_hears_of_a_contact_that_is_no_longer_kept() -> None:
    """3.17: ignored, UNKNOWN_TRIGGER; a reply objects still, a failure was not applied."""
    oracle = fold(*RECORDS)
    oracle.customers["acme|c0"]["contacts"].clear()
    oracle.see(failed())
    assert lines(oracle)[1:] == []
    oracle.see(replied("complaint"))

    assert oracle.counts["ignored|acme|UNKNOWN_TRIGGER"] == 2
    assert lines(oracle)[1:] == ["objected complaint"]


def test_oracle_does_not_hear_what_a_full_row_has_no_room_for() -> None:
    """3.17: of what is ignored only an unknown trigger's receipts and responses object."""
    oracle = fold(*RECORDS)
    for number in range(WORDS_MAX):
        said = {"plan_id": f"p{number}", "card_token": "k0", "principal_minor": 1}
        said |= {"currency": "CNY", "term_count": 3}
        oracle.see(happened(AT, f"p{number}", "instalment.created", **said))
    oracle.see(complained(AT))

    assert oracle.counts["ignored|acme|STATE_FULL"] == 1
    assert lines(oracle)[1:] == []


def test_oracle_does_not_hear_twice_of_one_event() -> None:
    """B2: a repeat says nothing, whatever kind is still to come."""
    oracle = fold(*RECORDS, complained(AT, "x"))
    exposures(oracle)[0]["objections"] = 0
    oracle.see(complained(AT, "x"))

    assert lines(oracle)[1:] == ["objected complaint"]


@pytest.mark.parametrize("event", [replied("optout"), word("denied"), complained(AT)])
def test_oracle_hears_nothing_against_who_was_kept_back(event: Facts) -> None:
    """3.17: control, holdout and the tenant's own exposure were no contacts."""
    control = MEASURED | {"experiment": {"salt": "s", "control_bp": 10_000}}
    held = configured(holdout_bp=10_000, holdout_salt="h")
    free = configured(holdout_bp=1, holdout_salt="h")
    for records in ((published(control), *BEGUN), (held, *RECORDS), (free, consent("granted"))):
        assert told(fold(*records, event), OBJECTED) == []


def test_oracle_takes_the_newest_contact_whose_window_it_is() -> None:
    """3.17: the last of the row; a later one that was decided after the event is passed over."""
    steps = [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]
    conversion = MEASURED["conversion"] | {"window_ms": 30 * DAY}
    policy = MEASURED | {"steps": steps, "conversion": conversion}
    again = DUE + 4 * DAY
    records = (published(policy), *BEGUN, reached(again))

    for at, bits in ((AT, [1, 0]), (again, [1, 0]), (again + 1, [0, 1])):
        late = word("denied", at) | {"journal_at_ms": again + 100}
        assert [one["objections"] for one in exposures(fold(*records, late))] == bits


def test_oracle_tells_outcomes_before_objections() -> None:
    """3.17: where a complaint is what converts, it is both, outcome first."""
    conversion = {"on": "service.case_opened", "window_ms": DAY}
    oracle = fold(published(MEASURED | {"conversion": conversion}), *BEGUN, complained(AT))

    assert lines(oracle) == ["sent default", "converted 1", "objected complaint"]


def test_oracle_lets_nothing_object_to_what_should_not_have_been_made() -> None:
    """3.12: a reply from before the nudge, of a campaign for those who do not reply."""
    entry = {"kind": "absence", "after": "app.session", "without": "response.recorded"}
    opened = happened(ISSUED, "s", "app.session", surface="app")
    nudge = [published(MEASURED | {"entry": entry}), BEGUN[0], opened, BEGUN[-1]]
    (kept,) = exposures(fold(*nudge))
    for at, wanted in ((DUE, ["invalidated None"]), (AT, ["objected complaint"])):
        complaint = replied("complaint", at, kept["trigger_id"]) | {"journal_at_ms": AT}
        assert lines(fold(*nudge, complaint))[1:] == wanted
