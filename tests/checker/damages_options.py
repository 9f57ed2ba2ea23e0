"""Damage to what was chosen among options, and to what they brought; and what it must be called."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.checker.check import OUTPUTS, published_rows
from tests.checker.damages_learning import (
    JOURNAL,
    OUTCOMES,
    PARTITIONS,
    Topics,
    change_row,
    edit,
    row,
)
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.models_by_hand import MODEL, snapshot
from tests.checker.options_by_hand import brought, choosing, option
from tests.checker.oracle import Expected, PartitionOracle
from tests.checker.report import Report
from tests.checker.row_shapes import ROW, of_oracle
from tests.checker.tiny_world import packed, unpacked
from tests.checker.treatments_by_hand import FAILED, nudged, treatment
from tests.checker.verdict import ActualOutput, compare_outputs, compare_published, compare_rows


SEMANTICS = ("cardcue.semantics_version", b"1")
RICH = option("rich", model="other", value_minor=5, fallbacks=[treatment("email")])
POLICY = choosing(option("plain"), RICH, option("late", offer="gift"), model="ranker")
JOURNALED = (
    *(brought(2, rich=900_000), brought(1, plain=900_000)),
    *(snapshot(), snapshot(model=MODEL | {"id": "other"}), *nudged(POLICY), FAILED),
)
"""
c0 is nudged by `plain`, worth twice as much as `rich`; `late` promises what there is not. What came
last of the options is stale.
"""


class Run(NamedTuple):
    """What a worker wrote: outputs by topic's short name, rows by key."""

    outputs: dict[str, list[LogRecord]]
    rows: dict[str, bytes]


def oracle() -> PartitionOracle:
    """Return the oracle after the run."""
    made = PartitionOracle(zones={"acme": "UTC"})
    for one in JOURNALED:
        made.see(one)
    return made


def run() -> Run:
    """Return the run as it ought to be."""
    made = oracle()
    outputs: dict[str, list[LogRecord]] = {name: [] for name in OUTPUTS}
    for one in made.expected:
        records = outputs[one.output.topic]
        place = (OUTPUTS[one.output.topic], 0, len(records), 0)
        records.append(LogRecord(*place, one.record_key, one.output.value, _headers(one)))
    rows = {key: packed(said) for key, said in published_rows({0: made}).items()}
    rows |= {key: packed(_row(one)) for key, one in made.customers.items()}
    return Run(outputs, rows)


def _headers(one: Expected) -> list[tuple[str, bytes]]:
    tenant, _, customer = one.key.partition(b"|")
    named = [("ce_specversion", b"1.0"), ("ce_id", one.output.output_id.encode())]
    named += [("ce_source", b"cardcue"), ("ce_type", one.output.ce_type.encode())]
    return [*named, ("ce_subject", customer), ("ce_tenantid", tenant), SEMANTICS]


def _row(customer: Facts) -> list[Any]:
    """Return a row; what is known by name there stands in a list here."""
    shape = of_oracle(0, customer)
    for name in ("cards", "contacts", "statements", "memories"):
        shape[name] = [[key, *facts] for key, facts in shape[name].items()]
    for name in ("consents", "words"):
        shape[name] = [[*key, *facts] for key, facts in shape[name].items()]
    return [shape[name] for name in ROW]


def judged(found: Run) -> Report:
    """Return what the checker finds in a run."""
    made, report = oracle(), Report()
    outputs = {name: ActualOutput(records) for name, records in found.outputs.items()}
    compare_outputs({0: made.expected}, outputs, report)
    customers = {key: value for key, value in found.rows.items() if not key.startswith("#")}
    compare_rows({key: (0, one) for key, one in made.customers.items()}, customers, report)
    others = {key: value for key, value in found.rows.items() if key.startswith("#")}
    compare_published(published_rows({0: made}), others, report)
    return report


def _change_candidate(found: Run, **said: Any) -> None:  # noqa: ANN401 (any field)
    records = found.outputs["decisions"]
    body = json.loads(records[0].value or b"")
    body["candidates"][0] |= said
    records[0] = records[0]._replace(value=json.dumps(body, separators=(",", ":")).encode())


def _choose_what_was_not_drawn(found: Run) -> None:
    _change_candidate(found, option="rich")


def _choose_by_other_chances(found: Run) -> None:
    _change_candidate(found, options_ppm={"plain": 700_000, "rich": 300_001})


