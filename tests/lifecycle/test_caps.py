"""Caps: exact sliding windows, reserved at decision, released by an explicit non-send only (C1)."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.campaign import Cap, EventEntry, LargePurchaseCondition
from schemas.state import CONTACTS_MAX
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, push, receipt, spend, word
from tests.lifecycle.told import decisions, story, triggers


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)
WEEK = 7 * DAY


def capped(*caps: Cap) -> Bank:
    """Return a bank whose one campaign fires at every purchase and has these caps."""
    return Bank(push(entry=ANY_PURCHASE, caps=caps))


def test_window_slides() -> None:
    """
    Two contacts in any seven days; the first leaves the window exactly seven days later.

        day   0    5    6           7 less 1 ms   7
              x    x    refused     refused       x
    """
    bank = capped(cap(2, WEEK))
    said = [story(bank.say(spend(), at))[-1] for at in (0, 5 * DAY, 6 * DAY, WEEK - 1, WEEK)]

    sent, refused = "push offer sent", "push offer suppressed CAP_CAMPAIGN"
    assert [sent, sent, refused, refused, sent] == said


def brute_force(times: list[int], caps: list[tuple[int, int]]) -> Iterator[bool]:
    """Yield for each time whether a contact fits, looking at every window that ends there."""
    made: list[int] = []
    for now in times:
        fits = all(sum(now - window < one <= now for one in made) < count for count, window in caps)
        if fits:
            made.append(now)
        yield fits


@given(
    gaps=st.lists(st.sampled_from([0, 1, HOUR, 10 * HOUR, DAY, DAY - 1, 3 * DAY]), max_size=40),
    caps=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([1, HOUR, DAY, 3 * DAY, WEEK])),
        min_size=1,
        max_size=3,
    ),
)
def test_caps_are_exact_in_every_window(gaps: list[int], caps: list[tuple[int, int]]) -> None:
    """C1: what goes out is what counting by brute force lets out, for any times and any caps."""
    bank = capped(*(cap(count, window) for count, window in caps))
    times = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    went = [bool(triggers(bank.say(spend(), at))) for at in times]

    assert list(brute_force(times, caps)) == went


def test_scope_all_counts_every_campaign() -> None:
    """A cap over all campaigns of the bank holds for the one that has it."""
    bank = Bank(
        push(id="a", entry=ANY_PURCHASE, caps=(cap(1, DAY),)),
        push(id="b", entry=ANY_PURCHASE, caps=(cap(1, DAY, "all"),)),
    )
    bank.say(spend(), 0)

    wanted = ["a offer suppressed CAP_CAMPAIGN", "b offer suppressed CAP_GLOBAL"]
    assert wanted == story(bank.say(spend(), HOUR))


def test_first_cap_that_is_full_is_the_reason_and_the_fullest_the_count() -> None:
    """The record names the first full cap, in the policy's order, and the greatest count found."""
    bank = capped(cap(2, HOUR), cap(2, DAY, "all"), cap(3, WEEK))
    bank.say(spend(), 0)
    bank.say(spend(), HOUR)
    refused = decisions(bank.say(spend(), 2 * HOUR - 1))[0]

    assert ("CAP_GLOBAL", 2) == (refused.reason_code, refused.cap_count)


def test_count_in_the_record_is_that_before_the_contact() -> None:
    """The winner's own contact is not in it."""
    bank = capped(cap(3, WEEK))
    counts = [decisions(bank.say(spend(), at))[0].cap_count for at in (0, 1, 2, 3)]

    assert [0, 1, 2, 3] == counts


@pytest.mark.parametrize("status", ["failed", "expired", "rejected", "cancelled", "blocked_optout"])
def test_explicit_non_send_releases(status: str) -> None:
    """C1: the gateway says that nobody was contacted; the window has room again."""
    bank = capped(cap(1, WEEK))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id
    bank.say(receipt(trigger_id, status), HOUR)
    bank.say(word("granted"), HOUR + 1)  # who blocked the channel has opted out as well (3.8)

    assert ["-> ann offer", "push offer sent"] == story(bank.say(spend(), 2 * HOUR))


