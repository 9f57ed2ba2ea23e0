"""
The simulator finds what it is there for: defects kept as patches to production files.

In the long form (`python -m tests.simulation.teeth`) each is found from seed 1 on within 2,000
seeds; here from the seed near which it was found last time.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.simulation.teeth.biting import Bitten, Tooth, bite, copy_house, look_for_it, teeth
from tests.simulation.teeth.patching import PatchError, apply


ASKED_FOR = (
    "rows-after-first-await",
    "commit-before-acks",
    "offsets-from-the-group",
    "rows-restored-before-fencing",
    "stale-slice-after-rebalance",
    "timer-lost-on-restore",
    "watermark-from-the-wall-clock",
    "tick-offset-before-last-timer",
    "milestone-by-last",
    "output-depends-on-batch",
)
PATCH = """\
Two becomes three.
seed: 1

--- a/streams/a.py
+++ b/streams/a.py
@@ -2,3 +2,3 @@
 one
-two
+three
 four
"""


@pytest.fixture(scope="module")
def bitten() -> Iterator[dict[str, Future[Bitten]]]:
    """Look for every defect, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield {tooth.name: pool.submit(bite, tooth, tooth.seed) for tooth in teeth()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.slow
@pytest.mark.parametrize("tooth", teeth(), ids=lambda tooth: tooth.name)
def test_teeth_find_the_defect(tooth: Tooth, bitten: dict[str, Future[Bitten]]) -> None:
    """A check that cannot fail shows nothing: a patch that breaks production is found."""
    assert bitten[tooth.name].result().seed is not None, tooth.sentence


def test_teeth_are_those_that_were_asked_for() -> None:
    """The ten come first, in order; others may follow."""
    names = [tooth.name for tooth in teeth()]
    assert [f"{number:02}-{name}" for number, name in enumerate(ASKED_FOR, 1)] == names[:10]


def test_teeth_find_nothing_where_nothing_is_broken(tmp_path: Path) -> None:
    """It is the patch that is found, not the copy it is made in."""
    copy_house(tmp_path)
    assert Bitten(None, 12) == look_for_it(tmp_path, 2, 12)


def test_patch_applies_where_its_lines_have_moved_to(tmp_path: Path) -> None:
    """Lines above a hunk may come and go; of several places the nearest is meant."""
    path = tmp_path / "streams" / "a.py"
    path.parent.mkdir()
    path.write_text("new\nnew\none\ntwo\nfour\nlast\n" + "one\ntwo\nfour\n")
    apply(PATCH, tmp_path)
    assert "new\nnew\none\nthree\nfour\nlast\none\ntwo\nfour\n" == path.read_text()


@pytest.mark.parametrize("text", ["one\n2\nfour\n", "one\ntwo\n", None])
def test_patch_that_does_not_apply_says_so(tmp_path: Path, text: str | None) -> None:
    """A defect that production has outgrown is red, not quietly missing."""
    (tmp_path / "streams").mkdir()
    if text is not None:
        (tmp_path / "streams" / "a.py").write_text(text)
    with pytest.raises(PatchError, match=r"streams/a\.py"):
        apply(PATCH, tmp_path)


def test_patch_without_a_hunk_says_so(tmp_path: Path) -> None:
    """An empty patch would find nothing, and seem to be a defect nobody can find."""
    with pytest.raises(PatchError, match="hunk"):
        apply("Nothing.\nseed: 1\n", tmp_path)
