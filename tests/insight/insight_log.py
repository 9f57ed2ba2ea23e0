"""
Write decisions and outcomes by hand: one campaign of one bank, time in milliseconds after T0.

Unless said otherwise a fifth of all are kept back as control, and the others get `default`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from lifecycle.insight.fold import InsightFold
from schemas.campaign import Guardrails
from schemas.codec import (
    decode_effect,
    decode_effect_row,
    decode_envelope,
    decode_funnel,
    decode_funnel_row,
    decode_tripped,
    encode_json,
)
from schemas.decisions import Decision
from schemas.examples import DECISION, EXPOSURE
from schemas.insight import EffectReported, FunnelReported, GuardrailReported, GuardrailTripped
from schemas.insight_rows import EffectRow, FunnelRow, VersionState
from schemas.journal import JournalEnvelope
from schemas.outcomes import CardMoved, ExposureFollowed, ExposureObjected, ExposureSettled
from schemas.records import OutputRecord, Row, StoredRecord
from schemas.routing import DECISIONS_TOPIC, INSIGHT_TOPIC, JOURNAL_TOPIC, OUTCOMES_TOPIC
from streams.replay import Replayed, replay


T0 = 1_700_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
TENANT = "bank"
CAMPAIGN = "bind"
KEY = f"{TENANT}|{CAMPAIGN}"
PARTITIONS = range(2)
SOURCES = [(topic, number) for topic in (DECISIONS_TOPIC, OUTCOMES_TOPIC) for number in PARTITIONS]
SHARES = {"control": 200_000, "default": 800_000}
CONTROL_PPM = 200_000
"""Of control among control and `default`."""

WATCHED = Guardrails(
    opt_out_ppm=10_000, complaint_ppm=10_000, failure_ppm=50_000, harm=True, alpha_ppm=10_000
)


class InsightLog:
    """Records as the lifecycle fold writes them, one after the other; each method adds one."""

    def __init__(self, tenant: str = TENANT, campaign_id: str = CAMPAIGN) -> None:
        """Begin with nothing."""
        self.records: list[StoredRecord] = []
        self.partition = 0
        self._whose = {"tenant": tenant, "campaign_id": campaign_id}

    def decide(self, **changed: Any) -> None:  # noqa: ANN401 (any field)
        """Tell of the example's decision."""
        said = msgspec.structs.replace(DECISION, tenant=self._whose["tenant"], **changed)
        self.add(b"decision.recorded.v1", said)

    def open(self, at: int = 0, arm: str = "default", **changed: Any) -> None:  # noqa: ANN401
        """Tell of a customer's first exposure, in version 1 and an arm, `sent` unless kept back."""
        kept_back = {"control": "control", "holdout": "held_out"}
        said = msgspec.structs.replace(
            EXPOSURE,
            **self._whose,
            exposure_id=f"e-{len(self.records)}",
            arm=arm,
            verdict=kept_back.get(arm, "sent"),
            decided_at_ms=T0 + at,
            closes_at_ms=T0 + at + DAY,
        )
        told = {"is_first": True, "holdout_ppm": 0, "shares_ppm": SHARES, "stage": "bind"}
        wanted = told | changed
        self.add(b"exposure.opened.v1", msgspec.structs.replace(said, **wanted))

    def settle(
        self,
        at: int = 0,
        arm: str = "default",
        label: int | None = 0,
        **changed: Any,  # noqa: ANN401
    ) -> None:
        """Tell what a customer's first exposure has come to."""
        said = ExposureSettled(
            **self._whose,  # type: ignore[arg-type]  # both are fields
            settled_id=f"s-{len(self.records)}",
            exposure_id="e",
            customer_token="c",
            trigger_id="t",
            policy_version=1,
            arm=arm,
            arm_ppm=0,
            is_first=True,
            pools=False,
            holdout_ppm=0,
            label=label,  # type: ignore[arg-type]  # 0, 1 or None
            delivery="not_sent" if arm in {"control", "holdout"} else "delivered",
            value_minor=0,
            currency="",
            decided_at_ms=T0,
            closes_at_ms=T0,
            settled_at_ms=T0 + at,
        )
        self.add(b"exposure.settled.v1", msgspec.structs.replace(said, **changed))

    def follow(
        self,
        at: int = 0,
        arm: str = "default",
        day: int = 30,
        **changed: Any,  # noqa: ANN401
    ) -> None:
        """Tell that a customer is active so many days on."""
        said = ExposureFollowed(
            **self._whose,  # type: ignore[arg-type]  # both are fields
            followed_id=f"f-{len(self.records)}",
            exposure_id="e",
            customer_token="c",
            policy_version=1,
            arm=arm,
            pools=False,
            holdout_ppm=0,
            day=day,  # type: ignore[arg-type]  # 30, 60 or 90
            active=True,
            decided_at_ms=T0,
            followed_at_ms=T0 + at,
        )
        self.add(b"exposure.followed.v1", msgspec.structs.replace(said, **changed))

    def objects(self, objection: str = "opt_out", at: int = 0, **changed: Any) -> None:  # noqa: ANN401
        """Tell that somebody contacted objects."""
        said = ExposureObjected(
            **self._whose,  # type: ignore[arg-type]  # both are fields
            objected_id=f"o-{len(self.records)}",
            exposure_id="e",
            customer_token="c",
            policy_version=1,
            arm="default",
            objection=objection,  # type: ignore[arg-type]  # one of three
            decided_at_ms=T0,
            occurred_at_ms=T0,
            objected_at_ms=T0 + at,
        )
        self.add(b"exposure.objected.v1", msgspec.structs.replace(said, **changed))

    def move(self, before: str, after: str, at: int = 0, **changed: Any) -> None:  # noqa: ANN401
        """Tell that a card is counted elsewhere."""
        said = CardMoved(
            tenant=self._whose["tenant"],
            moved_id=f"m-{len(self.records)}",
            customer_token="c",
            before=before,
            after=after,
            occurred_at_ms=T0,
            moved_at_ms=T0 + at,
        )
        self.add(b"card.moved.v1", msgspec.structs.replace(said, **changed))

    def add(self, kind: bytes, said: object) -> None:
        """Add a record of this type to the partition that is written now."""
        topic = DECISIONS_TOPIC if isinstance(said, Decision) else OUTCOMES_TOPIC
        offset = len(self.records)
        value = None if said is None else encode_json(said)
        key = f"{self._whose['tenant']}|{self._whose['campaign_id']}".encode()
        headers = (("ce_type", kind),)
        self.records.append(StoredRecord(topic, self.partition, offset, T0, key, value, headers))


