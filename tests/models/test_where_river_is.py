"""Only models know River: it takes most of a second and 111 MiB to import (docs/learning.md 2)."""

import subprocess
import sys

import pytest


def imported(module: str) -> bool:
    """Return whether a process that imports this module has River in it."""
    code = f"import sys, {module}; print('river' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


@pytest.mark.parametrize(
    "module",
    ["lifecycle.fold", "lifecycle.model_shape", "lifecycle.models.scores", "schemas.learning_rows"],
)
def test_river_is_not_where_decisions_are_made(module: str) -> None:
    """A worker that decides, and who only reads rows, never import it."""
    assert not imported(module)


def test_river_is_where_models_learn() -> None:
    """The learning fold does import it, or the test above could not fail."""
    assert imported("lifecycle.learning.fold")
