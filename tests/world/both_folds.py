"""Give one journal to the house's lifecycle fold and to the checker's, and compare all they say."""

import json
from collections import Counter
from typing import Final, NamedTuple

import msgspec

from lifecycle.fold import LifecycleFold
from schemas.journal import JournalEnvelope
from schemas.records import Applied, Drained
from tests.checker.changelog import counts_of
from tests.checker.check import (
    OUTPUTS,
    PUBLISHED,
    erasure_rows,
    published_rows,
    spent_rows,
    tenant_rows,
)
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.oracle import PartitionOracle
from tests.checker.report import Report
from tests.checker.tenant_rows import compare_tenants
from tests.checker.verdict import (
    ActualOutput,
    compare_counts,
    compare_marks,
    compare_outputs,
    compare_published,
    compare_rows,
    compare_spent,
)
from tests.world.chaos import Chaos
from tests.world.failing_contacts import FailingContacts


SHORT_NAMES: Final = {topic: name for name, topic in OUTPUTS.items()}
PARTITION_COUNT: Final = 3
SECRETS: Final = {"acme": "s3cret"}
"""The other tenant of the chaos has none."""


Sent = tuple[str, str, str, str]
"""Tenant, customer token, trigger id, reservation id."""


class Both(NamedTuple):
    """
    What differs, what became of candidates, what ranked them, and what the checker counted.

    `chosen` counts options: how many were allowed, 0 where a gate left none, or `after` of a
    fallback; what ranked the one that is told of; what became of it.
    """

    report: Report
    outcomes: Counter[str]
    followed: Counter[str]
    counts: Counter[str]
    ranked: Counter[str]
    chosen: Counter[str]


def both_fold(seed: int, count: int, world: type[Chaos | FailingContacts] = Chaos) -> Both:
    """Give one chaotic journal partition, one of three, to both, record by record."""
    partition = seed % PARTITION_COUNT
    chaos, house = world(seed), _House(partition)
    oracle = PartitionOracle(place=(partition, PARTITION_COUNT))
    for envelope in chaos.envelopes(count):
        value = printed(envelope)
        oracle.see(json.loads(value))
        chaos.sent += house.see(value)
    report = Report()
    outputs = {name: ActualOutput(records) for name, records in house.outputs.items()}
    compare_outputs({partition: oracle.expected}, outputs, report)
    rows = house.rows
    customers = {key: value for key, value in rows.items() if not key.startswith("#")}
    wanted = {key: (partition, one) for key, one in oracle.customers.items()}
    compare_rows(wanted, customers, report)
    marks = {key: value for key, value in rows.items() if key.startswith("#erased|")}
    compare_marks(erasure_rows({partition: oracle}, SECRETS), marks, report)
    published = {key: value for key, value in rows.items() if key.startswith(PUBLISHED)}
    compare_published(published_rows({partition: oracle}), published, report)
    spent = {key: value for key, value in rows.items() if key.startswith("#budget|")}
    compare_spent(spent_rows({partition: oracle}), spent, report)
    tenants = {key: value for key, value in rows.items() if key.startswith("#tenant|")}
    compare_tenants(tenant_rows({partition: oracle}), tenants, report)
    compare_counts(f"journal[{partition}]", oracle.counts, counts_of(partition, rows), report)
    decided = [
        one
        for record in house.outputs["decisions"]
        for one in json.loads(record.value or b"")["candidates"]
    ]
    outcomes = Counter(map(_outcome, decided))
    followed = Counter(_outcome(one) for one in decided if one["follows"])
    ranked = Counter(one["propensity_from"] for one in decided)
    chosen = Counter(
        f"{'after' if one['follows'] else len(one['options_ppm'])} {one['propensity_from']}"
        f" {_outcome(one)}"
        for one in decided
        if one["option"]
    )
    return Both(report, outcomes, followed, oracle.counts, ranked, chosen)


def _outcome(one: Facts) -> str:
    """Return a candidate's verdict and reason."""
    return f"{one['verdict']} {one['reason_code']}".strip()


def printed(envelope: Facts) -> bytes:
    """Return an envelope as ingest writes it: every field, in the order of its declaration."""
    whole = msgspec.json.decode(json.dumps(envelope).encode(), type=JournalEnvelope)
    return msgspec.json.encode(whole)


class _House:
    """The fold of the house with one journal partition, and all that came out of it."""

    def __init__(self, partition: int) -> None:
        self.outputs: dict[str, list[LogRecord]] = {name: [] for name in SHORT_NAMES.values()}
        self.rows: dict[str, bytes] = {}
        self._fold = LifecycleFold(
            0, 1, erasure_secrets=SECRETS, journal_partition_count=PARTITION_COUNT
        )
        self._fold.open([("lifecycle.journal.v1", partition)])
        self._partition, self._offset = partition, 0

    def see(self, value: bytes) -> list[Sent]:
        """Fold one record; return whom and what each trigger that went out is about."""
        record = LogRecord("lifecycle.journal.v1", self._partition, self._offset, 0, b"", value)
        self._offset += 1
        while self._fold.apply(record) is Applied.AGAIN:
            pass
        self._fold.close_slice(())
        return self._keep(self._fold.drain())

    def _keep(self, drained: Drained) -> list[Sent]:
        for row in drained.rows:
            if row.value is None:
                self.rows.pop(row.key.decode(), None)
            else:
                self.rows[row.key.decode()] = row.value
        sent = []
        for output in drained.outputs:
            records = self.outputs[SHORT_NAMES[output.topic]]
            place = (output.topic, 0, len(records), 0)
            records.append(LogRecord(*place, output.key, output.value, tuple(output.headers)))
            if ("ce_type", b"trigger.requested.v1") in output.headers:
                tenant, token = (output.key or b"").decode().split("|")
                trigger = json.loads(output.value or b"")
                sent.append((tenant, token, trigger["trigger_id"], trigger["reservation_id"]))
        return sent
