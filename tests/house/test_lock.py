"""What we install is pinned by hash, agrees with pyproject.toml, and names no index."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.kafka_server import ROOT


ADDRESS = re.compile(r"://|\burl =")
LOCKS = ("uv.lock", "deploy/bootstrap.txt", "deploy/asyncapi/package-lock.json")
UV_LOCK = """
source = { registry = "https://packages.example/simple" }
sdist = { url = "https://files.example/a/b/orjson-3.tar.gz", hash = "sha256:00", size = 7, \
upload-time = "2026-01-01T00:00:00Z" }
"""
NEUTRAL = """
source = { registry = "index" }
sdist = { path = "orjson-3.tar.gz", hash = "sha256:00", size = 7 }
"""


PACKAGE_LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "node_modules/a": {
            "version": "1.0.0",
            "resolved": "https://packages.example/a.tgz",
            "integrity": "sha512-AA==",
            "funding": {"url": "https://money.example"},
        }
    },
}


def addresses(text: str) -> list[str]:
    """Return the lines that name a host or an address."""
    return [line for line in text.splitlines() if ADDRESS.search(line)]


def canonical(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements: list[str]) -> dict[str, str]:
    """Return name and version of every `name==version`; anything looser has version ``?``."""
    split = [re.split(r"==|(?=[<>~!; ])", line, maxsplit=1) for line in requirements]
    return {canonical(name): "".join(version).strip() or "?" for name, *version in split}


def declared() -> dict[str, str]:
    """Return what pyproject.toml asks for, all groups together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    return pins(
        [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    )


def exported(*options: str) -> str:
    """Return the requirements that the lock file stands for, as the Makefile has them written."""
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "export", "--frozen", "--quiet", "--no-emit-project", "--no-header"]
    format_ = ["--no-annotate", "--format", "requirements-txt"]
    return subprocess.run(
        [*command, *format_, *options], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def locked(requirements: str) -> dict[str, str]:
    """Return name and version of every requirement that carries a hash."""
    entries = re.findall(
        r"^(\S+)==(\S+)[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", requirements, re.MULTILINE
    )
    return {canonical(name): version for name, version in entries}


@pytest.mark.parametrize("path", LOCKS)
def test_lock_names_no_host(path: str) -> None:
    """What we commit says what to install, never from where."""
    assert [] == addresses((ROOT / path).read_text())


def test_an_address_in_a_lock_is_noticed() -> None:
    """The check above sees both an index and a file's address, and no address in our form."""
    assert UV_LOCK.strip().splitlines() == addresses(UV_LOCK)
    assert [] == addresses(NEUTRAL)


def test_neutralising_takes_addresses_and_keeps_hashes(tmp_path: Path) -> None:
    """`make lock` leaves names, versions, sizes and hashes; doing it twice changes nothing."""
    lock = tmp_path / "uv.lock"
    lock.write_text(UV_LOCK)

    for _ in range(2):
        subprocess.run([sys.executable, ROOT / "deploy/lock.py", lock], check=True)

        assert NEUTRAL == lock.read_text()


def test_neutralising_keeps_the_integrity_of_node_packages(tmp_path: Path) -> None:
    """`make lock` leaves versions and hashes in package-lock.json and drops its addresses."""
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps(PACKAGE_LOCK))

    subprocess.run([sys.executable, ROOT / "deploy/lock.py", lock], check=True)

    assert [] == addresses(lock.read_text())
    packages = {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-AA=="}}
    assert {"lockfileVersion": 3, "packages": packages} == json.loads(lock.read_text())


def test_lock_agrees_with_pyproject() -> None:
    """Every requirement of pyproject.toml is pinned there and locked, with a hash, at that pin."""
    found = locked(exported("--all-groups"))

    assert declared().items() <= found.items()


def test_everything_installed_has_a_hash() -> None:
    """No requirement, ours or one that ours brought in, lacks its hash."""
    text = exported("--all-groups")

    assert locked(text).keys() == pins(re.findall(r"^\S+==\S+", text, re.MULTILINE)).keys()


def test_bootstrap_is_what_the_lock_says() -> None:
    """The uv that pip installs first is the one in the lock file."""
    assert exported("--only-group", "bootstrap") == (ROOT / "deploy/bootstrap.txt").read_text()


def test_a_loose_or_different_pin_is_noticed() -> None:
    """A range is no pin, another version is another pin, a pin without a hash is not locked."""
    assert {"a-b": "1", "c": ">=2", "d": "?"} == pins(["A_b==1", "c>=2", "d"])
    assert {"a": "1"} == locked(f"a==1 \\\n    --hash=sha256:{'0' * 64}\nb==2\n")
