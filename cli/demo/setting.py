"""
Lay the table: two banks, their source topics, and the settings of the demonstration's workers.

Everything that differs from a production deployment stands here, each with its reason.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from msgspec.structs import replace

from schemas.routing import SourceBinding
from streams.settings import Settings


BANK: Final = "bank"
CDNOW: Final = "cdnow"
TENANTS: Final = (BANK, CDNOW)

TIME_ZONES: Final = {BANK: "Asia/Shanghai", CDNOW: "America/New_York"}

CONTROL_TOPIC: Final = "marketing.control.v1"
ANSWER_TOPICS: Final = ("gateway.receipt.v1", "gateway.response.v1")
"""What gateway and offer system say; each names the tenant in every record."""

HISTORIES: Final = {
    BANK: (
        "card.issue.v1",
        "card.activation.v1",
        "card.bind.v1",
        "card.limit.v1",
        "card.spend.v1",
        "card.repayment.v1",
        "customer.profile.v1",
    ),
    CDNOW: ("card.issue.v1", "card.activation.v1", "card.spend.v1", "customer.profile.v1"),
}
"""Tenant to the contract topics that its history comes in."""

SOURCE_PARTITION_COUNT: Final = 2

WORKER_COUNT: Final = 3


def source_topic(tenant: str, contract: str) -> str:
    """
    Return the name on the broker of a tenant's history topic.

    >>> source_topic("cdnow", "card.spend.v1")
    'cdnow.card.spend.v1'
    """
    return f"{tenant}.{contract}"


def bindings() -> tuple[SourceBinding, ...]:
    """
    Return what each source topic is.

    Histories carry their own time (T7). Control records and answers are no part of them, so they
    hold no watermark; who writes them is trusted and names the tenant in each (N1).
    """
    histories = [
        SourceBinding(
            topic=source_topic(tenant, contract),
            contract=contract,
            tenant=tenant,
            time_source="records",
        )
        for tenant, contracts in HISTORIES.items()
        for contract in contracts
    ]
    shared = (CONTROL_TOPIC, *ANSWER_TOPICS)
    return (*histories, *(SourceBinding(topic=one, holds_watermark=False) for one in shared))


def demo_settings(bootstrap: str, http_ports: Sequence[int]) -> Sequence[Settings]:
    """
    Return the settings of three workers on the embedded broker at `bootstrap`.

    One reads what banks say and keeps their time, one decides, one learns and counts: each fold
    has one worker, as the broker fences nobody, and the three share what processors there are.
    """
    reading_port, deciding_port, learning_port = http_ports
    reading = reading_settings(bootstrap, reading_port)
    # the rounds do not wait for these two: few large commits leave the processors to them
    deciding = replace(
        reading,
        instance_id="deciding",
        folds=("lifecycle",),
        linger_idle_ms=40,
        linger_busy_ms=40,
        fetch_wait_ms=20,
        http_port=deciding_port,
    )
    learning = replace(
        reading,
        instance_id="learning",
        folds=("learning", "insight"),
        linger_idle_ms=200,
        linger_busy_ms=200,
        fetch_wait_ms=100,
        http_port=learning_port,
    )
    return reading, deciding, learning


def reading_settings(bootstrap: str, http_port: int) -> Settings:
    """Return the settings of the worker that reads, which are most of those of the others."""
    return Settings(
        bootstrap=bootstrap,
        app_id="cardcue-demo",
        instance_id="reading",
        folds=("ingest", "clock"),
        tenants=TENANTS,
        bindings=bindings(),
        source_partition_count=SOURCE_PARTITION_COUNT,
        # each moment of history is one round from ingest through the clock and back, with a tick
        # into every journal partition: what counts is how long a round takes, and every task and
        # every partition more makes it longer
        output_partition_count=4,
        journal_partition_count=2,
        ingest_task_count=1,
        lifecycle_task_count=1,
        learning_task_count=1,
        insight_task_count=1,
        # and how many rounds: the bank books every six hours, and no round may hold two bookings
        backfill_lead_ms=5 * 3_600_000,
        linger_idle_ms=0,
        linger_busy_ms=0,
        # the embedded broker answers an empty fetch only when its time is over, and writes commit
        # markers without a checksum
        fetch_wait_ms=5,
        check_crcs=False,
        http_port=http_port,
        log_level="warning",
    )


def write_settings(settings: Settings, folder: Path) -> Path:
    """Write settings as the YAML file that a worker's `CARDCUE_SETTINGS` names; return its path."""
    defaults = Settings()
    chosen: dict[str, Any] = {
        name: msgspec.to_builtins(getattr(settings, name))
        for name in settings.__struct_fields__
        if getattr(settings, name) != getattr(defaults, name)
    }
    path = folder / f"{settings.instance_id}.yaml"
    path.write_text(yaml.safe_dump(chosen, sort_keys=False), encoding="utf-8")
    return path
