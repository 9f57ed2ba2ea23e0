"""
Name what a check can find, and collect it: how many of each kind, and the first few of each.

The words of the anomalies follow Jepsen's habit: a kind says what is wrong without a manual.
"""

from collections import Counter
from typing import Final


KINDS: Final = {
    "SOURCE_MISSING": "a source record is neither in the journal nor in the rejected topic",
    "SOURCE_DOUBLED": "a source record left ingest more than once",
    "SOURCE_INVENTED": "a journal or rejected record names a source record that is not there",
    "SOURCE_ALTERED": "what left ingest does not say what the source record says",
    "SOURCE_MISJUDGED": "a record met another fate, or another reason, than the rules say",
    "WRONG_PARTITION": "a record lies in another partition than its key or its rule says",
    "COUNT_DIFF": "a counts row does not agree with the records",
    "UNREAD": "a partition was not read to its end",
    "POLICY_DIFF": "a published policy is not the one in the YAML files",
    "COLLISION": "the rules themselves give one id to two outputs",
    "MISSING": "an output that the journal calls for is not there",
    "UNEXPECTED": "an output that the journal does not call for",
    "DUP_SAME": "an output twice, byte for byte",
    "DUP_DIFFERENT": "an id twice with different bytes",
    "DIFFERENT": "an output with other bytes, key or topic than the journal calls for",
    "ORDER": "outputs of one journal partition in another order than the journal's",
    "STATE_DIFF": "a changelog row is not what the journal gives",
    "TICK_ABOVE_EVENT": "a tick's watermark is above a later record's time",
    "TICK_BACKWARDS": "a tick's clock is below an earlier tick's",
    "TICK_TOO_SOON": "a tick's watermark moved by less than a second",
    "OVERSOLD": "more units of an offer were promised than there were",
    "OVERSPENT": "a campaign has cost more than its budget",
    "UNPAIRED": "a reservation without just one grant request, or a request without its trigger",
    "SNAPSHOT_MISSING": "a snapshot that the outcomes log calls for is not in the journal",
    "SNAPSHOT_UNEXPECTED": "a snapshot that the outcomes log does not call for, or out of order",
    "SNAPSHOT_DIFF": "a snapshot that says something else than the outcomes log has taught",
    "TRIP_MISSING": "a guardrail that the outcomes log breaks is not in the journal",
    "TRIP_UNEXPECTED": "a guardrail in the journal that the outcomes log does not break, or twice",
    "TRIP_DIFF": "a guardrail that broke by other numbers than the outcomes log has",
    "REPORT_MISSING": "what insight should have told people is not there",
    "REPORT_UNEXPECTED": "what insight told people without cause, or twice",
    "REPORT_DIFF": "what insight told people with other numbers, headers or place",
    "SUM_DIFF": "the arms of a campaign do not add up to the records that were taken",
    "EXPOSURE_TWICE": "an exposure was opened, settled, followed or objected to more than once",
    "EXPOSURE_UNKNOWN": "something is told of an exposure that was never opened",
    "EXPOSURE_ALTERED": "something is told of an exposure with another arm, version or person",
    "COUNTED_TWICE": "a customer is counted more than once in an experiment",
    "HELD_OUT_COUNTED": "a customer who is held out is counted in a campaign's experiment",
    "ARM_CHANGED": "a customer was in two arms of an experiment",
    "HELD_OUT_SENT": "somebody who was to be kept back was contacted",
    "CARDS_BELOW_ZERO": "more cards left a place in the funnel than came to it",
    "TICK_UNEVEN": "the journal partitions do not have the same ticks in the same order",
}
"""Every kind of finding with its meaning."""

SHOWN_MAX: Final = 20
"""Findings of one kind that are kept as text; all are counted."""

SHOWN_CHARACTERS_MAX: Final = 2_000
"""Of the text of one finding."""


class Report:
    """
    What a check found, and how much it looked at.

    Attributes:
        counts: findings by kind; a kind that was not found is not in it.
        examples: the first `SHOWN_MAX` findings of each kind as text.
        seen: how many records of which sort were looked at, so that "no finding" says something.
    """

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self.seen: Counter[str] = Counter()

    @property
    def passed(self) -> bool:
        """Whether nothing at all was found."""
        return not self.counts

    def find(self, kind: str, what: str) -> None:
        """
        Record one finding.

        Raises:
            KeyError: the kind is not one of `KINDS`.
        """
        KINDS[kind]
        self.counts[kind] += 1
        shown = self.examples.setdefault(kind, [])
        if len(shown) < SHOWN_MAX:
            shown.append(what[:SHOWN_CHARACTERS_MAX])

    def __str__(self) -> str:
        """Return the report for people: what was looked at, then every kind with its examples."""
        lines = [f"looked at {count:>9,} {name}" for name, count in sorted(self.seen.items())]
        for kind, meaning in KINDS.items():
            if count := self.counts[kind]:
                lines.append(f"{kind}: {count:,} x {meaning}")
                lines.extend(f"    {example}" for example in self.examples[kind])
        lines.append("PASS: nothing found" if self.passed else f"FAIL: {dict(self.counts)}")
        return "\n".join(lines)
