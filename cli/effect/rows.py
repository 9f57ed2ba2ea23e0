"""Read from insight's changelog what is known of the effects of campaigns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from cli.log import TopicLog, on_kafka, whole_topic
from schemas.codec import decode_row
from schemas.insight_rows import EffectRow
from schemas.routing import STATE_TOPICS
from streams.settings import Settings


Rows: TypeAlias = Mapping[tuple[str, str], Sequence[EffectRow]]
"""By tenant and campaign ("" is the tenant itself) what each partition has counted."""


def effect_rows(settings: Settings) -> Rows:
    """
    Return what is known of every campaign of every bank.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> Rows:
        return rows_of(
            {
                record.key or b"": record.value
                async for record in whole_topic(log, STATE_TOPICS["insight"])
            }
        )

    return on_kafka(work, settings)


def rows_of(newest: Mapping[bytes, bytes | None]) -> Rows:
    """Return the effects among the newest values of insight's rows, by tenant and campaign."""
    rows: defaultdict[tuple[str, str], list[EffectRow]] = defaultdict(list)
    for key, value in sorted(newest.items()):
        kind, *rest = key.decode().split("|")
        if kind != "#effect" or value is None:
            continue
        _, tenant, campaign_id = rest
        rows[tenant, campaign_id].append(decode_row(value, EffectRow))
    return dict(rows)
