"""In which experiments a customer counts: 32 fit, and none that goes on is forgotten (3.17)."""

import pytest

from lifecycle.first import EXPERIMENTS_MAX
from schemas.campaign import Campaign, Experiment
from schemas.events import PolicyPublished, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, Bank, bill, push
from tests.lifecycle.measured import PURCHASE, assigned, followed, opened, settled


BILL = bill(300_000)
REFUSED = "experiments_full|{}"
AGAIN = Experiment(salt="again", control_bp=0)


def notice(number: int, **changed: object) -> Campaign:
    """Return a campaign that measures what it must tell everybody: all of an occasion go."""
    return push(
        **{"id": f"c{number:02}", "conversion": PURCHASE, "message_class": "mandatory", **changed}
    )


def full(*more: Campaign) -> Bank:
    """Return a bank whose customer was exposed in 32 experiments, all of which go on."""
    bank = Bank(*(notice(number) for number in range(EXPERIMENTS_MAX)), *more)
    bank.say(BILL, HOUR)
    return bank


def firsts(bank: Bank, at: int) -> dict[str, bool]:
    """Return of the campaigns that the next bill exposes to, whether that is the first time."""
    return {one.campaign_id: one.is_first for one in opened(bank.say(BILL, at))}


def held(bank: Bank, salt: str, at: int, holdout_bp: int = 1) -> None:
    """Let a share of the customers be held out from now on; ann is not in a ten-thousandth."""
    said = {"holdout_bp": holdout_bp, "holdout_salt": salt, "live_from_ms": 0, "time_zone": "UTC"}
    bank.control(TenantConfigured(**said), at)


def published(bank: Bank, campaign: Campaign, at: int) -> None:
    """Let a campaign, or another version of one, decide from now on."""
    bank.control(PolicyPublished(campaign=campaign, policy_hash="newer"), at)


def test_no_experiment_that_goes_on_makes_room() -> None:
    """In a 33rd a customer does not count, which is counted; in none they count twice."""
    bank = full(notice(32))
    before = bank.row().experiments

    assert 1 == bank.count(REFUSED)
    assert {f"c{number:02}": False for number in range(33)} == firsts(bank, DAY)
    assert 2 == bank.count(REFUSED)
    assert (128, before) == (len(before), bank.row().experiments)


def test_experiment_that_has_ended_makes_room() -> None:
    """Another salt ended that of c05: what was remembered of it goes, wherever it stands."""
    bank = full(notice(32))
    before = bank.row().experiments
    published(bank, notice(5, version=2, experiment=AGAIN), DAY)
    counted = firsts(bank, 2 * DAY)

    assert ["c05"] == [campaign for campaign, is_first in counted.items() if is_first]
    assert before[:20] + before[24:] == bank.row().experiments[:124]
    assert [] == [campaign for campaign, is_first in firsts(bank, 3 * DAY).items() if is_first]


def test_oldest_of_those_ended_makes_room() -> None:
    """Of c05, which measures nothing any more, and of c09: that of c09 begins in place of c05's."""
    bank = full(notice(32))
    before = fours(bank.row().experiments)
    published(bank, notice(5, version=2, experiment=AGAIN, conversion=None), DAY)
    published(bank, notice(9, version=2, experiment=AGAIN), DAY)

    assert ["c09", "c32"] == [name for name, is_first in firsts(bank, 2 * DAY).items() if is_first]
    kept = before[:5] + before[6:9] + before[10:]
    assert kept == fours(bank.row().experiments)[:30]


def test_another_holdout_ends_the_tenants_own_and_no_campaigns() -> None:
    """The tenant's own and 31 more: another salt begins the former anew, in its own place."""
    bank = Bank(*(notice(number) for number in range(EXPERIMENTS_MAX - 1)), push(id="ad"))
    held(bank, "h", 0)
    bank.say(BILL, HOUR)
    before = fours(bank.row().experiments)
    held(bank, "i", DAY)
    said = bank.say(BILL, 2 * DAY)

    assert [True] == [one.is_first for one in assigned(said)]
    assert {False} == {one.is_first for one in opened(said)}
    assert before[1:] == fours(bank.row().experiments)[:-1]
    assert 0 == bank.count(REFUSED)


