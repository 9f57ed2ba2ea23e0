"""Change one thing in a good campaign file, and hear what is said about it."""

from pathlib import Path

import pytest

from cli.policy_file import PolicyFileError, read_policy


CAMPAIGNS = Path(__file__).parent.parent.parent / "campaigns"


def text_of(campaign_id: str) -> str:
    """Return one of our campaign files."""
    return (CAMPAIGNS / f"{campaign_id}.yaml").read_text(encoding="utf-8")


GOOD = (CAMPAIGNS / "activation_nudge.yaml").read_text(encoding="utf-8")
CONTROL = "experiment: {salt: 2026h1, control_bp: 1000}"
"""As it stands in `GOOD`."""


def mistake(tmp_path: Path, old: str, new: str, *, text: str = GOOD) -> str:
    """Return what is said about a good file in which one thing was changed, without the path."""
    assert 1 == text.count(old)
    file = tmp_path / "campaign.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyFileError) as caught:
        read_policy(file, tenant="bank")
    return str(caught.value).removeprefix(f"{file}:")


def line_of(text: str, words: str) -> int:
    """Return the line of the file that contains these words."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if words in line)
