"""What all contacts together bring: a tenant's own exposure of every customer (3.17)."""

from collections.abc import Mapping

import pytest

from lifecycle.ids import derived_id
from lifecycle.printing import printed
from schemas.codec import decode_customer_row, encode_row
from schemas.events import ErasureRequested, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, bill, push, spend, word
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


QUARTER = 90 * DAY
FACTS = {"live_from_ms": 0, "time_zone": "UTC", "holdout_salt": "h", "version": 7}
MONEY = {"currency": "CNY", "value_cap_minor": 50_000}


def configured(bank: Bank, at: int = 0, **changed: object) -> None:
    """Say what a bank is from now on."""
    facts: Mapping[str, object] = {**FACTS, "holdout_bp": 10_000, **MONEY, **changed}
    bank.control(TenantConfigured(**facts), at)


def held(**changed: object) -> Bank:
    """Return a bank that holds everybody out, and has heard of nobody yet."""
    bank = Bank(push(conversion=PURCHASE), consent="")
    configured(bank, **changed)
    return bank


def test_first_event_exposes_once() -> None:
    """By whatever event; none after it, until another salt chooses others."""
    bank = held()
    (one,) = assigned(bank.say(word("granted"), HOUR))

    assert ("", "assigned", "holdout", 1_000_000) == (
        one.campaign_id,
        one.verdict,
        one.arm,
        one.arm_ppm,
    )
    assert derived_id("holdout", TENANT, "ann", "h") == one.trigger_id
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
    assert [] == assigned(bank.say(spend(), 2 * HOUR))
    configured(bank, 3 * HOUR, holdout_salt="other", version=8)
    assert [8] == [again.policy_version for again in assigned(bank.say(spend(), 4 * HOUR))]
    assert 2 == bank.count("exposure|{}||assigned")


def test_who_is_not_held_out_is_exposed_alike() -> None:
    """A share of a ten-thousandth: ann is not in it, and has the rest as her share."""
    (one,) = assigned(held(holdout_bp=1).say(spend(), HOUR))

    assert ("default", 999_900, 100) == (one.arm, one.arm_ppm, one.holdout_ppm)


@pytest.mark.parametrize("changed", [{"holdout_bp": 0}, {"live_from_ms": T0 + DAY}])
def test_nobody_is_exposed_without_a_holdout_or_in_shadow(changed: dict[str, object]) -> None:
    """T7: what was before the start measures nothing."""
    bank = held(**changed)
    bank.say(spend(), HOUR)

    assert [] == bank.row().exposures
    assert b"" == bank.row().experiments


def test_ignored_event_exposes_nobody() -> None:
    """A purchase too old to count is told of a time that nobody looks at any more."""
    bank = held()

    assert [] == assigned(bank.say(spend(), 0, arrived=100 * DAY))
    assert 1 == len(assigned(bank.say(spend(), 100 * DAY, event_id="newer")))


def test_no_outcome_is_told_of_it() -> None:
    """Learning hears nothing: it settles once, with its label and its money, net."""
    bank = held()
    bank.say(spend(), 0)
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
    bank.say(spend(), 0)

    assert [] == objected(bank.say(word("revoked"), HOUR))


def test_campaign_within_the_holdout_is_another_experiment() -> None:
    """First in both: the holdout is known by its salt, and stands in the campaign's mark."""
    bank = held()
    bank.say(word("granted"), 0)
    (one,) = opened(bank.say(bill(300_000), HOUR))

    assert ("held_out", "holdout", True) == (one.verdict, one.arm, one.is_first)
    assert 2 == len(bank.row().experiments) // 4
    configured(bank, 2 * HOUR, holdout_salt="other", version=8)
    assert [True] == [
        each.is_first for each in opened(bank.say(bill(300_000, statement="s2"), 3 * HOUR))
    ]


def test_who_has_no_room_for_an_experiment_is_not_exposed() -> None:
    """32 are remembered: in a further one an effect counts fewer, never twice."""
    bank = held()
    row = bank.row()
    row.experiments = bytes(4 * 32)
    bank.state.tenant(TENANT).changed["ann"] = row

    assert [] == assigned(bank.say(spend(), HOUR))
    assert 4 * 32 == len(bank.row().experiments)


def test_erasure_forgets_it_in_silence() -> None:
    """B5: no record of the exposure's end."""
    bank = held()
    bank.say(spend(), 0)

    effects = [*bank.say(ErasureRequested(request_id="q"), HOUR), *bank.tick(2 * QUARTER)]

    assert ([], [], []) == (fates(effects), settled(effects), followed(effects))


def test_row_brings_its_timers_back() -> None:
    """What is not over is due after a restore as before it."""
    bank = held()
    bank.say(spend(), 0)
    tenant = bank.state.tenant(TENANT)
    row = decode_customer_row(encode_row(bank.row()))
    other = Bank(consent="")
    tenant = other.state.tenant(TENANT)
    tenant.stored["ann"] = encode_row(row)
    tenant.timers.note("ann", row)

    assert 1 == len(settled(other.tick(QUARTER)))
