"""
Take every host and address out of uv.lock: names, versions and hashes are what we commit.

Why, and how it is installed again, stands in docs/adr/0001-lock-without-index.md.
"""

import re
import sys
from pathlib import Path


REGISTRY = re.compile(r'\{ registry = "[^"]*" \}')
ADDRESS = re.compile(r'\burl = "[^"]*/([^"/]+)"')
UPLOADED = re.compile(r', upload-time = "[^"]*"')
PLACEHOLDER = '{ registry = "index" }'


def neutralise(lock: str) -> str:
    """
    Return the lock file's text with file names in place of addresses.

    The result is still a lock file that `uv export --frozen` reads: to uv it describes a folder
    named `index`. Neutralising twice changes nothing.
    """
    return UPLOADED.sub("", ADDRESS.sub(r'path = "\1"', REGISTRY.sub(PLACEHOLDER, lock)))


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(neutralise(path.read_text()))
