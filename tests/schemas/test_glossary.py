"""The glossary speaks of the code that there is."""

import re

import pytest

from tests.kafka_server import ROOT


PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and "---" not in line and not line.startswith("| Term ")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_glossary_names_what_is_in_the_code(row: list[str]) -> None:
    """Each term has one line: a meaning, a name that occurs in our packages, and its Chinese."""
    term, means, name, chinese = row
    word = re.compile(rf"\b{re.escape(name.strip('`'))}\b")
    packages = ("schemas", "lifecycle", "streams", "agents")
    sources = (source for package in packages for source in (ROOT / package).rglob("*.py"))

    assert term
    assert means
    assert chinese
    assert any(word.search(source.read_text(encoding="utf-8")) for source in sources)


def test_glossary_explains_each_term_once() -> None:
    """One word, one meaning: no term has two lines."""
    terms = [term for row in ROWS for term in row[0].split(", ")]

    assert len(set(terms)) == len(terms)
