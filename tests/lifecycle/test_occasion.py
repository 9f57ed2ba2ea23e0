"""An occasion: one marketing winner, servicing beside it, ids of their cause (O1, O2, B1)."""

from itertools import permutations

from schemas.campaign import Campaign, EventEntry, LargePurchaseCondition, Step
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, push, spend, word
from tests.lifecycle.by_hand import occurrence, uuid8
from tests.lifecycle.told import decisions, story, triggers


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)


def offer(campaign_id: str, message_class: str = "marketing", **changed: object) -> Campaign:
    """Return a campaign that any purchase begins and that fires at once."""
    return push(id=campaign_id, entry=ANY_PURCHASE, message_class=message_class, **changed)


def test_one_marketing_candidate_wins_and_the_others_have_lost() -> None:
    """O1: at most one marketing contact an occasion, whichever campaigns it comes from."""
    bank = Bank(offer("a"), offer("b"), offer("c"))

    wanted = [
        "-> ann offer",
        "a offer sent",
        "b offer suppressed LOST_ARBITRATION",
        "c offer suppressed LOST_ARBITRATION",
    ]
    assert wanted == story(bank.say(spend(), HOUR))


def test_priority_decides_before_the_name() -> None:
    """O2: ties between campaigns go by priority, then by id; records stay in order of id."""
    bank = Bank(offer("a", priority=10), offer("b", priority=90), offer("c", priority=90))

    wanted = [
        "a offer suppressed LOST_ARBITRATION",
        "-> ann offer",
        "b offer sent",
        "c offer suppressed LOST_ARBITRATION",
    ]
    assert wanted == story(bank.say(spend(), HOUR))


def test_order_of_publication_decides_nothing() -> None:
    """The same policies in any order of arrival give the same decisions."""
    campaigns = (offer("a"), offer("b", priority=51), offer("c", "servicing"))
    told = {
        tuple(story(Bank(*order).say(spend(), HOUR, event_id="x")))
        for order in permutations(campaigns)
    }

    assert 1 == len(told)


def test_servicing_and_mandatory_go_beside_the_winner() -> None:
    """O1: they neither compete nor lose."""
    bank = Bank(offer("a"), offer("b"), offer("s", "servicing"), offer("z", "mandatory"))

    wanted = [
        "-> ann offer",
        "a offer sent",
        "b offer suppressed LOST_ARBITRATION",
        "-> ann offer",
        "s offer sent",
        "-> ann offer",
        "z offer sent",
    ]
    assert wanted == story(bank.say(spend(), HOUR))


def test_servicing_meets_the_caps_that_the_winner_has_filled() -> None:
    """O2: nothing is reserved by looking; caps are looked at again after each contact."""
    tight = (cap(1, DAY, "all"),)
    bank = Bank(
        offer("m"), offer("s", "servicing", caps=tight), offer("t", "mandatory", caps=tight)
    )
    decided = decisions(bank.say(spend(), HOUR))

    assert ["sent", "suppressed", "sent"] == [decision.verdict for decision in decided]
    assert ["", "CAP_GLOBAL", ""] == [decision.reason_code for decision in decided]
    assert [0, 1, 0] == [decision.cap_count for decision in decided]


def test_loser_reserves_nothing() -> None:
    """O2: a candidate that lost is no contact, and may win the next occasion."""
    bank = Bank(offer("a", caps=(cap(1, DAY),)), offer("b"))
    bank.say(spend(), HOUR)

    wanted = ["a offer suppressed CAP_CAMPAIGN", "-> ann offer", "b offer sent"]
    assert wanted == story(bank.say(spend(), 2 * HOUR))


def test_ids_are_derived_from_their_cause() -> None:
    """B1: trigger id of (tenant, customer, campaign, occurrence, step, slot), decision id of it."""
    now = str(T0 + HOUR)
    effects = Bank(offer("a")).say(spend(), HOUR, event_id="cause")
    trigger_id = uuid8("bank", "ann", "a", occurrence("k1", "cause"), "offer", "0")

    assert trigger_id == triggers(effects)[0].trigger_id == triggers(effects)[0].idempotency_key
    assert trigger_id == decisions(effects)[0].trigger_id
    assert uuid8("decision", now, trigger_id) == decisions(effects)[0].decision_id
    assert uuid8("decision", now, trigger_id) == triggers(effects)[0].decision_id


def test_suppressed_candidate_carries_the_id_it_would_have_had() -> None:
    """So that a what-if may be matched with what was."""
    effects = Bank(offer("a"), consent="denied").say(spend(), HOUR, event_id="cause")

    assert [uuid8("bank", "ann", "a", occurrence("k1", "cause"), "offer", "0")] == [
        decision.trigger_id for decision in decisions(effects)
    ]


def test_trigger_id_is_the_customers_own() -> None:
    """ADR 7: two banks' cores may give one card token, source and event id to two customers."""
    bank = Bank(offer("a"))
    bank.say(word("granted"), 0, who="bea")
    sent = [
        triggers(bank.say(spend(), HOUR, who=who, event_id="cause"))[0] for who in ("ann", "bea")
    ]

    assert [("ann", "k1"), ("bea", "k1")] == [(one.customer_token, one.card_token) for one in sent]
    assert [
        uuid8("bank", "ann", "a", occurrence("k1", "cause"), "offer", "0"),
        uuid8("bank", "bea", "a", occurrence("k1", "cause"), "offer", "0"),
    ] == [one.trigger_id for one in sent]
    assert sent[0].trigger_id != sent[1].trigger_id


def test_gateway_learns_what_to_do_when_it_does_not_know() -> None:
    """G2: unknown delivery drops marketing and resends the rest under the same key."""
    bank = Bank(offer("a"), offer("b", "servicing"), offer("c", "mandatory"))
    sent = triggers(bank.say(spend(), HOUR))

    assert ["drop", "retry_same_key", "retry_same_key"] == [one.on_unknown for one in sent]


def test_steps_of_one_journey_keep_their_order() -> None:
    """Two steps due at once: the policy's order decides, not their names."""
    steps = (Step(id="zeta", delay_ms=0), Step(id="alpha", delay_ms=0))
    bank = Bank(offer("a", steps=steps))

    wanted = ["-> ann zeta", "a zeta sent", "a alpha suppressed LOST_ARBITRATION"]
    assert wanted == story(bank.say(spend(), HOUR))


def test_decisions_are_counted_by_campaign_verdict_and_reason() -> None:
    """The counts row says how often each verdict was given."""
    bank = Bank(offer("a"), offer("b"))
    bank.say(spend(), HOUR)
    bank.say(spend(), 2 * HOUR)

    assert 2 == bank.count("decision|{}|a|sent|")
    assert 2 == bank.count("decision|{}|b|suppressed|LOST_ARBITRATION")
