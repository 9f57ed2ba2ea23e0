"""Damage to what is told of customers, to segments and their rows, and what it must be called."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from tests.checker.check import OUTPUTS, published_rows
from tests.checker.damages_learning import (
    JOURNAL,
    OUTCOMES,
    PARTITIONS,
    ROWS,
    Topics,
    edit,
    row,
)
from tests.checker.journal_by_hand import DAY, fold, statement
from tests.checker.journal_by_hand import purchase as bought
from tests.checker.learning_check import envelope_of, relearnt
from tests.checker.learning_segments import row_of_segments
from tests.checker.log_reader import LogRecord
from tests.checker.oracle import PartitionOracle
from tests.checker.report import Report
from tests.checker.segments_by_hand import segments
from tests.checker.tiny_world import BASE, packed
from tests.checker.verdict import ActualOutput, compare_counts, compare_outputs, compare_published


SEMANTICS = ("cardcue.semantics_version", b"1")
SCENES = ("dining", "travel", "home", "dining", "fuel")
KEY = "#segments|acme"


class Told(NamedTuple):
    """What a worker told learning, and its rows of what was published and of counts."""

    outcomes: list[LogRecord]
    rows: dict[str, bytes]
    counts: dict[str, int]


def told_by() -> PartitionOracle:
    """Return the oracle of a journal with two bills, and segments of which the last are stale."""
    bills = (statement(BASE + DAY, "s1", 9), statement(BASE + 2 * DAY, "s2", 9))
    return fold(segments(2), bought(BASE, "b", 700, scene="home"), *bills, segments(1))


def told() -> Told:
    """Return what must have been told."""
    made = told_by()
    records = [
        LogRecord(OUTCOMES, 0, place, 0, one.record_key, one.output.value, _headers(one))
        for place, one in enumerate(_observed(made))
    ]
    rows = {key: packed(said) for key, said in published_rows({0: made}).items()}
    return Told(records, rows, dict(made.counts))


def _observed(made: PartitionOracle) -> list[Any]:
    """Return what is told of how customers spend; the cards that move are another's."""
    return [one for one in made.expected if one.output.ce_type == "customer.observed.v1"]


def _headers(one: Any) -> list[tuple[str, bytes]]:  # noqa: ANN401 (an expected output)
    named = [("ce_specversion", b"1.0"), ("ce_id", one.output.output_id.encode())]
    named += [("ce_source", b"cardcue"), ("ce_type", b"customer.observed.v1")]
    return [*named, ("ce_subject", b"c0"), ("ce_tenantid", b"acme"), SEMANTICS]


def judged_told(found: Told) -> Report:
    """Return what the checker finds in what was told."""
    made, report = told_by(), Report()
    actual = {name: ActualOutput([]) for name in OUTPUTS}
    compare_outputs(
        {0: _observed(made)}, actual | {"outcomes": ActualOutput(found.outcomes)}, report
    )
    compare_published(published_rows({0: made}), found.rows, report)
    compare_counts("journal[0]", made.counts, found.counts, report)
    return report


def _miss_a_customer(found: Told) -> None:
    del found.outcomes[0]


def _tell_twice(found: Told) -> None:
    found.outcomes.append(found.outcomes[0]._replace(offset=2))


def _tell_in_another_order(found: Told) -> None:
    first, second = found.outcomes
    found.outcomes[:] = [second._replace(offset=0), first._replace(offset=1)]


def _change(**said: Any) -> Callable[[Told], None]:  # noqa: ANN401 (any field)
    def spoil(found: Told) -> None:
        body = json.loads(found.outcomes[0].value or b"") | said
        text = json.dumps(body, separators=(",", ":")).encode()
        found.outcomes[0] = found.outcomes[0]._replace(value=text)

    return spoil


def _tell_the_customers_partition(found: Told) -> None:
    found.outcomes[0] = found.outcomes[0]._replace(key=b"acme|c0")


def _adopt_what_is_stale(found: Told) -> None:
    found.rows["#segments|0|acme"] = packed(segments(1)["record"])
    found.counts["control|acme|STALE_VERSION"] = 0
    found.counts["control|acme|segments.published"] = 2


def _adopt_nothing(found: Told) -> None:
    del found.rows["#segments|0|acme"]


TOLD_DAMAGES: list[tuple[Callable[[Told], None], set[str]]] = [
    (_miss_a_customer, {"MISSING"}),
    (_tell_twice, {"DUP_SAME"}),
    (_tell_in_another_order, {"ORDER"}),
    (_change(spend_minor=701), {"DIFFERENT"}),
    (_change(scene_share_ppm={"home": 999_999}), {"DIFFERENT"}),
    (_change(currency="USD"), {"DIFFERENT"}),
    (_change(observed_id="x"), {"MISSING", "UNEXPECTED"}),
    (_tell_the_customers_partition, {"DIFFERENT"}),
    (_adopt_what_is_stale, {"STATE_DIFF", "COUNT_DIFF"}),
    (_adopt_nothing, {"STATE_DIFF"}),
]
"""Damages to what a worker tells and adopts, with the findings that they must lead to."""


