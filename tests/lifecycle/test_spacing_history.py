"""Cool-downs and exclusions through `step` against brute force over all that was ever met (E2)."""

from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.campaign import Campaign, Experiment, Step
from schemas.contact_policy import Exclusion
from schemas.decisions import GateReading
from schemas.state import CONTACTS_MAX
from tests.lifecycle.builders import DAY, HOUR, Bank, receipt, spend
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, offer
from tests.lifecycle.told import Told, decisions


NAMES = ("a", "b", "c", "s")
LENGTHS_MS = (0, 1, HOUR, 5 * HOUR, DAY)
GAPS_MS = (0, 1, HOUR - 1, HOUR, 4 * HOUR, 9 * HOUR)
STATUSES = ("failed", "failed", "delivered")


class Met(NamedTuple):
    """A contact, or one that an experiment withheld."""

    campaign_id: str
    occurrence_key: str
    trigger_id: str
    at_ms: int


class Encounters:
    """A customer of a bank with three offers and a notice; everything that was met is kept."""

    def __init__(self, random: Random) -> None:
        """Draw the campaigns and the exclusions once."""
        self.random = random
        self.campaigns = {name: self._campaign(name) for name in NAMES}
        self.exclusions = tuple(self._exclusion() for _ in range(random.randrange(4)))
        self.bank = Bank(*self.campaigns.values())
        self.bank.control(bank_policy(*self.exclusions))
        self.met: list[Met] = []
        self.released: set[str] = set()
        self.delivered: set[str] = set()
        self.at = 0
        self.past: list[Met] = []

    def live(self, step_count: int) -> list[tuple[GateReading, GateReading]]:
        """Return what brute force expects of each candidate asked for spacing, and its reading."""
        compared = []
        for _ in range(step_count):
            self.at += self.random.choice(GAPS_MS)
            for told in self._happen():
                reading = next((one for one in told.gates if one.gate == "spacing"), None)
                if reading is not None:
                    compared.append((self._expected(told), reading))
        return compared

    def _happen(self) -> list[Told]:
        """Let one thing happen; what is met by it counts from the next on."""
        past = [*self.met]
        if past and self.random.random() < 0.2:
            met, status = self.random.choice(past), self.random.choice(STATUSES)
            self.bank.say(receipt(met.trigger_id, status), self.at)
            self._hear(met.trigger_id, status)
            return []
        buys = self.random.random() < 0.7
        amount_minor = self.random.choice((10, 60, 90))
        effects = self.bank.say(spend(amount_minor), self.at) if buys else self.bank.tick(self.at)
        told = decisions(effects)
        self.past = past
        self.met += (
            Met(one.campaign_id, one.occurrence_key, one.trigger_id, one.record.decided_at_ms)
            for one in told
            if one.verdict in {"sent", "control"}
        )
        return told

    def _hear(self, trigger_id: str, status: str) -> None:
        """Take a receipt: what was delivered stays so."""
        if trigger_id not in {one.trigger_id for one in self.bank.row().contacts}:
            return  # withheld: nobody can have sent it
        if status == "delivered":
            self.delivered.add(trigger_id)
            self.released.discard(trigger_id)
        elif trigger_id not in self.delivered:
            self.released.add(trigger_id)

    def _expected(self, told: Told) -> GateReading:
        """Return what the gate should say, by all that was met before this occasion."""
        now_ms, campaign = told.record.decided_at_ms, self.campaigns[told.campaign_id]
        live = [one for one in self.past if one.trigger_id not in self.released]
        ages = [
            now_ms - one.at_ms
            for one in live
            if one.campaign_id == campaign.id and one.occurrence_key != told.occurrence_key
        ]
        if ages and min(ages) < campaign.cool_down_ms:
            saw = {"cool_down_ms": campaign.cool_down_ms, "since_ms": min(ages)}
            return GateReading(gate="spacing", reason_code="COOL_DOWN", saw=saw)
        for rule in self.exclusions:
            pairs = [(rule.campaign, rule.other)] + [(rule.other, rule.campaign)] * rule.mutual
            for mine, other in pairs:
                ages = [now_ms - one.at_ms for one in live if one.campaign_id == other]
                if mine == campaign.id and ages and (min(ages) < rule.within_ms or not min(ages)):
                    saw = {"within_ms": rule.within_ms, "since_ms": min(ages)}
                    return GateReading(
                        gate="spacing", reason_code="EXCLUSION", clause=other, saw=saw
                    )
        return GateReading(gate="spacing")

    def _campaign(self, name: str) -> Campaign:
        chance = self.random
        kept_back = chance.random() < 0.3 and name != "s"
        return offer(
            name,
            message_class="servicing" if name == "s" else "marketing",
            entry=any_purchase(chance.choice((0, 50, 90))),
            steps=(Step(id="offer"), Step(id="more", delay_ms=chance.choice((HOUR, 6 * HOUR)))),
            cool_down_ms=chance.choice(LENGTHS_MS),
            priority=chance.randrange(5),
            experiment=Experiment(salt="s", control_bp=10_000) if kept_back else None,
        )

    def _exclusion(self) -> Exclusion:
        chance = self.random
        mine, other = chance.choice(NAMES), chance.choice(NAMES)
        return apart(mine, other, chance.choice(LENGTHS_MS), mutual=chance.random() < 0.5)


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_spacing_is_that_of_all_that_was_ever_met(seed: int) -> None:
    """
    3.4.9: reason, clause and times, as long as no contact had to be forgotten.

    Of what experiments withheld the row keeps the newest of each campaign only: that is enough.
    """
    encounters = Encounters(Random(seed))  # noqa: S311 (a seeded world)
    compared = encounters.live(40)

    assert len(encounters.met) > CONTACTS_MAX or all(wanted == found for wanted, found in compared)


def test_encounters_come_to_every_end() -> None:
    """Drawn as above: passed, cooled, excluded; withheld and released ones among what was met."""
    reasons, withheld, released = set(), 0, 0
    for seed in range(30):
        encounters = Encounters(Random(seed))  # noqa: S311 (a seeded world)
        reasons |= {reading.reason_code for _, reading in encounters.live(40)}
        withheld += len(encounters.bank.row().kept_back)
        released += len(encounters.released)

    assert {"", "COOL_DOWN", "EXCLUSION"} == reasons
    assert withheld
    assert released
