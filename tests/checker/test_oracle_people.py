"""The second opinion on opt-outs, consent in time, erasure and repeats: core.md §3.2, 3.4, 3.8."""

from itertools import permutations
from typing import Any

import pytest

from tests.checker.check import erasure_rows
from tests.checker.identity import content_check
from tests.checker.journal_by_hand import (
    DAY,
    NUDGED,
    card,
    consent,
    decisions,
    fold,
    happened,
    published,
    purchase,
    receipt,
    said,
)
from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    DECIDED,
    ERASED_ROW,
    ISSUED,
    TRIGGER_ID,
    tick,
)


SECOND = tick(ISSUED + 7 * DAY + 5_000, ISSUED + 7 * DAY)


def response(kind: str, at: int, trigger_id: str = TRIGGER_ID) -> dict[str, Any]:
    """Return what c0 did with a message by sms."""
    fields = {"response_id": "r", "trigger_id": trigger_id, "channel": "sms", "kind": kind}
    return happened(at, f"{kind}-{at}", "response.recorded", **fields)


@pytest.mark.parametrize(
    "out",
    [
        response("optout", BASE + 40_000, "unheard-of"),
        receipt("blocked_optout", BASE + 40_000, "x"),
    ],
)
def test_oracle_opt_out_is_the_word_revoked_for_the_channel(out: dict[str, Any]) -> None:
    """3.8 (opt-out): newer than the word, of a trigger nobody knows, in any order."""
    kept = NUDGED[1]
    for order in permutations([kept, out, NUDGED[2]]):
        oracle = fold(NUDGED[0], *order, NUDGED[3])
        assert said(oracle) == ["suppressed OPTED_OUT"]
        assert decisions(oracle)[0]["consent_ref"] == ""
    assert said(fold(NUDGED[0], out, NUDGED[2], NUDGED[3])) == ["suppressed OPTED_OUT"]
    again = consent("granted", BASE + 40_001, "g9")
    assert said(fold(*NUDGED[:3], out, again, NUDGED[3])) == ["sms", "sent"]


def test_oracle_opt_out_binds_servicing_too() -> None:
    """O3: servicing without any word of its own meets the refusal of the channel."""
    policy = published(CAMPAIGN | {"message_class": "servicing"})
    out = response("optout", BASE, "unheard-of")

    assert said(fold(policy, out, NUDGED[2], NUDGED[3])) == ["suppressed OPTED_OUT"]
    other = published(CAMPAIGN | {"message_class": "mandatory"})
    assert said(fold(other, out, NUDGED[2], NUDGED[3])) == ["sms", "sent"]


def test_oracle_opt_out_takes_the_place_of_the_oldest_yes() -> None:
    """3.8 (opt-out): of 32 pairs the oldest `granted` goes; of 32 refusals none does."""

    def pairs(status: str) -> list[dict[str, Any]]:
        fields = {"channel": "push", "status": status}
        return [
            happened(BASE + 50 - n, f"c{n}", "consent.changed", purpose=f"p{n:02}", **fields)
            for n in range(32)
        ]

    out = response("optout", ISSUED, "unheard-of")
    oracle = fold(*pairs("granted"), out)
    assert ("p31", "push") not in oracle.customers["acme|c0"]["consents"]
    assert oracle.customers["acme|c0"]["consents"]["*", "sms"]["status"] == "revoked"
    full = fold(*pairs("denied"), out)
    assert full.counts["ignored|acme|STATE_FULL"] == 1


def test_oracle_response_to_an_unknown_trigger_is_no_word() -> None:
    """3.8: ignored, unless it is an opt-out; a known one leaves its word."""
    assert fold(response("click", BASE, "x")).counts == {"ignored|acme|UNKNOWN_TRIGGER": 1}
    assert fold(response("optout", BASE, "x")).counts == {"applied|acme|response.recorded": 1}

    words = fold(*NUDGED, response("optout", DECIDED)).customers["acme|c0"]["words"]
    assert words["response", "sms"] == (DECIDED, "optout", 0, 0, 0, TRIGGER_ID)
    fields = {"reservation_id": "v", "trigger_id": TRIGGER_ID, "status": "redeemed", "reason": ""}
    words = fold(*NUDGED, happened(DECIDED, "o", "offer.result", **fields))
    assert words.customers["acme|c0"]["words"]["offer", "v"][1] == "redeemed"


