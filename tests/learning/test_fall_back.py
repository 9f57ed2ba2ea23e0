"""What is worse than no model is noticed, and stops deciding (docs/learning.md 3)."""

from typing import Any

import msgspec

from tests.learning.outcome_log import OutcomeLog, folded, model


GOOD, FLIPPED = 18, 2
"""Of twenty contacts scored at 90 % as many convert: a loss of 0.325, and of 2.083."""

SURE = 900_000


def begun(**changed: Any) -> OutcomeLog:  # noqa: ANN401 (any field of the model)
    """Return a log that begins with the definition of the model."""
    log = OutcomeLog()
    log.define(model(**changed))
    return log


def cohorts(log: OutcomeLog, first: int, *converted: int) -> None:
    """Tell of cohorts one after the other, a hundred milliseconds apart."""
    for number, count in enumerate(converted, first):
        log.cohort(100 * number, count, score_ppm=SURE)


def test_fall_back_is_to_newest_good_snapshot() -> None:
    """Two cohorts of flipped labels: both heads are what was published before the second good."""
    log = begun()
    cohorts(log, 0, GOOD, GOOD, FLIPPED, FLIPPED)
    before = folded(log)
    assert "fallen_back" not in before.reasons
    assert [one.good for one in before.row.kept] == [True, True, False, False]
    good = before.row.kept[1].sequence
    log.open(1_000)
    found = folded(log)
    back = found.snapshots[-1]
    assert (back.reason, back.sequence) == ("fallen_back", before.row.sequence + 1)
    kept = found.snapshots[good - 1]
    assert (back.contact, back.control) == (kept.contact, kept.control)
    assert not back.withheld
    assert found.count("alarm", "WORSE") == 2
    # learning goes on from there: the record itself was learnt after it
    assert found.row.contact.exposure_count == kept.contact.exposure_count + 1


def test_fall_back_takes_another_the_second_time() -> None:
    """The newest good one that is not the one last fallen back to: the older, then the newer."""
    log = begun()
    cohorts(log, 0, GOOD, GOOD, *[FLIPPED] * 6)
    log.open(1_000)
    found = folded(log)
    first, second = (one.sequence for one in found.row.kept[:2])
    back = [one.contact for one in found.snapshots if one.reason == "fallen_back"]
    kept = {sequence: found.snapshots[sequence - 1].contact for sequence in (first, second)}
    assert back == [kept[second], kept[first], kept[second]]


def test_fall_back_needs_two_bad_cohorts_in_a_row() -> None:
    """Bad, good, bad, good: each is an alarm, and nothing falls back."""
    log = begun()
    cohorts(log, 0, GOOD, FLIPPED, GOOD, FLIPPED, GOOD)
    log.open(1_000)
    found = folded(log)
    assert found.count("alarm", "WORSE") == 2
    assert "fallen_back" not in found.reasons


def test_fall_back_is_not_of_who_never_decided() -> None:
    """A model without evidence decides nothing: alarms only, whatever its cohorts say."""
    log = begun(exposure_count_min=1_000)
    cohorts(log, 0, GOOD, FLIPPED, FLIPPED, FLIPPED)
    log.open(1_000)
    found = folded(log)
    assert found.count("alarm", "WORSE") == 3
    assert "fallen_back" not in found.reasons


def test_fall_back_without_a_good_one_withholds_until_one_is() -> None:
    """Withheld: what was published last says so at once; a good cohort lets it decide again."""
    log = begun()
    cohorts(log, 0, FLIPPED, FLIPPED)
    log.open(200, score_ppm=SURE)
    held = folded(log)
    *_, last, withheld = held.snapshots
    assert (withheld.reason, withheld.withheld) == ("fallen_back", True)
    assert withheld == msgspec.structs.replace(
        last, sequence=last.sequence + 1, reason="fallen_back", withheld=True
    )
    for at in range(201, 220):
        log.open(at, score_ppm=SURE)
    for at in range(200, 220):
        log.close(at, int(at < 218), score_ppm=SURE)
    waiting = folded(log)
    assert all(one.withheld for one in waiting.snapshots[held.row.sequence - 1 :])
    log.open(300, score_ppm=SURE)
    found = folded(log)
    released = found.snapshots[waiting.row.sequence]
    assert (released.reason, released.withheld) == ("fallen_back", False)
    assert released.contact == waiting.snapshots[-1].contact
    assert not found.row.is_withheld


def test_fall_back_of_a_frozen_model_shows_nothing_learnt() -> None:
    """Withheld while frozen: the weights are still those that were published before."""
    log = begun()
    cohorts(log, 0, FLIPPED)
    log.put(90, frozen=True)
    frozen = folded(log).snapshots[-1]
    cohorts(log, 1, FLIPPED)
    log.open(200)
    found = folded(log)
    assert [one.reason for one in found.snapshots[frozen.sequence :]] == ["fallen_back"]
    assert found.snapshots[-1].withheld
    assert found.snapshots[-1].contact == frozen.contact
    assert found.row.contact.exposure_count > frozen.contact.exposure_count


def test_fall_back_withheld_is_told_once() -> None:
    """Further bad cohorts of a withheld model change nothing that could be told."""
    log = begun()
    cohorts(log, 0, *[FLIPPED] * 7)
    assert folded(log).reasons.count("fallen_back") == 1


def test_fall_back_new_weights_are_not_withheld() -> None:
    """A version that two people signed is judged by its own cohorts, from the beginning."""
    log = begun()
    cohorts(log, 0, FLIPPED, FLIPPED)
    log.open(200)
    log.define(model(version=2, base_rate_ppm=100_000), 300)
    assert folded(log).row.is_withheld  # the same weights
    first = folded(log).snapshots[0].contact
    log.define(model(version=3), 301, contact=first)
    found = folded(log)
    assert not found.row.is_withheld
    assert not found.snapshots[-1].withheld


def test_alarm_sounds_where_scores_have_moved() -> None:
    """SHIFT: all scores from one half to 98 %: a stability index far above a quarter, once."""
    log = begun()
    log.cohort(0, 10)
    log.cohort(100, 10)
    log.cohort(200, 10, score_ppm=980_000)
    log.open(300)
    found = folded(log)
    assert found.count("alarm", "SHIFT") == 1
    shifts = [one.shift for one in found.row.reports]
    assert shifts[:2] == [0, 0]
    assert shifts[2] > 0.25


def test_alarm_sounds_where_means_change_in_the_order_of_the_log() -> None:
    """SCORES, LOSSES: Page-Hinkley finds scores that jump from 1 % to 99 %, and losses alike."""
    log = begun(cohort_count=1_000)
    for at in range(200):
        log.open(at, score_ppm=10_000)
    for at in range(200):
        log.close(at, 0, score_ppm=10_000)
    calm = folded(log)
    assert (calm.count("alarm", "SCORES"), calm.count("alarm", "LOSSES")) == (0, 0)
    for at in range(200, 300):
        log.open(at, score_ppm=990_000)
    for at in range(200, 300):
        log.close(at, 0, score_ppm=990_000)
    found = folded(log)
    assert found.count("alarm", "SCORES") == 1
    assert found.count("alarm", "LOSSES") >= 1
