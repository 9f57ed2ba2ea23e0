"""Another way of choosing is read from a file (docs/effect.md)."""

from pathlib import Path

import pytest

from cli.effect.target_policy import TargetPolicyError
from tests.cli.off_policy_contacts import FILE, HALF, chooser


def test_file_chooses_the_first_line_that_is_true(tmp_path: Path) -> None:
    """
    Of 20 % by chance each of two has a tenth; the chosen one the other eight as well.

        waited 2,000: app    waited 0: text    nothing known: text
    """
    rule = chooser(tmp_path)

    assert 900_000 == rule.target_ppm({"waited_ms": 2_000}, HALF, "app")
    assert 100_000 == rule.target_ppm({"waited_ms": 2_000}, HALF, "text")
    assert 900_000 == rule.target_ppm({"waited_ms": 0}, HALF, "text")
    assert 900_000 == rule.target_ppm({}, HALF, "text")


def test_file_chooses_among_what_was_allowed(tmp_path: Path) -> None:
    """App was not: text, with all of the chance; where no line fits, as was done."""
    rule = chooser(tmp_path)
    assert 1_000_000 == rule.target_ppm({"waited_ms": 2_000}, {"text": 1_000_000}, "text")

    only = chooser(tmp_path, "choose: [{option: app}]")
    assert 300_000 == only.target_ppm({}, {"text": 300_000, "mail": 700_000}, "text")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("waited_ms > 1000", "waited > 1000", "choose[0].if: column 1: wanted"),
        ("waited_ms > 1000", "waited_ms + 1000", "wanted a rule that gives bool"),
        ("option: text", "opt: text", "choose[1]"),
        ("epsilon_ppm: 200000", "epsilon_ppm: 2000000", "epsilon_ppm: wanted"),
    ],
)
def test_mistake_in_the_file_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line, path, what was wanted and what was found."""
    with pytest.raises(TargetPolicyError, match=r"other\.yaml:[0-9]+: ") as caught:
        chooser(tmp_path, FILE.replace(old, new))
    assert said in str(caught.value)
