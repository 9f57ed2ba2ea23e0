"""Adopt what learning says in the journal: no control records, each by its own sequence (L1)."""

from tests.checker.identity import Facts
from tests.checker.oracle_models import adopt
from tests.checker.oracle_options import adopt_choice
from tests.checker.oracle_segments import adopt_segments


LEARNT = ("model.published", "choice.published", "segments.published")


def adopt_learnt(tenant: Facts, record: Facts) -> str:
    """Let what was learnt hold from now on; return under which name it is counted."""
    if record["event_type"] == "model.published":
        return adopt(tenant["models"], record)
    if record["event_type"] == "choice.published":
        return adopt_choice(tenant["choices"], record)
    return adopt_segments(tenant, record)
