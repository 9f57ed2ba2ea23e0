"""What is asked of exposures as such: SEMANTICS E1 and E2, by hand."""

import msgspec
import pytest

from tests.checker.identity import Facts
from tests.checker.insight_by_hand import AT, Said, candidate, decided, opened
from tests.checker.insight_meaning import MeaningCheck
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.report import Report


HOLDOUT = {"event_type": "tenant.configured", "holdout_bp": 500, "holdout_salt": "h"}
OTHER_HOLDOUT = HOLDOUT | {"holdout_salt": "i"}


def published(version: int, salt: str) -> Facts:
    """Return a version of the campaign with an experiment of this salt."""
    campaign = {"id": "nudge", "version": version, "experiment": {"salt": salt}}
    return {"event_type": "policy.published", "campaign": campaign}


def judged(said: list[Facts], *records: Said) -> set[str]:
    """Return what is found in a log of exposures, and of decisions, after this journal."""
    journal = [_record(n, "", {"tenant": "acme", "record": one}) for n, one in enumerate(said)]
    kinds: dict[bool, Topic] = {True: [[]], False: [[]]}
    for n, (ce_type, record) in enumerate(records):
        kinds[ce_type == "decision.recorded.v1"][0].append(_record(n, ce_type, record))
    report = Report()
    check = MeaningCheck([journal], report)
    check.see_outcomes(kinds[False])
    check.see_decisions(kinds[True])
    return set(report.counts)


def _record(offset: int, ce_type: str, said: Facts) -> LogRecord:
    headers = [("ce_type", ce_type.encode())]
    return LogRecord("log", 0, offset, 0, b"", msgspec.json.encode(said), headers)


def twice(**other: int | str | bool) -> tuple[Said, Said]:
    """Return two first exposures of one customer; `other` says what is else about the second."""
    again = opened("2", customer_token="c-1", policy_version=2, at=AT + 1)
    return opened("1"), (again[0], again[1] | other)


@pytest.mark.parametrize(
    ("said", "other", "found"),
    [
        ([published(1, "s"), published(2, "s")], {}, {"COUNTED_TWICE"}),
        ([published(1, "s"), published(2, "s")], {"is_first": False}, set()),
        ([published(1, "s"), published(2, "s")], {"customer_token": "c-2"}, set()),
        ([published(1, "s"), published(2, "t")], {}, set()),
        ([published(1, "s"), published(1, "t"), published(2, "t")], {}, set()),
        ([], {"policy_version": 1}, {"COUNTED_TWICE"}),
        ([], {"policy_version": 1, "holdout_ppm": 5}, {"COUNTED_TWICE"}),
        ([HOLDOUT, OTHER_HOLDOUT], {"policy_version": 1}, {"COUNTED_TWICE"}),
    ],
)
def test_customer_is_first_once_in_an_experiment(
    said: list[Facts], other: Facts, found: set[str]
) -> None:
    """E1: versions of one salt are one experiment under every holdout; a new salt is another."""
    assert judged(said, *twice(**other)) == found


@pytest.mark.parametrize(
    ("said", "other", "found"),
    [
        ([HOLDOUT], {}, {"COUNTED_TWICE"}),
        ([HOLDOUT], {"holdout_ppm": 5}, {"COUNTED_TWICE"}),
        ([HOLDOUT, OTHER_HOLDOUT], {}, set()),
    ],
)
def test_customer_is_first_once_in_a_holdout(
    said: list[Facts], other: Facts, found: set[str]
) -> None:
    """3.17: another salt measures anew what all contacts bring, another share does not."""
    own = {"campaign_id": "", "verdict": "assigned"}
    first, second = twice(**own, **other)

    assert judged(said, (first[0], first[1] | own), second) == found


def test_who_is_held_out_counts_in_no_campaign() -> None:
    """3.17: in the tenant's own they do, and a campaign's exposure of them is not the first."""
    held = [opened("1", "holdout", is_first=is_first) for is_first in (True, False)]
    own = opened("1", "holdout", verdict="assigned", campaign_id="")

    assert [judged([HOLDOUT], one) for one in (*held, own)] == [{"HELD_OUT_COUNTED"}, set(), set()]


def test_arm_may_move_with_a_share_but_not_within_a_version() -> None:
    """E1: a share moves the edge, in a new version."""
    other: Facts = {"arm": "control", "verdict": "control", "is_first": False}

    assert judged([published(1, "s"), published(2, "s")], *twice(**other)) == set()
    assert judged([], *twice(**other, policy_version=1)) == {"ARM_CHANGED"}


@pytest.mark.parametrize(
    ("said", "other", "found"),
    [
        ([HOLDOUT], {}, {"HELD_OUT_SENT"}),
        ([HOLDOUT, OTHER_HOLDOUT], {}, set()),
        ([HOLDOUT], {"message_class": "servicing"}, set()),
        ([HOLDOUT], {"verdict": "held_out"}, set()),
        ([HOLDOUT], {"follows": "t"}, set()),
    ],
)
def test_marketing_goes_to_nobody_who_is_held_out(
    said: list[Facts], other: Facts, found: set[str]
) -> None:
    """E2: by the tenant's own exposure, as long as its holdout is one and the same."""
    held = opened("1", "holdout", verdict="assigned", campaign_id="")

    sent = decided(candidate("sent") | other, customer="c-1")
    assert judged(said, held, sent) == found
    assert judged(said, held, decided(candidate("sent") | other, customer="c-2")) == set()
