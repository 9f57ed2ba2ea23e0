"""What the pages tell people to type about models is what the command line takes."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from cli.model.command import DOORS, model
from tests.kafka_server import ROOT


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LINE = re.compile(r"^(?:\.venv/bin/)?cardcue model (.*)$", re.MULTILINE)


def typed() -> Iterator[list[str]]:
    """Yield the words after `cardcue model` of every line of every page."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in LINE.findall(block):
                yield shlex.split(line, comments=True)


@pytest.mark.parametrize("words", list(typed()), ids=" ".join)
def test_commands_of_the_pages_are_taken(words: list[str]) -> None:
    """Name, arguments and options, as click reads them."""
    with click.Context(model) as context:
        name, command, rest = model.resolve_command(context, words)
        assert command is not None
        assert command.make_context(name, rest, parent=context)


def test_every_command_is_on_a_page() -> None:
    """What there is, people are shown."""
    assert {*DOORS} == {words[0] for words in typed()}
