"""
Measure what models reach and write `bench/LEARNING.md` and `bench/learning.json`.

`python -m bench.learning.run [--only bank,cdnow,simulated,choosing,effect,cost]`: every world is
played once through the production folds, in memory, with fixed seeds; with `--only` figures are
printed and not kept.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Final

from agents.runtime import calm_collector
from bench.learning.choosing import choosing_figures
from bench.learning.costs import cost_figures
from bench.learning.effects import effect_figures
from bench.learning.files import FOLDER
from bench.learning.measured import Figures, bank_figures, cdnow_figures, simulated_figures
from bench.learning.page import page
from bench.run import commit, machine


WORLDS: Final[dict[str, Callable[[], Figures]]] = {
    "bank": bank_figures,
    "cdnow": cdnow_figures,
    "simulated": simulated_figures,
    "choosing": choosing_figures,
    "effect": effect_figures,
    "cost": cost_figures,
}
MEASURED: Final = ("bench/learning", "lifecycle", "schemas")


def main() -> None:
    """Play the worlds; write both files if all were played."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"of {', '.join(WORLDS)}")
    given = parser.parse_args()
    calm_collector()  # as a worker does
    figures: Figures = {}
    for name in given.only.split(",") if given.only else WORLDS:
        began = time.monotonic()
        figures |= WORLDS[name]()
        figures[f"{name}_seconds"] = round(time.monotonic() - began)
        print(json.dumps({key: round(value, 4) for key, value in figures.items()}, indent=2))
    if not given.only:
        write(figures)


def write(figures: Figures) -> None:
    """Write learning.json and LEARNING.md."""
    told = {
        "machine": machine(),
        "commit": commit(MEASURED),
        "command": "make bench-learning",
        **{name: round(value, 4) for name, value in figures.items()},
    }
    text = json.dumps(told, indent=2) + "\n"
    (FOLDER.parent / "learning.json").write_text(text, encoding="utf-8")
    (FOLDER.parent / "LEARNING.md").write_text(page(told, figures), encoding="utf-8")


if __name__ == "__main__":
    main()
