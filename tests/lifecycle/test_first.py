"""In which experiments a customer counts: 32 fit, and none that goes on is forgotten (3.17)."""

from lifecycle.first import EXPERIMENTS_MAX
from schemas.campaign import Campaign, Experiment
from schemas.events import PolicyPublished, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, Bank, bill, push
from tests.lifecycle.measured import PURCHASE, assigned, opened


BILL = bill(300_000)
REFUSED = "experiments_full|{}"


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


def held(bank: Bank, salt: str, at: int) -> None:
    """Let a ten-thousandth of the customers, ann not among them, be held out from now on."""
    said = {"holdout_bp": 1, "holdout_salt": salt, "live_from_ms": 0, "time_zone": "UTC"}
    bank.control(TenantConfigured(**said), at)


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
    newer = notice(5, version=2, experiment=Experiment(salt="again", control_bp=0))
    bank.control(PolicyPublished(campaign=newer, policy_hash="newer"), DAY)
    counted = firsts(bank, 2 * DAY)

    assert ["c05"] == [campaign for campaign, is_first in counted.items() if is_first]
    assert before[:20] + before[24:] == bank.row().experiments[:124]
    assert [] == [campaign for campaign, is_first in firsts(bank, 3 * DAY).items() if is_first]


def test_oldest_of_those_ended_makes_room() -> None:
    """Another holdout ends all 32; the tenant's own and 31 more begin, and a 33rd would not fit."""
    bank = full()
    before = bank.row().experiments
    held(bank, "h", DAY)
    bank.control(PolicyPublished(campaign=push(id="ad"), policy_hash="ad"), DAY)

    said = bank.say(BILL, 2 * DAY)
    begun = [one.is_first for one in (*assigned(said), *opened(said))]
    assert [True] * 32 + [False] == begun
    assert not {*fours(before)} & {*fours(bank.row().experiments)}
    assert 1 == bank.count(REFUSED)


def test_tenants_own_is_not_opened_without_a_place() -> None:
    """All 32 go on under this salt already; each occasion with advertising is counted."""
    bank = Bank(*(notice(number) for number in range(EXPERIMENTS_MAX)))
    held(bank, "h", 0)
    bank.say(BILL, HOUR)
    bank.control(PolicyPublished(campaign=push(id="ad"), policy_hash="ad"), DAY)

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
        bank.control(PolicyPublished(campaign=notice(number), policy_hash="h"), DAY)

    assert [f"c{EXPERIMENTS_MAX - 1:02}"] == [
        campaign for campaign, is_first in firsts(bank, 2 * DAY).items() if not is_first
    ]


def fours(marks: bytes) -> list[bytes]:
    """Return what a row remembers, one by one."""
    return [marks[at : at + 4] for at in range(0, len(marks), 4)]
