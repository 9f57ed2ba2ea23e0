"""The ledger of contacts, worked out by hand: scopes, a full memory, what had to be forgotten."""

import pytest
from msgspec.structs import replace

from lifecycle import ledger
from lifecycle.ledger import Address
from schemas.campaign import CapScope
from schemas.events import PolicyPublished
from schemas.state import CONTACTS_MAX, KEPT_BACK_MAX, Contact, CustomerRow, KeptBack
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, cap, receipt, spend
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, limit, offer
from tests.lifecycle.told import Told, decisions, story, triggers


ANN = Address("a", "marketing", "offers", "sms")
FULL = [*range(CONTACTS_MAX)]
"""Moments of as many contacts as fit, a millisecond apart."""


def made(decided_at_ms: int, address: Address = ANN, *, released: bool = False) -> Contact:
    """Return a contact."""
    return Contact(
        trigger_id=f"t{decided_at_ms}",
        campaign_id=address.campaign_id,
        channel=address.channel,
        card_token="k1",
        occurrence_key="k1|1",
        step="offer",
        policy_version=1,
        entered_at_ms=0,
        decided_at_ms=decided_at_ms,
        released=released,
        message_class=address.message_class,
        purpose=address.purpose,
    )


def test_a_window_is_open_at_its_far_end() -> None:
    """A contact exactly `window_ms` ago has left; a millisecond less and it counts; so does now."""
    row = CustomerRow(contacts=[made(at_ms) for at_ms in (900, 901, 1_000, 1_000)])

    assert 3 == ledger.count(row, "all", ANN, 1_000 - 100)


@pytest.mark.parametrize(
    ("scope", "count"), [("all", 6), ("class", 4), ("channel", 5), ("purpose", 4), ("campaign", 5)]
)
def test_a_scope_counts_what_shares_it(scope: CapScope, count: int) -> None:
    """One contact like the candidate, one other in each respect, and one of an older row."""
    others = ["b", "servicing", "surveys", "push"]
    different = [
        ANN._replace(**{field: other}) for field, other in zip(ANN._fields, others, strict=True)
    ]
    older = ANN._replace(message_class="", purpose="")  # written before there were these fields
    row = CustomerRow(contacts=[made(5, one) for one in (ANN, *different, older)])

    assert count == ledger.count(row, scope, ANN, 0)


def test_a_released_contact_does_not_count() -> None:
    """C1: an explicit non-send receipt makes room."""
    row = CustomerRow(contacts=[made(5), made(6, released=True)])

    assert 1 == ledger.count(row, "all", ANN, 0)


@pytest.mark.parametrize("released", [False, True])
def test_a_ledger_is_full_while_a_window_may_need_its_oldest(*, released: bool) -> None:
    """32 contacts from 0 to 31: the oldest leaves a window of 100 at 100; released ones too."""
    row = CustomerRow(contacts=[made(at_ms, released=released) for at_ms in FULL])
    fewer = CustomerRow(contacts=row.contacts[1:])

    assert [True, False] == [ledger.full(row, now_ms, 100) for now_ms in (99, 100)]
    assert not ledger.full(fewer, 99, 100)


def test_the_oldest_makes_room_and_that_is_known() -> None:
    """Of two that are equally old the first goes, wherever it stands; the moment stays known."""
    row = CustomerRow(contacts=[made(at_ms) for at_ms in (9, 2, 2, *range(10, CONTACTS_MAX + 7))])
    row.contacts[1] = replace(row.contacts[1], trigger_id="first")
    kept = [one.trigger_id for one in row.contacts if one.trigger_id != "first"]
    ledger.note(row, made(500))

    assert [*kept, "t500"] == [one.trigger_id for one in row.contacts]
    assert 2 == row.contacts_forgotten_at_ms


def test_who_is_kept_back_is_remembered_once_a_campaign() -> None:
    """E2: the newest counts, at the end of the list."""
    row = CustomerRow()
    for campaign, at_ms in (("a", 1), ("b", 2), ("a", 3)):
        ledger.keep_back(row, KeptBack(campaign, "k1|1", at_ms))

    assert [KeptBack("b", "k1|1", 2), KeptBack("a", "k1|1", 3)] == row.kept_back


def test_memory_of_who_is_kept_back_is_bounded() -> None:
    """The 33rd campaign takes the place of the oldest, of equals the first."""
    row = CustomerRow()
    for number in range(KEPT_BACK_MAX + 1):
        ledger.keep_back(row, KeptBack(f"c{number}", "k1|1", 5 if number in {3, 9} else 8))

    assert KEPT_BACK_MAX == len(row.kept_back)
    assert {f"c{number}" for number in range(KEPT_BACK_MAX + 1)} - {"c3"} == {
        one.campaign_id for one in row.kept_back
    }


SCOPES = {
    "campaign": "CAP_CAMPAIGN",
    "channel": "CAP_CHANNEL",
    "purpose": "CAP_PURPOSE",
    "class": "CAP_CLASS",
    "all": "CAP_GLOBAL",
}


