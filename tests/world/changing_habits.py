"""
Make up a journal in which two customers buy, and now and then begin to buy something else.

One campaign contacts them for that. Some purchases come late, some later than the newest sixteen,
some are taken back, and personal offers are not always wanted.
"""

from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_events import DAY
from tests.world.chaos_rules import reading_change
from tests.world.failing_contacts import FailingContacts


SCENES: Final = ("dining", "home", "travel", "groceries", "nonsense", "fuel")
HABIT_LIFE: Final = 90
"""After so many records the customers begin to buy something else."""


class ChangingHabits(FailingContacts):
    """A journal partition of one bank, envelope by envelope, mostly of purchases."""

    def _envelope(self, token: str, record: Facts) -> Facts:
        envelope = super()._envelope(token, record)
        if record["event_type"] == "txn.posted" and self._random.random() < 0.05:
            return envelope | {"occurred_at_ms": self._now - self._random.choice((DAY, 5 * DAY))}
        return envelope

    def _event(self) -> Facts:
        random = self._random
        dice = random.random()
        money = {"card_token": "k0", "amount_minor": 100, "currency": "CNY"}
        if dice < 0.02:
            opts_out = random.random() < 0.3
            return {"event_type": "preference.changed", "personalisation_opt_out": opts_out}
        if dice < 0.1:
            return {"event_type": "txn.reversed", "txn_id": "t", **money}
        usual = SCENES[self._number // HABIT_LIFE % len(SCENES)]
        scene = usual if random.random() < 0.8 else random.choice(SCENES)
        return {"event_type": "txn.posted", "txn_id": "t", "scene": scene, **money}

    def _control(self) -> Facts:
        if self._random.random() < 0.1:
            return self._campaign()
        return {"event_type": "kill_switch.set", "engaged": False, "campaign_id": "nudge"}

    def _answer(self, trigger_id: str, reservation_id: str) -> Facts:
        answer = super()._answer(trigger_id, reservation_id)
        return answer | {"status": "delivered"} if "receipt_id" in answer else answer

    def _campaign(self) -> Facts:
        spoken = {"treatment": self._slot("sms"), "message_class": "marketing"}
        found = {"applicability": [reading_change()], "occurrence": "txn"}
        return self._published("nudge", "txn.posted", **spoken, **found)
