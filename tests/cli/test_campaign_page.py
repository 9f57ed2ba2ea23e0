"""What docs/campaigns.md shows is what the code takes."""

import re
from pathlib import Path

import pytest

from cli.policy_file import read_policy
from schemas.campaign import Campaign
from tests.cli.campaign_text import CAMPAIGNS, GOOD


PAGE = (CAMPAIGNS.parent / "docs/campaigns.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ENTRY = re.compile(r"^entry:\n(  .*\n)+", re.MULTILINE)


def good(tmp_path: Path, text: str) -> Campaign:
    """Return the campaign in a text."""
    file = tmp_path / "campaign.yaml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file, tenant="bank")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][2:])
def test_entry_on_the_page_is_good(tmp_path: Path, block: str) -> None:
    """Each in the place of the activation nudge's."""
    entry = "entry:\n" + "".join(f"  {line}\n" for line in block.splitlines())
    kind = good(tmp_path, ENTRY.sub(lambda _: entry, GOOD)).entry.__struct_config__.tag

    assert f"\nkind: {kind}\n" in block


def test_exits_on_the_page_are_good(tmp_path: Path) -> None:
    """One by name, one with a rule."""
    (exits,) = re.findall(r"`(exit_on: \[.*?\])`", PAGE)

    assert 2 == len(good(tmp_path, GOOD.replace("exit_on: [card.activated]", exits)).exit_on)


def test_every_kind_of_entry_is_on_the_page() -> None:
    """A line of the table each."""
    kinds = {kind.__struct_config__.tag for kind in Campaign.__annotations__["entry"].__args__}

    assert kinds == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
