"""Damage to what learning read and wrote, each kind once, and what the checker must call it."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle
from tests.checker.learning_by_hand import AT, DAY, Said, came, defined, exposed, set_to
from tests.checker.learning_check import envelope_of, relearnt, row_of
from tests.checker.learning_choices import SETTLED, row_of_choice
from tests.checker.log_reader import LogRecord, Topic


OUTCOMES = "lifecycle.outcomes.v1"
JOURNAL = "lifecycle.journal.v1"
ROWS = "learning.state.v1"
PARTITIONS = range(2)
"""Of the journal; the log of a model is one partition."""

Topics = dict[str, Topic]


def log() -> list[Said]:
    """Return a log: a good cohort, a late outcome, a control, a hold, a way back, a version."""
    day = [exposed(AT + n, score_ppm=400_000 + n * 10_000) for n in range(20)]
    ends = [came(n // 10, AT + n, score_ppm=400_000 + n * 10_000) for n in range(20)]
    control = exposed(AT + 5, verdict="control", arm="control")
    corrected = came(1, AT + 1, sequence=2)
    return [
        *(defined(publish_count=5), *day, control, *ends, corrected, exposed(AT + DAY)),
        *(came(0, AT), set_to(frozen=True), exposed(AT + DAY), set_to(back=1)),
        *(exposed(AT + DAY, model_version=7), defined(version=2), defined(version=2)),
        came(1, AT + DAY),
        *(_settled("plain", 1), _settled("rich", 0), _settled("plain", 0, AT + DAY)),
    ]


def _settled(option: str, label: int, at: int = AT) -> Said:
    """Return what a contact by an option has come to."""
    said = {"tenant": "acme", "campaign_id": "lift", "arm": "default", "model_id": ""}
    return SETTLED, said | {"option": option, "label": label, "settled_at_ms": at}


def topics(said: Sequence[Said] | None = None, oracle: LearningOracle | None = None) -> Topics:
    """
    Return the log, the journal with its snapshots, and the rows, as they ought to be.

    Args:
        said: the log; `log()` where none is given.
        oracle: who learns from it; one that learns otherwise makes what ought not to be.
    """
    records = [
        LogRecord(OUTCOMES, 0, n, 0, b"acme|ranker", msgspec.json.encode(one), _typed(ce_type))
        for n, (ce_type, one) in enumerate(log() if said is None else said)
    ]
    oracle = relearnt(records, oracle)
    found: Topics = {OUTCOMES: [records], JOURNAL: [[] for _ in PARTITIONS], ROWS: [[]]}
    for partition in PARTITIONS:
        for offset, one in enumerate(oracle.published):
            value = msgspec.json.encode(envelope_of(one))
            found[JOURNAL][partition].append(
                LogRecord(JOURNAL, partition, offset, 0, b"acme|", value)
            )
    rows: Facts = {"#counts|0": dict(oracle.counts), "#offsets": {OUTCOMES: {0: len(records)}}}
    for (tenant, name), state in oracle.models.items():
        rows[f"{tenant}|{name}"] = [*row_of(state).values()]
        last = state["published"]
        for sequence, snapshot in (state["kept"] | {last["sequence"]: last}).items():
            rows[f"{tenant}|{name}|{sequence}"] = snapshot
    for (tenant, campaign), choice in oracle.choices.items():
        rows[f"#choice|{tenant}|{campaign}"] = row_of_choice(choice)
    for key, value in rows.items():
        row(found, key, value)
    return found


def _typed(ce_type: str) -> list[tuple[str, bytes]]:
    return [("ce_type", ce_type.encode())]


def row(found: Topics, key: str, value: Any) -> None:  # noqa: ANN401 (any row)
    """Append a row, None for a tombstone."""
    packed = None if value is None else msgspec.msgpack.encode(value)
    found[ROWS][0].append(LogRecord(ROWS, 0, len(found[ROWS][0]), 0, key.encode(), packed))


def edit(found: Topics, partition: int, at: int, **fields: Any) -> None:  # noqa: ANN401
    """Change what a snapshot says; a dict changes the inner fields."""
    records = found[JOURNAL][partition]
    envelope = msgspec.json.decode(records[at].value or b"")
    record = envelope["record"]
    for name, value in fields.items():
        place = record if name in record else envelope
        place[name] = {**place[name], **value} if isinstance(value, dict) else value
    records[at] = records[at]._replace(value=msgspec.json.encode(envelope))


def change_row(name: str, place: int, value: Any) -> Callable[[Topics], None]:  # noqa: ANN401
    """Return what puts another value into a field of a row."""

    def spoil(found: Topics) -> None:
        kept = next(one for one in found[ROWS][0] if one.key == name.encode())
        fields = msgspec.msgpack.decode(kept.value or b"")
        fields[place] = value
        row(found, name, fields)

    return spoil


def _double_an_example(found: Topics) -> None:
    records = found[OUTCOMES][0]
    again = [one._replace(offset=n) for n, one in enumerate([*records[:2], *records[1:]])]
    found[OUTCOMES][0] = again
    row(found, "#offsets", {OUTCOMES: {0: len(again)}})


def _lose_a_conversion(found: Topics) -> None:
    del found[OUTCOMES][0][40]


def _lose_what_was_told(found: Topics) -> None:
    records = found[OUTCOMES][0]
    told = [n for n, (ce_type, _) in enumerate(log()) if ce_type == "model.told.v1"]
    del records[told[2]]


def _forget_what_the_last_version_scored(found: Topics) -> None:
    """Match the outcome in flight to no model, since a version came that kept the weights."""
    said = log()
    place = max(n for n, (ce_type, _) in enumerate(said) if ce_type == "outcome.recorded.v1")
    said[place] = (said[place][0], said[place][1] | {"model_version": 9})
    other = topics(said)
    found[JOURNAL], found[ROWS] = other[JOURNAL], other[ROWS]


def _change_a_weight(found: Topics) -> None:
    for partition in PARTITIONS:
        edit(found, partition, 1, contact={"weights": [0.1]})


def _change_a_count(found: Topics) -> None:
    edit(found, 0, 1, contact={"exposure_count": 4})


def _change_a_reason(found: Topics) -> None:
    edit(found, 1, 1, reason="fallen_back")


def _change_its_time(found: Topics) -> None:
    edit(found, 1, 1, journal_at_ms=AT)


def _change_its_place(found: Topics) -> None:
    edit(found, 1, 1, source=[OUTCOMES, 0, 0])


def _change_a_sequence(found: Topics) -> None:
    edit(found, 0, 1, sequence=1)


def _lose_a_snapshot(found: Topics) -> None:
    del found[JOURNAL][1][2]


def _invent_a_snapshot(found: Topics) -> None:
    records = found[JOURNAL][0]
    records.append(records[-1])
    edit(found, 0, -1, sequence=99, event_id="ranker-99")


def _double_a_snapshot(found: Topics) -> None:
    found[JOURNAL][0].append(found[JOURNAL][0][-1])


def _swap_snapshots(found: Topics) -> None:
    records = found[JOURNAL][0]
    records[1], records[2] = records[2], records[1]


def _lose_a_row(found: Topics) -> None:
    row(found, "acme|ranker", None)


def _lose_a_kept_snapshot(found: Topics) -> None:
    row(found, "acme|ranker|1", None)


def _keep_one_too_many(found: Topics) -> None:
    row(found, "acme|ranker|99", {})


def _miscount(found: Topics) -> None:
    row(found, "#counts|0", {})


LEARNING_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    # what was read otherwise has taught otherwise: snapshots, rows and counts say so
    (_double_an_example, {"SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_lose_a_conversion, {"SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_lose_what_was_told, {"SNAPSHOT_UNEXPECTED", "SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_forget_what_the_last_version_scored, {"STATE_DIFF", "COUNT_DIFF"}),
    (_change_a_weight, {"SNAPSHOT_DIFF"}),
    (_change_a_count, {"SNAPSHOT_DIFF"}),
    (_change_a_reason, {"SNAPSHOT_DIFF"}),
    (_change_its_time, {"SNAPSHOT_DIFF"}),
    (_change_its_place, {"SNAPSHOT_DIFF"}),
    (_change_a_sequence, {"SNAPSHOT_DIFF", "SNAPSHOT_UNEXPECTED"}),
    (_lose_a_snapshot, {"SNAPSHOT_MISSING"}),
    (_invent_a_snapshot, {"SNAPSHOT_UNEXPECTED"}),
    (_double_a_snapshot, {"SNAPSHOT_UNEXPECTED"}),
    (_swap_snapshots, {"SNAPSHOT_UNEXPECTED"}),
    (_lose_a_row, {"STATE_DIFF"}),
    (_lose_a_kept_snapshot, {"STATE_DIFF"}),
    (_keep_one_too_many, {"STATE_DIFF"}),
    (_miscount, {"COUNT_DIFF"}),
]
"""Damages by what they do, with the findings that they must lead to."""

LEARNING_FIELDS: list[tuple[str, Callable[[Topics], None]]] = [
    ("the label average", change_row("acme|ranker", 3, 0.25)),
    ("the sequence", change_row("acme|ranker", 4, 1)),
    ("the model's time", change_row("acme|ranker", 5, AT)),
    ("whether it is frozen", change_row("acme|ranker", 8, value=True)),
    ("whether it is withheld", change_row("acme|ranker", 9, value=True)),
    ("open cohorts", change_row("acme|ranker", 14, [])),
    ("what is kept", change_row("acme|ranker", 15, [])),
    ("pooled figures", change_row("acme|ranker", 16, [])),
    ("reports", change_row("acme|ranker", 19, [])),
    ("what drifts", change_row("acme|ranker", 20, [])),
    ("since when its weights are", change_row("acme|ranker", 22, 2)),
]
"""What is spoilt in the model's row, by name; each is a STATE_DIFF."""