def test_oracle_blocked_receipt_releases_and_opts_out() -> None:
    """C1, O7: the contact counts no more, and the next step finds the refusal."""
    oracle = fold(*NUDGED, receipt("blocked_optout", DECIDED + 1, "x"), SECOND)

    assert said(oracle) == ["sms", "sent", "suppressed OPTED_OUT"]
    assert oracle.customers["acme|c0"]["contacts"][0]["released"]


def test_oracle_consent_counts_from_its_day() -> None:
    """3.4 (4): what is granted from a later moment is no consent before it, for marketing."""
    word = consent("granted")
    word["record"] |= {"effective_at": "2023-11-17T22:14:25.001Z"}  # DECIDED + 1
    records = [NUDGED[0], word, NUDGED[2]]
    servicing = published(CAMPAIGN | {"message_class": "servicing"})

    oracle = fold(*records, NUDGED[3])
    assert said(oracle) == ["suppressed NO_CONSENT"]
    assert decisions(oracle)[0]["consent_ref"] == ""
    later = tick(DECIDED + 1, NUDGED[3]["record"]["watermark_at_ms"])
    assert said(fold(*records, later)) == ["sms", "sent"]
    assert said(fold(servicing, *records[1:], NUDGED[3])) == ["sms", "sent"]


def test_oracle_erasure_forgets_everything_for_ever() -> None:
    """B5: no row, no timer, no later event; a mark that only the secret leads to."""
    erased = happened(ISSUED + 5, "e", "erasure.requested", request_id="r")
    again = happened(ISSUED + 9, "e2", "erasure.requested", request_id="r")
    oracle = fold(*NUDGED[:3], erased, card("card.activated", ISSUED, "a"), again, NUDGED[3])

    assert said(oracle) == []
    assert oracle.customers == {}
    assert oracle.erased == {"acme|c0": ISSUED + 5}
    assert oracle.counts["ignored|acme|ERASED"] == 2
    assert oracle.counts["applied|acme|erasure.requested"] == 1
    first = fold(erased | {"customer_token": "c7"})
    assert erasure_rows({0: first}, {"acme": "s3cret"}) == {ERASED_ROW: ISSUED + 5}
    assert erasure_rows({0: first}, {}) != {ERASED_ROW: ISSUED + 5}


def test_oracle_tells_a_repeat_from_another_event_of_its_name() -> None:
    """B2: same name and same contents: DUPLICATE; other contents: ID_CONFLICT; nothing moves."""
    first, other = purchase(BASE, "x", 100), purchase(BASE, "x", 101)
    assert content_check(first["record"]) != content_check(other["record"])

    oracle = fold(first, first, other)
    assert oracle.counts["ignored|acme|DUPLICATE"] == 1
    assert oracle.counts["ignored|acme|ID_CONFLICT"] == 1
    assert oracle.customers["acme|c0"]["amounts"]["CNY"]["sum"] == 100


def test_oracle_merging_identities_is_not_supported() -> None:
    """3.8: counted as ignored; it is remembered in the ring and changes nothing else."""
    merged = happened(BASE, "m", "identity.merged", new_customer_token="c1")
    oracle = fold(merged, merged)

    assert oracle.counts == {"ignored|acme|NOT_SUPPORTED": 1, "ignored|acme|DUPLICATE": 1}


def test_oracle_keeps_the_newest_preference_and_profile_whole() -> None:
    """3.8: the greatest (time, fields in their order); an older field never fills a gap."""
    told = [
        happened(BASE, "a", "preference.changed", language="zh", quiet_hours="21:00-08:00"),
        happened(BASE + 1, "b", "preference.changed", channel_order=["push"]),
        happened(BASE + 1, "c", "preference.changed", channel_order=["push", "sms"]),
        happened(BASE + 1, "d", "profile.changed", attributes={"age_band": "b"}),
        happened(BASE + 1, "e", "profile.changed", attributes={"wealth_band": "a"}),
    ]
    for order in permutations(told):
        customer = fold(*order).customers["acme|c0"]
        assert customer["preference"] == (BASE + 1, False, ("push", "sms"), "", "")
        assert customer["profile"] == (BASE + 1, "", "", (), False, ("", "a", "", ""))
