"""
Learn from labels that come late, by fake-negative weights (Ktena et al. 2019, arXiv 1907.06558).

Every exposure is learnt as not converted when it opens, and once more as converted if it converts.
So a stream has a share b = p / (1 + p) of positive examples; the weights, which are 1 over the
ratio by which that stream differs from the true one, make up for it: (1 - p)(1 + p) and 1 + p.
"""

from collections.abc import Mapping

from lifecycle.models.contract import Learning


def open_exposure(head: Learning, x: Mapping[int, float]) -> bool:
    """Learn that nothing has come of an exposure so far; False: the step was not taken."""
    proba = head.proba(x)
    return head.learn(x, 0, (1 - proba) * (1 + proba))


def convert(head: Learning, x: Mapping[int, float]) -> bool:
    """Learn that an exposure has converted after all; False: the step was not taken."""
    return head.learn(x, 1, 1 + head.proba(x))
