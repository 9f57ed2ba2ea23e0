"""Counts of what options have brought forget slowly, and are published (docs/learning.md 6)."""

from typing import Any, Literal

from lifecycle.learning.fold import LearningFold
from schemas.codec import decode_row
from schemas.insight import ChoicePublished
from schemas.learning_rows import ChoiceRow
from schemas.outcomes import ExposureSettled
from schemas.records import Row
from tests.learning.outcome_log import DAY, T0, OutcomeLog, envelopes, replayed


HOUR = 3_600_000
CHOOSING = "bank|lift"


def settle(
    log: OutcomeLog,
    option: str,
    label: Literal[0, 1] | None,
    at: int = 0,
    **changed: Any,  # noqa: ANN401 (any field)
) -> None:
    """Tell that a window is over, of a contact that was made by an option."""
    said = {
        "settled_id": "s",
        "exposure_id": "e",
        "tenant": "bank",
        "customer_token": "c",
        "trigger_id": "t",
        "campaign_id": "lift",
        "policy_version": 1,
        "arm": "default",
        "arm_ppm": 1_000_000,
        "is_first": True,
        "pools": False,
        "holdout_ppm": 0,
        "label": label,
        "delivery": "delivered",
        "value_minor": 0,
        "currency": "",
        "decided_at_ms": T0 + at - DAY,
        "closes_at_ms": T0 + at,
        "settled_at_ms": T0 + at,
        "option": option,
        "option_ppm": 500_000,
    }
    log.add(b"exposure.settled.v1", ExposureSettled(**{**said, **changed}), CHOOSING)


def published(log: OutcomeLog) -> list[ChoicePublished]:
    """Return what is published for the journal."""
    records = [one.record for one in envelopes(replayed(log.records).outputs)]
    return [record for record in records if isinstance(record, ChoicePublished)]


def row_of(log: OutcomeLog) -> ChoiceRow:
    """Return what is kept of the campaign."""
    return decode_row(replayed(log.records).rows[f"#choice|{CHOOSING}".encode()], ChoiceRow)


def test_first_is_published_at_once() -> None:
    """One conversion of one: pool (1 + 1) / (1 + 20), rate (1 + 20 x pool) / (1 + 20)."""
    log = OutcomeLog()
    settle(log, "text", 1)

    [said] = published(log)
    assert ("lift", 1, {"text": 138_321}) == (said.campaign_id, said.sequence, said.rates_ppm)


def test_each_exposure_weighs_a_thousandth_less_than_the_next() -> None:
    """
    Text 1, app 0, text 0.

        n of text: 0.999 x 0.999 + 1 = 1.998001, s: 0.998001; n of app: 0.999, s: 0
    """
    log = OutcomeLog()
    settle(log, "text", 1)
    settle(log, "app", 0)
    settle(log, "text", 0)

    counts = row_of(log).counts
    assert [(1.998001, 0.998001), (0.999, 0.0)] == [
        (round(n, 9), round(s, 9)) for n, s in (counts["text"], counts["app"])
    ]


def test_rates_are_drawn_to_what_all_have_brought() -> None:
    """
    An hour later, text 1 of 1 and app 0 of 1, of which the first weighs 0.999.

        pool = (0.999 + 1) / (1.999 + 20) = 0.090868
        text = (0.999 + 1.817355) / 20.999 = 0.134118, app = 1.817355 / 21 = 0.086540
    """
    log = OutcomeLog()
    settle(log, "text", 1)
    settle(log, "app", 0, HOUR)

    assert {"text": 134_118, "app": 86_540} == published(log)[-1].rates_ppm


def test_more_is_published_by_number_and_by_time() -> None:
    """
    The first, the 51st, and one an hour on.

        1 at 0 h    50 within the hour    1 at 1 h after that
    """
    log = OutcomeLog()
    settle(log, "text", 0)
    for at in range(50):
        settle(log, "text", 0, at)
    settle(log, "text", 0, 49 + HOUR - 1)
    settle(log, "text", 0, 49 + HOUR)

    assert [1, 2, 3] == [one.sequence for one in published(log)]
    times = [one.journal_at_ms - T0 for one in envelopes(replayed(log.records).outputs)]
    assert [0, 49, 49 + HOUR] == times


def test_only_contacts_that_counts_have_chosen_are_counted() -> None:
    """Not what a model judges, nor who was kept back, nor what had to make room."""
    log = OutcomeLog()
    settle(log, "", 1)
    settle(log, "text", 1, model_id="m")
    settle(log, "text", 1, arm="control")
    settle(log, "text", None)

    fold = LearningFold(0, 1)
    replayed(log.records, fold)
    assert {"passed|bank": 4} == dict(fold.counts())


def test_crash_anywhere_changes_no_byte() -> None:
    """Rows alone go on where another process stopped: the same rates, the same rows."""
    log = OutcomeLog()
    for at in range(120):
        settle(log, "text" if at % 3 else "app", 1 if at % 7 == 0 else 0, at * 60_000)
    whole = replayed(log.records)

    for cut in range(len(log.records)):
        before = replayed(log.records[:cut])
        rows = [Row(*row) for row in before.rows.items()]
        after = replayed(log.records[cut:], rows=rows)
        assert list(whole.outputs) == [*before.outputs, *after.outputs]
        assert whole.rows == {**before.rows, **after.rows}
