"""
Take every host and address out of a lock file: names, versions and hashes are what we commit.

Why, and how it is installed again, stands in docs/adr/0001-lock-without-index.md.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any


REGISTRY = re.compile(r'\{ registry = "[^"]*" \}')
ADDRESS = re.compile(r'\burl = "[^"]*/([^"/]+)"')
UPLOADED = re.compile(r', upload-time = "[^"]*"')
PLACEHOLDER = '{ registry = "index" }'


def neutralise_uv(lock: str) -> str:
    """
    Return the text of a uv.lock with file names in place of addresses.

    It is still a lock file that `uv export --frozen` reads: to uv it describes a folder `index`.
    """
    return UPLOADED.sub("", ADDRESS.sub(r'path = "\1"', REGISTRY.sub(PLACEHOLDER, lock)))


def neutralise_npm(lock: str) -> str:
    """Return the text of a package-lock.json without where packages come from and ask for money."""

    def without(entry: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in entry.items() if name not in {"resolved", "funding"}}

    tree = json.loads(lock)
    tree["packages"] = {path: without(entry) for path, entry in tree["packages"].items()}
    return json.dumps(tree, indent=2) + "\n"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        neutralise = neutralise_npm if path.suffix == ".json" else neutralise_uv
        path.write_text(neutralise(path.read_text()))
