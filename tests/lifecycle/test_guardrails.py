"""A campaign whose guardrail was broken is held until people let it go on (docs/core.md 3.17)."""

import msgspec
import pytest

from lifecycle import guardrails
from schemas.codec import decode_tenant_row
from schemas.events import KillSwitchSet, PolicyPublished
from schemas.insight import GuardrailTripped
from schemas.records import Row
from tests.lifecycle.builders import DAY, HOUR, TENANT, Bank, bill, push
from tests.lifecycle.told import story


HELD = ["push offer suppressed GUARDRAIL_STOP"]
SENT = ["-> ann offer", "push offer sent"]


def tripped(
    version: int = 1, campaign_id: str = "push", sequence: int = 1, **said: object
) -> GuardrailTripped:
    """Return that too many have opted out, for the how-many-th time."""
    about = {"kind": "opt_out", "campaign_id": campaign_id, "policy_version": version}
    tag = {"event_type": "guardrail.tripped", "sequence": sequence}
    return msgspec.convert({**about, **tag, **said}, GuardrailTripped)


def held() -> Bank:
    """Return a bank whose campaign is held."""
    bank = Bank(push())
    bank.control(tripped(), HOUR)
    return bank


def asked(bank: Bank, at: int = DAY) -> list[str]:
    """Return what becomes of a bill."""
    return story(bank.say(bill(300_000, statement=f"s{at}"), at))


def test_tripped_campaign_is_held() -> None:
    """From where it stands in the journal; it is counted, and no control record."""
    bank = held()

    assert HELD == asked(bank)
    assert 1 == bank.count("control|{}|guardrail.tripped")
    assert 2 == len(bank.state.tenant(TENANT).row.control_hashes)  # the zone, the policy


@pytest.mark.parametrize("campaign_id", ["other", ""])
def test_other_campaigns_go_on(campaign_id: str) -> None:
    """It names what it holds; one that is not known is nobody's."""
    bank = Bank(push())
    bank.control(tripped(campaign_id=campaign_id), HOUR)

    assert SENT == asked(bank)


@pytest.mark.parametrize(("version", "wanted"), [(1, SENT), (2, HELD), (3, HELD)])
def test_version_that_is_newer_is_not_held(version: int, wanted: list[str]) -> None:
    """Active is 2: what 1 did says nothing of it; partitions that lag behind are told of 3."""
    bank = Bank(push(version=2))
    bank.control(tripped(version), HOUR)

    assert wanted == asked(bank)


def test_people_let_it_go_on_with_the_kill_switch() -> None:
    """Of this campaign, released; the bank's own, and an engaged one, lift nothing."""
    bank = held()
    bank.control(KillSwitchSet(engaged=False), 2 * HOUR)
    bank.control(KillSwitchSet(engaged=False, campaign_id="other"), 2 * HOUR)
    assert HELD == asked(bank, 3 * HOUR)
    bank.control(KillSwitchSet(engaged=True, campaign_id="push"), 4 * HOUR)
    assert ["push offer suppressed KILL_SWITCH"] == asked(bank, 5 * HOUR)
    bank.control(KillSwitchSet(engaged=False, campaign_id="push"), 6 * HOUR)
    assert SENT == asked(bank, 7 * HOUR)


def test_people_let_it_go_on_with_another_version() -> None:
    """Only one that takes effect: a stale one changes nothing."""
    bank = held()
    bank.control(PolicyPublished(campaign=push(), policy_hash="again"), 2 * HOUR)
    assert HELD == asked(bank, 3 * HOUR)
    bank.control(PolicyPublished(campaign=push(version=2), policy_hash="newer"), 4 * HOUR)
    assert SENT == asked(bank, 5 * HOUR)


@pytest.mark.parametrize(
    ("again", "wanted"),
    [
        (tripped(), SENT),
        (tripped(sequence=2), HELD),
        (tripped(partition=1), HELD),
        (tripped(kind="harm"), HELD),
    ],
)
def test_trip_holds_once_and_the_next_one_again(again: GuardrailTripped, wanted: list[str]) -> None:
    """After people let it go on: the same told again is history, another is news."""
    bank = held()
    bank.control(KillSwitchSet(engaged=False, campaign_id="push"), 2 * HOUR)
    bank.control(again, 3 * HOUR)

    assert wanted == asked(bank)
    heard = (bank.count("control|{}|guardrail.tripped"), bank.count("control|{}|STALE_VERSION"))
    assert heard == ((1, 1) if wanted == SENT else (2, 0))


def test_older_trip_of_a_kind_is_history() -> None:
    """The second was heard before the first is told again."""
    bank = Bank(push())
    for sequence in (2, 1):
        bank.control(tripped(sequence=sequence), HOUR)
        bank.control(KillSwitchSet(engaged=False, campaign_id="push"), HOUR + sequence)

    assert SENT == asked(bank)


def test_trips_of_older_versions_are_forgotten_with_them() -> None:
    """The row keeps no more than the active version, and what lags behind, may still need."""
    bank = held()
    bank.control(tripped(3), HOUR)
    bank.control(PolicyPublished(campaign=push(version=2), policy_hash="newer"), 2 * HOUR)

    assert {"push|3|opt_out|0": 1} == bank.state.tenant(TENANT).row.trip_sequences


def test_trip_of_what_is_not_active_is_stale() -> None:
    """Nothing is held by it, and nothing remembered."""
    bank = Bank(push(version=2))
    assert not guardrails.trip(bank.state.tenant(TENANT), tripped())
    assert not guardrails.trip(bank.state.tenant(TENANT), tripped(campaign_id="other"))
    assert guardrails.trip(bank.state.tenant(TENANT), tripped(2))
    assert not guardrails.trip(bank.state.tenant(TENANT), tripped(2))


def test_trip_is_kept_in_the_tenants_row() -> None:
    """A successor holds it as well."""
    bank = held()
    rows: list[Row] = []
    bank.state.drain(rows)
    kept = [row.value for row in rows if row.key == b"#tenant|0|bank"]

    assert [["push"]] == [decode_tenant_row(value).campaigns_tripped for value in kept if value]