def _choose_before_the_gates(found: Run) -> None:
    """Let an option have a chance of which nothing is left, as where it is drawn first."""
    allowed = {"plain": 600_000, "rich": 200_000, "late": 200_000}
    _change_candidate(found, options_ppm=allowed, option_ppm=600_000)


def _compete_with_what_was_drawn(found: Run) -> None:
    """Let the campaign compete with the worth of its draw, which by chance is less."""
    _change_candidate(found, worth_micro=499_999 * 10)


def _say_another_chance(found: Run) -> None:
    _change_candidate(found, option_ppm=300_000)


def _ask_the_model_of_another_option(found: Run) -> None:
    _change_candidate(found, model="other|1|1")


def _send_in_the_channel_of_another_option(found: Run) -> None:
    found.outputs["push"].append(found.outputs["sms"].pop(0))


def _expose_to_another_option(found: Run) -> None:
    records = found.outputs["outcomes"]
    for place, record in enumerate(records):
        text = (record.value or b"").replace(b'"option":"plain"', b'"option":"rich"')
        records[place] = record._replace(value=text)


def _keep_another_option(found: Run) -> None:
    kept = unpacked(found.rows["acme|c0"])
    kept[5][0][-1] = "rich"
    found.rows["acme|c0"] = packed(kept)


def _adopt_what_is_stale(found: Run) -> None:
    stale = brought(1, plain=900_000)["record"]
    found.rows["#choice|0|acme|activation_nudge"] = packed(stale)


def _forget_what_was_adopted(found: Run) -> None:
    del found.rows["#choice|0|acme|activation_nudge"]


OPTION_DAMAGES: list[tuple[Callable[[Run], None], set[str]]] = [
    (_choose_what_was_not_drawn, {"DIFFERENT"}),
    (_choose_by_other_chances, {"DIFFERENT"}),
    (_choose_before_the_gates, {"DIFFERENT"}),
    (_compete_with_what_was_drawn, {"DIFFERENT"}),
    (_say_another_chance, {"DIFFERENT"}),
    (_ask_the_model_of_another_option, {"DIFFERENT"}),
    (_send_in_the_channel_of_another_option, {"MISSING", "UNEXPECTED"}),
    (_expose_to_another_option, {"DIFFERENT"}),
    (_keep_another_option, {"STATE_DIFF"}),
    (_adopt_what_is_stale, {"STATE_DIFF"}),
    (_forget_what_was_adopted, {"STATE_DIFF"}),
]
"""Damages by what they do to a run, with the findings that they must lead to."""


def _lose_an_exposure(found: Topics) -> None:
    del found[OUTCOMES][0][-2]


def _change_a_rate(found: Topics) -> None:
    edit(found, 0, -1, rates_ppm={"plain": 1})


def _swap_options(found: Topics) -> None:
    for partition in PARTITIONS:
        said = json.loads(found[JOURNAL][partition][-1].value or b"")
        rates = dict(reversed(said["record"]["rates_ppm"].items()))
        said["record"]["rates_ppm"] = rates
        records = found[JOURNAL][partition]
        records[-1] = records[-1]._replace(value=json.dumps(said).encode())


def _lose_what_was_published(found: Topics) -> None:
    del found[JOURNAL][1][-1]


def _publish_it_twice(found: Topics) -> None:
    found[JOURNAL][1].append(found[JOURNAL][1][-1])


def _lose_the_row(found: Topics) -> None:
    row(found, "#choice|acme|lift", None)


CHOICE_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    # an exposure that was not read has not let the others fade
    (_lose_an_exposure, {"SNAPSHOT_DIFF", "STATE_DIFF", "COUNT_DIFF"}),
    (_change_a_rate, {"SNAPSHOT_DIFF"}),
    (_swap_options, {"SNAPSHOT_DIFF"}),
    (_lose_what_was_published, {"SNAPSHOT_MISSING"}),
    (_publish_it_twice, {"SNAPSHOT_UNEXPECTED"}),
    (_lose_the_row, {"STATE_DIFF"}),
    (change_row("#choice|acme|lift", 0, {"plain": [1.0, 1.0]}), {"STATE_DIFF"}),
    (change_row("#choice|acme|lift", 1, 7), {"STATE_DIFF"}),
    (change_row("#choice|acme|lift", 2, 7), {"STATE_DIFF"}),
    (change_row("#choice|acme|lift", 3, 7), {"STATE_DIFF"}),
]
"""Likewise, of what learning read and wrote."""
