"""The second opinion on where cards are counted: core.md §3.18, by hand."""

import json
from itertools import permutations

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    card,
    fold,
    happened,
    published,
    purchase,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, ISSUED, by_hand_hash, by_hand_uuid, envelope


LATER = ISSUED + DAY


def bound(at: int, event_id: str = "w") -> Facts:
    """Return that k0 was bound to a wallet."""
    return happened(at, event_id, "wallet.bound", card_token="k0", wallet="alipay")


def replaced(at: int, old: str, new: str) -> Facts:
    """Return that a card goes on as another."""
    named = {"card_token": old, "new_card_token": new}
    return happened(at, f"{old}-{new}", "card.replaced", **named)


ISSUE = card("card.issued", ISSUED, "i")
ACTIVATION = card("card.activated", LATER, "a")
ERASURE = happened(LATER + 9, "e", "erasure.requested", request_id="r")


def moved(oracle: PartitionOracle) -> list[Facts]:
    """Return what was told of cards, decoded."""
    outputs = [item.output for item in oracle.expected]
    return [json.loads(one.value) for one in outputs if one.ce_type == "card.moved.v1"]


def lines(oracle: PartitionOracle) -> list[str]:
    """Return what was told of cards, in short."""
    return ["{before}>{after} {reached} {waited_ms}".format(**one) for one in moved(oracle)]


def test_oracle_tells_a_move_with_every_field_in_its_order() -> None:
    """3.18: the record whole, key and clock; it is counted nowhere."""
    oracle = fold(ISSUE, ACTIVATION)
    _, item = oracle.expected
    digits = format(by_hand_hash("/core", "a"), "016x")

    assert (item.record_key, item.output.topic) == (b"acme|c0", "outcomes")
    assert list(json.loads(item.output.value).items()) == [
        ("v", 1),
        ("moved_id", by_hand_uuid("moved", "acme", "c0", digits, "k0", "issued+activated")),
        ("tenant", "acme"),
        ("customer_token", "c0"),
        ("before", "issued"),
        ("after", "issued+activated"),
        ("reached", "activated"),
        ("waited_ms", DAY),
        ("occurred_at_ms", LATER),
        ("moved_at_ms", LATER + 100),
    ]
    assert {name.split("|")[0] for name in oracle.counts} == {"applied", "milestone"}


def test_oracle_measures_how_long_a_card_has_waited() -> None:
    """3.18: bound and first spent since the activation, not since each other."""
    oracle = fold(ISSUE, ACTIVATION, bound(LATER + 5), purchase(LATER + 7, "p"))

    assert lines(oracle) == [
        ">issued issued -1",
        "issued>issued+activated activated 86400000",
        "issued+activated>issued+activated+bound bound 5",
        "issued+activated+bound>issued+activated+bound+first_spend first_spend 7",
    ]


def test_oracle_knows_no_wait_where_the_milestone_before_is_missing_or_later() -> None:
    """3.18: -1 for nobody knows, 0 where the order was the other way round."""
    assert lines(fold(purchase(LATER, "p"))) == [">first_spend first_spend -1"]
    assert lines(fold(bound(LATER), card("card.activated", LATER + 1, "a")))[1:] == [
        "bound>activated+bound activated -1"
    ]
    early = fold(ISSUE, card("card.activated", ISSUED - 5, "a"))
    assert lines(early)[1:] == ["issued>issued+activated activated 0"]


def test_oracle_tells_nothing_where_a_card_stays_where_it_is() -> None:
    """3.18: an earlier time, a repeat, a delivery, a block, another purchase: no move."""
    earlier = card("card.issued", ISSUED - 5, "i2")
    status = (card("card.blocked", LATER, "b"), card("card.unblocked", LATER + 1, "u"))
    spent = (purchase(LATER, "p"), purchase(LATER + 1, "q"))
    oracle = fold(ISSUE, ISSUE, earlier, card("card.delivered", LATER, "d"), *status, *spent)

    assert lines(oracle) == [">issued issued -1", "issued>issued+first_spend first_spend -1"]


@pytest.mark.parametrize("status", ["lost", "closed"])
def test_oracle_tells_that_a_card_is_gone_and_back(status: str) -> None:
    """3.18: by the status that is kept, which may change again; nothing is reached by it."""
    gone, back = card(f"card.{status}", LATER, "g"), card("card.unblocked", LATER + 1, "u")
    oracle = fold(ISSUE, gone, back)

    assert lines(oracle)[1:] == ["issued>issued|gone  -1", "issued|gone>issued  -1"]
    assert lines(fold(gone)) == [">|gone  -1"]
    late = fold(gone, card("card.issued", LATER + 1, "i"))
    assert lines(late)[1:] == ["|gone>issued|gone issued -1"]


def test_oracle_counts_a_replaced_card_under_its_new_token() -> None:
    """3.18: the old one leaves, the new one has its milestones; in the order of the row."""
    oracle = fold(ISSUE, ACTIVATION, replaced(LATER + 5, "k0", "k1"))
    old, new = moved(oracle)[2:]

    assert lines(oracle)[2:] == ["issued+activated>  -1", ">issued+activated  -1"]
    digits = format(by_hand_hash("/core", "k0-k1"), "016x")
    names = (("k0", ""), ("k1", "issued+activated"))
    ids = [by_hand_uuid("moved", "acme", "c0", digits, token, after) for token, after in names]
    assert [old["moved_id"], new["moved_id"]] == ids


