"""Cool-down and exclusion: contacts kept apart, whether made or withheld (3.4.9, 3.10, E2)."""

import pytest
from msgspec.structs import replace

from schemas.campaign import Experiment, Step
from schemas.contact_policy import Exclusion
from schemas.events import PolicyPublished, TenantConfigured
from schemas.state import CONTACTS_MAX
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, receipt, spend, word
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, limit, offer
from tests.lifecycle.told import Told, decisions, story, triggers


SENT = ["-> ann offer", "a offer sent"]
COOL = ["a offer suppressed COOL_DOWN"]
CONTROL = Experiment(salt="s", control_bp=10_000)
DEAR, CHEAP = 90_000, 100


def refusal(told: Told) -> tuple[str, str, dict[str, int]]:
    """Return what the last gate said."""
    reading = told.gates[-1]
    return reading.reason_code, reading.clause, reading.saw


@pytest.mark.parametrize(("at", "said"), [(DAY - 1, COOL), (DAY, SENT)])
def test_campaign_waits_after_a_contact(at: int, said: list[str]) -> None:
    """Of a day, to the millisecond: open at its far end, as a cap's window."""
    bank = Bank(offer(cool_down_ms=DAY))
    bank.say(spend(), 0)

    assert said == story(bank.say(spend(), at))


def test_cool_down_tells_how_long_ago_the_newest_contact_was() -> None:
    """Of two, 20 h and 11 h ago; the record has the length asked for."""
    bank = Bank(offer())
    for at in (0, 9 * HOUR):
        bank.say(spend(), at)
    campaign = offer(version=2, cool_down_ms=DAY)
    bank.control(PolicyPublished(campaign=campaign, policy_hash="h"), 10 * HOUR)
    told = decisions(bank.say(spend(), 20 * HOUR))[0]

    assert ("COOL_DOWN", "", {"cool_down_ms": DAY, "since_ms": 11 * HOUR}) == refusal(told)


def test_steps_of_one_occurrence_do_not_cool_each_other() -> None:
    """A reminder of the same bill or card is the policy's own rhythm."""
    steps = (Step(id="offer"), Step(id="more", delay_ms=HOUR))
    bank = Bank(offer(cool_down_ms=DAY, steps=steps))

    assert SENT == story(bank.say(spend(), 0))
    assert ["-> ann more", "a more sent"] == story(bank.tick(HOUR))


def test_other_campaigns_do_not_cool_it() -> None:
    """It is the campaign's own."""
    bank = Bank(offer(cool_down_ms=DAY), offer("b", entry=any_purchase(DEAR), priority=90))
    assert "b offer sent" in story(bank.say(spend(DEAR), 0))

    assert SENT == story(bank.say(spend(), HOUR))


def test_released_contact_cools_nothing() -> None:
    """A gateway said that nobody was reached; what was delivered after all does cool."""
    bank = Bank(offer(cool_down_ms=7 * DAY))
    trigger_id = triggers(bank.say(spend(), 0))[0].trigger_id
    bank.say(receipt(trigger_id, "failed"), 1)
    second = triggers(bank.say(spend(), 2))
    bank.say(receipt(second[0].trigger_id, "failed"), 3)
    bank.say(receipt(trigger_id, "delivered"), 4)

    assert COOL == story(bank.say(spend(), 5))


def test_loser_and_refused_cool_nothing() -> None:
    """Only who was met waits."""
    bank = Bank(offer(cool_down_ms=DAY), offer("b", priority=90, entry=any_purchase(DEAR)))
    bank.say(spend(DEAR), 0)  # lost
    bank.say(word("revoked"), 1)
    bank.say(spend(), 2)  # refused
    bank.say(word("granted"), 3)

    assert SENT == story(bank.say(spend(), 4))


WITHHELD = {
    "sent": (None, 0),
    "control": (CONTROL, 0),
    "held_out": (None, 10_000),
}