@cache
def _log() -> tuple[bytes, ...]:
    """Return 721 customers who are more and more, of four kinds, ever later."""
    names = {"tenant": "acme", "currency": "CNY"}
    return tuple(
        msgspec.json.encode(
            names
            | {"spend_minor": number * 10, "observed_at_ms": BASE + number}
            | {"scene_share_ppm": {SCENES[number % 5]: 600_000, SCENES[number % 3]: 400_000}}
        )
        for number in range(721)
    )


def learnt() -> Topics:
    """Return the log, the journal with its segments, and the rows, as they ought to be."""
    headers = [("ce_type", b"customer.observed.v1")]
    records = [
        LogRecord(OUTCOMES, 0, n, 0, b"acme|", said, headers) for n, said in enumerate(_log())
    ]
    oracle = relearnt(records)
    found: Topics = {OUTCOMES: [records], JOURNAL: [[] for _ in PARTITIONS], ROWS: [[]]}
    for partition in PARTITIONS:
        for offset, one in enumerate(oracle.published):
            value = msgspec.json.encode(envelope_of(one))
            found[JOURNAL][partition].append(
                LogRecord(JOURNAL, partition, offset, 0, b"acme|", value)
            )
    row(found, "#counts|0", dict(oracle.counts))
    row(found, "#offsets", {OUTCOMES: {0: len(records)}})
    row(found, KEY, row_of_segments(oracle.segments["acme"]))
    return found


def _lose_a_customer(found: Topics) -> None:
    del found[OUTCOMES][0][300]


def _learn_twice(found: Topics) -> None:
    records = found[OUTCOMES][0]
    again = [one._replace(offset=n) for n, one in enumerate([*records[:3], *records[2:]])]
    found[OUTCOMES][0] = again
    row(found, "#offsets", {OUTCOMES: {0: len(again)}})


def _say_another_spend(found: Topics) -> None:
    records = found[OUTCOMES][0]
    for at in range(300, 400):
        said = msgspec.json.decode(records[at].value or b"") | {"spend_minor": 1}
        records[at] = records[at]._replace(value=msgspec.json.encode(said))


def _move_an_edge(found: Topics) -> None:
    edges = _said(found)["edges_minor"]["CNY"]
    edit(found, 0, 1, edges_minor={"CNY": [edges[0] + 1, *edges[1:]]})


def _give_names_to_other_clusters(found: Topics) -> None:
    """Let the first two clusters change their names."""
    (one, first), (other, second), *rest = _said(found)["clusters"].items()
    _rename(found, {one: second, other: first, **dict(rest)})


def _tell_clusters_in_another_order(found: Topics) -> None:
    _rename(found, dict(reversed(_said(found)["clusters"].items())))


def _said(found: Topics) -> Any:  # noqa: ANN401 (a record)
    return msgspec.json.decode(found[JOURNAL][0][1].value or b"")["record"]


def _rename(found: Topics, clusters: dict[str, Any]) -> None:
    records = found[JOURNAL][0]
    envelope = msgspec.json.decode(records[1].value or b"")
    envelope["record"]["clusters"] = clusters
    records[1] = records[1]._replace(value=msgspec.json.encode(envelope))


def _publish_too_late(found: Topics) -> None:
    edit(found, 1, 0, source=[OUTCOMES, 0, 200])


def _lose_segments(found: Topics) -> None:
    del found[JOURNAL][1][0]


def _lose_the_row(found: Topics) -> None:
    row(found, KEY, None)


def _change_row(*path: Any, value: Any) -> Callable[[Topics], None]:  # noqa: ANN401
    def spoil(found: Topics) -> None:
        kept = next(one for one in found[ROWS][0] if one.key == KEY.encode())
        fields = place = msgspec.msgpack.decode(kept.value or b"")
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        row(found, KEY, fields)

    return spoil


LEARNT_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    # what was read otherwise has taught otherwise: segments, the row and counts say so
    (_lose_a_customer, {"SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_learn_twice, {"SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_say_another_spend, {"SNAPSHOT_DIFF", "STATE_DIFF"}),
    (_move_an_edge, {"SNAPSHOT_DIFF"}),
    (_give_names_to_other_clusters, {"SNAPSHOT_DIFF"}),
    (_tell_clusters_in_another_order, {"SNAPSHOT_DIFF"}),
    (_publish_too_late, {"SNAPSHOT_DIFF"}),
    (_lose_segments, {"SNAPSHOT_MISSING"}),
    (_lose_the_row, {"STATE_DIFF"}),
    (_change_row(0, "CNY", 0, 3, value=1.5), {"STATE_DIFF"}),
    (_change_row(0, "CNY", 1, value=720), {"STATE_DIFF"}),
    (_change_row(1, 0, value=[[0.0]]), {"STATE_DIFF"}),
    (_change_row(1, 1, 0, 0, value="moon"), {"STATE_DIFF"}),
    (_change_row(1, 1, 0, 1, 2, value=0.25), {"STATE_DIFF"}),
    (_change_row(1, 1, 0, 2, value=1), {"STATE_DIFF"}),
    (_change_row(2, value=1), {"STATE_DIFF"}),
    (_change_row(3, value=BASE), {"STATE_DIFF"}),
    (_change_row(4, value=0), {"STATE_DIFF"}),
]
"""Damages to what learning read and wrote of segments, likewise."""
