"""
The composition root of `agents.worker` once more, with folds that raise once.

`PROOF_POISON` names them: `fold:count:path`, comma-separated. The fold raises after the process
has applied `count` records with it, and leaves a file at `path` so that it never does again.
"""

import os
from pathlib import Path
from typing import Any

import msgspec

from agents.app import build_app
from agents.clock import attach_clock
from agents.ingest import attach_ingest
from agents.insight import attach_insight
from agents.learning import attach_learning
from agents.lifecycle import attach_lifecycle
from agents.runtime import Runtime
from agents.specs import Spec, fold_specs
from schemas.records import Applied, SourceRecord
from streams.exit import stop_process
from streams.fold import Fold
from streams.logs import configure_logs
from streams.settings import read_settings


class PoisonError(RuntimeError):
    """What the fold raises; no defect that anyone could foresee."""


class Fuse:
    """Burns once in all processes that share its path."""

    def __init__(self, count: int, path: Path) -> None:
        """Burn at the `count`-th record, unless it has burnt before."""
        self._count, self._path = count, path

    def shorten(self) -> None:
        """Take note of a record; raise when it is the one."""
        self._count -= 1
        if self._count == 0 and not self._path.exists():
            self._path.touch()
            raise PoisonError("wanted to fold on, found poison")


class PoisonedFold:
    """A fold that changes its state and then raises, so that half of it must never be seen."""

    def __init__(self, fold: Fold, fuse: Fuse) -> None:
        """Be `fold` in everything but one record."""
        self._fold, self._fuse = fold, fuse

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever a fold has)
        """Return what the fold has."""
        return getattr(self._fold, name)

    def apply(self, record: SourceRecord) -> Applied:
        """Apply the record, and raise if it is the one."""
        applied = self._fold.apply(record)
        self._fuse.shorten()
        return applied


def poisoned(spec: Spec, count: int, path: Path) -> Spec:
    """Return the specification of the fold that raises; all its tasks share one fuse."""
    fuse = Fuse(count, path)

    def make(task: int, task_count: int) -> Any:  # noqa: ANN401 (a fold, by delegation)
        return PoisonedFold(spec.make(task, task_count), fuse)

    return msgspec.structs.replace(spec, make=make)


settings = read_settings(os.environ)
configure_logs(settings.log_level)
app = build_app(settings)
channels = {name: app.channel() for name in settings.folds}
ATTACH = {
    "ingest": attach_ingest,
    "clock": attach_clock,
    "lifecycle": attach_lifecycle,
    "learning": attach_learning,
    "insight": attach_insight,
}
agents = [ATTACH[name](app, channel, stop_process) for name, channel in channels.items()]
specs = dict(fold_specs(settings))
for dose in os.environ["PROOF_POISON"].split(","):
    fold, number, place = dose.split(":")
    specs[fold] = poisoned(specs[fold], int(number), Path(place))


@app.task
async def run() -> None:
    """Serve the tasks that are ours, until the worker stops or raises."""
    app.flow_control.resume()
    await Runtime(settings, specs, channels, stop_process).run()
