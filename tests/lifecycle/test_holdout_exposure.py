"""What all contacts together bring: a tenant's own exposure of every customer (3.17)."""

from collections.abc import Mapping

import pytest

from lifecycle.ids import derived_id
from lifecycle.printing import printed
from schemas.campaign import Campaign
from schemas.codec import decode_customer_row, encode_row
from schemas.events import (
    AnyEvent,
    ErasureRequested,
    KillSwitchSet,
    ResponseRecorded,
    TenantConfigured,
)
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    TENANT,
    Bank,
    bill,
    issued,
    nudge,
    push,
    receipt,
    spend,
    word,
)
from tests.lifecycle.channels import then
from tests.lifecycle.measured import (
    PURCHASE,
    assigned,
    fates,
    followed,
    objected,
    opened,
    outcomes,
    settled,
)
from tests.lifecycle.told import decisions, triggers


QUARTER = 90 * DAY
MINUTE = 60_000
BILL = bill(300_000)
OPT_OUT = ResponseRecorded(response_id="r", trigger_id="t", channel="sms", kind="optout")
FACTS = {"live_from_ms": 0, "time_zone": "UTC", "holdout_salt": "h", "version": 7}
MONEY = {"currency": "CNY", "value_cap_minor": 50_000}


def configured(bank: Bank, at: int = 0, **changed: object) -> None:
    """Say what a bank is from now on."""
    facts: Mapping[str, object] = {**FACTS, "holdout_bp": 10_000, **MONEY, **changed}
    bank.control(TenantConfigured(**facts), at)


def held(*campaigns: Campaign, consent: str = "", **changed: object) -> Bank:
    """Return a bank that holds everybody out, and would offer instalments; nobody has agreed."""
    bank = Bank(*(campaigns or (push(conversion=PURCHASE),)), consent=consent)
    configured(bank, **changed)
    return bank


def test_first_occasion_with_advertising_exposes_once() -> None:
    """None at the next one, until another salt chooses others."""
    bank = held()
    (one,) = assigned(bank.say(BILL, HOUR))

    assert ("", "assigned", "holdout", 1_000_000) == (
        one.campaign_id,
        one.verdict,
        one.arm,
        one.arm_ppm,
    )
    assert derived_id("holdout", TENANT, "ann", "h", str(T0 + HOUR)) == one.trigger_id
    assert (T0 + HOUR, T0 + HOUR + QUARTER, "txn.posted") == (
        one.decided_at_ms,
        one.closes_at_ms,
        one.conversion_on,
    )
    assert (7, True, 1_000_000, 50_000, "CNY", {"default": 1_000_000}) == (
        one.policy_version,
        one.is_first,
        one.holdout_ppm,
        one.value_cap_minor,
        one.currency,
        one.shares_ppm,
    )
    assert [] == assigned(bank.say(BILL, 2 * HOUR))
    configured(bank, 3 * HOUR, holdout_salt="other", version=8)
    assert [8] == [again.policy_version for again in assigned(bank.say(BILL, 4 * HOUR))]
    assert 2 == bank.count("exposure|{}||assigned")


def test_who_is_not_held_out_is_exposed_alike() -> None:
    """A share of a ten-thousandth: ann is not in it, and has the rest as her share."""
    (one,) = assigned(held(holdout_bp=1).say(BILL, HOUR))

    assert ("default", 999_900, 100) == (one.arm, one.arm_ppm, one.holdout_ppm)


@pytest.mark.parametrize("event", [word("granted"), spend(), bill(299_999), OPT_OUT])
def test_event_without_an_occasion_exposes_nobody(event: AnyEvent) -> None:
    """Else those contacted, who answer and whose gateways report, would be exposed sooner."""
    bank = held()
    bank.say(event, HOUR)

    assert [] == bank.row().exposures
    assert b"" == bank.row().experiments


def test_receipt_and_fallback_of_an_older_contact_expose_nobody() -> None:
    """Sent before there was a holdout: trying the next channel is no occasion."""
    bank = Bank(push(fallbacks=(then("push"),)))
    bank.say(word("granted", "push"), 0)
    (sent,) = triggers(bank.say(BILL, 0))
    configured(bank, holdout_bp=1)
    effects = bank.say(receipt(sent.trigger_id, "failed"), HOUR)

    assert ["push"] == [one.channel for one in triggers(effects)]
    assert [] == assigned(effects)


@pytest.mark.parametrize(
    ("consent", "control", "reason"),
    [
        ("", KillSwitchSet(engaged=True), "TENANT_PAUSED"),
        ("", None, "NO_CONSENT"),
        ("revoked", None, "OPTED_OUT"),
        ("granted", None, "HOLDOUT"),
    ],
)
def test_gates_do_not_decide_who_is_exposed(
    consent: str, control: KillSwitchSet | None, reason: str
) -> None:
    """Whether it is let or not; before the record of the decision."""
    bank = held(consent=consent)
    if control is not None:
        bank.control(control, 0)
    effects = bank.say(BILL, HOUR)
    (told,) = decisions(effects)

    assert (reason, [effects[0]]) == (told.candidate.reason_code, assigned(effects))


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_occasion_without_advertising_exposes_nobody(message_class: str) -> None:
    """The holdout binds neither, so it would measure what nobody was spared."""
    bank = held(push(message_class=message_class), consent="granted")
    effects = bank.say(BILL, HOUR)

    assert 1 == len(decisions(effects))
    assert [] == assigned(effects)


