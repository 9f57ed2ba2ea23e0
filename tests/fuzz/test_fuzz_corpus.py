"""The corpus is what it is said to be: enough of every class, and every reason among it."""

from typing import get_args

import pytest

from schemas.rejects import RejectReason
from tests.fuzz.cases import APPLIED
from tests.fuzz.corpus import CLASSES, corpus


NOW_MS = 1_790_000_000_000
CASES = corpus(NOW_MS)


@pytest.mark.parametrize("name", CLASSES)
def test_fuzz_class_has_fifty_different_records(name: str) -> None:
    """At least 50 cases of a class, no two of them alike in all their bytes, tombstones apart."""
    different = {(case.topic, case.value, tuple(case.headers), case.key) for case in CASES[name]}
    assert len(different) >= (10 if name == "no value" else 50)
    assert len(CASES[name]) >= 50


def test_fuzz_corpus_has_two_thousand_bad_inputs() -> None:
    """Of all cases at least 2,000 must not be applied."""
    bad = [case for cases in CASES.values() for case in cases if case.outcome != APPLIED]
    assert len(bad) >= 2_000


def test_fuzz_corpus_has_every_reason_to_reject() -> None:
    """No reason code of the house is left out."""
    outcomes = {case.outcome for cases in CASES.values() for case in cases}
    assert outcomes >= set(get_args(RejectReason))


def test_fuzz_corpus_is_the_same_each_time() -> None:
    """Seeded: a failure can be looked at again, whatever was drawn before."""
    assert corpus(NOW_MS) == CASES
    assert corpus(NOW_MS, seed=7) != CASES