@pytest.mark.parametrize("verdict", WITHHELD)
def test_who_is_kept_back_waits_as_long_as_who_is_contacted(verdict: str) -> None:
    """
    E2, T4: the same occasions, decided alike but for the contact itself.

        hour 0 met    23 cool    24 met    30 cool    47 cool    48 met
    """
    trial, holdout_bp = WITHHELD[verdict]
    bank = Bank(offer(cool_down_ms=DAY, experiment=trial))
    bank.control(TenantConfigured(time_zone="UTC", holdout_bp=holdout_bp, holdout_salt="h"))
    hours = (0, 23, 24, 30, 47, 48)
    told = [decisions(bank.say(spend(), hour * HOUR))[0] for hour in hours]

    cool = "suppressed"
    assert [verdict, cool, verdict, cool, cool, verdict] == [one.verdict for one in told]
    assert [23 * HOUR, 6 * HOUR, 23 * HOUR] == [
        one.gates[-1].saw["since_ms"] for one in told if one.reason_code == "COOL_DOWN"
    ]


def test_second_step_is_withheld_as_it_would_be_sent() -> None:
    """E2: control's own occurrence does not cool it either."""
    steps = (Step(id="offer"), Step(id="more", delay_ms=HOUR))
    bank = Bank(offer(cool_down_ms=DAY, steps=steps, experiment=CONTROL))

    assert ["a offer control CONTROL"] == story(bank.say(spend(), 0))
    assert ["a more control CONTROL"] == story(bank.tick(HOUR))


def test_kept_back_uses_up_no_cap() -> None:
    """E2: nothing is reserved; the campaign's cap of one is free for who leaves the trial."""
    bank = Bank(offer(caps=(cap(1, 9 * DAY),), experiment=CONTROL))
    bank.say(spend(), 0)
    bank.control(PolicyPublished(campaign=offer(version=2), policy_hash="h"), HOUR)

    assert SENT == story(bank.say(spend(), 2 * HOUR))
    assert ["a"] == [one.campaign_id for one in bank.row().kept_back]


@pytest.mark.parametrize(("trial", "verdict"), [(None, "sent"), (CONTROL, "control")])
def test_shadow_cools_nothing(trial: Experiment | None, verdict: str) -> None:
    """T7: neither who would be sent to nor who would be kept back was met."""
    bank = Bank(offer(cool_down_ms=DAY, experiment=trial))
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0 + HOUR))
    bank.say(spend(), 0)
    assert ([], []) == (bank.row().contacts, bank.row().kept_back)

    assert [verdict] == [one.verdict for one in decisions(bank.say(spend(), 2 * HOUR))]


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_spacing_binds_advertising_only(message_class: str) -> None:
    """O3: neither its own cool-down nor the bank's exclusions."""
    bank = Bank(offer(cool_down_ms=DAY, message_class=message_class), offer("b"))
    bank.control(bank_policy(apart("a", "b", DAY, mutual=True)))
    for at in (0, HOUR):
        assert SENT == story(bank.say(spend(), at))[:2]


def two(*exclusions: Exclusion, **changed: object) -> Bank:
    """Return a bank in which a dear purchase begins `b`, which wins, and any other only `a`."""
    bank = Bank(offer(), replace(offer("b", priority=90, entry=any_purchase(DEAR)), **changed))
    bank.control(bank_policy(*exclusions))
    return bank


@pytest.mark.parametrize(
    ("exclusion", "at", "forbidden"),
    [
        (apart("a", "b", DAY), DAY - 1, True),
        (apart("a", "b", DAY), DAY, False),  # open at its far end
        (apart("b", "a", DAY), HOUR, False),  # the other way only
        (apart("b", "a", DAY, mutual=True), HOUR, True),
        (apart("a", "b", 0), 1, False),
        (apart("a", "c", DAY), HOUR, False),  # another pair
    ],
)
def test_exclusion_keeps_campaigns_apart(exclusion: Exclusion, at: int, *, forbidden: bool) -> None:
    """Campaign b was sent at T0; whether a may follow, when."""
    bank = two(exclusion)
    assert "b offer sent" in story(bank.say(spend(DEAR), 0))

    said = ["a offer suppressed EXCLUSION"] if forbidden else SENT
    assert said == story(bank.say(spend(CHEAP), at))


@pytest.mark.parametrize("within_ms", [0, DAY])
def test_exclusion_holds_at_the_very_moment(within_ms: int) -> None:
    """What was decided now forbids whatever the time is: two records of one millisecond."""
    bank = two(apart("a", "b", within_ms))
    bank.say(spend(DEAR), HOUR)

    assert ["a offer suppressed EXCLUSION"] == story(bank.say(spend(CHEAP), HOUR))


