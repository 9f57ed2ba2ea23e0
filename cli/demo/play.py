"""
Play the demonstration from the first record to the reckoning.

Control records first, then both histories, then the kill switch of each bank, which is off: where
lifecycle has counted that in a journal partition, it has done all that came before. The gateways'
failures last, and what is tried instead; then whom the offer system refuses.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from cli.demo.control import closing, opening
from cli.demo.histories import Wanted, beginning, histories, remainder
from cli.demo.history import History
from cli.demo.house import House, open_house
from cli.demo.interrupts import Interrupts
from cli.demo.ledger import total
from cli.demo.live import Live
from cli.demo.reconcile import Evidence, differences, refuse
from cli.demo.screen import Screen
from streams.embedded import BANNER


STALL_S_MAX: Final = 60.0
CLAIM_STEP_MS: Final = 1_000
"""Claims and ticks move in steps of a second, so the last of a history may be untold."""


class StalledError(RuntimeError):
    """Nothing moves any more, and not all is done."""


class Played(NamedTuple):
    """
    What is left when all is done.

    The evidence, the histories, the seconds of each part, one customer's story in lines, what was
    tried in place of what had failed, what the models have learnt, and what campaigns caused.
    """

    evidence: Evidence
    histories: Sequence[History]
    seconds: dict[str, float]
    story: Sequence[str]
    fallbacks: Mapping[str, int]
    lessons: Sequence[str]
    effects: Sequence[str]


class Play:
    """The parts of the demonstration, one after another."""

    def __init__(
        self, house: House, screen: Screen, interrupts: Interrupts, pasts: Sequence[History]
    ) -> None:
        """Take the house and what is to be played in it."""
        self._house = house
        self._screen = screen
        self._interrupts = interrupts
        self._histories = pasts
        self._live = Live(house, pasts)
        self.seconds: dict[str, float] = {}
        """How long each part took."""

    def run(self) -> None:
        """
        Play all parts.

        Raises:
            MismatchError: nothing moves any more, and this is what does not add up.
            StalledError: nothing moves any more, though all adds up.

        """
        house, pasts = self._house, self._histories
        house.loader.add(record for past in pasts for record in opening(past))
        self._until("control records", house.all_read)
        house.loader.add(record for past in pasts for record in beginning(past))
        self._until("first moment", house.all_read)
        for past in pasts:
            house.loader.add(remainder(past))
        self._until("histories", self._histories_over)
        house.loader.add(closing(past) for past in pasts)
        self._until("kill switches", self._stopped)
        self._until("gateway", self._all_received)
        while house.gateway.has_failures:  # what is tried instead may fail as well
            house.loader.add(house.gateway.report_failures())
            self._until("receipts", self._settled)
        house.loader.add(house.offers.refuse())
        self._until("offers", self._settled)
        self._screen.show(self._live.block, now=True)

    def _until(self, part: str, done: Callable[[], bool]) -> None:
        """Let the house move on until a part is done."""
        began_s = moved_s = time.monotonic()
        known = self._house.movement
        while not done():
            self._interrupts.check()
            for line in self._live.samples(self._house.turn()):
                self._screen.say(line)
            self._screen.show(self._live.block)
            if known != (known := self._house.movement):
                moved_s = time.monotonic()
            elif time.monotonic() - moved_s > STALL_S_MAX:
                refuse(differences(self._house.evidence, self._histories))
                raise StalledError(f"{part}: wanted an end, found no movement in {STALL_S_MAX} s")
        self.seconds[part] = self.seconds.get(part, 0.0) + time.monotonic() - began_s

    def _histories_over(self) -> bool:
        """Return whether every record is read and each bank's clock is at the end."""
        ticks = self._house.ledger.ticks
        return self._house.all_read() and all(
            past.tenant in ticks
            and ticks[past.tenant].watermark_at_ms > past.ended_at_ms - CLAIM_STEP_MS
            for past in self._histories
        )

    def _stopped(self) -> bool:
        """Return whether every journal partition has come to each bank's kill switch."""
        decided = self._house.ledger.decided()
        partition_count = self._house.settings[0].journal_partition_count
        return all(
            decided["control", past.tenant, "kill_switch.set"] == partition_count
            for past in self._histories
        )

    def _all_received(self) -> bool:
        """Return whether the gateways have every trigger that was decided on."""
        decided = self._house.ledger.decided()
        sent = (n for key, n in decided.items() if key[0] == "decision" and key[3] == "sent")
        return self._house.gateway.received_count >= sum(sent)

    def _settled(self) -> bool:
        """Return whether every answer is read, and lifecycle has all that ingest forwarded."""
        decided = self._house.ledger.decided()
        forwarded = total(self._house.ledger.ingested(), "forwarded")
        done = total(decided, "applied") + total(decided, "ignored")
        every = self._house.all_read() and self._all_received() and self._house.outputs_read()
        return every and forwarded == done


def play(wanted: Wanted, screen: Screen) -> Played:
    """
    Put the house up, play both histories in it, and take it down again.

    Raises:
        CdnowError, WorkerDiedError, TailError, LoaderError, StalledError, MismatchError: the
            demonstration cannot be what it says; the text says why.
        KeyboardInterrupt: a signal asked for the end; all is taken down.

    """
    screen.say(BANNER)
    began_s = time.monotonic()
    with Interrupts() as interrupts, open_house() as house:
        pasts = histories(wanted)  # while the worker starts
        interrupts.check()
        prepared_s = time.monotonic() - began_s
        count = sum(len(past.records) for past in pasts)
        screen.say(f"\n{count:,} records of {len(pasts)} banks")
        screen.say(f"metrics: {house.metrics_addresses}\n")
        performance = Play(house, screen, interrupts, pasts)
        performance.run()
    seconds = {"preparing": prepared_s, **performance.seconds}
    stories = house.stories
    tenants = [past.tenant for past in pasts]
    learnt, caused = [*house.lessons.lines(tenants)], [*house.effects.lines(tenants)]
    told, tried = stories.lines(), stories.fallbacks()
    return Played(house.evidence, pasts, seconds, told, tried, learnt, caused)