class Folded:
    """What a fold has made of a log."""

    def __init__(self, log: InsightLog) -> None:
        """Fold it whole."""
        self.fold = InsightFold(0, 1)
        made = replayed(log.records, self.fold)
        self.rows = made.rows
        self.outputs = made.outputs

    def effect(self, partition: int = 0, campaign_id: str = CAMPAIGN) -> EffectRow:
        """Return the row of the campaign's effect."""
        return decode_effect_row(self.rows[f"#effect|{partition}|{TENANT}|{campaign_id}".encode()])

    def version(self, number: int = 1) -> VersionState:
        """Return what is known of a version."""
        return self.effect().versions[number]

    def funnel(self, partition: int = 0) -> FunnelRow:
        """Return the row of the bank's funnel."""
        return decode_funnel_row(self.rows[f"#funnel|{partition}|{TENANT}".encode()])

    def count(self, key: str) -> int:
        """Return how often something was counted."""
        return self.fold.counts().get(key, 0)

    @property
    def envelopes(self) -> list[JournalEnvelope]:
        """Return what was written into the journal."""
        return [
            decode_envelope(one.value or b"") for one in self.outputs if one.topic == JOURNAL_TOPIC
        ]

    @property
    def tripped(self) -> list[GuardrailTripped]:
        """Return what holds campaigns, in order."""
        return [one.record for one in self.envelopes if isinstance(one.record, GuardrailTripped)]

    def told(self, kind: bytes) -> list[OutputRecord]:
        """Return the records for people of one type."""
        ours = [one for one in self.outputs if one.topic == INSIGHT_TOPIC]
        return [one for one in ours if dict(one.headers)["ce_type"] == kind]

    @property
    def effects(self) -> list[EffectReported]:
        """Return every report of an effect."""
        return [decode_effect(one.value or b"") for one in self.told(b"effect.reported.v1")]

    @property
    def funnels(self) -> list[FunnelReported]:
        """Return every report of a funnel."""
        return [decode_funnel(one.value or b"") for one in self.told(b"funnel.reported.v1")]

    @property
    def holdings(self) -> list[GuardrailReported]:
        """Return every report of a guardrail."""
        return [decode_tripped(one.value or b"") for one in self.told(b"guardrail.tripped.v1")]


def replayed(
    records: Sequence[StoredRecord], fold: InsightFold | None = None, rows: Iterable[Row] = ()
) -> Replayed:
    """Return what a fold makes of records, from these rows on."""
    return replay(fold or InsightFold(0, 1), records, sources=SOURCES, rows=rows)