def test_held_out_and_others_are_exposed_at_the_same_time() -> None:
    """The same journal, with the receipts that only those contacted have; by a tick."""
    said = []
    for holdout_bp in (10_000, 1):
        bank = held(nudge(conversion=PURCHASE), consent="granted", holdout_bp=holdout_bp)
        bank.say(issued(), 0)
        effects = bank.tick(4 * DAY)
        for one in triggers(effects):
            effects += bank.say(receipt(one.trigger_id, "delivered"), 5 * DAY)
        said += [(effects[0], one) for one in assigned([*effects, *bank.tick(8 * DAY)])]

    assert ["holdout", "default"] == [one.arm for _, one in said]
    assert [T0 + 4 * DAY] * 2 == [one.decided_at_ms for _, one in said]
    assert all(first is one for first, one in said)


def test_purchase_that_is_the_occasion_does_not_count() -> None:
    """Not even of a producer whose clock is a minute ahead: what brought the offer is no effect."""
    bank = held()
    for number in range(2):
        bank.say(spend(), number * HOUR)
    effects = bank.say(spend(200_000), DAY + MINUTE, arrived=DAY)
    (kept,) = bank.row().exposures

    assert T0 + DAY == assigned(effects)[0].decided_at_ms
    assert (b"", 0, 0) == (kept.converted, kept.value_minor, kept.active_days)
    bank.say(spend(), DAY + 2 * MINUTE)
    assert (1_000, 1) == (kept.value_minor, kept.active_days)


@pytest.mark.parametrize("changed", [{"holdout_bp": 0}, {"live_from_ms": T0 + DAY}])
def test_nobody_is_exposed_without_a_holdout_or_in_shadow(changed: dict[str, object]) -> None:
    """T7: what was before the start measures nothing."""
    bank = held(**changed)

    assert 1 == len(decisions(bank.say(BILL, HOUR)))
    assert [] == bank.row().exposures
    assert b"" == bank.row().experiments


def test_no_outcome_is_told_of_it() -> None:
    """Learning hears nothing: it settles once, with its label and its money, net."""
    bank = held()
    bank.say(BILL, 0)
    said = bank.say(spend(2_500, card="k2"), DAY)
    effects = bank.tick(QUARTER)
    (one,) = settled(effects)

    assert [] == outcomes([*said, *effects])
    assert (1, 2_500, "CNY", "not_sent") == (one.label, one.value_minor, one.currency, one.delivery)
    assert b"bank|" == printed(one).key
    assert [(30, True), (60, False), (90, False)] == [
        (each.day, each.active) for each in followed(effects)
    ]


def test_it_is_no_contact_to_object_to() -> None:
    """Held out or not, nobody was written to by it."""
    bank = held(holdout_bp=1)
    bank.say(BILL, 0)

    assert [] == objected(bank.say(word("revoked"), HOUR))


def test_who_is_held_out_counts_in_the_tenants_own_alone() -> None:
    """The campaign's exposure opens beside it, and is the first under no salt of the holdout."""
    bank = held(consent="granted")
    effects = bank.say(BILL, HOUR)
    ((own,), (one,)) = assigned(effects), opened(effects)

    assert (True, "holdout") == (own.is_first, own.arm)
    assert ("held_out", "holdout", False) == (one.verdict, one.arm, one.is_first)
    assert 1 == len(bank.row().experiments) // 4
    configured(bank, 2 * HOUR, holdout_salt="other", version=8)
    assert [False] == [
        each.is_first for each in opened(bank.say(bill(300_000, statement="s2"), 3 * HOUR))
    ]


def test_erasure_forgets_it_in_silence() -> None:
    """B5: no record of the exposure's end."""
    bank = held()
    bank.say(BILL, 0)

    effects = [*bank.say(ErasureRequested(request_id="q"), HOUR), *bank.tick(2 * QUARTER)]

    assert ([], [], []) == (fates(effects), settled(effects), followed(effects))


def test_row_brings_its_timers_back() -> None:
    """What is not over is due after a restore as before it."""
    bank = held()
    bank.say(BILL, 0)
    tenant = bank.state.tenant(TENANT)
    row = decode_customer_row(encode_row(bank.row()))
    other = Bank(consent="")
    tenant = other.state.tenant(TENANT)
    tenant.stored["ann"] = encode_row(row)
    tenant.timers.note("ann", row)

    assert 1 == len(settled(other.tick(QUARTER)))
