"""The second opinion on what reservations give back: core.md §3.15, §3.13, by hand."""

import pytest

from tests.checker.journal_by_hand import came_out, decisions, happened, said
from tests.checker.offers_by_hand import (
    NUDGE,
    WORTH,
    gifted,
    kept,
    reservation,
    result,
)
from tests.checker.tiny_world import DECIDED, by_hand_uuid, envelope
from tests.checker.treatments_by_hand import (
    FAILED,
    grants,
    told,
    triggers,
)


ONE_SLOT = WORTH | {"fallbacks": []}


@pytest.mark.parametrize(
    ("receipts", "spent"),
    [
        (("failed",), 7),
        (("expired",), 7),
        (("failed", "rejected"), 7),
        (("failed", "delivered"), 10),
        (("delivered", "failed"), 10),
        (("unknown",), 10),
    ],
)
def test_oracle_gives_back_what_a_contact_cost_that_was_not_made(
    receipts: tuple[str, ...], spent: int
) -> None:
    """3.15: once; delivered takes it again; the unit stays promised."""
    heard = [told(one, at=DECIDED + 1_000 * n) for n, one in enumerate(receipts, 1)]

    assert kept(gifted(*heard, policy=ONE_SLOT)) == (1, spent)


def test_oracle_lets_a_fallback_take_the_reservation_over() -> None:
    """3.15: nothing is given back, no second grant is asked, the new contact keeps it."""
    oracle = gifted(FAILED, policy=WORTH)

    assert said(oracle) == ["sms", "sent", "push", "sent"]
    assert (len(grants(oracle)), kept(oracle)) == (1, (1, 10))
    names = ("offer_id", "reservation_id", "reservation_expires_at_ms")
    first, second = ([one[name] for name in names] for one in triggers(oracle))
    assert first == second == ["gift", reservation(), DECIDED + 5_000]
    first, second = oracle.customers["acme|c0"]["contacts"]
    assert (first["reserved"], second["reserved"]["reservation_id"]) == (None, reservation())
    assert decisions(oracle)[-1]["offer_id"] == "gift"


def test_oracle_spends_a_reservation_once_over_all_slots() -> None:
    """3.15: the first, delivered after all, has none any more; the last, failed, gives it back."""
    late = told("delivered", at=DECIDED + 2_000)
    assert kept(gifted(FAILED, late, policy=WORTH)) == (1, 10)

    over = (told("failed", 1, DECIDED + 2_000), told("failed", 2, DECIDED + 3_000))
    assert kept(gifted(FAILED, *over, policy=WORTH)) == (1, 7)


def test_oracle_gives_back_where_no_fallback_goes() -> None:
    """3.15: the kill switch keeps it; the contact's cost is back."""
    switch = {"event_type": "kill_switch.set", "engaged": True, "campaign_id": NUDGE}
    oracle = gifted(envelope(DECIDED + 500, "", "control k", switch), FAILED, policy=WORTH)

    assert said(oracle)[-1] == "suppressed KILL_SWITCH"
    assert kept(oracle) == (1, 7)


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        (("refused",), (0, 3)),
        (("expired",), (0, 3)),
        (("granted",), (1, 10)),
        (("redeemed",), (1, 10)),
        (("refused", "refused"), (0, 3)),
        (("refused", "granted"), (1, 10)),
        (("granted", "expired"), (0, 3)),
    ],
)
def test_oracle_gives_back_the_unit_that_was_not_granted(
    results: tuple[str, ...], wanted: tuple[int, int]
) -> None:
    """3.15: with its cost, by the newest word; what the contact cost stays spent."""
    heard = [result(one, DECIDED + 1_000 * n) for n, one in enumerate(results, 1)]

    assert kept(gifted(*heard, policy=WORTH)) == wanted
    if results == ("refused", "granted"):  # whatever the order in which they come
        assert kept(gifted(*reversed(heard), policy=WORTH)) == wanted


def test_oracle_hears_results_of_the_contacts_own_reservation() -> None:
    """3.15: by the reservation's id; of a trigger that is not known nothing is heard (3.8)."""
    other = by_hand_uuid("reservation", "other")

    assert kept(gifted(result("refused", reserved=other), policy=WORTH)) == (1, 10)
    assert kept(gifted(result("refused", slot=1), policy=WORTH)) == (1, 10)


@pytest.mark.parametrize("slot", [0, 1])
def test_oracle_gives_back_what_a_fallback_has_taken_over(slot: int) -> None:
    """3.15: the offer system names the trigger that asked, or the one that carries it now."""
    oracle = gifted(FAILED, result("refused", DECIDED + 2_000, slot), policy=WORTH)

    assert kept(oracle) == (0, 3)
    assert oracle.counts[f"cancelled|acme|{NUDGE}|NO_INVENTORY"] == 1


def test_oracle_cancels_what_promises_nothing_any_more() -> None:
    """3.13: NO_INVENTORY, and then it does not go on in another channel."""
    refused = result("refused", DECIDED + 500)
    oracle = gifted(refused, FAILED, policy=WORTH)

    assert [item.output.ce_type for item in came_out(oracle)][3:] == ["trigger.cancelled.v1"]
    assert oracle.counts[f"cancelled|acme|{NUDGE}|NO_INVENTORY"] == 1
    flagged = happened(DECIDED + 500, "f", "risk.flagged", flag_id="f", flag_class="fraud")
    oracle = gifted(flagged, refused, policy=WORTH)
    assert oracle.counts[f"cancelled|acme|{NUDGE}|RISK_FLAG"] == 1


def test_oracle_names_no_inventory_before_the_exit() -> None:
    """3.13: of an offer.result that ends journeys as well, in the order of the table."""
    policy = WORTH | {"exit_on": ["offer.result"]}

    for status, reason in (("refused", "NO_INVENTORY"), ("granted", "EXITED")):
        event = result(status, DECIDED + 500, card_token="k0")
        oracle = gifted(event, policy=policy)
        assert oracle.counts[f"cancelled|acme|{NUDGE}|{reason}"] == 1


def test_oracle_counts_the_units_of_an_erased_customer() -> None:
    """3.15: a contact that is no longer kept gives nothing back."""
    erasure = happened(DECIDED + 500, "e", "erasure.requested", request_id="r")
    oracle = gifted(erasure, FAILED, result("refused", DECIDED + 2_000), policy=WORTH)

    assert kept(oracle) == (1, 10)