@pytest.mark.parametrize(("salt", "holdout_bp"), [("i", 1), ("h", 0), ("h", 2), ("i", 10_000)])
def test_customer_counts_once_in_a_campaign_whatever_the_holdout(
    salt: str, holdout_bp: int
) -> None:
    """It is compared with its own control alone: another salt or share lets nobody count twice."""
    bank = Bank(push(conversion=PURCHASE))
    held(bank, "h", 0)

    assert {"push": True} == firsts(bank, HOUR)
    held(bank, salt, DAY, holdout_bp)
    assert {"push": False} == firsts(bank, 2 * DAY)
    held(bank, "h", 3 * DAY)
    assert {"push": False} == firsts(bank, 4 * DAY)


@pytest.mark.parametrize(("salt", "holdout_bp"), [("i", 1), ("h", 1), ("h", 0)])
def test_who_was_held_out_and_is_no_longer_counts_once(salt: str, holdout_bp: int) -> None:
    """Held out they leave no mark of the campaign, however often it thinks of them."""
    bank = Bank(push(conversion=PURCHASE))
    held(bank, "h", 0, 10_000)

    assert [{"push": False}] * 2 == [firsts(bank, at) for at in (HOUR, 2 * HOUR)]
    held(bank, salt, DAY, holdout_bp)
    assert [{"push": True}, {"push": False}] == [firsts(bank, at) for at in (2 * DAY, 3 * DAY)]


def test_exposure_of_who_is_held_out_settles_and_is_not_followed() -> None:
    """It is told once with its label; 30, 60 and 90 days on they are asked of the bank's own."""
    bank = Bank(push(conversion=PURCHASE))
    held(bank, "h", 0, 10_000)
    bank.say(BILL, HOUR)
    effects = bank.tick(200 * DAY)

    assert [("", True), ("push", False)] == [
        (one.campaign_id, one.is_first) for one in settled(effects)
    ]
    assert [""] * 3 == [one.campaign_id for one in followed(effects)]


def test_who_is_held_out_asks_for_no_place() -> None:
    """All 32 go on: the tenant's own is refused one, the exposure to the ad asks for none."""
    bank = full()
    held(bank, "h", DAY, 10_000)
    published(bank, push(id="ad", conversion=PURCHASE), DAY)
    said = opened(bank.say(BILL, 2 * DAY))

    assert ["holdout"] == [one.arm for one in said if one.campaign_id == "ad"]
    assert 1 == bank.count(REFUSED)


def test_tenants_own_is_not_opened_without_a_place() -> None:
    """All 32 go on already; each occasion with advertising is counted."""
    bank = Bank(*(notice(number) for number in range(EXPERIMENTS_MAX)))
    held(bank, "h", 0)
    bank.say(BILL, HOUR)
    published(bank, push(id="ad"), DAY)

    assert [] == assigned(bank.say(BILL, 2 * DAY))
    assert [] == assigned(bank.say(BILL, 3 * DAY))
    assert 2 == bank.count(REFUSED)


def test_tenants_own_is_kept_while_nobody_is_held_out() -> None:
    """Its salt may come into force again, and nobody is exposed to it twice."""
    bank = Bank(push(id="ad"))
    held(bank, "h", 0)
    assert 1 == len(assigned(bank.say(BILL, HOUR)))
    unheld = {"holdout_bp": 0, "holdout_salt": "h", "live_from_ms": 0, "time_zone": "UTC"}
    bank.control(TenantConfigured(**unheld), DAY)
    for number in range(EXPERIMENTS_MAX):
        published(bank, notice(number), DAY)

    assert [f"c{EXPERIMENTS_MAX - 1:02}"] == [
        campaign for campaign, is_first in firsts(bank, 2 * DAY).items() if not is_first
    ]


def fours(marks: bytes) -> list[bytes]:
    """Return what a row remembers, one by one."""
    return [marks[at : at + 4] for at in range(0, len(marks), 4)]