@pytest.mark.parametrize(
    "status", ["accepted", "submitted", "delivered", "unknown", "too_late", "duplicate_ignored"]
)
def test_silence_and_doubt_release_nothing(status: str) -> None:
    """C1: unknown is not a non-send."""
    bank = capped(cap(1, WEEK))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id

    assert [] == bank.say(receipt(trigger_id, status), HOUR)
    assert ["push offer suppressed CAP_CAMPAIGN"] == story(bank.say(spend(), 2 * HOUR))


def test_blocked_channel_is_an_opt_out_whatever_the_trigger() -> None:
    """
    G1, 3.8: the gateway's word counts for every purpose, for a trigger that nobody knows, too.

        hour   0 x    1 blocked: released, opted out    2 refused    3 granted anew    4 x
    """
    bank = capped(cap(1, WEEK))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id
    assert [] == decisions(bank.say(receipt("nobody's", "blocked_optout"), HOUR))

    assert ["push offer suppressed OPTED_OUT"] == story(bank.say(spend(), 2 * HOUR))
    bank.say(word("granted"), 3 * HOUR)
    assert ["push offer suppressed CAP_CAMPAIGN"] == story(bank.say(spend(), 4 * HOUR))
    bank.say(receipt(trigger_id, "blocked_optout"), HOUR, arrived=5 * HOUR)
    assert ["-> ann offer", "push offer sent"] == story(bank.say(spend(), 6 * HOUR))
    assert 2 == bank.count("applied|{}|delivery.receipt")
    assert 0 == bank.count("ignored|{}|UNKNOWN_TRIGGER")


def test_delivered_after_failed_counts_again_and_says_so() -> None:
    """C1: the released place was given away; the record tells of the overrun."""
    bank = capped(cap(1, WEEK))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id
    bank.say(receipt(trigger_id, "failed"), HOUR)
    bank.say(spend(), 2 * HOUR)
    overrun = decisions(bank.say(receipt(trigger_id, "delivered"), 3 * HOUR, event_id="rcpt"))

    assert ["push offer cap_overrun DELIVERED_AFTER_RELEASE"] == story(overrun)
    assert (trigger_id, "rcpt", T0 + 3 * HOUR) == (
        overrun[0].trigger_id,
        overrun[0].entry_event_id,
        overrun[0].decided_at_ms,
    )
    assert 2 == decisions(bank.say(spend(), 4 * HOUR))[0].cap_count


def test_delivered_is_final() -> None:
    """Receipts out of order: a failure of the first attempt does not undo what was delivered."""
    bank = capped(cap(1, WEEK))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id
    bank.say(receipt(trigger_id, "delivered"), HOUR)
    bank.say(receipt(trigger_id, "failed"), 2 * HOUR)

    assert ["push offer suppressed CAP_CAMPAIGN"] == story(bank.say(spend(), 3 * HOUR))


def test_receipt_for_an_unknown_trigger_changes_nothing() -> None:
    """G1: it is ignored and counted, for a stranger too."""
    bank = capped()

    assert [] == bank.say(receipt("nobody's", "failed"), HOUR)
    assert [] == bank.say(receipt("nobody's", "failed"), HOUR, who="stranger")
    assert 2 == bank.count("ignored|{}|UNKNOWN_TRIGGER")


def test_contacts_are_bounded_and_the_oldest_goes() -> None:
    """No unbounded growth; released or not, for a contact may be delivered after all."""
    bank = capped()
    ids = [triggers(bank.say(spend(), at))[0].trigger_id for at in range(CONTACTS_MAX)]
    bank.say(receipt(ids[5], "failed"), HOUR)
    bank.say(spend(), 2 * HOUR)
    kept = [contact.trigger_id for contact in bank.row().contacts]

    assert ids[1:] == kept[:-1]
    assert T0 == bank.row().contacts_forgotten_at_ms
    assert CONTACTS_MAX == len(kept)
