"""Every example in a docstring prints what it says."""

import doctest
import importlib

import pytest

from tests.house.rules import PACKAGES
from tests.kafka_server import ROOT


WITH_EXAMPLES = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_docstring_examples_are_true(name: str) -> None:
    """What stands below a `>>>` line is what the line prints."""
    tried = doctest.testmod(importlib.import_module(name))

    assert tried.attempted > 0
    assert not tried.failed
