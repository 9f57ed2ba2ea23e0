"""A worker that takes policies which nobody has signed says so (SEMANTICS P3)."""

from typing import Literal

import pytest
from structlog.testing import capture_logs

from agents.runtime import warn_of_unsigned_policies
from streams.settings import FoldName, Settings


@pytest.mark.parametrize(
    ("profile", "folds", "lines"),
    [
        ("development", ("ingest", "clock", "lifecycle"), ["unsigned policies decide"]),
        ("development", ("ingest", "clock"), []),
        ("production", ("lifecycle",), []),
    ],
)
def test_worker_says_that_unsigned_policies_decide(
    profile: Literal["development", "production"], folds: tuple[FoldName, ...], lines: list[str]
) -> None:
    """Loudly, where it is so: in development, and where decisions are made."""
    with capture_logs() as said:
        warn_of_unsigned_policies(Settings(profile=profile, folds=folds))

    assert lines == [line["event"] for line in said]
