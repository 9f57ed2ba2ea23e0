"""
Say which rules a finished house has broken, from what can be read in the log.

Who states what:

* the independent checker (`tests.checker`, written from docs/core.md alone) folds the journal and
  compares every source record, output, row and tick: I1, I4, T2, T3, T6, T8 (order);
* `tests.simulation.retold` folds the journal once more with production's fold, record by record,
  without crashes: I2 (bytes and rows), T8 (an occasion is one transaction);
* `tests.simulation.time_rules` compares with what only the simulator knows or with plain sums:
  T3 (against the source's own record time), T5, T6 (milestones).
"""

from collections.abc import Mapping
from typing import Any, Final

from streams.settings import Settings
from tests.checker.check import Names, check
from tests.simulation import retold, time_rules
from tests.simulation.simulated_log import SimulatedBroker


RULES: Final = {
    "SOURCE_MISSING": "I1",
    "SOURCE_DOUBLED": "I1",
    "SOURCE_INVENTED": "I1",
    "SOURCE_ALTERED": "I1",
    "SOURCE_MISJUDGED": "I1",
    "WRONG_PARTITION": "I1",
    "COUNT_DIFF": "I1",
    "UNREAD": "I1",
    "POLICY_DIFF": "I1",
    "COLLISION": "I4",
    "MISSING": "I4",
    "UNEXPECTED": "I4",
    "DUP_SAME": "I4",
    "DUP_DIFFERENT": "I4",
    "DIFFERENT": "I4",
    "ORDER": "T8",
    "STATE_DIFF": "T6",
    "TICK_ABOVE_EVENT": "T3",
    "TICK_BACKWARDS": "T2",
    "TICK_TOO_SOON": "T2",
    "TICK_UNEVEN": "T2",
    "OVERSOLD": "C3",
    "OVERSPENT": "C3",
    "UNPAIRED": "C3",
    "SNAPSHOT_MISSING": "L1",
    "SNAPSHOT_UNEXPECTED": "L1",
    "SNAPSHOT_DIFF": "L1",
    "TRIP_MISSING": "N3",
    "TRIP_UNEXPECTED": "N3",
    "TRIP_DIFF": "N3",
    "REPORT_MISSING": "I4",
    "REPORT_UNEXPECTED": "I4",
    "REPORT_DIFF": "I4",
    "SUM_DIFF": "I4",
    "EXPOSURE_TWICE": "E2",
    "EXPOSURE_UNKNOWN": "E2",
    "EXPOSURE_ALTERED": "E2",
    "COUNTED_TWICE": "E1",
    "HELD_OUT_COUNTED": "E2",
    "ARM_CHANGED": "E1",
    "HELD_OUT_SENT": "E2",
    "CARDS_BELOW_ZERO": "I4",
}
"""The rule that each kind of the checker's findings breaks."""


def judge(
    broker: SimulatedBroker,
    settings: Settings,
    contracts: Mapping[str, str],
    known_count: Mapping[str, int],
) -> list[str]:
    """
    Return a sentence for each rule that is broken, beginning with its name.

    `contracts` are the contracts of the source topics; `known_count` are the partitions that each
    of them had from the beginning.
    """
    return [
        *checked(broker, settings, contracts),
        *retold.faults(broker, settings),
        *time_rules.faults(broker, known_count),
    ]


def checked(broker: SimulatedBroker, settings: Settings, contracts: Mapping[str, str]) -> list[str]:
    """Return what the independent checker finds."""
    names = Names(contracts=contracts, tenants=frozenset(settings.tenants))
    topics: Any = {name: broker.committed(name) for name in names.all}
    report = check(topics, names, None)
    return [f"{RULES[kind]} {kind}: {texts[0]}" for kind, texts in report.examples.items()]
