"""Which of the bank's segments a customer is in, and what bills tell of them (3.20)."""

from lifecycle.features.declared import FEATURES
from schemas.events import PreferenceChanged, TxnPosted
from schemas.segments import CustomerObserved, SegmentsPublished
from tests.lifecycle.builders import DAY, T0, Bank, bill
from tests.lifecycle.features.portrait import context
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.segmented import adopt, bought


SEGMENTS = SegmentsPublished(
    sequence=1,
    edges_minor={"CNY": (10_000, 50_000, 200_000)},
    clusters={"travel": {"travel": 800_000, "fuel": 200_000}, "dining": {"dining": 1_000_000}},
)


def of(bank: Bank, feature: str, at: int = 0) -> object:
    """Return a feature of the customer as the fold would read it."""
    known = bank.state.tenant("bank").segments.in_force
    return FEATURES[feature].read(context(bank.row(), at)._replace(segments=known))


def test_tier_is_by_the_edges_of_the_bank() -> None:
    """At an edge one is still below it; spend is as of now: half of it after 30 days."""
    tiers = {}
    for amount_minor in (10_000, 10_001, 50_000, 200_000, 200_001):
        bank = Bank()
        adopt(bank, SEGMENTS)
        bank.say(bought("dining", amount_minor), 0)
        tiers[amount_minor] = (of(bank, "spend_tier"), of(bank, "spend_tier", 30 * DAY))

    assert {
        10_000: ("light", "light"),
        10_001: ("regular", "light"),
        50_000: ("regular", "regular"),
        200_000: ("heavy", "heavy"),
        200_001: ("top", "heavy"),
    } == tiers


def test_nothing_is_said_where_nothing_is_known() -> None:
    """No segments, no edges of the currency, no purchase."""
    bank = Bank()
    bank.say(bought("dining", 1), 0)
    assert ("", "") == (of(bank, "spend_tier"), of(bank, "spend_cluster"))

    adopt(bank, SegmentsPublished(sequence=1, edges_minor={"USD": (1, 2, 3)}, clusters={}))
    assert ("", "") == (of(bank, "spend_tier"), of(bank, "spend_cluster"))

    stranger = Bank()
    adopt(stranger, SEGMENTS)
    assert ("", "") == (of(stranger, "spend_tier"), of(stranger, "spend_cluster"))


def test_cluster_is_the_nearest_and_of_equals_the_first() -> None:
    """
    Half travel, half dining: .3^2 + .2^2 + .5^2 = .38 from travel, .5^2 + .5^2 = .5 from dining.

    A third of the way on, dining alone: 0 from dining.
    """
    bank = Bank()
    adopt(bank, SEGMENTS)
    bank.say(bought("travel", 1), 0, event_id="a")
    bank.say(bought("dining", 1), 0, event_id="b")
    assert "travel" == of(bank, "spend_cluster")

    bank.say(bought("dining", 1), 1, event_id="c")
    bank.say(bought("dining", 1), 2, event_id="d")
    assert "dining" == of(bank, "spend_cluster")

    twins = {"one": {"home": 1_000_000}, "two": {"home": 1_000_000}}
    adopt(bank, SegmentsPublished(sequence=2, edges_minor={}, clusters=twins))
    assert "one" == of(bank, "spend_cluster")


def test_bill_tells_how_the_customer_spends() -> None:
    """The last that it leads to: spend halved every 30 days, shares of scenes."""
    bank = Bank()
    bank.say(bought("dining", 3_000), 0, event_id="a")
    bank.say(bought("home", 1_000), 0, event_id="b")
    [said] = bank.say(bill(100, statement="s"), 30 * DAY)

    assert isinstance(said, CustomerObserved)
    assert ("bank", "ann", "CNY", 2_000, {"dining": 500_000, "home": 500_000}, T0 + 30 * DAY) == (
        said.tenant,
        said.customer_token,
        said.currency,
        said.spend_minor,
        said.scene_share_ppm,
        said.observed_at_ms,
    )


def test_bill_tells_nothing_of_who_wants_no_personal_offers() -> None:
    """Nor of who has bought nothing."""
    bank = Bank()
    assert [] == bank.say(bill(100), 0)
    bank.say(TxnPosted(txn_id="t", card_token="k1", amount_minor=1, currency="CNY"), 1)
    bank.say(PreferenceChanged(personalisation_opt_out=True), 2)
    assert [] == bank.say(bill(100, statement="s2"), 3)


def test_newer_segments_are_adopted_and_survive_a_restart() -> None:
    """L1: 2, then 1 too late; rows alone give the same."""
    bank = Bank()
    adopt(bank, SegmentsPublished(sequence=2, edges_minor={}, clusters={}))
    adopt(bank, SEGMENTS)
    known = bank.state.tenant("bank").segments.in_force
    assert known is not None
    assert (2, 1, 1) == (
        known.sequence,
        bank.state.counts.by_key["control|bank|segments.published"],
        bank.state.counts.by_key["control|bank|STALE_VERSION"],
    )
    bank.say(bought("dining", 1), 0)
    bank.say(bill(100), DAY)
    assert b"#segments|0|bank" in restored_at_every_record(bank).rows
