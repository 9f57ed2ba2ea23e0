"""The second opinion on campaigns that a guardrail holds: core.md §3.17 (held), by hand."""

from typing import Any

import pytest

from tests.checker.effects_by_hand import BEGUN, DAY, MEASURED, failed
from tests.checker.identity import Facts
from tests.checker.journal_by_hand import decisions, fold, published, said
from tests.checker.tiny_world import BASE, DUE, envelope
from tests.checker.treatments_by_hand import ALL_CHANNELS, treatment


NUDGE = "activation_nudge"
BEFORE, TICK = BEGUN[:-1], BEGUN[-1]


def tripped(
    version: int = 1, campaign: str = NUDGE, kind: str = "failure", nth: int = 1, place: int = 0
) -> Facts:
    """Return the envelope of a guardrail that has tripped, the nth time in a partition."""
    about = {"campaign_id": campaign, "policy_version": version, "kind": kind, "arm": ""}
    seen = {"bound_ppm": 1_000, "count": 90, "event_count": 9, "p_ppm": 17, "alpha_ppm": 5_000}
    record = {"event_type": "guardrail.tripped", **about, **seen}
    record |= {"partition": place, "sequence": nth}
    name = f"cardcue/insight {campaign}-{version}-{kind}-{place}-{nth}"
    return envelope(BASE, "", name, record)


def switched(campaign: str = NUDGE, event_id: str = "k", *, engaged: bool = False) -> Facts:
    """Return the envelope of a kill switch."""
    record = {"event_type": "kill_switch.set", "engaged": engaged, "campaign_id": campaign}
    return envelope(BASE, "", f"control {event_id}", record)


def after(*records: Facts, policy: Facts = MEASURED) -> list[str]:
    """Return what comes of the nudge, with these records before its tick."""
    return said(fold(published(policy), *BEFORE, *records, TICK))


STOPPED = ["suppressed GUARDRAIL_STOP"]
SENT = ["sms", "sent"]


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        ([tripped()], STOPPED),
        ([tripped(2)], STOPPED),
        ([tripped(0)], SENT),
        ([tripped(campaign="another")], SENT),
        ([tripped(), switched()], SENT),
        ([tripped(), switched("another")], STOPPED),
        ([tripped(), switched("")], STOPPED),
        ([switched(), tripped()], STOPPED),
        ([tripped(), switched(), tripped(kind="harm")], STOPPED),
        ([tripped(), switched(), tripped()], SENT),
        ([tripped(), tripped(), switched()], SENT),
        ([tripped(), switched(), tripped(nth=2)], STOPPED),
        ([tripped(), switched(), tripped(place=1)], STOPPED),
        ([tripped(nth=2), switched(), tripped()], SENT),
        ([tripped(2), switched(), tripped(3)], STOPPED),
        ([switched(), tripped(), switched()], STOPPED),
        ([tripped(), published(MEASURED | {"version": 2}, "p2")], SENT),
        ([tripped(), published(MEASURED, "p2")], STOPPED),
        ([published(MEASURED | {"version": 2}, "p2"), tripped()], SENT),
        ([tripped(), switched(engaged=True)], ["suppressed KILL_SWITCH"]),
        ([tripped(), switched("", engaged=True)], ["suppressed TENANT_PAUSED"]),
    ],
)
def test_oracle_holds_a_campaign_until_people_let_it_go_on(
    records: list[Facts], wanted: list[str]
) -> None:
    """3.17: a version not above the one that tripped; a repeat of an old switch is no new word."""
    assert after(*records) == wanted


def test_oracle_holds_no_campaign_that_is_not_published_yet() -> None:
    """3.17: without an active policy there is nothing to hold, nor to remember."""
    oracle = fold(tripped(), published(MEASURED), *BEFORE, TICK)

    assert said(oracle) == SENT
    assert oracle.counts["control|acme|STALE_VERSION"] == 1
    assert oracle.tenants["acme"]["trips"] == {}


def test_oracle_counts_a_trip_once_and_remembers_no_hash_of_it() -> None:
    """3.7: it is no control record; the same one again is stale and holds nothing."""
    oracle = fold(published(MEASURED), *BEFORE, tripped(), switched(), tripped(), TICK)

    assert said(oracle) == SENT
    assert oracle.counts["control|acme|guardrail.tripped"] == 1
    assert oracle.counts["control|acme|STALE_VERSION"] == 1


def test_oracle_forgets_what_versions_before_the_one_that_takes_effect_broke() -> None:
    """3.17: those of other campaigns, and of versions that are not known here yet, stay."""
    second = published(MEASURED | {"version": 2}, "p2")
    oracle = fold(
        published(MEASURED), tripped(), tripped(2, nth=3), tripped(3, kind="harm"), second
    )

    wanted = {f"{NUDGE}|2|failure|0": 3, f"{NUDGE}|3|harm|0": 1}
    assert oracle.tenants["acme"]["trips"] == wanted


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_oracle_holds_messages_of_every_class(message_class: str) -> None:
    """O3: the gate `stop` binds all; its reading says so, with nothing seen."""
    policy = MEASURED | {"message_class": message_class}
    (one,) = decisions(fold(published(policy), *BEFORE, tripped(), TICK))

    reading: dict[str, Any] = {"gate": "stop", "reason_code": "GUARDRAIL_STOP", "clause": ""}
    assert one["gates"][-1] == reading | {"saw": {}}


def test_oracle_lets_no_fallback_go_of_a_campaign_that_is_held() -> None:
    """3.14: the gates are asked anew."""
    policy = MEASURED | {"fallbacks": [treatment("push")]}
    records = (published(policy), *ALL_CHANNELS, *BEFORE[1:], TICK)

    assert said(fold(*records, failed()))[2:] == ["push", "sent"]
    assert said(fold(*records, tripped(), failed()))[2:] == STOPPED


def test_oracle_holds_what_comes_later_only() -> None:
    """3.17: the first nudge was sent, the second is not."""
    steps = [*MEASURED["steps"], {"id": "again", "delay_ms": 7 * DAY}]
    again = TICK | {
        "journal_at_ms": DUE + 4 * DAY,
        "record": TICK["record"] | {"now_at_ms": DUE + 4 * DAY, "watermark_at_ms": DUE + 4 * DAY},
    }
    records = (published(MEASURED | {"steps": steps}), *BEFORE, TICK, tripped(), again)

    assert said(fold(*records)) == [*SENT, *STOPPED]
