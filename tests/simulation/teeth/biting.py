"""
Try whether the simulator finds a defect: break a copy of production, and tell stories there.

A patch in this folder is a unified diff against production files. Above it stand one sentence and
the seed from which to look first (`seed: 17`), near where the defect was found when it was last
looked for; a seed that has become useless costs time only.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from tests.simulation.fleet import tell_some
from tests.simulation.teeth.patching import PatchError, apply


FOLDER: Final = Path(__file__).parent
ROOT: Final = FOLDER.parents[2]
PACKAGES: Final = ("schemas", "lifecycle", "streams", "agents")
TESTS: Final = ("simulation", "checker", "proof")
SEED_COUNT_MAX: Final = 2_000
"""A defect that so many seeds do not find is not found."""
SEED: Final = re.compile(r"^seed: (\d+)$", re.MULTILINE)


class Tooth(NamedTuple):
    """A defect: its name, what it is, where to look for it first, and the diff that makes it."""

    name: str
    sentence: str
    seed: int
    diff: str


class Bitten(Struct, frozen=True):
    """What was found, after how many seeds; `seed` None: nothing."""

    seed: int | None
    told_count: int
    fault: str = ""


def teeth() -> list[Tooth]:
    """Return every defect, in order."""
    return [read_tooth(path) for path in sorted(FOLDER.glob("*.patch"))]


def read_tooth(path: Path) -> Tooth:
    """Return the defect of one patch."""
    diff = path.read_text(encoding="utf-8")
    seed = SEED.search(diff)
    return Tooth(path.stem, diff.partition("\n")[0], int(seed[1]) if seed else 1, diff)


def bite(tooth: Tooth, first: int, *, seed_count_max: int = SEED_COUNT_MAX) -> Bitten:
    """
    Tell stories in a broken copy of production until one goes wrong.

    Raises:
        PatchError: the patch does not apply any more.
    """
    with tempfile.TemporaryDirectory(prefix="tooth-") as name:
        copy = Path(name)
        copy_house(copy)
        try:
            apply(tooth.diff, copy)
        except PatchError as error:
            raise PatchError(f"{tooth.name} does not apply any more: {error}") from error
        return look_for_it(copy, first, seed_count_max)


def copy_house(copy: Path) -> None:
    """Copy all that the simulator needs."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package)
    for folder in TESTS:
        shutil.copytree(ROOT / "tests" / folder, copy / "tests" / folder)


def look_for_it(copy: Path, first: int, seed_count_max: int) -> Bitten:
    """Tell the stories of the copy, in a process of its own that knows nothing of us."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.teeth.biting", str(first), str(seed_count_max)],
        cwd=copy,
        capture_output=True,
        check=False,
    )
    if told.returncode:
        raise RuntimeError(f"wanted stories, found {told.stderr.decode()[-2000:]}")
    return msgspec.json.decode(told.stdout.splitlines()[-1], type=Bitten)


def first_wrong(first: int, count: int) -> Bitten:
    """Return what is found first, from one seed on."""
    for told_count, seed in enumerate(range(first, first + count), 1):
        if wrong := tell_some([seed]).wrong:
            return Bitten(seed, told_count, wrong[0].fault)
    return Bitten(None, count)


if __name__ == "__main__":
    found = first_wrong(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
