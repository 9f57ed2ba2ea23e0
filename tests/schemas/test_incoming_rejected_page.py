"""docs/rejected.md names every reason there is, and no other."""

import re
from pathlib import Path
from typing import get_args

import pytest

from schemas import rejects
from schemas.rejects import IgnoreReason, RejectReason


PAGE = Path(__file__).resolve().parents[2] / "docs" / "rejected.md"


@pytest.mark.parametrize(
    ("heading", "reasons"),
    [("Reasons to reject", RejectReason), ("Reasons to ignore", IgnoreReason)],
)
def test_incoming_page_names_each_reason_once(heading: str, reasons: object) -> None:
    """Whoever meets a code in a header or a metric finds it on the page."""
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)
    assert sorted(get_args(reasons)) == sorted(named)


def test_incoming_page_names_each_header_of_ours() -> None:
    """And what else stands beside the record's own headers."""
    headers = [value for name, value in vars(rejects).items() if name.startswith("HEADER_")]
    section = PAGE.read_text().partition("## What the record carries\n")[2].partition("\n## ")[0]
    assert len(headers) >= 9
    for header in headers:
        last = header.rpartition(".")[2]
        assert f"`{header}`" in section or f"`.{last}`" in section
