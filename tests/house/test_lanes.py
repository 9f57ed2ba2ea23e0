"""Whole runs keep their lanes (tests/lanes.py), under the pytest and the xdist that are pinned."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kafka_server import ROOT
from tests.lanes import LANES, lane


TOLD = """
import os, pathlib, pytest
@pytest.mark.parametrize("number", range(3))
def test_told(number):
    with pathlib.Path({told!r}).open("a") as told:
        told.write({name!r} + " " + os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def workers_of(folder: Path, *names: str) -> dict[str, set[str]]:
    """Return who ran the tests of each file, where two run all of them as `make test` does."""
    told = folder / "told"
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TOLD.format(told=str(told), name=name))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-n2"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--dist", "loadfile", "--no-loadscope-reorder"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout
    ran = [line.split() for line in told.read_text().splitlines()]
    return {name: {worker for file, worker in ran if file == name} for name in names}


def test_lane_has_one_worker(tmp_path: Path) -> None:
    """All files of a lane run where its first one runs, and nothing else does meanwhile."""
    proofs = [f"tests/proof/test_{name}.py" for name in "abc"]
    ran = workers_of(tmp_path, "tests/lifecycle/test_pure.py", "tests/gateway/test_d.py", *proofs)

    by_proofs = set().union(*(ran[name] for name in proofs))
    assert 1 == len(by_proofs)
    assert by_proofs.isdisjoint(ran["tests/gateway/test_d.py"])


@pytest.mark.parametrize("begun", [one for lane_begun in LANES.values() for one in lane_begun])
def test_lanes_name_what_there_is(begun: str) -> None:
    """A folder or file that gets another name does not leave its lane in silence."""
    assert list(ROOT.glob(f"{begun}*.py")) or list((ROOT / begun).glob("test_*.py"))


def test_what_computes_has_no_lane() -> None:
    """Most tests need nothing but a processor."""
    assert "" == lane("tests/lifecycle/test_caps.py::test_x")
    assert "proofs" == lane("tests/proof/test_kill_proof.py::test_x[1]")
