"""The second opinion on cards that go on under another token: core.md §3.8 (cards) by hand."""

from itertools import permutations
from typing import Any

import pytest

from tests.checker.journal_by_hand import (
    NUDGED,
    came_out,
    card,
    consent,
    decisions,
    fold,
    happened,
    published,
    purchase,
    said,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, DUE, ISSUED, tick


def replaced(at: int, old: str, new: str) -> dict[str, Any]:
    """Return that `old` goes on as `new`."""
    return happened(at, f"{old}-{new}", "card.replaced", card_token=old, new_card_token=new)


def cards(oracle: PartitionOracle) -> dict[str, dict[str, Any]]:
    """Return c0's cards."""
    found: dict[str, dict[str, Any]] = oracle.customers["acme|c0"]["cards"]
    return found


def test_oracle_status_is_the_greatest_word_whatever_the_order() -> None:
    """T6: (time, status): of two statuses of a moment the greater word stays."""
    words = [
        card("card.blocked", BASE + 2, "a"),
        card("card.unblocked", BASE + 3, "b"),
        card("card.lost", BASE + 4, "c"),
        card("card.blocked", BASE + 4, "d"),
    ]
    for order in permutations(words):
        kept = cards(fold(*order))["k0"]
        assert (kept["status"], kept["status_at"]) == ("lost", BASE + 4)
    assert cards(fold(*words[:2]))["k0"]["status"] == ""


def test_oracle_milestones_go_along_the_whole_way() -> None:
    """T6: k0 goes on as k1, that as k2: whatever is read when, k2 was issued when k0 was."""
    events = [
        card("card.issued", ISSUED, "i"),
        card("card.delivered", ISSUED + 5, "d"),
        replaced(ISSUED + 8, "k0", "k1"),
        replaced(ISSUED + 9, "k1", "k2"),
    ]
    for order in permutations(events):
        oracle = fold(*order)
        for token, after in (("k0", "k1"), ("k1", "k2"), ("k2", "")):
            kept = cards(oracle)[token]
            assert (kept["issued"], kept["delivered"]) == (ISSUED, ISSUED + 5)
            assert kept["replaced_by"] == after
        assert oracle.counts["milestone|acme|issued"] == 1


def test_oracle_of_two_successors_the_lesser_stays() -> None:
    """T6: the order of two replacements of one card decides nothing."""
    both = [replaced(ISSUED, "k0", "k9"), replaced(ISSUED + 1, "k0", "k2")]

    assert cards(fold(*both))["k0"]["replaced_by"] == "k2"
    assert cards(fold(*reversed(both)))["k0"]["replaced_by"] == "k2"


def test_oracle_replacement_needs_room_for_both() -> None:
    """T6: with one place left of 16 neither the old nor the new card is created."""
    many = [purchase(BASE + n, f"p{n}", card_token=f"c{n:02}") for n in range(15)]
    oracle = fold(*many, replaced(BASE + 50, "k0", "k1"), replaced(BASE + 51, "c00", "k1"))

    assert oracle.counts["ignored|acme|STATE_FULL"] == 1
    assert len(cards(oracle)) == 16
    assert cards(oracle)["c00"]["replaced_by"] == "k1"


def test_oracle_activation_of_the_successor_ends_the_wait() -> None:
    """Exits compare cards as they are now; so does late truth."""
    activated = happened(ISSUED + 20, "a", "card.activated", card_token="k1")
    change = replaced(ISSUED + 10, "k0", "k1")

    assert said(fold(*NUDGED[:3], change, activated, NUDGED[3])) == []
    late = fold(*NUDGED, change, activated)
    assert said(late) == ["sms", "sent", "invalidated LATE_TRUTH"]
    assert [one["card_token"] for one in decisions(late)] == ["k0", "k0"]


def test_oracle_decides_for_the_card_as_it_is_now() -> None:
    """B1: the trigger names the card as it is now, its id the occurrence of then."""
    before, after = fold(*NUDGED), fold(*NUDGED[:3], replaced(ISSUED, "k0", "k1"), NUDGED[3])

    assert [one["card_token"] for one in decisions(after)] == ["k1"]
    assert decisions(after)[0]["occurrence_key"] == decisions(before)[0]["occurrence_key"]
    assert came_out(after)[0].output.output_id == came_out(before)[0].output.output_id


@pytest.mark.parametrize("message_class", ["marketing", "servicing", "mandatory"])
def test_oracle_says_nothing_about_a_card_out_of_use(message_class: str) -> None:
    """O3: blocked, lost and closed bind every class; so does the card that goes on."""
    policy = published(CAMPAIGN | {"message_class": message_class})
    records = [policy, *NUDGED[1:3]]
    moved = [replaced(ISSUED + 1, "k0", "k1")]
    closed = happened(ISSUED + 2, "x", "card.closed", card_token="k1")

    for kind in ("card.blocked", "card.lost", "card.closed"):
        oracle = fold(*records, card(kind, ISSUED + 9, "x"), NUDGED[3])
        assert said(oracle) == ["suppressed NOT_ELIGIBLE"]
    assert said(fold(*records, *moved, closed, NUDGED[3])) == ["suppressed NOT_ELIGIBLE"]
    unblocked = [card("card.blocked", ISSUED, "x"), card("card.unblocked", ISSUED + 1, "y")]
    assert said(fold(*records, *unblocked, NUDGED[3])) == ["sms", "sent"]


def test_oracle_renewal_is_no_new_card() -> None:
    """Only a card issued as new begins the wait for its activation."""
    renewed = happened(ISSUED, "i0", "card.issued", card_token="k0", issue_type="renewal")
    oracle = fold(published(CAMPAIGN), consent("granted"), renewed, tick(DECIDED, DUE))

    assert said(oracle) == []
    assert cards(oracle)["k0"]["issued"] == ISSUED


def test_oracle_waits_from_delivery_and_from_authorisation() -> None:
    """T6: delivered and authorised are milestones like the others, though nobody counts them."""
    entry = {"kind": "absence", "after": "card.delivered", "without": "txn.authorised"}
    policy = published(CAMPAIGN | {"entry": entry})
    delivered, used = card("card.delivered", ISSUED, "d"), card("txn.authorised", ISSUED - 1, "u")
    records = [policy, consent("granted")]

    assert said(fold(*records, delivered, tick(DECIDED, DUE))) == ["sms", "sent"]
    oracle = fold(*records, used, delivered, tick(DECIDED, DUE))
    assert said(oracle) == []
    assert not [name for name in oracle.counts if name.startswith("milestone")]


def test_oracle_late_truth_about_what_has_no_card() -> None:
    """3.2 (8), (9): a late submission takes back a nudge about an application; none ends a wait."""
    entry = {"kind": "absence", "after": "application.started", "without": "application.submitted"}
    policy = published(CAMPAIGN | {"entry": entry, "exit_on": []})
    started = happened(ISSUED, "a", "application.started", application_id="x")
    submitted = happened(DECIDED - 1, "b", "application.submitted", application_id="x")
    records = [policy, consent("granted"), started]

    late = fold(*records, tick(DECIDED, DUE), submitted)
    assert said(late) == ["sms", "sent", "invalidated LATE_TRUTH"]
    assert [one["card_token"] for one in decisions(late)] == ["", ""]
    assert said(fold(*records, submitted, tick(DECIDED, DUE))) == ["sms", "sent"]
    of_any = published(CAMPAIGN | {"entry": entry, "occurrence": "txn"})
    assert said(fold(of_any, *records[1:], submitted, tick(DECIDED, DUE))) == []