@pytest.mark.parametrize(("scope", "reason"), SCOPES.items())
def test_a_full_cap_is_refused_for_its_scope(scope: str, reason: str) -> None:
    """3.4.10: one contact within a cap of one, whatever its scope; what it saw are the counts."""
    bank = Bank(offer(caps=(cap(1, DAY, scope),)))
    bank.say(spend(), 0)
    told = decisions(bank.say(spend(), HOUR))[0]

    assert (reason, "", {}, 1) == (
        told.reason_code,
        told.clause,
        told.gates[-1].saw,
        told.candidate.caps[0].count_before,
    )


def crowded(*times: int, window_ms: int = DAY) -> Bank:
    """Return a bank that had to say something at each of these times, and may offer 100 a day."""
    bank = Bank(
        offer(entry=any_purchase(1_000), caps=(cap(100, window_ms),)),
        offer("z", message_class="mandatory"),
    )
    for at in times:
        bank.say(spend(1), at)
    return bank


def offered(bank: Bank, at: int) -> Told:
    """Return what becomes of the offer at a larger purchase."""
    return decisions(bank.say(spend(1_000), at))[0]


@pytest.mark.parametrize(("at", "reason"), [(DAY - 1, "CAP_GLOBAL"), (DAY, "")])
def test_a_full_memory_refuses_whom_caps_bind(at: int, reason: str) -> None:
    """3.10: 32 contacts since 0 ms; no window needs the first any more a day after it."""
    told = offered(crowded(*FULL), at)
    saw = {"contact_count": 32, "longest_window_ms": DAY}

    assert (reason, "memory" if reason else "") == (told.reason_code, told.clause)
    assert [saw if reason else {}] == [one.saw for one in told.gates if one.gate == "caps"]


def test_a_released_contact_is_remembered_as_long() -> None:
    """C1: it may yet be delivered; the memory is as full with it as without."""
    bank = crowded()
    for at in FULL:
        trigger = triggers(bank.say(spend(1), at))[0]
        bank.say(receipt(trigger.trigger_id, "failed"), at)
    told = offered(bank, HOUR)

    assert ("CAP_GLOBAL", "memory", 0) == (told.reason_code, told.clause, told.cap_count)


@pytest.mark.parametrize(("at", "reason"), [(2 * HOUR, "CAP_CAMPAIGN"), (2 * HOUR + 1, "")])
def test_a_cap_that_reaches_back_to_what_was_forgotten_is_full(at: int, reason: str) -> None:
    """
    Fail closed: of 33 contacts one of the two that were made at 1 ms is forgotten.

        a window of two hours opens   0 ms: refused   1 ms: the forgotten one has left as well
    """
    told = offered(crowded(1, 1, *range(2, CONTACTS_MAX + 1), window_ms=2 * HOUR), at)
    saw = {"forgotten_at_ms": T0 + 1} if reason else {}

    assert (reason, "memory" if reason else "") == (told.reason_code, told.clause)
    assert [saw] == [one.saw for one in told.gates if one.gate == "caps"]


def test_whom_no_cap_binds_is_never_refused() -> None:
    """Mandatory contacts always find room, capless offers too; the ledger stays bounded."""
    bank = Bank(offer(), offer("z", message_class="mandatory"))
    said = [story(bank.say(spend(), at)) for at in range(40)]

    assert all("a offer sent" in one and "z offer sent" in one for one in said)
    assert CONTACTS_MAX == len(bank.row().contacts)


def test_a_longer_window_is_full_for_what_was_forgotten_before_it_was_known() -> None:
    """
    A policy of later looks back further than anyone did when contacts were forgotten.

        ms 0 ... 39 contacts, nothing caps them    1 h a cap of a day: refused until a day has gone
    """
    bank = Bank(offer("z", message_class="mandatory"))
    for at in range(40):
        bank.say(spend(1), at)
    bank.control(PolicyPublished(campaign=offer(caps=(cap(9, DAY),)), policy_hash="h"), HOUR)

    told = offered(bank, 2 * HOUR)

    assert ("CAP_CAMPAIGN", "memory") == (told.reason_code, told.clause)


def test_the_longest_window_is_that_of_any_rule() -> None:
    """3.10: caps of campaigns and of the bank, exclusions, cool-downs; the newest policies only."""
    tenant = (bank := Bank()).state.tenant(TENANT)
    found = [tenant.longest_window_ms]
    for record in (
        PolicyPublished(campaign=offer(caps=(cap(1, 5), cap(1, 9))), policy_hash="h"),
        PolicyPublished(campaign=offer("b", cool_down_ms=20), policy_hash="h"),
        bank_policy(limit(1, 30), apart("a", "b", 40)),
        bank_policy(limit(1, 35), version=2),
        PolicyPublished(campaign=offer("b", version=2), policy_hash="h"),
        bank_policy(version=3),
    ):
        bank.control(record)
        found.append(tenant.longest_window_ms)

    assert [0, 9, 20, 40, 35, 35, 9] == found
