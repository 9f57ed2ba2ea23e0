"""Read from learning's changelog what is known of a bank's models."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import click

from cli.log import TopicLog, on_kafka, whole_topic
from lifecycle import scoring
from schemas.codec import decode_row, decode_snapshot_row
from schemas.learning import ModelPublished
from schemas.learning_rows import LearnerRow
from schemas.routing import STATE_TOPICS
from streams.settings import Settings


Rests = Literal["withheld"] | scoring.RestsOn
"""What a propensity by a snapshot is (docs/core.md 3.16), or that it may not decide."""


class Learnt(NamedTuple):
    """What learning knows of one model, and the snapshots that it keeps, by sequence."""

    row: LearnerRow
    snapshots: Mapping[int, ModelPublished]

    @property
    def deciding(self) -> ModelPublished:
        """Return what was published last: what decides where the journal has it."""
        return self.snapshots[self.row.sequence]


def learnt(tenant: str, settings: Settings) -> dict[str, Learnt]:
    """
    Return what is known of each of a bank's models, by id.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> dict[str, Learnt]:
        return rows_of(
            tenant,
            {
                record.key or b"": record.value
                async for record in whole_topic(log, STATE_TOPICS["learning"])
            },
        )

    return on_kafka(work, settings)


def rows_of(tenant: str, newest: Mapping[bytes, bytes | None]) -> dict[str, Learnt]:
    """Return the models of a bank from the newest value of every row."""
    rows: dict[str, LearnerRow] = {}
    snapshots: dict[str, dict[int, ModelPublished]] = {}
    for key, value in newest.items():
        whose, *rest = key.decode().split("|")
        if whose != tenant or value is None:
            continue
        model_id, *sequence = rest
        if sequence:
            found = decode_snapshot_row(value)
            snapshots.setdefault(model_id, {})[int(sequence[0])] = found
        else:
            rows[model_id] = decode_row(value, LearnerRow)
    return {name: Learnt(row, snapshots.get(name, {})) for name, row in sorted(rows.items())}


def one_learnt(model_id: str, tenant: str, settings: Settings) -> Learnt:
    """Return what is known of one model, or end where learning knows none of that name."""
    found = learnt(tenant, settings)
    if model_id not in found:
        listed = ", ".join(found) or "none"
        wanted = f"wanted one of the models that {tenant} has learnt, {listed}"
        raise click.ClickException(f"{wanted}; found {model_id}")
    return found[model_id]


def rests_on(snapshot: ModelPublished) -> Rests:
    """Return on what a propensity by this snapshot rests."""
    return "withheld" if snapshot.withheld else scoring.rests_on(snapshot)
