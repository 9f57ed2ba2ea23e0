"""
Kill workers at random moments, and count only the kills that cut something off.

A kill counts if the victim had committed work since it started, and if a reader of uncommitted
records sees rows in its tasks' changelogs that the kill aborted: data of a transaction that was
open when it died. Moments are told by work done and not by seconds alone: a slow machine takes
longer to get a worker going, and a worker that is not going has nothing to cut off. Each victim
has a thread of its own, so that both may be down at once.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from schemas.routing import STATE_TOPICS
from tests.proof.log_ends import LogEnds, Place
from tests.proof.workers import Worker, await_true


EARLY_RATIO: Final = 0.1
"""Of kills that do not wait for work: they hit a worker that starts or restores."""
EARLY_S_MAX: Final = 1.5
BLIND_RATIO: Final = 0.5
"""Of the others that do not look at the log; the rest strike when a transaction is seen in it."""
PHASE_S_MAX: Final = 0.2
"""Blind, after the work that was waited for: about a transaction's life, to hit it anywhere."""
SIGHT_S_MAX: Final = 5.0
"""How long to look for a transaction: another rebalance may have taken the tasks away."""
RECOVERY_S_MAX: Final = 120.0
ATTEMPTS_PER_KILL_MAX: Final = 10
"""Kills in all for each that must count; more say that there was nothing left to cut off."""


class Kill(NamedTuple):
    """
    One kill -9.

    `committed_count` records of the backlog had been folded and committed by the victim's process;
    `aborted_count` rows were taken back because of it.
    """

    victim: str
    committed_count: int
    aborted_count: int

    @property
    def counts(self) -> bool:
        """Whether it proves anything."""
        return self.committed_count > 0 and self.aborted_count > 0


class KillClock:
    """
    Kills each of some workers again and again until enough kills count.

    Attributes:
        kills: all of them, in the order in which their effect was known.
    """

    def __init__(
        self,
        bootstrap: str,
        victims: Sequence[Worker],
        *,
        seed: int,
        wanted_count: int,
        work_count_max: int = 5_000,
    ) -> None:
        """
        Prepare.

        Args:
            bootstrap: host:port of the broker.
            victims: supervised workers.
            seed: of all moments.
            wanted_count: kills that must count.
            work_count_max: most records that a process is waited for to commit before its end.
        """
        self.kills: list[Kill] = []
        self._bootstrap, self._victims, self._seed = bootstrap, victims, seed
        self._wanted_count, self._work_count_max = wanted_count, work_count_max
        self._known: set[tuple[str, int, int]] = set()
        self._lock = threading.Lock()
        self._failures: list[BaseException] = []

    @property
    def counted(self) -> list[Kill]:
        """The kills that count."""
        return [kill for kill in self.kills if kill.counts]

    @property
    def done(self) -> bool:
        """Whether enough kills count, or something failed."""
        return len(self.counted) >= self._wanted_count or bool(self._failures)

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """
        Kill until enough kills count; call `meanwhile` again and again, to keep the work coming.

        Raises:
            TimeoutError: a victim did not come back, or did not commit.
        """
        threads = [
            threading.Thread(target=self._guard, args=(victim, number))
            for number, victim in enumerate(self._victims)
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                if not self.done:
                    meanwhile()
                time.sleep(0.2)
        except BaseException as error:
            self._failures.append(error)
            raise
        finally:
            for thread in threads:
                thread.join()
        if self._failures:
            raise self._failures[0]

    def _guard(self, victim: Worker, number: int) -> None:
        """Keep a thread's failure for `run` to raise."""
        try:
            rng = random.Random(f"{self._seed}-{number}")  # noqa: S311 (moments, no secret)
            ends = LogEnds(self._bootstrap)
            while not self.done:
                kill = self._kill(victim, rng, ends)
                with self._lock:
                    self.kills.append(kill)
                self._refuse_idle_work()
        except BaseException as error:  # noqa: BLE001 (raised by `run`)
            self._failures.append(error)

    def _refuse_idle_work(self) -> None:
        """
        Give up when hardly any kill counts.

        About one blind kill in three does: most of a transaction's life is spent on asking for it,
        before its first record is sent.
        """
        if len(self.kills) >= ATTEMPTS_PER_KILL_MAX * self._wanted_count:
            raise TimeoutError(f"wanted kills that count, found {self.kills}")

    def _kill(self, victim: Worker, rng: random.Random, ends: LogEnds) -> Kill:
        """Wait for a random moment, kill, wait for the successor, and see what was cut off."""
        early, blind = rng.random() < EARLY_RATIO, rng.random() < BLIND_RATIO
        if not early:
            self._await_work(victim, rng.randint(1, self._work_count_max))
        committed_count = victim.committed_count()
        places: list[Place] = [(STATE_TOPICS[fold], task) for fold, task in victim.tasks()]
        before = ends.stable(places) if places else {}
        if early or blind:
            time.sleep(rng.uniform(0, EARLY_S_MAX if early else PHASE_S_MAX))  # the random moment
        else:
            ends.await_open(places, time.monotonic() + SIGHT_S_MAX)
        victim.kill9()
        after = ends.await_decided(places, time.monotonic() + RECOVERY_S_MAX) if places else {}
        aborted = ends.aborted(before, after)
        with self._lock:
            aborted -= self._known
            self._known |= aborted
        return Kill(victim.name, committed_count, len(aborted))

    def _await_work(self, victim: Worker, count: int) -> None:
        """Wait until the victim's process has folded and committed so many records."""
        await_true(
            lambda: victim.committed_count() >= count or bool(self._failures),
            f"{count} records folded by {victim.name}",
            within_s=RECOVERY_S_MAX,
        )
