"""What made-up banks bring about goes through insight whole: nothing is lost or doubled."""

import json
from collections import Counter
from itertools import chain

from lifecycle.insight.fold import InsightFold
from schemas.codec import decode_effect_row
from schemas.routing import DECISIONS_TOPIC, OUTCOMES_TOPIC
from streams.replay import replay
from tests.checker.log_reader import LogRecord
from tests.world.test_second_opinion import folded


def kind_of(record: LogRecord) -> str:
    """Return the type that a record says it is of."""
    return dict(record.headers)["ce_type"].decode()


def test_insight_accounts_for_all_that_banks_bring_about() -> None:
    """Each candidate and each exposure of two banks is counted once, by tenant and campaign."""
    topics, _ = folded("bank", "evil")
    partitions = range(len(topics[OUTCOMES_TOPIC]))
    sources = [
        (topic, number) for topic in (DECISIONS_TOPIC, OUTCOMES_TOPIC) for number in partitions
    ]
    records = list(chain(*topics[DECISIONS_TOPIC], *topics[OUTCOMES_TOPIC]))
    fold = InsightFold(0, 1)
    rows = replay(fold, records, sources=sources).rows

    said = [(kind_of(one), json.loads(one.value or b"")) for one in records]
    candidates = Counter(
        f"decision|{one['tenant']}|{each['campaign_id']}|{each['verdict']}|{each['reason_code']}"
        for kind, one in said
        if kind == "decision.recorded.v1" and not one["shadow"]
        for each in one["candidates"]
    )
    counts = fold.counts()
    assert candidates == {key: count for key, count in counts.items() if key in candidates}
    assert candidates.keys() == {key for key in counts if key.startswith("decision|")}
    exposed = Counter(
        (one["tenant"], one["campaign_id"], one["arm"])
        for kind, one in said
        if kind == "exposure.opened.v1"
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for key, value in rows.items():
        if key.startswith(b"#effect|"):
            _, _, tenant, campaign_id = key.decode().split("|")
            for version in decode_effect_row(value).versions.values():
                for arm, state in version.arms.items():
                    found[tenant, campaign_id, arm] += state.exposed_count
    assert found == exposed
    assert exposed.total() > 10