def test_oracle_lets_milestones_of_the_old_card_move_the_new_one() -> None:
    """3.18: nothing is reached by it, as the event is about the card that was replaced."""
    oracle = fold(ISSUE, replaced(ISSUED + 5, "k0", "k1"), ACTIVATION)

    assert lines(oracle)[3:] == ["issued>issued+activated  -1"]
    assert oracle.counts["milestone|acme|activated"] == 1


def test_oracle_tells_of_a_way_of_cards_each_that_moves() -> None:
    """3.18: cards in the middle of a way are replaced as well, and stay uncounted."""
    way = (replaced(ISSUED + 1, "k0", "k1"), replaced(ISSUED + 2, "k1", "k2"))

    assert lines(fold(*way, ISSUE)) == [">issued  -1"]
    assert lines(fold(ISSUE, *way))[1:] == ["issued>  -1", ">issued  -1"] * 2


def test_oracle_keeps_every_card_counted_once_whatever_the_order() -> None:
    """3.18: cards that entered less those that left are what is there, in any order."""
    events = (ISSUE, ACTIVATION, replaced(LATER + 5, "k0", "k1"), card("card.lost", LATER, "l"))
    for order in permutations(events):
        left: dict[str, int] = {}
        for one in moved(fold(*order)):
            for name, change in ((one["before"], -1), (one["after"], 1)):
                left[name] = left.get(name, 0) + change * bool(name)
        assert {name: count for name, count in left.items() if count} == {"issued+activated": 1}


def test_oracle_tells_moves_before_anything_else_and_in_shadow_too() -> None:
    """3.18: the first outputs of the event; backfill tells them as well."""
    at_once = CAMPAIGN | {
        "entry": {"kind": "event", "when": [{"on": "txn.posted"}]},
        "message_class": "mandatory",
        "steps": [{"id": "now", "delay_ms": 0}],
    }
    oracle = fold(published(at_once), ISSUE, purchase(LATER, "p"))
    topics = [item.output.topic for item in oracle.expected]
    assert topics == ["outcomes", "outcomes", "sms", "decisions"]

    loaded = fold(ISSUE | {"backfill": True}, ACTIVATION | {"backfill": True})
    assert [one["moved_at_ms"] for one in moved(loaded)] == [0, 0]


def test_oracle_tells_nothing_of_an_event_that_had_no_room() -> None:
    """3.2.4: of the seventeenth card nothing is kept, so nothing moves."""
    many = [happened(ISSUED + n, f"i{n}", "card.issued", card_token=f"k{n}") for n in range(17)]
    oracle = fold(*many)

    assert len(moved(oracle)) == 16
    assert oracle.counts["ignored|acme|STATE_FULL"] == 1


def test_oracle_takes_erased_cards_out_of_the_funnel() -> None:
    """3.18: each that is counted, in the order of the row; a second erasure says nothing."""
    other = happened(ISSUED + 1, "i5", "card.issued", card_token="k5")
    events = (ISSUE, replaced(ISSUED + 2, "k0", "k9"), other, card("card.blocked", LATER, "b"))
    oracle = fold(*events, ERASURE, ERASURE | {"event_id": "e2"})
    gone = moved(oracle)[-2:]

    assert lines(oracle)[-2:] == ["issued>  -1", "issued>  -1"]
    digits = format(by_hand_hash("/core", "e"), "016x")
    ids = [by_hand_uuid("moved", "acme", "c0", digits, token, "") for token in ("k9", "k5")]
    assert [one["moved_id"] for one in gone] == ids
    assert {one["occurred_at_ms"] for one in gone} == {LATER + 9}
    assert len(moved(oracle)) == 4 + 2


def test_oracle_erases_who_is_not_known_without_a_word() -> None:
    """3.18: nobody was counted."""
    ids = "/core e"
    unknown = envelope(BASE, "c9", ids, {"event_type": "erasure.requested", "request_id": "r"})

    assert fold(unknown).expected == []


def test_oracle_tells_an_erasure_from_the_event_whose_id_it_bears() -> None:
    """3.18: an erasure is no repeat of anything (3.2); two moves never share an id."""
    oracle = fold(ISSUE, ERASURE | {"event_id": "i"})
    first, second = moved(oracle)

    assert lines(oracle) == [">issued issued -1", "issued>  -1"]
    assert first["moved_id"] != second["moved_id"]


def test_oracle_tells_moves_apart_that_a_forgotten_replacement_brings() -> None:
    """3.18: of two successors k1 stays; read again, the other replacement moves k2 once more."""
    first, other = replaced(ISSUED, "k0", "k2"), replaced(ISSUED + 1, "k0", "k1")
    spent = purchase(ISSUED - 5, "p")
    sessions = [happened(LATER + n, f"s{n}", "app.session", surface="app") for n in range(32)]
    oracle = fold(spent, first, other, ISSUE, *sessions, first)
    told = [one for one in moved(oracle) if one["occurred_at_ms"] == ISSUED]

    went_on = ("first_spend", "issued+first_spend")
    wanted = [("first_spend", ""), ("", "first_spend"), went_on, went_on]
    assert [(one["before"], one["after"]) for one in told] == wanted
    assert len({one["moved_id"] for one in told}) == 4


def test_oracle_names_moves_by_tenant_and_customer() -> None:
    """N2: two banks that share every name, and two customers of one, share no id."""
    other = ISSUE | {"customer_token": "c1"}
    oracle = fold(ISSUE, ISSUE | {"tenant": "evil"}, other)

    assert len({one["moved_id"] for one in moved(oracle)}) == 3