def test_exclusion_names_the_other_campaign_and_the_time() -> None:
    """The clause is the other's id; the newest meeting counts."""
    bank = two(apart("a", "b", DAY))
    for at in (0, HOUR):
        bank.say(spend(DEAR), at)
    told = decisions(bank.say(spend(CHEAP), 3 * HOUR))[0]

    assert ("EXCLUSION", "b", {"within_ms": DAY, "since_ms": 2 * HOUR}) == refusal(told)


def test_exclusion_from_itself_is_a_cool_down_for_every_occurrence() -> None:
    """A bank may write it; it knows no occurrences."""
    bank = Bank(offer(steps=(Step(id="offer"), Step(id="more", delay_ms=HOUR))))
    bank.control(bank_policy(apart("a", "a", DAY)))
    bank.say(spend(), 0)

    assert ["a more suppressed EXCLUSION"] == story(bank.tick(HOUR))


def test_first_exclusion_that_forbids_is_named() -> None:
    """In the order of the policy; the campaign's own cool-down is asked before all of them."""
    bank = Bank(
        offer(),
        offer("b", priority=90, entry=any_purchase(DEAR)),
        offer("c", message_class="servicing", entry=any_purchase(DEAR)),
    )
    bank.control(bank_policy(apart("a", "c", HOUR), apart("a", "c", DAY), apart("a", "b", DAY)))
    bank.say(spend(DEAR), 0)
    first = decisions(bank.say(spend(CHEAP), 2 * HOUR))[0]
    bank.control(
        PolicyPublished(campaign=offer(version=2, cool_down_ms=DAY), policy_hash="h"), 2 * HOUR
    )
    bank.say(spend(CHEAP), DAY)  # a itself goes
    second = decisions(bank.say(spend(CHEAP), DAY + HOUR))[0]

    assert ("EXCLUSION", "c", {"within_ms": DAY, "since_ms": 2 * HOUR}) == refusal(first)
    assert "COOL_DOWN" == second.reason_code


def test_exclusion_heeds_who_was_kept_back() -> None:
    """E2: control of b keeps a away as its treatment would."""
    bank = two(apart("a", "b", DAY), experiment=CONTROL)
    assert "b offer control CONTROL" in story(bank.say(spend(DEAR), 0))

    assert ["a offer suppressed EXCLUSION"] == story(bank.say(spend(CHEAP), HOUR))


def test_exclusion_forgives_what_was_released() -> None:
    """Nobody was reached."""
    bank = two(apart("a", "b", DAY))
    trigger_id = triggers(bank.say(spend(DEAR), 0))[0].trigger_id
    bank.say(receipt(trigger_id, "expired"), 1)

    assert SENT == story(bank.say(spend(CHEAP), HOUR))


def test_spacing_is_asked_before_caps() -> None:
    """O2: both fail; the first is the reason, and no cap is told of."""
    bank = Bank(offer(cool_down_ms=DAY, caps=(cap(1, DAY),)))
    bank.control(bank_policy(limit(1, DAY)))
    bank.say(spend(), 0)
    told = decisions(bank.say(spend(), HOUR))[0]

    assert ("COOL_DOWN", ()) == (told.reason_code, told.candidate.caps)


def test_campaign_that_is_left_alone_by_all_reads_nothing() -> None:
    """Neither cool-down nor exclusion: the gate passes."""
    (told,) = decisions(Bank(offer()).say(spend(), 0))

    assert [("", "", {})] == [
        (one.reason_code, one.clause, one.saw) for one in told.gates if one.gate == "spacing"
    ]


def test_meeting_is_known_when_its_contact_is_forgotten() -> None:
    """E2, 3.10: 33 notices of the law push the offer's contact out of memory; it still cools."""
    notice = offer(id="notice", entry=any_purchase(DEAR), message_class="mandatory")
    bank = Bank(offer(cool_down_ms=DAY, entry=any_purchase(CHEAP)), notice)
    bank.say(spend(CHEAP), 0)
    for one in range(CONTACTS_MAX):
        bank.say(spend(DEAR), HOUR + one)
    known = [(one.campaign_id, one.decided_at_ms) for one in bank.row().kept_back]

    assert "a" not in {contact.campaign_id for contact in bank.row().contacts}
    assert ("a", T0) in known
    assert COOL == story(bank.say(spend(CHEAP), 2 * HOUR))
