"""Say what the screen shows while the histories are played, and what it says of a trigger."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cli.demo.history import History, day
from cli.demo.house import House
from cli.demo.ledger import Counts, total
from cli.demo.screen import bar
from schemas.decisions import Trigger


STAGES: Final = ("issued", "activated", "bound", "first_spend")
SAMPLE_S: Final = 1.5
"""One trigger is shown in so many seconds, and the first of each campaign."""


class Live:
    """The view of a house in which these histories are played."""

    def __init__(
        self,
        house: House,
        histories: Sequence[History],
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at `house`; `now_s` are monotonic seconds."""
        self._house = house
        self._histories = histories
        self._now_s = now_s
        self._shown: set[tuple[str, str]] = set()
        self._due_s = 0.0

    def samples(self, triggers: Sequence[Trigger]) -> Iterator[str]:
        """Yield a line for some of the triggers, as their gateway has received them."""
        for trigger in triggers:
            campaign = (trigger.tenant, trigger.campaign_id)
            if campaign in self._shown and self._now_s() < self._due_s:
                continue
            self._shown.add(campaign)
            self._due_s = self._now_s() + SAMPLE_S
            yield sample(trigger)

    def block(self) -> list[str]:
        """Return the state of each bank: how far, the funnel by stage, triggers."""
        decided = self._house.ledger.decided()
        lines = [line for history in self._histories for line in self._of(history, decided)]
        return [*lines, f"metrics: {self._house.metrics_addresses}"]

    def _of(self, history: History, decided: Counts) -> Iterator[str]:
        """Yield the lines of one bank."""
        tenant = history.tenant
        tick = self._house.ledger.ticks.get(tenant)
        at_ms = tick.watermark_at_ms if tick else history.started_at_ms
        ratio = (at_ms - history.started_at_ms) / (history.ended_at_ms - history.started_at_ms)
        done = total(decided, "applied", tenant) + total(decided, "ignored", tenant)
        yield f"{tenant:<6}{day(at_ms)} {bar(ratio)} {ratio:4.0%} {done:>8,} events"
        funnel = [f"{name} {decided['milestone', tenant, name]:,}" for name in STAGES]
        yield f"      {' > '.join(funnel)}"
        received = self._house.gateway.received.items()
        sent = [f"{name} {count:,}" for (whose, name), count in sorted(received) if whose == tenant]
        yield f"      triggers: {', '.join(sent) or 'none yet'}"


def sample(trigger: Trigger) -> str:
    """Return a trigger in one line: whose, why, when on the bank's own clock."""
    said = " ".join(f"{name}={value}" for name, value in trigger.variables.items())
    return (
        f"  {trigger.channel:<4} <- {trigger.tenant:<5} {trigger.customer_token:<8}"
        f" {trigger.campaign_id}/{trigger.step} {day(trigger.issued_at_ms)} {said}"
    ).rstrip()
